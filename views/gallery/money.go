package gallery

import (
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

func stuck() []store.StuckRefund {
	return []store.StuckRefund{
		{
			ID: uuid.UUID{4}, OrderID: order, EventID: 3, Event: open().Name, Gateway: "mercadopago", AmountCents: 16500, Currency: "BRL",
			Status: store.RefundRefused, Attempts: 1, Settleable: true, Reason: "payment: refused: 400: no balance (2031)", AskedAt: Now.Add(-2 * time.Hour),
		},
		{
			ID: uuid.UUID{5}, OrderID: order, EventID: 3, Event: open().Name, Gateway: "stripe", AmountCents: 123450, Currency: "BRL",
			Status: store.RefundOwed, Attempts: 17, AskedAt: Now.Add(-30 * time.Hour),
		},
	}
}

func outages() []store.Outage {
	return []store.Outage{
		{ID: 2, Gateway: "mercadopago", BeganAt: Now.Add(-10 * time.Minute)},
		{ID: 1, Gateway: "stripe", BeganAt: Now.Add(-26 * time.Hour), EndedAt: Now.Add(-25 * time.Hour)},
	}
}

func movements() (rows []store.Movement) {
	for i, kind := range []store.MovementKind{
		store.MovedRefundSent, store.MovedFeeReturned, store.MovedRefundOwed, store.MovedFee, store.MovedCaptured,
	} {
		rows = append(rows, store.Movement{
			ID: int64(9 - i), At: Now.Add(time.Duration(-i) * time.Minute), EventID: 3, OrderID: order, OrderNumber: 4512,
			Gateway: "mercadopago", ChargeID: uuid.UUID{1}, Kind: kind, AmountCents: []int64{16500, 1500, 16500, 3000, 33000}[i], Currency: "BRL",
		})
	}
	return rows
}

// storied is an order to which nearly everything has happened.
func storied() views.AdminOrderModel {
	e, o := open(), anOrder(store.Paid)
	o.AcceptedAt, o.WaitedAt, o.DecidedAt = Now.Add(-time.Hour), Now.Add(-50*time.Minute), Now.Add(-40*time.Minute)
	o.ReservedUntil, o.PaidAt, o.LateAt = Now.Add(-20*time.Minute), Now.Add(-15*time.Minute), Now.Add(-15*time.Minute)
	o.Extended, o.RetryExtra, o.OutageExtra = true, 120, 900
	o.Tickets[1].Status = store.TicketUsed
	byAdmin := refund(store.RefundDone, "admin", 1000)
	byAdmin.ID, byAdmin.AdminID, byAdmin.Quantity, byAdmin.DoneAt = uuid.UUID{3}, admin.ID, 0, Now
	byAdmin.Note = "O som falhou na primeira hora; devolvemos uma parte a quem reclamou na bilheteria."
	refused := refund(store.RefundRefused, "fan", 16500)
	refused.FeeCents = 1500
	o.Refunds = []store.Refund{byAdmin, refused}
	attempts := []store.RefundAttempt{{
		RefundID: refused.ID, BeganAt: Now.Add(-2 * time.Minute), Tries: 3, Result: "refused", EndedAt: Now.Add(-time.Minute),
		Reason: "payment: refused: 400: the account has no balance for this refund (2031)",
	}}
	failed, paid := *charge(store.ChargeFailed), *charge(store.ChargeCaptured)
	failed.CreatedAt, failed.SettledAt, failed.GatewayID = Now.Add(-35*time.Minute), Now.Add(-34*time.Minute), "1320495814"
	paid.CreatedAt, paid.SettledAt, paid.PaidCents, paid.GatewayID = Now.Add(-25*time.Minute), Now.Add(-15*time.Minute), 33000, "cs_test_a1vXyQ2f8J9wEoQmT3bLkN5rS7uV0xZ4yB6cD8eF"
	return views.AdminOrderModel{
		Event: e, Type: e.Types[0], Order: o, Name: fan.Name, Email: fan.Email, Charges: []store.Charge{failed, paid},
		Movements: movements(), Admins: map[int64]string{admin.ID: admin.Name}, RefundID: uuid.UUID{6}, Attempts: attempts,
	}
}

func money() []State {
	e := open()
	show := func(m views.AdminOrderModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.AdminOrder(f, m) }
	}
	cancel := func(form views.Form) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component {
			return views.AdminCancel(f, views.AdminCancelModel{
				Event: e, InLine: 48213, Form: form,
				Forecast: store.CancelForecast{Open: 31, Paid: 128, Tickets: 235, Cents: 3877500},
			})
		}
	}
	undone := func(event store.Event, p store.CancelProgress) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component {
			return views.AdminEvent(f, views.AdminEventModel{Event: event, Progress: &p})
		}
	}
	ledger := func(m views.AdminLedgerModel) func(views.Frame) templ.Component {
		m.Event = e
		return func(f views.Frame) templ.Component { return views.AdminLedger(f, m) }
	}
	wrong := storied()
	wrong.Form = views.NewForm(map[string]string{"amount": "400,00", "note": ""})
	wrong.Form.Fail("note", views.Missing)
	wrong.Form.Fail("amount", views.RefundTooMuch(15500, "BRL"))
	wrong.Form.Fail("used", views.RefundUsed)
	wrong.Form.Fail("ticket", views.TicketNotYours)
	wrong.Chosen = map[int64]bool{72: true}
	held := views.AdminOrderModel{Event: e, Type: e.Types[0], Order: anOrder(store.Reserved), Name: fan.Name, Email: fan.Email}
	name := views.NewForm(map[string]string{"name": "lua cheia"})
	name.Fail("name", views.EventNameBad)
	going := cancelled()
	going.CancelledAt = Now.Add(-time.Minute)
	settled := going
	settled.SettledAt = Now
	byShop := func(m *views.OrderModel) {
		m.Event.Status = store.EventCancelled
		m.Order.Refunds = []store.Refund{refund(store.RefundOwed, "cancelled", 33000)}
	}
	tills := []store.Till{
		{Gateway: "mercadopago", Currency: "BRL", CapturedCents: 3877500, FeeCents: 352500, OwedCents: 49500, FeeBackCents: 4500, SentCents: 33000},
		{Gateway: "stripe", Currency: "BRL", CapturedCents: 165000, FeeCents: 15000},
	}
	ended := Ticket()
	ended.Event.Status, ended.Code = store.EventCancelled, ""
	return []State{
		{"admin-order", show(storied()), admin},
		{"admin-order-wrong", show(wrong), admin},
		{"admin-order-held", show(held), admin},
		{"admin-cancel", cancel(views.Form{}), admin},
		{"admin-cancel-wrong", cancel(name), admin},
		{"admin-event-undoing", undone(going, store.CancelProgress{Orders: 159, Undone: 120, OwedCents: 3877500, SentCents: 2310000, RefusedCents: 16500}), admin},
		{"admin-event-undone", undone(settled, store.CancelProgress{Orders: 159, Undone: 159, OwedCents: 3877500, SentCents: 3877500}), admin},
		{"admin-ledger", ledger(views.AdminLedgerModel{Tills: tills, Movements: movements(), Pages: older}), admin},
		{"admin-ledger-empty", ledger(views.AdminLedgerModel{}), admin},
		{"order-shop-cancelled", shown(store.Refunded, byShop), fan},
		{"order-shop-cancelled-held", shown(store.Reserved, func(m *views.OrderModel) { m.Event.Status = store.EventCancelled }), fan},
		{"ticket-event-cancelled", func(f views.Frame) templ.Component { return views.TicketPage(f, ended) }, fan},
	}
}

// notices are gateways whose notices do not come.
func notices() []store.NoticeTrouble {
	return []store.NoticeTrouble{
		{Gateway: "mercadopago", TakenAt: Now.Add(-26 * time.Hour), RefusedAt: Now.Add(-time.Minute), Reason: "signature"},
		{Gateway: "stripe", PaidAt: Now.Add(-10 * time.Minute)},
	}
}
