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
	giveBack := func(change func(*views.RefundModel)) func(views.Frame) templ.Component {
		e := open()
		m := views.RefundModel{Event: e, Type: e.Types[0], Order: anOrder(store.Paid), PerTicketCents: 16500, LeftCents: 33000, Until: Now.AddDate(0, 0, 7)}
		change(&m)
		return func(f views.Frame) templ.Component { return views.Refund(f, m) }
	}
	used := in(store.TicketUsed)
	used.Ticket.Number = 104512
	return []State{
		{"tickets", list(views.TicketsModel{Tickets: []views.TicketModel{Ticket(), used}}), fan},
		{"tickets-empty", list(views.TicketsModel{}), fan},
		{"ticket", page(Ticket()), fan},
		{"ticket-gate", func(f views.Frame) templ.Component { return views.TicketGate(f, Ticket()) }, fan},
		{"ticket-used", page(used), fan},
		{"ticket-void", page(in(store.TicketVoid)), fan},
		{"refund", giveBack(func(*views.RefundModel) {}), fan},
		{"refund-one-no-fee", giveBack(func(m *views.RefundModel) {
			m.PerTicketCents, m.Order.RefundFee, m.Order.Tickets = 15000, false, m.Order.Tickets[:1]
		}), fan},
		{"refund-after-goodwill", giveBack(func(m *views.RefundModel) { m.LeftCents = 20000 }), fan},
		{"refund-shop-cancelled", giveBack(func(m *views.RefundModel) { m.Refusal = views.RefundByShop }), fan},
		{"refund-wrong", giveBack(func(m *views.RefundModel) { m.Form.Fail("ticket", views.TicketNotYours) }), fan},
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
