package gallery

import (
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

const pixCode = "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865406330.005802BR5906Guiche6008Salvador62070503***63041D3D"

// anOrder is an order for two tickets in a state.
func anOrder(s store.OrderStatus) store.Order {
	e := open()
	o := store.Order{
		QueuedOrder: store.QueuedOrder{
			ID: order, EventID: e.ID, TicketTypeID: 11, AccountID: fan.ID, Number: 4512, Quantity: 2,
			PriceCents: 15000, FeeCents: 1500, Currency: "BRL", PerPerson: 4, HoldSeconds: 600, RefundPolicy: e.RefundPolicy,
			AcceptedAt: Now.Add(-2 * time.Minute),
		},
		Status: s,
	}
	switch s {
	case store.Reserved, store.Expired:
		o.ReservedUntil = Now.Add(9*time.Minute + 42*time.Second)
		o.Tickets = someTickets(store.TicketReserved)
		if s == store.Expired {
			o.AcceptedAt, o.DecidedAt = Now.Add(-12*time.Minute), Now.Add(-11*time.Minute)
			o.ReservedUntil, o.EndedAt = Now.Add(-time.Minute), Now
		}
	case store.Paid:
		o.AcceptedAt, o.DecidedAt, o.ReservedUntil = Now.Add(-time.Hour), Now.Add(-time.Minute), Now.Add(9*time.Minute)
		o.PaidAt, o.Tickets = Now, someTickets(store.TicketValid)
	case store.Refunded:
		o.PaidAt, o.Tickets, o.Returned = Now.Add(-time.Hour), someTickets(store.TicketVoid), 2
	}
	return o
}

func someTickets(s store.TicketStatus) []store.Ticket {
	return []store.Ticket{
		{ID: 71, EventID: 3, OrderID: order, TicketTypeID: 11, Number: 267, Status: s},
		{ID: 72, EventID: 3, OrderID: order, TicketTypeID: 11, Number: 268, Status: s},
	}
}

func charge(s store.ChargeStatus) *store.Charge {
	return &store.Charge{
		ID: uuid.UUID{1}, OrderID: order, Gateway: "sandbox", Status: s, AmountCents: 33000, Currency: "BRL",
		PayURL: "http://127.0.0.1:7001/pay/1", ExpiresAt: Now.Add(9 * time.Minute),
	}
}

func refund(s store.RefundStatus, reason string, cents int64) store.Refund {
	return store.Refund{ID: uuid.UUID{2}, OrderID: order, Reason: reason, Quantity: 1, AmountCents: cents, Status: s, AskedAt: Now}
}

// shown is the page of an order in a state, after change.
func shown(s store.OrderStatus, change func(*views.OrderModel)) func(views.Frame) templ.Component {
	e := open()
	m := views.OrderModel{Event: e, Type: e.Types[0], Order: anOrder(s), Left: 934, Holds: -1}
	if change != nil {
		change(&m)
	}
	return func(f views.Frame) templ.Component { return views.OrderPage(f, m) }
}

func inLine(place, ahead, left int) func(*views.OrderModel) {
	return func(m *views.OrderModel) { m.Place, m.Ahead, m.Left = place, ahead, left }
}

func charged(c *store.Charge) func(*views.OrderModel) {
	return func(m *views.OrderModel) { m.Order.Charge = c }
}

func orders() []State {
	pix := charge(store.ChargeOpen)
	pix.PixCode, pix.Method = pixCode, "pix"
	pending := charge(store.ChargeOpen)
	pending.Pending = true
	told := *pix
	told.Told = &Now
	e := open()
	var mine []views.OrderItem
	for _, s := range store.OrderStatuses() {
		mine = append(mine, views.OrderItem{Event: e, Type: e.Types[0], Order: anOrder(s)})
	}
	list := func(m views.OrdersModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.Orders(f, m) }
	}
	return []State{
		{"orders", list(views.OrdersModel{Orders: mine}), fan},
		{"orders-empty", list(views.OrdersModel{}), fan},
		{"order-queued", shown(store.Queued, inLine(128, 301, 934)), fan},
		{"order-queued-near", shown(store.Queued, inLine(4, 7, 934)), fan},
		{"order-queued-next", shown(store.Queued, inLine(1, 0, 934)), fan},
		{"order-queued-far", shown(store.Queued, func(m *views.OrderModel) {
			inLine(48213, 112904, 934)(m)
			m.Wait = 12 * time.Minute
		}), fan},
		{"order-queued-unknown", shown(store.Queued, inLine(0, 0, -1)), fan},
		{"order-queued-paused", shown(store.Queued, func(m *views.OrderModel) {
			inLine(8, 12, 4)(m)
			m.Event.Paused = true
		}), fan},
		{"order-queued-silent", shown(store.Queued, func(m *views.OrderModel) {
			inLine(128, 301, 934)(m)
			m.Silent = true
		}), fan},
		{"order-waiting", shown(store.Waiting, inLine(3, 5, 0)), fan},
		{"order-waiting-sold", shown(store.Waiting, func(m *views.OrderModel) {
			inLine(1, 0, 0)(m)
			m.Holds, m.Order.Keep = 0, true
		}), fan},
		{"order-waiting-held", shown(store.Waiting, func(m *views.OrderModel) {
			inLine(3, 5, 0)(m)
			m.Holds = 12
		}), fan},
		{"order-waiting-again", shown(store.Waiting, func(m *views.OrderModel) {
			inLine(1, 0, 0)(m)
			m.Holds, m.Order.Keep, m.Order.ReservedUntil = 0, true, Now.Add(-10*time.Minute)
			m.Order.Refunds = []store.Refund{{Reason: "surplus", AmountCents: m.Order.AmountCents(), Status: store.RefundOwed, AskedAt: Now.Add(-time.Minute)}}
		}), fan},
		{"order-reserved", shown(store.Reserved, nil), fan},
		{"order-reserved-one", shown(store.Reserved, func(m *views.OrderModel) { m.Order.Quantity = 1 }), fan},
		{"order-reserved-charge", shown(store.Reserved, charged(charge(store.ChargeOpen))), fan},
		{"order-reserved-pix", shown(store.Reserved, charged(pix)), fan},
		{"order-reserved-declined", shown(store.Reserved, charged(charge(store.ChargeFailed))), fan},
		{"order-reserved-no-gateway", shown(store.Reserved, func(m *views.OrderModel) { m.Notice = views.PaymentDown }), fan},
		{"order-reserved-captured", shown(store.Reserved, charged(charge(store.ChargeCaptured))), fan},
		{"order-reserved-time-up", shown(store.Reserved, func(m *views.OrderModel) { m.Order.ReservedUntil = Now.Add(-time.Second) }), fan},
		{"order-reserved-methods", shown(store.Reserved, func(m *views.OrderModel) { m.Methods = []string{"pix", "card"} }), fan},
		{"order-reserved-method-refused", shown(store.Reserved, func(m *views.OrderModel) {
			m.Methods, m.Gateway = []string{"pix", "card"}, "mercadopago"
			m.Order.Refused = []store.RefusedMethod{{OrderID: order, Gateway: "mercadopago", Method: "pix", Reason: "method"}}
		}), fan},
		{"order-reserved-longer", shown(store.Reserved, func(m *views.OrderModel) {
			m.Methods = []string{"pix", "card"}
			m.Order.Charge, m.Order.Extended, m.Order.RetryExtra, m.Order.OutageExtra = pix, true, 90, 240
		}), fan},
		{"order-reserved-pending", shown(store.Reserved, charged(pending)), fan},
		{"order-reserved-told", shown(store.Reserved, charged(&told)), fan},
		{"order-reserved-pix-hurried", shown(store.Reserved, func(m *views.OrderModel) {
			m.Order.Charge, m.Order.ReservedUntil, m.Event.ExtendSeconds = pix, Now.Add(110*time.Second), 120
		}), fan},
		{"order-reserved-time-up-pending", shown(store.Reserved, func(m *views.OrderModel) {
			m.Order.Charge, m.Order.ReservedUntil = pending, Now.Add(-time.Second)
		}), fan},
		{"order-paid-late", shown(store.Paid, func(m *views.OrderModel) {
			m.Order.DecidedAt, m.Order.ReservedUntil = Now.Add(-20*time.Minute), Now.Add(-10*time.Minute)
			m.Order.LateAt = Now
		}), fan},
		{"order-paid", shown(store.Paid, nil), fan},
		{"order-paid-free", shown(store.Paid, func(m *views.OrderModel) {
			m.Order.PriceCents, m.Order.FeeCents, m.Order.ReservedUntil = 0, 0, time.Time{}
		}), fan},
		{"order-refunded-free", shown(store.Refunded, func(m *views.OrderModel) {
			m.Order.PriceCents, m.Order.FeeCents = 0, 0
			m.Order.Refunds = []store.Refund{{Reason: "fan", Quantity: 2, Status: store.RefundDone, AskedAt: Now.Add(-time.Minute), DoneAt: Now.Add(-time.Minute)}}
		}), fan},
		{"order-paid-part-back", shown(store.Paid, func(m *views.OrderModel) {
			m.Order.Tickets[0].Status = store.TicketVoid
			m.Order.Refunds = []store.Refund{refund(store.RefundOwed, "fan", 16500)}
		}), fan},
		{"order-refunded-owed", shown(store.Refunded, func(m *views.OrderModel) {
			m.Order.Refunds = []store.Refund{refund(store.RefundDone, "fan", 16500), refund(store.RefundOwed, "fan", 16500)}
		}), fan},
		{"order-refunded", shown(store.Refunded, func(m *views.OrderModel) {
			m.Order.Refunds = []store.Refund{refund(store.RefundDone, "fan", 33000)}
		}), fan},
		{"order-sold-out", shown(store.SoldOut, nil), fan},
		{"order-over-limit", shown(store.OverLimit, nil), fan},
		{"order-left", shown(store.Left, nil), fan},
		{"order-set-aside", shown(store.Left, func(m *views.OrderModel) { m.SetAside = true }), fan},
		{"order-expired", shown(store.Expired, nil), fan},
		{"order-expired-late", shown(store.Expired, charged(charge(store.ChargeOpen))), fan},
		{"order-expired-surplus", shown(store.Expired, func(m *views.OrderModel) {
			m.Order.Charge = charge(store.ChargeSurplus)
			m.Order.Refunds = []store.Refund{refund(store.RefundOwed, "surplus", 33000)}
		}), fan},
		{"order-cancelled", shown(store.OrderCancelled, nil), fan},
	}
}
