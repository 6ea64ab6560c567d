package views

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"guiche/store"
)

// Names of the server-sent events of an order's page.
const (
	OrderEvent = "order" // carries OrderPart
	GoneEvent  = "gone"  // the order is no longer known
	BeatEvent  = "beat"  // nothing new, but the connection stands: the time, and the pause before connecting again
	BusyEvent  = "busy"  // it is followed by enough of the fan's tabs: this one polls
	CloseEvent = "close" // nothing can change any more, so the browser stops listening
)

// OrderModel is an order in any state.
type OrderModel struct {
	Event store.Event
	Type  store.TicketType
	Order store.Order
	Place int           // 1 + open queued or waiting orders ahead; 0 when unknown or not in line
	Ahead int           // tickets of the type wanted by the orders ahead
	Left  int           // tickets of the type that are available; -1 if unknown
	Wait  time.Duration // expected time until her turn; 0 if no honest estimate can be made
	// Silent says that nobody decides at this moment; SetAside that the order, which has ended as left, could not be decided.
	Silent, SetAside bool
	Holds            int // reservations of the type that are not paid yet and may come back; -1 if unknown
	// Methods are the payment methods that the page offers, the preferred one first; none if the gateway's page asks.
	Methods []string
	Gateway string  // that takes new charges
	Notice  Message // why the last action failed
}

// OrderItem is an order in a person's list.
type OrderItem struct {
	Event store.Event
	Type  store.TicketType
	Order store.Order
}

// OrdersModel is a person's orders, newest first.
type OrdersModel struct {
	Orders []OrderItem
}

// Changing reports whether the order can change without the fan doing anything, so that its page has to listen.
func (m OrderModel) Changing() bool {
	return m.Order.Status.Open() || m.owed() > 0 || m.refused() > 0 || m.late()
}

// status is the state that the fan sees: once its last ticket is void the order is refunded, even if the generator
// has not taken the stock back yet.
func (m OrderModel) status() store.OrderStatus {
	stands := func(t store.Ticket) bool { return t.Status != store.TicketVoid }
	if m.Order.Status == store.Paid && len(m.Order.Tickets) > 0 && !slices.ContainsFunc(m.Order.Tickets, stands) {
		return store.Refunded
	}
	return m.Order.Status
}

// mayNotDo reports whether those ahead want all that is left.
func (m OrderModel) mayNotDo() bool { return m.Left >= 0 && m.Ahead >= m.Left }

// late reports whether money may still arrive for an order whose time is over.
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

// pending reports whether the fan has paid and the payment API has not confirmed it yet.
func (m OrderModel) pending() bool { return m.Order.Charge != nil && m.Order.Charge.Pending }

// told reports whether the payment API has news of the charge that nobody has looked into yet.
func (m OrderModel) told() bool { return m.Order.Charge != nil && m.Order.Charge.Told != nil }

// hurry is when more time is offered before anything else.
const hurry = 2 * time.Minute

func (m OrderModel) hurried(now time.Time) bool { return m.Order.ReservedUntil.Sub(now) <= hurry }

// pixCode is the Pix code that can be paid now, if there is one.
func (m OrderModel) pixCode(now time.Time) string {
	if c := m.payable(now); c != nil {
		return c.PixCode
	}
	return ""
}

// owed is the money on its way back.
func (m OrderModel) owed() int64 { return sumRefunds(m.Order, store.RefundOwed) }

// refused is the money that the payment API did not send back, which people look after.
func (m OrderModel) refused() int64 { return sumRefunds(m.Order, store.RefundRefused) }

// settled is the money that came back outside the payment API.
func (m OrderModel) settled() (cents int64) {
	for _, r := range m.Order.Refunds {
		if r.Status == store.RefundSettled {
			cents += r.RestCents()
		}
	}
	return cents
}

// back is the money that was refunded.
func (m OrderModel) back() int64 { return sumRefunds(m.Order, store.RefundDone) }

// shopCancelled reports whether the order ends because its event was cancelled, or ended so after it was paid.
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

// openCharge is the charge that is open at the gateway, or nil.
func (m OrderModel) openCharge() *store.Charge {
	if c := m.Order.Charge; c != nil && c.Status == store.ChargeOpen {
		return c
	}
	return nil
}

// payable is the charge that can be paid now, or nil: an extended hold may outlive its charge.
func (m OrderModel) payable(now time.Time) *store.Charge {
	if c := m.openCharge(); c != nil && now.Before(c.ExpiresAt) {
		return c
	}
	return nil
}

// AnotherWay reports whether there is a payment method that is not refused to the order.
func (m OrderModel) AnotherWay() bool {
	return slices.ContainsFunc(m.Methods, func(method string) bool { return !m.refuses(method) })
}

// Offered are the payment methods that are not refused to the order; all of them if none is left, since the cause may have
// been mended.
func (m OrderModel) Offered() (offered []string) {
	for _, method := range m.Methods {
		if !m.refuses(method) {
			offered = append(offered, method)
		}
	}
	if len(offered) == 0 {
		return m.Methods
	}
	return offered
}

// refuses reports whether the gateway that takes new charges has refused a method to the order.
func (m OrderModel) refuses(method string) bool {
	return slices.ContainsFunc(m.Order.Refused, func(r store.RefusedMethod) bool { return r.Method == method && r.Gateway == m.Gateway })
}

// withheld is a payment method that is not offered since it is refused; empty if there is none.
func (m OrderModel) withheld() string {
	for _, method := range m.Methods {
		if !slices.Contains(m.Offered(), method) {
			return method
		}
	}
	return ""
}

// otherMethods are the payment methods other than the charge's.
func (m OrderModel) otherMethods(c *store.Charge) (others []string) {
	for _, method := range m.Offered() {
		if method != c.Method {
			others = append(others, method)
		}
	}
	return others
}

// declined reports whether the last attempt to pay failed, so that another one can be made.
func (m OrderModel) declined() bool {
	return m.Order.Charge != nil && m.Order.Charge.Status == store.ChargeFailed
}

// paidAlready reports whether the money was captured though the generator has not marked the order paid yet.
func paidAlready(m OrderModel) bool {
	return m.Order.Charge != nil && m.Order.Charge.Status == store.ChargeCaptured
}

// canStay reports whether the return list is open to an order that came too late: it did not ask to be kept on it.
func (m OrderModel) canStay(now time.Time) bool {
	return m.Order.Status == store.SoldOut && !m.Order.Keep && m.Event.Sale(now) == store.SaleOpen
}

// wish leads to the event's page with the same wish filled in.
func (m OrderModel) wish() string {
	return eventPath(m.Event) + "?" + url.Values{
		"ticket_type": {strconv.FormatInt(m.Order.TicketTypeID, 10)}, "quantity": {strconv.Itoa(m.Order.Quantity)},
	}.Encode()
}

// path is the path of the order's page.
func (m OrderModel) path() string { return orderPath(m.Order) }

func orderPath(o store.Order) string { return "/orders/" + o.ID.String() }

func eventPath(e store.Event) string { return "/events/" + e.Slug }

func ticketPath(t store.Ticket) string { return "/tickets/" + strconv.FormatInt(t.ID, 10) }
