package views

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"guiche/store"
)

// LetterModel is what a letter is written from. It holds nobody's name: whoever registers with somebody else's e-mail
// cannot make us send her own words there.
type LetterModel struct {
	Kind   store.LetterKind
	Site   string // scheme and host of all links
	Link   string // of letters about the account itself
	Email  string // masked, of LetterEmailAsked
	Reason string // of an admin's decision about a CPF
	Event  store.Event
	Type   store.TicketType
	Order  store.Order  // with its tickets and refunds
	Refund store.Refund // of a letter about one
	Back   []int64      // numbers of the tickets that it took back
	Seller Seller
}

// Seller is who sells the tickets, as the law wants her named (Decreto 7.962/2013). What is empty is left out.
type Seller struct {
	Name    string
	ID      string // CNPJ or CPF, as it is written
	Contact string // an e-mail; letters ask for answers there
}

// Paper is a written letter.
type Paper struct {
	Subject string
	Text    string
	HTML    string
}

// letterWords are the parts of a letter, the same in HTML and in plain text.
type letterWords struct {
	Subject, Title string
	Says           []string // before the facts
	Facts          []fact
	Do             string // on the button
	To             string // its link
	Ends           string // below the button
	About          []string
}

// fact is one line of the summary in a letter.
type fact struct{ Name, Value string }

// WriteLetter writes a letter in a language.
func WriteLetter(language string, m LetterModel) (Paper, error) {
	ctx := WithLanguage(context.Background(), language)
	words := m.words(ctx)
	var b strings.Builder
	if err := letter(speakerOf(ctx).language, words).Render(ctx, &b); err != nil {
		return Paper{}, err
	}
	return Paper{Subject: words.Subject, Text: words.plain(), HTML: b.String()}, nil
}

func (m LetterModel) words(ctx context.Context) letterWords {
	w := letterWords{About: m.about(ctx)}
	if m.account(ctx, &w) {
		w.Title, w.To = w.Subject, m.Link
		return w
	}
	w.Facts = m.facts(ctx)
	w.Do, w.To = T(ctx, "ticket.order"), m.Site+orderPath(m.Order)
	m.news(ctx, &w)
	return w
}

// account fills in a letter about the account itself; false for the others.
func (m LetterModel) account(ctx context.Context, w *letterWords) bool {
	confirm, link := Span(ctx, store.ConfirmTime), Span(ctx, store.ResetTime)
	switch m.Kind {
	case store.LetterConfirm:
		w.Subject, w.Do = T(ctx, "letter.confirm.subject"), T(ctx, "letter.confirm.do")
		w.Says = []string{T(ctx, "letter.confirm.what"), T(ctx, "letter.confirm.why")}
		w.Ends = T(ctx, "letter.confirm.end", "Time", confirm)
	case store.LetterReset:
		w.Subject, w.Do = T(ctx, "letter.reset.subject"), T(ctx, "letter.reset.do")
		w.Says = []string{T(ctx, "letter.reset.what")}
		w.Ends = T(ctx, "letter.reset.end", "Time", link)
	case store.LetterSignIn:
		w.Subject, w.Do = T(ctx, "letter.sign_in.subject"), T(ctx, "letter.sign_in.do")
		w.Says = []string{T(ctx, "letter.sign_in.what")}
		w.Ends = T(ctx, "letter.sign_in.end", "Time", link)
	case store.LetterEmailNew:
		w.Subject, w.Do = T(ctx, "letter.email_new.subject"), T(ctx, "letter.email_new.do")
		w.Says = []string{T(ctx, "letter.email_new.what")}
		w.Ends = T(ctx, "letter.email_new.end", "Time", link)
	case store.LetterEmailAsked:
		w.Subject, w.Do = T(ctx, "letter.email_asked.subject"), T(ctx, "letter.email_asked.do")
		w.Says = []string{T(ctx, "letter.email_asked.what", "Email", m.Email)}
	case store.LetterPasswordChanged:
		w.Subject, w.Do = T(ctx, "letter.password_changed.subject"), T(ctx, "letter.password_changed.do")
		w.Says = []string{T(ctx, "letter.password_changed.what")}
	default:
		return m.claim(ctx, w)
	}
	return true
}

// claim fills in a letter about a claim to a CPF; false for the others.
func (m LetterModel) claim(ctx context.Context, w *letterWords) bool {
	what := ""
	switch m.Kind {
	case store.LetterCPFGiven:
		w.Subject, what = T(ctx, "letter.cpf_given.subject"), T(ctx, "letter.cpf_given.what")
	case store.LetterCPFTaken:
		w.Subject, what = T(ctx, "letter.cpf_taken.subject"), T(ctx, "letter.cpf_taken.what")
	case store.LetterCPFRefused:
		w.Subject, what = T(ctx, "letter.cpf_refused.subject"), T(ctx, "letter.cpf_refused.what")
	case store.LetterCPFKept:
		w.Subject, what = T(ctx, "letter.cpf_kept.subject"), T(ctx, "letter.cpf_kept.what")
	default:
		return false
	}
	w.Says = []string{what, T(ctx, "letter.cpf.why", "Reason", m.Reason)}
	w.Do, w.Ends = T(ctx, "letter.cpf.do"), T(ctx, "letter.cpf.end")
	return true
}

// about says who writes, and why.
func (m LetterModel) about(ctx context.Context) (lines []string) {
	switch s := m.Seller; {
	case s.Name != "" && s.ID != "":
		lines = append(lines, T(ctx, "letter.seller_id", "Name", s.Name, "Number", s.ID))
	case s.Name != "":
		lines = append(lines, T(ctx, "letter.seller", "Name", s.Name))
	}
	if m.Seller.Contact != "" {
		lines = append(lines, T(ctx, "letter.contact", "Contact", m.Seller.Contact))
	}
	return append(lines, T(ctx, "letter.about", "Site", host(m.Site)))
}

// news fills in what is particular to a kind of letter about an order.
func (m LetterModel) news(ctx context.Context, w *letterWords) {
	o, event := m.Order, shortened(m.Event.Name)
	clock, n := zone(o.ReservedUntil, m.Event.Location()), o.Quantity
	switch m.Kind {
	case store.LetterHoldEnding:
		w.Subject, w.Title = T(ctx, "letter.hold_ending.subject", "Event", event), T(ctx, "letter.hold_ending.title")
		w.Says = []string{N(ctx, "letter.hold_ending.what", n, "Time", m.clock(ctx, o.ReservedUntil), "Zone", clock), N(ctx, "letter.hold_ending.next", n)}
		w.Do = T(ctx, "order.pay", "Amount", Money(ctx, o.AmountCents(), o.Currency))
	case store.LetterGiven:
		w.Subject, w.Title = T(ctx, "letter.given.subject", "Event", event), T(ctx, "letter.given.title")
		w.Says = []string{N(ctx, "letter.given.what", n, "Time", m.clock(ctx, o.ReservedUntil), "Zone", clock), N(ctx, "letter.given.next", n)}
		w.Do = T(ctx, "order.pay", "Amount", Money(ctx, o.AmountCents(), o.Currency))
	case store.LetterPaid:
		w.Subject, w.Title = T(ctx, "letter.paid.subject", "Event", event), N(ctx, "letter.paid.title", len(m.numbers()))
		w.Says, w.Ends = []string{T(ctx, "letter.paid.what")}, T(ctx, "letter.paid.safe")
	case store.LetterLatePaid:
		w.Subject, w.Title = T(ctx, "letter.late_paid.subject", "Event", event), N(ctx, "letter.late_paid.title", len(m.numbers()))
		w.Says, w.Ends = []string{T(ctx, "letter.late_paid.what"), T(ctx, "letter.paid.what")}, T(ctx, "letter.paid.safe")
	case store.LetterExpired:
		w.Subject, w.Title = T(ctx, "letter.expired.subject", "Event", event), T(ctx, "letter.expired.title")
		w.Says = []string{
			N(ctx, "letter.expired.what", n, "From", m.clock(ctx, o.DecidedAt), "Until", m.clock(ctx, o.ReservedUntil), "Zone", clock),
			T(ctx, "letter.expired.safe"),
		}
		w.Do, w.To = T(ctx, "order.to_event"), m.Site+eventPath(m.Event)
	case store.LetterSurplus:
		amount := Money(ctx, m.Refund.AmountCents, o.Currency)
		w.Subject, w.Title = T(ctx, "letter.surplus.subject", "Event", event), T(ctx, "letter.surplus.title")
		why := T(ctx, "letter.surplus.late", "Amount", amount)
		if o.Status == store.Reserved || o.Status == store.Paid || o.Status == store.Refunded {
			why = T(ctx, "letter.surplus.twice", "Amount", amount)
		}
		w.Says = []string{why, T(ctx, "letter.surplus.next")}
		if o.Status == store.Waiting {
			w.Says = append(w.Says, T(ctx, "letter.surplus.waits"))
		}
	case store.LetterRefunded:
		w.Subject, w.Title = T(ctx, "letter.refunded.subject", "Event", event), T(ctx, "letter.refunded.title")
		w.Says = []string{T(ctx, "letter.refunded.what", "Amount", m.refunded(ctx))}
	case store.LetterGivenBack:
		w.Subject, w.Title = T(ctx, "letter.given_back.subject", "Event", event), T(ctx, "letter.given_back.title")
		w.Says = []string{N(ctx, "letter.given_back.what", m.Refund.Quantity), m.comesBack(ctx)}
	case store.LetterTakenBack:
		w.Subject, w.Title = T(ctx, "letter.taken_back.subject", "Event", event), T(ctx, "letter.taken_back.title")
		w.Says = []string{T(ctx, "letter.taken_back.money"), m.comesBack(ctx)}
		if m.Refund.Quantity > 0 {
			w.Says[0] = N(ctx, "letter.taken_back.what", m.Refund.Quantity)
		}
	case store.LetterRefundRefused:
		w.Subject, w.Title = T(ctx, "letter.refund_refused.subject", "Event", event), T(ctx, "letter.refund_refused.title")
		w.Says = []string{T(ctx, "letter.refund_refused.what", "Amount", m.refunded(ctx)), T(ctx, "letter.refund_refused.next")}
	case store.LetterRefundSettled:
		w.Subject, w.Title = T(ctx, "letter.refunded.subject", "Event", event), T(ctx, "letter.refunded.title")
		w.Says = []string{T(ctx, "letter.refund_settled.what", "Amount", Money(ctx, m.Refund.RestCents(), o.Currency))}
	case store.LetterCancelled:
		w.Subject, w.Title = T(ctx, "letter.cancelled.subject", "Event", event), T(ctx, "letter.cancelled.title")
		w.Says = []string{T(ctx, "letter.cancelled.unpaid")}
		if len(o.Tickets) > 0 && !o.PaidAt.IsZero() {
			w.Says = []string{T(ctx, "letter.cancelled.void")}
		}
		if o.AmountCents() > 0 && !o.PaidAt.IsZero() {
			w.Says = append(w.Says, T(ctx, "letter.cancelled.paid"))
		}
	}
}

// refunded is the money of the refund that the letter is about.
func (m LetterModel) refunded(ctx context.Context) string {
	return Money(ctx, m.Refund.AmountCents, m.Order.Currency)
}

// comesBack says what money comes for what was taken back.
func (m LetterModel) comesBack(ctx context.Context) string {
	switch {
	case m.Refund.AmountCents > 0:
		return T(ctx, "letter.comes_back", "Amount", m.refunded(ctx))
	case m.Order.AmountCents() == 0:
		return T(ctx, "letter.was_free")
	case store.RefundLeftCents(m.Order) == 0:
		return T(ctx, "letter.came_back")
	}
	return T(ctx, "letter.nothing_back")
}

// facts are the summary of the order, which every letter about one carries.
func (m LetterModel) facts(ctx context.Context) []fact {
	loc := m.Event.Location()
	facts := []fact{
		{T(ctx, "order.event"), m.Event.Name},
		{T(ctx, "ticket.when"), When(ctx, m.Event.StartsAt, loc) + " (" + zone(m.Event.StartsAt, loc) + ")"},
	}
	if where := place(m.Event); where != "" {
		facts = append(facts, fact{T(ctx, "ticket.where"), where})
	}
	facts = append(facts, fact{T(ctx, "order.tickets"), Number(ctx, m.Order.Quantity) + " × " + m.Type.Name})
	list := func(numbers []string) string { return strings.Join(numbers, T(ctx, "list.separator")) }
	if m.Tickets() {
		facts = append(facts, fact{T(ctx, "letter.tickets"), list(m.numbers())})
		facts = append(facts, m.costs(ctx)...)
	}
	facts = append(facts, fact{T(ctx, "order.total"), Price(ctx, m.Order.AmountCents(), m.Order.Currency)})
	if m.Tickets() {
		return append(facts, m.payment(ctx)...)
	}
	if !m.Kind.AboutRefund() {
		return facts
	}
	if len(m.Back) > 0 {
		var back []string
		for _, n := range m.Back {
			back = append(back, ticketNumber(store.Ticket{Number: n}))
		}
		facts = append(facts, fact{T(ctx, "letter.back"), list(back)})
	}
	facts = append(facts, fact{T(ctx, "letter.asked_at"), When(ctx, m.Refund.AskedAt, loc)}, fact{T(ctx, "refunds.why"), m.why(ctx)})
	if stand := m.numbers(); len(stand) > 0 {
		facts = append(facts, fact{T(ctx, "letter.stand"), list(stand)})
	}
	return facts
}

// costs are the price and the fee of a paid order.
func (m LetterModel) costs(ctx context.Context) (facts []fact) {
	o := m.Order
	for _, part := range []struct {
		name  string
		cents int64
	}{{"letter.price", o.PriceCents}, {"letter.fee", o.FeeCents}} {
		if part.cents > 0 {
			facts = append(facts, fact{T(ctx, part.name), Number(ctx, o.Quantity) + " × " + Money(ctx, part.cents, o.Currency)})
		}
	}
	return facts
}

// payment says when and how an order was paid, and until when its tickets may be given back.
func (m LetterModel) payment(ctx context.Context) (facts []fact) {
	loc := m.Event.Location()
	if m.Order.AmountCents() > 0 {
		facts = append(facts, fact{T(ctx, "letter.paid_at"), When(ctx, m.Order.PaidAt, loc)})
		if c := m.Order.Charge; c != nil && c.Status == store.ChargeCaptured && c.Method != "" {
			facts = append(facts, fact{T(ctx, "letter.paid_by"), methodWord(ctx, c.Method)})
		}
	}
	until := store.RefundUntil(m.Order, m.Event)
	return append(facts, fact{T(ctx, "letter.until"), When(ctx, until, loc) + " (" + zone(until, loc) + ")"})
}

func methodWord(ctx context.Context, method string) string {
	if method == "pix" {
		return "Pix"
	}
	return T(ctx, "letter.card")
}

// why is the reason of a refund, in the words of the admin who made it if there is one.
func (m LetterModel) why(ctx context.Context) string {
	if m.Refund.Note != "" {
		return m.Refund.Note
	}
	if m.Refund.Reason == "fan" {
		return T(ctx, "letter.reason_fan")
	}
	return reasonWord(ctx, m.Refund.Reason)
}

// Tickets reports whether the letter carries tickets.
func (m LetterModel) Tickets() bool {
	return m.Kind == store.LetterPaid || m.Kind == store.LetterLatePaid
}

// numbers are the numbers of the valid tickets.
func (m LetterModel) numbers() (numbers []string) {
	for _, t := range m.Order.Tickets {
		if t.Status == store.TicketValid {
			numbers = append(numbers, ticketNumber(t))
		}
	}
	return numbers
}

// clock is a time of day at the event, with its date if the hold spans midnight.
func (m LetterModel) clock(ctx context.Context, t time.Time) string {
	loc := m.Event.Location()
	if day := func(t time.Time) string { return t.In(loc).Format(time.DateOnly) }; day(m.Order.DecidedAt) != day(m.Order.ReservedUntil) {
		return When(ctx, t, loc)
	}
	return Clock(ctx, t, loc)
}

// plain is the letter as plain text.
func (w letterWords) plain() string {
	var b strings.Builder
	paragraph := func(s string) { b.WriteString(s + "\n\n") }
	paragraph(w.Title)
	for _, s := range w.Says {
		paragraph(s)
	}
	for _, f := range w.Facts {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	if len(w.Facts) > 0 {
		b.WriteString("\n")
	}
	paragraph(w.Do + ":\n" + w.To)
	if w.Ends != "" {
		paragraph(w.Ends)
	}
	b.WriteString("-- \nGuichê\n" + strings.Join(w.About, "\n") + "\n")
	return b.String()
}

// longestSubject is how many characters of an event's name a subject line has room for.
const longestSubject = 48

func shortened(name string) string {
	if utf8.RuneCountInString(name) <= longestSubject {
		return name
	}
	return strings.TrimSpace(string([]rune(name)[:longestSubject-1])) + "…"
}

func host(site string) string {
	u, err := url.Parse(site)
	if err != nil {
		return site
	}
	return u.Host
}
