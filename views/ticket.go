package views

import "guiche/store"

// TicketModel is one ticket as it is shown at the gate, on screen or on paper.
type TicketModel struct {
	Event  store.Event
	Type   store.TicketType
	Ticket store.Ticket
	Holder string // the account's name
	CPF    string // 11 digits, shown masked; may be empty
	Code   string // the content of the QR code; empty if the ticket is not good for entry
}

// TicketsModel is a person's list of tickets.
type TicketsModel struct {
	Tickets []TicketModel // codes are not needed here
}

// maskedCPF shows enough of the CPF for its owner to recognise it.
func (m TicketModel) maskedCPF() string {
	if len(m.CPF) != 11 {
		return ""
	}
	return "•••." + m.CPF[3:6] + "." + m.CPF[6:9] + "-••"
}
