package provider

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"github.com/bojanz/currency"

	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/checkout"
	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/ledger"
)

//go:embed hosted
var hostedFiles embed.FS

const (
	stylePath = "/assets/sandbox.css"
	iconPath  = "/assets/sandbox.svg"
)

var hostedPage = template.Must(template.ParseFS(hostedFiles, "hosted/page.html"))

// The values of the page's buttons, all named "outcome".
const (
	approve = "approve"
	decline = "decline"
	abandon = "abandon"
	payPix  = "pix"
	payCard = "card"    // with the field "card"
	confirm = "confirm" // the bank's word on a payment that is pending
	refute  = "refute"
)

// pageData is what the hosted page shows.
type pageData struct {
	Words       checkout.Words
	StylePath   string
	IconPath    string
	Found       bool
	Status      payment.Status
	Money       string
	Description string
	TimeLeft    string
	ReturnURL   string
	PixCode     string
	QR          checkout.QR
	Cards       []cruelty.MagicCard
	Reason      string // of a decline
	Trouble     string // what was wrong with the last answer of the payer
	CardTrouble string // what was wrong with her card

	Left     bool // some of the money of a paid charge is still there
	Refunded bool // some of it went back
	Dispute  payment.DisputeStatus
}

func (p *Provider) showPage(w http.ResponseWriter, r *http.Request) {
	charge, err := p.ledger.ByToken(r.PathValue("token"))
	if err != nil {
		p.unknownPage(w, r)
		return
	}
	p.page(w, http.StatusOK, charge, trouble{})
}

// takeOutcome records what the payer decided, sends the notice and leads back to the shop.
func (p *Provider) takeOutcome(w http.ResponseWriter, r *http.Request) {
	charge, err := p.ledger.ByToken(r.PathValue("token"))
	if err != nil {
		p.unknownPage(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, sandbox.BodyLimit)
	// A form that cannot be read has no outcome. Nothing else of it is looked at.
	_ = r.ParseForm()
	var f cruelty.Fate
	var by cruelty.Trick
	words := checkout.WordsFor(charge.Charge.Language)
	switch r.PostForm.Get("outcome") {
	case approve, payPix:
		f = p.temper.Now().Fate(charge.Charge.Reference)
	case payCard:
		var known bool
		if by, known = cruelty.CardTrick(r.PostForm.Get("card")); !known {
			p.page(w, http.StatusUnprocessableEntity, charge, trouble{card: words.BadCard})
			return
		}
		f = by.Fate()
	case decline:
		f = cruelty.Fate{To: payment.Declined, Reason: cruelty.RefusedByIssuer}
	case confirm:
		f = cruelty.Fate{To: payment.Paid, Word: true}
	case refute:
		f = cruelty.Fate{To: payment.Declined, Reason: cruelty.RefusedByIssuer, Word: true}
	case abandon:
		http.Redirect(w, r, charge.Charge.ReturnURL, http.StatusSeeOther)
		return
	case ledger.PanelRefund, ledger.Dispute, ledger.DisputeWon, ledger.DisputeLost, ledger.RefundsFail:
		p.takeAfterwards(w, r, charge, r.PostForm)
		return
	default:
		p.page(w, http.StatusUnprocessableEntity, charge, trouble{form: words.NoOutcome})
		return
	}
	charge, changed, err := p.ledger.Pay(charge.ID, f, by)
	switch {
	case err != nil:
		p.log.Error("outcome not kept", "err", err)
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
		return
	case changed:
		p.tell(charge)
		p.await(charge)
	case charge.Status != f.First(): // it is something else already; the page tells what
		p.page(w, http.StatusConflict, charge, trouble{})
		return
	}
	http.Redirect(w, r, charge.Charge.ReturnURL, http.StatusSeeOther)
}

// trouble is what the page says was wrong, in the payer's language.
type trouble struct{ form, card string }

func (p *Provider) page(w http.ResponseWriter, status int, charge ledger.Record, wrong trouble) {
	c := charge.Charge
	words := checkout.WordsFor(c.Language)
	data := pageData{
		Words:       words,
		StylePath:   stylePath,
		IconPath:    iconPath,
		Found:       true,
		Status:      charge.Status,
		Money:       money(c.AmountCents, c.Currency, words.Lang),
		Description: c.Description,
		ReturnURL:   c.ReturnURL,
		Cards:       cruelty.MagicCards,
		Reason:      words.Reasons[charge.Reason],
		Trouble:     wrong.form,
		CardTrouble: wrong.card,
		Left:        charge.Status == payment.Paid && charge.Left(p.now()) > 0,
		Refunded:    charge.AnyDone(),
		Dispute:     charge.Dispute,
	}
	if charge.Status == payment.Open {
		data.TimeLeft = words.TimeLeft(c.ExpiresAt.Sub(p.now()))
		if data.PixCode = checkout.PixCode(charge.ID, c.AmountCents, c.Currency); data.PixCode != "" {
			var err error
			if data.QR, err = checkout.DrawQR(data.PixCode); err != nil {
				p.log.Error("page without QR code", "charge", charge.ID, "err", err)
				http.Error(w, "Internal Server Error", http.StatusInternalServerError)
				return
			}
		}
	}
	// Browsers hold redirects after a form to form-action as well, and the shop is another origin.
	p.render(w, status, data, "'self' "+origin(c.ReturnURL))
}

// unknownPage speaks the language of the browser, as no charge tells another.
func (p *Provider) unknownPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept-Language")
	words := checkout.WordsFor(r.Header.Get("Accept-Language"))
	p.render(w, http.StatusNotFound, pageData{Words: words, StylePath: stylePath, IconPath: iconPath}, "'none'")
}

func (p *Provider) render(w http.ResponseWriter, status int, data pageData, formAction string) {
	var page bytes.Buffer
	if err := hostedPage.Execute(&page, data); err != nil {
		p.log.Error("page not rendered", "err", err)
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", data.Words.Lang)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "+formAction)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	// The token stays here. Not "no-referrer": that would blank the Origin of the page's own form as well.
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // a payer who went away comes back to the same page
}

// asset serves one of the files that the page links to.
func asset(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "public, max-age=300")
		http.ServeFileFS(w, r, hostedFiles, name)
	}
}

// money writes minor units of a currency as people of the language do.
func money(cents int64, code, lang string) string {
	amount, err := currency.NewAmountFromInt64(cents, code)
	if err != nil { // the currency was checked when the charge was made
		return code
	}
	return currency.NewFormatter(currency.NewLocale(lang)).Format(amount)
}
