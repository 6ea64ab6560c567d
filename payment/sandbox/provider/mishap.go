package provider

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"time"

	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
)

// hangLimit is how long a call hangs at most: longer than any client waits.
const hangLimit = time.Minute

// cruelly lets a call of the API meet its mishap.
func (p *Provider) cruelly(call string, handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p.temper.Now() == (cruelty.Cruelty{}) {
			handler(w, r)
			return
		}
		// Read to its end, a body that is too long fails in the handler, and the server notices a client that goes away.
		body, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, sandbox.BodyLimit))
		r.Body = io.NopCloser(bytes.NewReader(body))
		m := p.temper.Meet(call, p.about(r, body), r.Method == http.MethodPost)
		switch {
		case m.Hangs:
			m.Wait(r.Context(), hangLimit)
			panic(http.ErrAbortHandler) // closes the connection without an answer
		case m.Down:
			refuse(w, http.StatusServiceUnavailable, sandbox.CodeUnavailable)
			return
		case m.Busy:
			refuse(w, http.StatusTooManyRequests, sandbox.CodeBusy)
			return
		}
		held := &heldAnswer{header: http.Header{}}
		handler(held, r)
		m.Wait(r.Context(), m.Delay)
		if m.Lost {
			panic(http.ErrAbortHandler)
		}
		held.release(w)
	}
}

// about is the reference of the charge that a call is about, as the merchant's ids are the same in every run; empty if
// there is none.
func (p *Provider) about(r *http.Request, body []byte) string {
	if id := r.PathValue("id"); id != "" {
		charge, _ := p.ledger.Get(id)
		return charge.Charge.Reference
	}
	var c sandbox.NewCharge
	if r.Method == http.MethodPost && json.Unmarshal(body, &c) == nil {
		return c.Reference
	}
	return r.URL.Query().Get("reference")
}

// heldAnswer is an answer that is not on its way yet.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *heldAnswer) Header() http.Header                { return a.header }
func (a *heldAnswer) WriteHeader(status int)             { a.status = status }
func (a *heldAnswer) Write(body []byte) (n int, _ error) { return a.body.Write(body) }

func (a *heldAnswer) release(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = a.body.WriteTo(w) // a client that went away asks again
}

// SetCruelty makes the provider behave so from now on, and lets go of the calls that hang. What earlier cruelty has
// begun, a payment in flight or a notice under way, goes on.
func (p *Provider) SetCruelty(c cruelty.Cruelty) {
	if p.temper.Set(c) {
		p.log.Info("the sandbox's cruelty has changed", "cruelty", c.String())
	}
}

// showCruelty tells what is in force.
func (p *Provider) showCruelty(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, sandbox.Cruelty{Cruelty: p.temper.Now().String()})
}

// changeCruelty puts another cruelty in force; no words end it.
func (p *Provider) changeCruelty(w http.ResponseWriter, r *http.Request) {
	var said sandbox.Cruelty
	if !read(w, r, &said) {
		return
	}
	c, err := cruelty.Parse(said.Cruelty)
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, sandbox.CodeInvalid)
		return
	}
	p.SetCruelty(c)
	p.showCruelty(w, r)
}
