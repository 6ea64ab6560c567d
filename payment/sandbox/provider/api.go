package provider

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/bojanz/currency"

	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/checkout"
	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/ledger"
)

// referenceLimit bounds references and refund keys, descriptionLimit what is shown to the payer; in bytes.
const (
	referenceLimit   = 200
	descriptionLimit = 1000
)

// merchantsOnly lets requests with the secret pass. Hashes are compared, so that not even the length leaks.
func (p *Provider) merchantsOnly(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(p.secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(key))
		if !isBearer || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, sandbox.CodeUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (p *Provider) createCharge(w http.ResponseWriter, r *http.Request) {
	var c sandbox.NewCharge
	if !read(w, r, &c) {
		return
	}
	if !validCharge(c) {
		refuse(w, http.StatusUnprocessableEntity, sandbox.CodeInvalid)
		return
	}
	if p.temper.Now().RefusesCharge(c.Reference) {
		refuse(w, http.StatusUnprocessableEntity, sandbox.CodeMethod)
		return
	}
	charge, err := p.ledger.Create(c)
	p.answerCharge(w, charge, err)
}

func (p *Provider) showCharge(w http.ResponseWriter, r *http.Request) {
	charge, err := p.ledger.Get(r.PathValue("id"))
	p.answerCharge(w, charge, err)
}

func (p *Provider) findCharge(w http.ResponseWriter, r *http.Request) {
	charge, err := p.ledger.Find(r.URL.Query().Get("reference"))
	p.answerCharge(w, charge, err)
}

func (p *Provider) cancelCharge(w http.ResponseWriter, r *http.Request) {
	charge, err := p.ledger.Cancel(r.PathValue("id"))
	if err == nil {
		p.await(charge) // money that is late comes sooner now
	}
	p.answerCharge(w, charge, err)
}

func (p *Provider) createRefund(w http.ResponseWriter, r *http.Request) {
	var n sandbox.NewRefund
	if !read(w, r, &n) {
		return
	}
	if n.Key == "" || len(n.Key) > referenceLimit || n.AmountCents <= 0 {
		refuse(w, http.StatusUnprocessableEntity, sandbox.CodeInvalid)
		return
	}
	var f cruelty.RefundFate // stays zero if the refund is known
	refund, err := p.ledger.Refund(r.PathValue("id"), n, func(charge ledger.Record) cruelty.RefundFate {
		f = p.refundFate(charge)
		return f
	})
	if err != nil {
		p.fail(w, err)
		return
	}
	if f.LostAnswer {
		panic(http.ErrAbortHandler)
	}
	status, err := refund.Status(p.now())
	if err != nil {
		p.fail(w, err)
		return
	}
	answer(w, http.StatusOK, sandbox.Refund{ID: refund.ID, AmountCents: refund.AmountCents, Status: status})
}

// showRefund tells what became of a refund.
func (p *Provider) showRefund(w http.ResponseWriter, r *http.Request) {
	charge, err := p.ledger.Get(r.PathValue("id"))
	if err != nil {
		p.fail(w, err)
		return
	}
	for _, refund := range charge.Refunds {
		if refund.ID == r.PathValue("refund") {
			status, err := refund.Status(p.now())
			if err != nil {
				status = payment.RefundFailed
			}
			answer(w, http.StatusOK, sandbox.Refund{ID: refund.ID, AmountCents: refund.AmountCents, Status: status})
			return
		}
	}
	refuse(w, http.StatusNotFound, sandbox.CodeNotFound)
}

func (p *Provider) answerCharge(w http.ResponseWriter, r ledger.Record, err error) {
	if err != nil {
		p.fail(w, err)
		return
	}
	refunded, _ := r.Refunded(p.now())
	answer(w, http.StatusOK, sandbox.Charge{
		ID:            r.ID,
		Reference:     r.Charge.Reference,
		Status:        r.Status,
		AmountCents:   r.Charge.AmountCents,
		Currency:      r.Charge.Currency,
		RefundedCents: refunded,
		Dispute:       r.Dispute,
		DisputedCents: r.Disputed(),
		PayURL:        p.baseURL + "/pay/" + r.Token,
		PixCode:       checkout.PixCode(r.ID, r.Charge.AmountCents, r.Charge.Currency),
		ExpiresAt:     r.Charge.ExpiresAt,
	})
}

// fail turns a refusal of the ledger into an answer; what is no refusal is a journal that cannot be written.
func (p *Provider) fail(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, payment.ErrNotFound):
		refuse(w, http.StatusNotFound, sandbox.CodeNotFound)
	case errors.Is(err, ledger.ErrConflict):
		refuse(w, http.StatusConflict, sandbox.CodeConflict)
	case errors.Is(err, ledger.ErrNotPaid):
		refuse(w, http.StatusConflict, sandbox.CodeNotPaid)
	case errors.Is(err, ledger.ErrExcessive):
		refuse(w, http.StatusConflict, sandbox.CodeExcessive)
	case errors.Is(err, ledger.ErrRefunding):
		refuse(w, http.StatusConflict, sandbox.CodeRefused)
	default:
		p.log.Error("charge not kept", "err", err)
		refuse(w, http.StatusServiceUnavailable, sandbox.CodeUnavailable)
	}
}

func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, sandbox.BodyLimit)).Decode(into); err != nil {
		refuse(w, http.StatusBadRequest, sandbox.CodeMalformed)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away asks again
}

func refuse(w http.ResponseWriter, status int, code sandbox.ErrorCode) {
	answer(w, status, sandbox.Error{Error: code})
}

func validCharge(c sandbox.NewCharge) bool {
	return c.Reference != "" && len(c.Reference) <= referenceLimit &&
		c.AmountCents > 0 && c.AmountCents <= 1_000_000_000_00 && // what a Pix code has room for
		c.Currency != "" && currency.IsValid(c.Currency) && // the library takes none for valid
		len(c.Description) <= descriptionLimit &&
		!c.ExpiresAt.IsZero() &&
		origin(c.ReturnURL) != "" && origin(c.NoticeURL) != ""
}

// plainHost is a name or address with an optional port, and nothing that means more inside a policy header.
var plainHost = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?$`)

// origin is the scheme and host of an absolute web address; empty if it is none.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || !plainHost.MatchString(u.Host) {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
