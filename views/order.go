package views

import (
	"slices"
	"strconv"
	"time"

	"guiche/store"
)

// Names of the server-sent events of an order's page.
const (
	OrderEvent = "order" // carries OrderPart
	GoneEvent  = "gone"  // the order is not known any more
	CloseEvent = "close" // nothing can change any more: the browser stops listening
)

// OrderModel is an order in whatever state it is.
type OrderModel struct {
	Event store.Event
	Type  store.TicketType
	Order store.Order
	Place int           // 1 + open queued or waiting orders ahead; 0 when unknown or not in line
	Ahead int           // tickets of the type that those ahead want
	Left  int           // tickets of the type that can still be had; -1 if unknown
	Wait  time.Duration // expected until her turn comes; 0 when nothing honest can be said
	// Methods are those between which a fan chooses how to pay, the first one offered first; none if the payment page asks.
	Methods []string
	Notice  Message // why what was asked for did not work
}

// OrderItem is an order in the list of one's own.
type OrderItem struct {
	Event store.Event
	Type  store.TicketType
	Order store.Order
}

// OrdersModel is the list of one's own orders, newest first.
type OrdersModel struct {
	Orders []OrderItem
}

// Changing says whether the order can still change without the fan doing something, so that the page should listen.
func (m OrderModel) Changing() bool { return m.Order.Status.Open() || m.owed() > 0 || m.late() }

// status is where the order stands for its fan: with its last ticket void it is given back, though the generator
// may not have taken the stock back yet.
func (m OrderModel) status() store.OrderStatus {
	stands := func(t store.Ticket) bool { return t.Status != store.TicketVoid }
	if m.Order.Status == store.Paid && len(m.Order.Tickets) > 0 && !slices.ContainsFunc(m.Order.Tickets, stands) {
		return store.Refunded
	}
	return m.Order.Status
}

// late says that money may still arrive for an order whose time is over.
func (m OrderModel) late() bool {
	c := m.Order.Charge
	if m.Order.Status != store.Expired || c == nil {
		return false
	}
	switch c.Status {
	case store.ChargeNew, store.ChargeOpen, store.ChargeAbandoned, store.ChargeLate:
		return true
	}
	return false
}

// pending says that the fan has paid and the payment API is not sure yet.
func (m OrderModel) pending() bool { return m.Order.Charge != nil && m.Order.Charge.Pending }

// owed is the money that is still on its way back, also when the payment API makes the shop look after it.
func (m OrderModel) owed() int64 {
	return sumRefunds(m.Order, store.RefundOwed) + sumRefunds(m.Order, store.RefundRefused)
}

// back is the money that has gone back.
func (m OrderModel) back() int64 { return sumRefunds(m.Order, store.RefundDone) }

// shopCancelled says that the cancelling of its event undoes the order, or has undone it after it was paid.
func (m OrderModel) shopCancelled() bool {
	byShop := func(r store.Refund) bool { return r.Reason == "cancelled" }
	return m.Event.Status == store.EventCancelled &&
		(m.Order.Status.Open() || m.Order.Status == store.Paid || slices.ContainsFunc(m.Order.Refunds, byShop))
}

func sumRefunds(o store.Order, s store.RefundStatus) (cents int64) {
	for _, r := range o.Refunds {
		if r.Status == s {
			cents += r.AmountCents
		}
	}
	return cents
}

// openCharge is the charge that can still be paid, nil if there is none.
func (m OrderModel) openCharge() *store.Charge {
	if c := m.Order.Charge; c != nil && c.Status == store.ChargeOpen {
		return c
	}
	return nil
}

// payable is the charge that can be paid now: a hold that became longer may outlive it.
func (m OrderModel) payable(now time.Time) *store.Charge {
	if c := m.openCharge(); c != nil && now.Before(c.ExpiresAt) {
		return c
	}
	return nil
}

// otherMethods are those that a charge is not to be paid by.
func (m OrderModel) otherMethods(c *store.Charge) (others []string) {
	for _, method := range m.Methods {
		if method != c.Method {
			others = append(others, method)
		}
	}
	return others
}

// declined says that the last try to pay failed, so that another one can be made.
func (m OrderModel) declined() bool {
	return m.Order.Charge != nil && m.Order.Charge.Status == store.ChargeFailed
}

// paidAlready says that the money is here and the generator has not yet said so.
func paidAlready(m OrderModel) bool {
	return m.Order.Charge != nil && m.Order.Charge.Status == store.ChargeCaptured
}

// path is where the order lives.
func (m OrderModel) path() string { return orderPath(m.Order) }

func orderPath(o store.Order) string { return "/orders/" + o.ID.String() }

func eventPath(e store.Event) string { return "/events/" + e.Slug }

func ticketPath(t store.Ticket) string { return "/tickets/" + strconv.FormatInt(t.ID, 10) }
