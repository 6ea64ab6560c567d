package store_test

import (
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

// auditedShop is a world with every kind of order, by what became of it.
type auditedShop struct {
	*world
	orders map[string]uuid.UUID
	small  store.TicketType // has two tickets, a return list, and an order that was passed over
}

func newAuditedShop(t *testing.T) *auditedShop {
	t.Helper()
	w := newWorld(t, 60)
	s := &auditedShop{world: w, orders: map[string]uuid.UUID{}}
	keep := func(name string, o store.Order) store.Order {
		s.orders[name] = o.ID
		return o
	}
	keep("reserved", w.reserve(w.Fan(), 2))
	keep("paid", w.buy(w.Fan(), 3))
	partly := keep("partly refunded", w.buy(w.Fan(), 3))
	w.giveBack(w.refund(partly, partly.Tickets[0].ID).ID)
	unreleased := keep("unreleased", w.buy(w.Fan(), 2))
	w.refund(unreleased, unreleased.Tickets[1].ID)
	again := w.Fan()
	refunded := keep("refunded", w.buy(again, 2))
	w.giveBack(w.refund(refunded).ID)
	keep("paid again", w.buy(again, 4))
	used := keep("used", w.buy(w.Fan(), 1))
	w.Set(`update tickets set status = 'used' where order_id = $1`, used.ID)
	goodwill := keep("goodwill", w.buy(w.Fan(), 1))
	w.refundByAdmin(goodwill, store.AdminRefund{Cents: new(int64(500)), Note: "rain"})
	gratis := w.wish(w.Fan(), 2)
	gratis.PriceCents, gratis.FeeCents = 0, 0
	keep("gratis", w.decide(gratis, store.Paid))
	keep("sold out", w.decide(w.wish(w.Fan(), 1), store.SoldOut))
	keep("over limit", w.decide(w.wish(w.Fan(), 5), store.OverLimit))
	s.leavers(keep)
	s.latecomers(keep)
	s.waiters(keep)
	parked := w.wish(w.Fan(), 1)
	_, err := w.leader.Decide([]store.QueuedOrder{parked}, nil, everybody(store.Queued))
	w.Check(err)
	s.orders["parked"] = parked.ID
	return s
}

// leavers left before their turn, out of it, and from a hold.
func (s *auditedShop) leavers(keep func(string, store.Order) store.Order) {
	s.T.Helper()
	first, leaver := s.wish(s.Fan(), 1), s.wish(s.Fan(), 1)
	_, err := s.leader.LeaveLine([]store.QueuedOrder{leaver})
	s.Check(err)
	s.orders["left the line"] = leaver.ID
	keep("before the leaver", s.decide(first, store.Reserved))
	s.leave(keep("left a hold", s.reserve(s.Fan(), 2)).ID)
}

// latecomers paid too late or not at all.
func (s *auditedShop) latecomers(keep func(string, store.Order) store.Order) {
	s.T.Helper()
	past := func(o store.Order) { s.Set(`update orders set reserved_until = now() where id = $1`, o.ID) }
	expired := keep("expired", s.reserve(s.Fan(), 2))
	past(expired)
	s.expire(expired.ID)
	surplus := keep("surplus", s.reserve(s.Fan(), 1))
	c := s.charge(surplus)
	s.settle(c, store.Verdict{Status: store.ChargeAbandoned})
	past(surplus)
	s.leave(surplus.ID)
	s.settle(c, captured(c))
	late := keep("paid late", s.reserve(s.Fan(), 1))
	c = s.charge(late)
	past(late)
	s.settle(c, captured(c))
	s.wantStatus(late.ID, store.Paid)
}

// waiters stand on the return list of a type of two tickets: one got what came back, past a bigger order.
func (s *auditedShop) waiters(keep func(string, store.Order) store.Order) {
	s.T.Helper()
	s.small = s.addType("Camarote", 2)
	wish := func(quantity int) store.QueuedOrder {
		o := s.wish(s.Fan(), quantity)
		o.TicketTypeID = s.small.ID
		return o
	}
	holder := keep("small hold", s.decide(wish(1), store.Reserved))
	keep("waiting for two", s.decide(wish(2), store.Waiting))
	keep("passed a bigger one", s.decide(wish(1), store.Reserved))
	keep("waited", s.decide(wish(1), store.Waiting))
	keep("waiting", s.decide(wish(1), store.Waiting))
	gone := keep("left the return list", s.decide(wish(1), store.Waiting))
	s.leave(gone.ID)
	s.leave(holder.ID)
	s.wantStatus(s.orders["waited"], store.Reserved)
	s.wantStatus(s.orders["waiting for two"], store.Waiting)
	s.wantStatus(s.orders["waiting"], store.Waiting)
}
