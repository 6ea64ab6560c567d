package worker

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
	"guiche/store"
)

// What fans, admins and the payment provider do, and what the web role does for them: the same calls in the same order as
// its handlers, which are tested in their own room.

// wish is an order as its fan knows it.
type wish struct {
	id      uuid.UUID
	fan     int64
	lost    bool     // nobody told her whether it was accepted
	payURLs []string // that she was led to
}

func (s *story) wish(which int) *wish {
	if len(s.orders) == 0 {
		return &wish{}
	}
	return s.orders[which%len(s.orders)]
}

func (s *story) join(which, how int) {
	web, fan := s.shop.web, s.shop.fans[which%len(s.shop.fans)]
	if e, err := web.db.Event(s.ctx, s.shop.event.ID); err != nil || e.Sale(s.shop.clock.now()) != store.SaleOpen {
		return
	}
	o := s.shop.order(fan, 1+how%3)
	o.Keep = how >= 9
	j, err := web.line.Join(s.ctx, o)
	if err == nil && !j.Fresh && j.OrderID != o.ID {
		known, wrong := web.db.Order(s.ctx, j.OrderID)
		if wrong == nil && !known.Status.Open() {
			if web.line.Close(s.ctx, o.EventID, fan, j.OrderID) == nil {
				j, err = web.line.Join(s.ctx, o)
			}
		}
	}
	if err != nil || j.Fresh {
		s.orders = append(s.orders, &wish{id: o.ID, fan: fan, lost: err != nil})
	}
}

// pay is web.orderPay.
func (s *story) pay(which, _ int) {
	web, w := s.shop.web, s.wish(which)
	o, err := web.db.Order(s.ctx, w.id)
	if err != nil || o.Status != store.Reserved {
		return
	}
	c, err := web.db.StartCharge(s.ctx, o.ID, o.AccountID, web.gateway.Name(), "")
	if err != nil {
		return
	}
	switch live := s.shop.clock.now().Before(c.ExpiresAt); {
	case !live && !c.Pending:
		_ = web.nudges.DropCharge(s.ctx, c.ID) // she is told to try again later
		return
	case !live:
		return
	case c.Status == store.ChargeOpen:
		w.led(c.PayURL)
		return
	}
	made, err := web.gateway.Create(s.ctx, payment.NewCharge{
		Reference: c.ID.String(), AmountCents: c.AmountCents, Currency: c.Currency, Description: "Show", ExpiresAt: c.ExpiresAt,
		ReturnURL: "http://shop.test/orders/1", NoticeURL: "http://shop.test/webhooks/sandbox", Language: "en",
	})
	if err != nil {
		return
	}
	if made.Status != payment.Open {
		_ = web.nudges.CheckCharge(s.ctx, c.ID)
		return
	}
	err = web.db.RecordCharge(s.ctx, c.ID, made.ID, made.PayURL, made.PixCode)
	switch {
	case errors.Is(err, store.ErrState):
		_, _ = web.gateway.Cancel(s.ctx, made.ID)
	case err == nil:
		w.led(made.PayURL)
	}
}

func (w *wish) led(payURL string) {
	if !slices.Contains(w.payURLs, payURL) {
		w.payURLs = append(w.payURLs, payURL)
	}
}

// press is what a payer does on the provider's page, an old one too.
func (s *story) press(which, how int) {
	if w := s.wish(which); len(w.payURLs) > 0 {
		payURL := w.payURLs[len(w.payURLs)-1]
		if which >= 4 {
			payURL = w.payURLs[0]
		}
		s.shop.bank.press(payURL, payments[how%len(payments)])
	}
}

// visit is a look at the order's page.
func (s *story) visit(which, _ int) {
	o, err := s.shop.web.db.Order(s.ctx, s.wish(which).id)
	if err != nil || o.Charge == nil {
		return
	}
	switch o.Charge.Status {
	case store.ChargeNew, store.ChargeOpen, store.ChargeAbandoned:
		_ = s.shop.web.nudges.CheckCharge(s.ctx, o.Charge.ID)
	}
}

func (s *story) extend(which, _ int) {
	w := s.wish(which)
	if o, err := s.shop.web.db.ExtendHold(s.ctx, w.id, w.fan); err == nil {
		_ = s.shop.web.nudges.Overdue(s.ctx, o.ReservedUntil)
	}
}

// leave is web.orderLeave.
func (s *story) leave(which, _ int) {
	web, w := s.shop.web, s.wish(which)
	o, err := web.db.Order(s.ctx, w.id)
	switch {
	case errors.Is(err, store.ErrNotFound) && w.id != uuid.Nil:
		_ = web.nudges.Leave(s.ctx, w.id) // still in line
	case err != nil || !o.Status.Open():
	case o.Status == store.Reserved && o.Charge != nil && (o.Charge.Status == store.ChargeNew || o.Charge.Status == store.ChargeOpen):
		_ = web.nudges.GiveUp(s.ctx, w.id)
	default:
		_ = web.nudges.Leave(s.ctx, w.id)
	}
}

// refund is web.refundCreate: of one ticket, or of all.
func (s *story) refund(which, how int) {
	web, w := s.shop.web, s.wish(which)
	o, err := web.db.Order(s.ctx, w.id)
	if err != nil {
		return
	}
	r, err := web.db.AskRefund(s.ctx, w.id, w.fan, chosen(o, how))
	if err == nil {
		_ = errors.Join(web.nudges.Return(s.ctx, r.ID), web.nudges.PayBack(s.ctx, r.ID))
	}
}

// chosen is one ticket of an order, or none for all.
func chosen(o store.Order, how int) []int64 {
	if n := len(o.Tickets); n > 0 && how%2 == 0 {
		return []int64{o.Tickets[how/2%n].ID}
	}
	return nil
}

// adminRefund gives an order's tickets back, a part of its money, or both.
func (s *story) adminRefund(which, how int) {
	web, w := s.shop.web, s.wish(which)
	o, err := web.db.Order(s.ctx, w.id)
	if err != nil {
		return
	}
	a := store.AdminRefund{ID: uuid.New(), OrderID: w.id, Note: "why not"}
	if how%3 != 0 {
		a.TicketIDs = chosen(o, 2*how)
	}
	if how%3 != 1 {
		cents := int64(50 + 700*(how%4))
		a.Cents = &cents
	}
	r, err := web.db.AdminRefund(s.ctx, s.shop.admin, a)
	if err == nil {
		_ = errors.Join(web.nudges.Return(s.ctx, r.ID), web.nudges.PayBack(s.ctx, r.ID))
	}
}

// notice is a notice of the provider that arrives, and that it goes on sending unless the shop took it; or all the same.
func (s *story) notice(which, how int) {
	bank, web := s.shop.bank, s.shop.web
	if len(bank.notices) == 0 {
		return
	}
	n := bank.notices[which%len(bank.notices)]
	charge, fresh, err := web.db.SaveNotice(s.ctx, store.Notice{
		Gateway: web.gateway.Name(), EventID: n.id, ChargeID: uuid.NullUUID{UUID: uuid.MustParse(n.reference), Valid: true},
	})
	if err != nil {
		return
	}
	if fresh && charge.Valid {
		_ = web.nudges.CheckCharge(s.ctx, charge.UUID)
	}
	if how%4 != 0 && !web.dead {
		bank.notices = slices.DeleteFunc(bank.notices, func(m bankNotice) bool { return m == n })
	}
}

func (s *story) loseNotice(which, _ int) {
	if n := len(s.shop.bank.notices); n > 0 {
		s.shop.bank.notices = slices.Delete(s.shop.bank.notices, which%n, which%n+1)
	}
}

// pass lets time pass. A worker whose provider did not answer tries again after some of it.
func (s *story) pass(which, _ int) {
	spans := []time.Duration{6 * time.Second, 33 * time.Second, 2 * time.Minute, 5*time.Minute + time.Second, 601 * time.Second, time.Hour}
	s.later(spans[which%len(spans)])
}

func (s *story) later(d time.Duration) {
	if err := s.shop.clock.tick(d); err != nil {
		s.fail("%v", err)
	}
	if d >= payment.AwayTime && !s.shop.worker.dead && s.shop.worker.breakers[0].Away() && s.shop.worker.plan == nil {
		s.shop.freshWorker()
	}
}

// outage is the beginning or the end of a time in which the provider does not answer.
func (s *story) outage(_, _ int) { s.shop.bank.away = !s.shop.bank.away }

// pause stops an event from being served, or lets it go on.
func (s *story) pause(which, _ int) {
	web := s.shop.web
	paused := which%2 == 0
	if web.db.PauseEvent(s.ctx, s.shop.admin, s.shop.event.ID, paused) == nil && !paused {
		_ = web.nudges.Resume(s.ctx, s.shop.event.ID)
	}
}

func (s *story) capacity(which, _ int) {
	web := s.shop.web
	if change, err := web.db.AskCapacity(s.ctx, s.shop.admin, s.shop.event.Types[0].ID, which); err == nil {
		_ = web.nudges.SetCapacity(s.ctx, change)
	}
}

// retryRefund has a refund that was refused, or that waits, tried again.
func (s *story) retryRefund(which, how int) {
	web := s.shop.web
	o, err := web.db.Order(s.ctx, s.wish(which).id)
	if err != nil || len(o.Refunds) == 0 {
		return
	}
	if r, err := web.db.RetryRefund(s.ctx, s.shop.admin, o.Refunds[how%len(o.Refunds)].ID); err == nil {
		_ = web.nudges.PayBack(s.ctx, r.ID)
	}
}

// cancelEvent ends the event for good, in some stories.
func (s *story) cancelEvent(_, how int) {
	web, e := s.shop.web, s.shop.event
	if how >= 8 && web.db.CancelEvent(s.ctx, s.shop.admin, e.ID, e.Name) == nil {
		_ = web.nudges.Undo(s.ctx, e.ID)
	}
}
