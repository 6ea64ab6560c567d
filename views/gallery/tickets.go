package gallery

import (
	"time"

	"github.com/a-h/templ"

	"guiche/store"
	"guiche/views"
)

// Code is the content of the QR codes of the gallery's tickets.
const Code = "GUICHE1.71.3.268.kzV1f0mYcP2q7T9b3nXwLQ"

// Ticket is a valid ticket.
func Ticket() views.TicketModel {
	e := open()
	return views.TicketModel{Event: e, Type: e.Types[0], Ticket: someTickets(store.TicketValid)[1], Holder: fan.Name, CPF: fan.CPF, Code: Code}
}

func tickets() []State {
	page := func(m views.TicketModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.TicketPage(f, m) }
	}
	list := func(m views.TicketsModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.Tickets(f, m) }
	}
	in := func(s store.TicketStatus) views.TicketModel {
		t := Ticket()
		t.Ticket.Status, t.Code = s, ""
		return t
	}
	refund := func(page func(views.Frame, views.RefundModel) templ.Component, change func(*views.RefundModel)) func(views.Frame) templ.Component {
		e := open()
		m := views.RefundModel{Event: e, Type: e.Types[0], Order: anOrder(store.Paid), PerTicketCents: 16500, LeftCents: 33000, Until: Now.AddDate(0, 0, 7)}
		change(&m)
		return func(f views.Frame) templ.Component { return page(f, m) }
	}
	giveBack := func(change func(*views.RefundModel)) func(views.Frame) templ.Component {
		return refund(views.Refund, change)
	}
	confirmed := func(change func(*views.RefundModel)) func(views.Frame) templ.Component {
		return refund(views.RefundConfirm, func(m *views.RefundModel) {
			for _, t := range m.Order.Tickets {
				m.Chosen = append(m.Chosen, t.ID)
			}
			change(m)
		})
	}
	blocked := in(store.TicketValid)
	blocked.Ticket.BlockedAt = Now.Add(-time.Hour)
	used := in(store.TicketUsed)
	used.Ticket.Number = 104512
	return []State{
		{"tickets", list(views.TicketsModel{Tickets: []views.TicketModel{Ticket(), used}}), fan},
		{"tickets-empty", list(views.TicketsModel{}), fan},
		{"ticket", page(Ticket()), fan},
		{"ticket-gate", func(f views.Frame) templ.Component { return views.TicketGate(f, Ticket()) }, fan},
		{"ticket-used", page(used), fan},
		{"ticket-void", page(in(store.TicketVoid)), fan},
		{"ticket-blocked", page(blocked), fan},
		{"refund", giveBack(func(*views.RefundModel) {}), fan},
		{"refund-one-no-fee", giveBack(func(m *views.RefundModel) {
			m.PerTicketCents, m.Order.RefundFee, m.Order.Tickets = 15000, false, m.Order.Tickets[:1]
		}), fan},
		{"refund-after-goodwill", giveBack(func(m *views.RefundModel) { m.LeftCents = 20000 }), fan},
		{"refund-shop-cancelled", giveBack(func(m *views.RefundModel) { m.Refusal = views.RefundByShop }), fan},
		{"refund-wrong", giveBack(func(m *views.RefundModel) { m.Form.Fail("ticket", views.TicketNotYours) }), fan},
		{"refund-none", giveBack(func(m *views.RefundModel) { m.Form.Fail("ticket", views.TicketNone) }), fan},
		{"refund-confirm", confirmed(func(*views.RefundModel) {}), fan},
		{"refund-confirm-one", confirmed(func(m *views.RefundModel) { m.Chosen = m.Chosen[:1] }), fan},
		{"refund-confirm-free", confirmed(func(m *views.RefundModel) { m.Order.PriceCents, m.Order.FeeCents, m.PerTicketCents = 0, 0, 0 }), fan},
		{"refund-confirm-changed", confirmed(func(m *views.RefundModel) {
			m.LeftCents = 20000
			m.Form.Fail("", views.RefundChanged(33000, m.Order.Currency))
		}), fan},
		{"refund-too-late", giveBack(func(m *views.RefundModel) { m.Refusal = views.RefundTooLate }), fan},
		{"refund-too-near", giveBack(func(m *views.RefundModel) { m.Refusal = views.RefundTooNear }), fan},
		{"refund-nothing", giveBack(func(m *views.RefundModel) { m.Order.Tickets = nil }), fan},
	}
}

func problems() []State {
	page := func(m views.ProblemModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.Problem(f, m) }
	}
	return []State{
		{"problem-403", page(views.ProblemModel{Status: 403}), nil},
		{"problem-404", page(views.ProblemModel{Status: 404}), nil},
		{"problem-order", page(views.ProblemModel{Status: 404, Order: true}), fan},
		{"problem-405", page(views.ProblemModel{Status: 405, Back: "/orders"}), nil},
		{"problem-409", page(views.ProblemModel{Status: 409, Back: "/events/lua-cheia"}), fan},
		{"problem-413", page(views.ProblemModel{Status: 413}), nil},
		{"problem-422", page(views.ProblemModel{Status: 422, Back: "/events/lua-cheia"}), nil},
		{"problem-429", page(views.ProblemModel{Status: 429, Again: "/orders", Wait: 8 * time.Second}), nil},
		{"problem-500", page(views.ProblemModel{Status: 500, Again: "/orders", RequestID: "01JDB2V6"}), nil},
		{"problem-503", page(views.ProblemModel{Status: 503, Again: "/orders"}), nil},
	}
}
