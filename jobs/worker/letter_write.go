package worker

import (
	"bytes"
	"context"
	"errors"
	"time"

	"guiche/jobs/mail"
	"guiche/store"
	"guiche/views"
)

// errMoot says that a letter would tell what is no longer so.
var errMoot = errors.New("the letter is moot")

// Letters writes letters and has them carried.
type Letters struct {
	Seller  views.Seller // whom letters name; set before they are written
	sender  *mail.Sender
	site    string
	links   *views.Links
	tickets *views.TicketCoder
}

// NewLetters writes letters whose links lead to a site, as scheme and host, and are signed with a secret.
func NewLetters(sender *mail.Sender, site string, secret []byte) (*Letters, error) {
	links, err := views.NewLinks(site, secret)
	if err != nil {
		return nil, err
	}
	tickets, err := views.NewTicketCoder(secret)
	return &Letters{sender: sender, site: site, links: links, tickets: tickets}, err
}

// writeLetter writes a letter from what it is about as it is now. errMoot.
func (w *Worker) writeLetter(ctx context.Context, l store.Letter) (m mail.Message, err error) {
	m.ID = l.ID.String()
	if l.AccountID == 0 {
		return m, errMoot
	}
	a, err := w.store.Account(ctx, l.AccountID)
	if err != nil {
		return m, err
	}
	m.To = a.Email
	model := views.LetterModel{Kind: l.Kind, Site: w.letters.site, Seller: w.letters.Seller}
	switch l.Kind {
	case store.LetterPasswordChanged:
		model.Link = w.letters.site + "/password"
	case store.LetterEmailAsked:
		model.Link = w.letters.site + "/password"
		model.Email, m.To, err = w.store.LinkEmails(ctx, l.Subject)
		model.Email = views.MaskEmail(model.Email)
	case store.LetterConfirm, store.LetterReset, store.LetterSignIn, store.LetterEmailNew:
		err = w.addLink(ctx, l, a, &model)
		if err == nil && l.Kind == store.LetterEmailNew {
			m.To, _, err = w.store.LinkEmails(ctx, l.Subject)
		}
	case store.LetterCPFGiven, store.LetterCPFTaken, store.LetterCPFRefused, store.LetterCPFKept:
		var c store.CPFClaim
		c, err = w.store.Claim(ctx, l.Subject)
		model.Link, model.Reason = w.letters.site+"/account", c.Reason
	default:
		err = w.addOrder(ctx, l, &model)
	}
	if err != nil {
		return m, err
	}
	paper, err := views.WriteLetter(a.Language, model)
	m.Subject, m.Text, m.HTML = paper.Subject, paper.Text, paper.HTML
	if err != nil || !model.Tickets() {
		return m, err
	}
	pdf, err := w.ticketPDF(a, model)
	name := "guiche-" + model.Event.Slug
	m.Files = []mail.File{
		{Name: name + ".pdf", Type: "application/pdf", Body: pdf},
		{Name: name + ".ics", Type: "text/calendar; charset=utf-8", Body: views.Calendar(model)},
	}
	return m, err
}

// addLink adds the link of a letter; errMoot if the link would no longer open anything.
func (w *Worker) addLink(ctx context.Context, l store.Letter, a store.Account, m *views.LetterModel) error {
	purpose, link := store.LinkReset, w.letters.links.Reset
	switch l.Kind {
	case store.LetterSignIn:
		purpose, link = store.LinkSignIn, w.letters.links.SignIn
	case store.LetterEmailNew:
		purpose, link = store.LinkEmail, w.letters.links.Email
	case store.LetterConfirm:
		purpose, link = store.LinkConfirm, w.letters.links.Confirm
		if !a.ConfirmedAt.IsZero() {
			return errMoot
		}
	}
	m.Link = link(l.Subject)
	_, err := w.store.LinkAccount(ctx, l.Subject, purpose)
	if errors.Is(err, store.ErrNotFound) {
		return errMoot
	}
	return err
}

// addOrder adds the order that a letter is about; errMoot if the order has moved on meanwhile.
func (w *Worker) addOrder(ctx context.Context, l store.Letter, m *views.LetterModel) (err error) {
	if m.Order, err = w.store.LetterOrder(ctx, l); err != nil {
		return err
	}
	now, err := w.store.Now(ctx)
	if err != nil {
		return err
	}
	if stale(l.Kind, m.Order, now) {
		return errMoot
	}
	if m.Event, err = w.store.Event(ctx, m.Order.EventID); err != nil {
		return err
	}
	m.Type, _ = m.Event.Type(m.Order.TicketTypeID) // the schema keeps the type of an order in its event
	for _, r := range m.Order.Refunds {
		if r.ID == l.Subject {
			m.Refund = r
		}
	}
	if l.Kind == store.LetterRefundRefused && m.Refund.Status != store.RefundRefused {
		return errMoot
	}
	if l.Kind.AboutRefund() {
		m.Back, err = w.store.RefundTickets(ctx, l.Subject)
	}
	return err
}

// stale says that an order is no longer as a letter of the kind would tell.
func stale(kind store.LetterKind, o store.Order, now time.Time) bool {
	switch kind {
	case store.LetterHoldEnding:
		paying := o.Charge != nil && (o.Charge.Pending || o.Charge.PaidCents > 0)
		return paying || o.Status != store.Reserved || !now.Before(o.ReservedUntil)
	case store.LetterGiven:
		return o.Status != store.Reserved || !now.Before(o.ReservedUntil)
	case store.LetterPaid, store.LetterLatePaid:
		return len(validTickets(o)) == 0
	case store.LetterExpired:
		return o.Status != store.Expired
	}
	return false // money that came back, and events that were cancelled, stay so
}

func validTickets(o store.Order) (valid []store.Ticket) {
	for _, t := range o.Tickets {
		if t.Status == store.TicketValid {
			valid = append(valid, t)
		}
	}
	return valid
}

// ticketPDF prints those tickets of an order that open the gate.
func (w *Worker) ticketPDF(a store.Account, m views.LetterModel) ([]byte, error) {
	var models []views.TicketModel
	for _, t := range validTickets(m.Order) {
		models = append(models, views.TicketModel{
			Event: m.Event, Type: m.Type, Ticket: t, Holder: a.Name, CPF: a.CPF, Code: w.letters.tickets.Code(t),
		})
	}
	var b bytes.Buffer
	err := views.TicketPDF(&b, a.Language, models...)
	return b.Bytes(), err
}
