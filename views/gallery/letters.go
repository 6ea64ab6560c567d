package gallery

import (
	"time"

	"guiche/store"
	"guiche/views"
)

// Letter is one letter in one state.
type Letter struct {
	Name  string
	Model views.LetterModel
}

// Letters are all kinds of letters.
func Letters() []Letter {
	letter := func(name string, kind store.LetterKind, s store.OrderStatus, change func(*views.LetterModel)) Letter {
		e := open()
		m := views.LetterModel{
			Kind: kind, Site: "https://ingressos.example", Link: "https://ingressos.example/x/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
			Event: e, Type: e.Types[0], Order: anOrder(s), Refund: refund(store.RefundOwed, "surplus", 33000),
		}
		m.Order.DecidedAt = Now.Add(-18 * time.Second)
		m.Order.ReservedUntil = Now.Add(9*time.Minute + 42*time.Second)
		if change != nil {
			change(&m)
		}
		return Letter{"letter-" + name, m}
	}
	return []Letter{
		letter("confirm", store.LetterConfirm, "", nil),
		letter("reset", store.LetterReset, "", nil),
		letter("hold-ending", store.LetterHoldEnding, store.Reserved, nil),
		letter("given", store.LetterGiven, store.Reserved, func(m *views.LetterModel) { m.Order.Quantity = 1 }),
		letter("paid", store.LetterPaid, store.Paid, nil),
		letter("paid-free", store.LetterPaid, store.Paid, func(m *views.LetterModel) {
			m.Order.PriceCents, m.Order.FeeCents, m.Order.Tickets = 0, 0, m.Order.Tickets[:1]
		}),
		letter("late-paid", store.LetterLatePaid, store.Paid, nil),
		letter("expired", store.LetterExpired, store.Expired, nil),
		letter("expired-next-day", store.LetterExpired, store.Expired, func(m *views.LetterModel) {
			m.Order.ReservedUntil = Now.Add(30 * time.Hour)
		}),
		letter("surplus", store.LetterSurplus, store.Expired, nil),
		letter("surplus-twice", store.LetterSurplus, store.Paid, nil),
		letter("refunded", store.LetterRefunded, store.Refunded, nil),
		letter("cancelled", store.LetterCancelled, store.Refunded, nil),
		letter("cancelled-unpaid", store.LetterCancelled, store.OrderCancelled, nil),
	}
}
