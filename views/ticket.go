package views

import "guiche/store"

// TicketModel is one ticket as it is shown at the gate, on screen and on paper.
type TicketModel struct {
	Event  store.Event
	Type   store.TicketType
	Ticket store.Ticket
	Holder string // the name of the account
	CPF    string // 11 digits, shown only in part; may be empty
	Code   string // what the QR code says; empty if the ticket opens no gate any more
}

// TicketsModel is the list of one's own tickets.
type TicketsModel struct {
	Tickets []TicketModel // codes are not needed here
}

// maskedCPF shows enough of a CPF to recognise one's own.
func (m TicketModel) maskedCPF() string {
	if len(m.CPF) != 11 {
		return ""
	}
	return "•••." + m.CPF[3:6] + "." + m.CPF[6:9] + "-••"
}
