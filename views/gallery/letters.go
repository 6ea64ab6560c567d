package gallery

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"guiche/store"
	"guiche/views"
)

// Letter is one letter in one state.
type Letter struct {
	Name  string
	Model views.LetterModel
}

// because is an admin's reason.
func because(m *views.LetterModel) { m.Reason = "O documento com foto que recebemos tem este CPF." }

// Letters are all kinds of letters.
func Letters() []Letter {
	letter := func(name string, kind store.LetterKind, s store.OrderStatus, change func(*views.LetterModel)) Letter {
		e := open()
		m := views.LetterModel{
			Kind: kind, Site: "https://ingressos.example", Link: "https://ingressos.example/x/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
			Event: e, Type: e.Types[0], Order: anOrder(s), Refund: refund(store.RefundOwed, "surplus", 33000),
		}
		m.Seller = views.Seller{Name: "Lua Cheia Produções Ltda.", ID: "12.345.678/1000-90", Contact: "ajuda@ingressos.example"}
		m.Order.Charge = &store.Charge{Status: store.ChargeCaptured, Method: "pix"}
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
		letter("given-back", store.LetterGivenBack, store.Paid, takenBack("fan", 1, 16500, "")),
		letter("given-back-free", store.LetterGivenBack, store.Paid, func(m *views.LetterModel) {
			takenBack("fan", 1, 0, "")(m)
			m.Order.PriceCents, m.Order.FeeCents = 0, 0
		}),
		letter("given-back-nothing-left", store.LetterGivenBack, store.Paid, func(m *views.LetterModel) {
			takenBack("fan", 1, 0, "")(m)
			m.Order.Refunds = []store.Refund{refund(store.RefundDone, "admin", 33000)}
		}),
		letter("taken-back", store.LetterTakenBack, store.Paid, takenBack("admin", 1, 0, "O setor foi fechado")),
		letter("taken-back-money", store.LetterTakenBack, store.Paid, takenBack("admin", 0, 2000, "O som falhou")),
		letter("refund-refused", store.LetterRefundRefused, store.Paid, takenBack("fan", 1, 16500, "")),
		letter("refund-settled", store.LetterRefundSettled, store.Paid, takenBack("fan", 1, 16500, "")),
		letter("cancelled", store.LetterCancelled, store.Refunded, nil),
		letter("cancelled-unpaid", store.LetterCancelled, store.OrderCancelled, nil),
		letter("sign-in", store.LetterSignIn, "", nil),
		letter("email-new", store.LetterEmailNew, "", nil),
		letter("email-asked", store.LetterEmailAsked, "", func(m *views.LetterModel) { m.Email = "a•••@example.com" }),
		letter("password-changed", store.LetterPasswordChanged, "", nil),
		letter("cpf-given", store.LetterCPFGiven, "", because),
		letter("cpf-taken", store.LetterCPFTaken, "", because),
		letter("cpf-refused", store.LetterCPFRefused, "", because),
		letter("cpf-kept", store.LetterCPFKept, "", because),
	}
}

// takenBack makes the letter one about a refund of so many tickets.
func takenBack(reason string, tickets int, cents int64, note string) func(*views.LetterModel) {
	return func(m *views.LetterModel) {
		m.Refund = refund(store.RefundOwed, reason, cents)
		m.Refund.Quantity, m.Refund.Note = tickets, note
		m.Order.Tickets = slices.Clone(m.Order.Tickets)
		for i := range tickets {
			m.Order.Tickets[i].Status = store.TicketVoid
			m.Back = append(m.Back, m.Order.Tickets[i].Number)
		}
	}
}

// letterPages are the pages that letters link to, and those that send letters.
func letterPages() []State {
	ask := func(form views.Form) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.Password(f, views.AccountModel{Form: form}) }
	}
	choose := func(form views.Form) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component {
			return views.NewPassword(f, views.LinkModel{Form: form, Email: "a•••@example.com"})
		}
	}
	spent := func(again string) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.LinkSpent(f, views.LinkModel{Again: again}) }
	}
	own := func(change func(*views.AccountPageModel)) func(views.Frame) templ.Component {
		m := views.AccountPageModel{
			Account: *fan, Details: views.NewForm(map[string]string{"name": fan.Name, "cpf": views.CPF(fan.CPF)}),
		}
		if change != nil {
			change(&m)
		}
		return func(f views.Frame) templ.Component { return views.Account(f, m) }
	}
	dev := func(page func(views.Frame) templ.Component) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component {
			f.DevMode, f.Outbox = true, true
			return page(f)
		}
	}
	item := views.OutboxItem{
		ID: "01769440000000000000-0badcafe", To: "ana.clara.de.souza.e.silva@correio.example", Subject: "Ingressos: Lua Cheia no Parque", Date: Now,
	}
	wrong := views.NewForm(map[string]string{"email": "ana@"})
	wrong.Fail("email", views.EmailBad)
	hurried := views.NewForm(map[string]string{"email": "ana@example.com"})
	hurried.Fail("", views.SlowDown(12*time.Minute))
	common := views.NewForm(nil)
	common.Fail("password", views.PasswordCommon)
	whose := views.LinkModel{Email: "a•••@example.com"}
	conflict := func(cpf bool) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.LinkConflict(f, cpf) }
	}
	short := views.NewForm(nil)
	short.Fail("password", views.PasswordShort(8))
	return []State{
		{"password", ask(views.Form{}), nil},
		{"password-wrong", ask(wrong), nil},
		{"password-hurried", ask(hurried), nil},
		{"password-new", choose(views.Form{}), nil},
		{"password-new-wrong", choose(short), nil},
		{"confirm", func(f views.Frame) templ.Component { return views.Confirm(f, whose) }, nil},
		{"password-new-common", choose(common), nil},
		{"sign-in-link", func(f views.Frame) templ.Component { return views.SignInLink(f, whose) }, nil},
		{"new-email", func(f views.Frame) templ.Component { return views.NewEmail(f, whose) }, fan},
		{"link-conflict-cpf", conflict(true), fan},
		{"link-conflict-email", conflict(false), nil},
		{"link-spent-sign-in", spent("/login"), nil},
		{"link-spent-password", spent("/password"), nil},
		{"link-spent-confirm", spent("/account"), fan},
		{"account", own(func(m *views.AccountPageModel) { m.Account.ConfirmedAt = Now }), fan},
		{"account-unconfirmed", own(nil), fan},
		{"account-bought", own(func(m *views.AccountPageModel) {
			m.Bought = true
			m.Details.Fail("cpf", views.CPFSold)
		}), fan},
		{"account-correct", own(func(m *views.AccountPageModel) {
			m.Details.Fail("cpf", views.CPFTaken)
			m.Email = wrong
			m.Email.Fail("current", views.Missing)
		}), fan},
		{"account-hurried", own(func(m *views.AccountPageModel) { m.Wait = views.SlowDown(12 * time.Minute) }), fan},
		{"account-wrong", own(func(m *views.AccountPageModel) {
			m.Form.Fail("current", views.PasswordNotThis)
			m.Form.Fail("password", views.PasswordShort(8))
		}), admin},
		{"outbox", dev(func(f views.Frame) templ.Component {
			return views.Outbox(f, views.OutboxModel{Letters: []views.OutboxItem{item, item}})
		}), fan},
		{"outbox-empty", dev(func(f views.Frame) templ.Component { return views.Outbox(f, views.OutboxModel{}) }), nil},
		{"outbox-letter", dev(func(f views.Frame) templ.Component {
			return views.OutboxLetter(f, views.OutboxLetterModel{OutboxItem: item, Text: "Seus 2 ingressos estão prontos\n\nO PDF vem com esta mensagem.", Files: []string{"guiche-lua-cheia.pdf"}})
		}), fan},
	}
}
