package provider

import (
	"sync"
	"time"

	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/ledger"
)

// flights are the timers of payments that count later. The ledger knows by itself when they do; a timer sends the news.
type flights struct {
	mu     sync.Mutex
	closed bool
	timers map[string]*time.Timer // by the id of the charge
}

// close stops the timers; what has not landed is awaited again after the next start.
func (f *flights) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for _, timer := range f.timers {
		timer.Stop()
	}
}

// await looks at a charge again when the payment that is in flight for it lands, if there is one.
func (p *Provider) await(r ledger.Record) {
	at, ok := r.Lands()
	p.flights.mu.Lock()
	defer p.flights.mu.Unlock()
	if timer := p.flights.timers[r.ID]; timer != nil {
		timer.Stop()
		delete(p.flights.timers, r.ID)
	}
	if ok {
		p.flights.timers[r.ID] = time.AfterFunc(at.Sub(p.now()), func() { p.land(r.ID) })
	}
}

// land tells of a payment that has landed. One that has not, as clocks differ, is awaited again.
func (p *Provider) land(id string) {
	p.flights.mu.Lock()
	if p.flights.closed {
		p.flights.mu.Unlock()
		return
	}
	r, changed, err := p.ledger.Land(id)
	p.flights.mu.Unlock()
	switch {
	case err != nil:
		p.log.Error("payment not kept", "charge", id, "err", err) // whoever asks is told, and the next start tells the shop
	case changed:
		p.tell(r)
	default:
		p.await(r)
	}
}

// tell sends the news of a charge.
func (p *Provider) tell(r ledger.Record) {
	var news sandbox.NoticeType
	switch r.Status {
	case payment.Pending:
		news = sandbox.ChargePending
	case payment.Paid:
		news = sandbox.ChargePaid
	case payment.Declined:
		news = sandbox.ChargeDeclined
	default:
		return
	}
	p.log.Info("charge settled", "charge", r.ID, "reference", r.Charge.Reference, "status", r.Status)
	if err := p.notices.send(r.Charge.NoticeURL, r.Charge.Reference, news, p.noticeFate(r, news)); err != nil {
		p.log.Error("notice not made", "charge", r.ID, "err", err) // the shop asks by itself later
	}
}

// noticeFate is that of the card that was used, or drawn.
func (p *Provider) noticeFate(r ledger.Record, news sandbox.NoticeType) cruelty.NoticeFate {
	if r.Trick != "" {
		return r.Trick.NoticeFate(news)
	}
	return p.temper.Now().NoticeFate(r.Charge.Reference, news)
}

// refundFate is that of the card that was used, or drawn.
func (p *Provider) refundFate(r ledger.Record) cruelty.RefundFate {
	if r.Trick != "" {
		return r.Trick.RefundFate()
	}
	return p.temper.Now().RefundFate(r.Charge.Reference, uint64(len(r.Refunds)))
}
