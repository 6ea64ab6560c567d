package gallery

import (
	"time"

	"github.com/a-h/templ"

	"guiche/store"
	"guiche/views"
)

func home(m views.HomeModel) func(views.Frame) templ.Component {
	return func(f views.Frame) templ.Component { return views.Home(f, m) }
}

func event(m views.EventModel) func(views.Frame) templ.Component {
	m.OrderID = order
	return func(f views.Frame) templ.Component { return views.EventPage(f, m) }
}

func shop() []State {
	soldOut := open()
	soldOut.Slug, soldOut.Name = "roda", "Roda de Samba do Cais"
	free := open()
	free.Types = []store.TicketType{{ID: 11, EventID: 3, Name: "Entrada", Capacity: 50}}
	wrong := views.NewForm(map[string]string{"ticket_type": "12", "quantity": "3"})
	wrong.Fail("quantity", views.QuantityBad(4))
	untouched := views.Form{}
	untouched.Fail("ticket_type", views.TypeMissing)
	hurried := views.NewForm(map[string]string{"ticket_type": "11", "quantity": "2"})
	hurried.Fail("", views.SlowDown(12*time.Second))
	asked := views.Asked{11: 120, 12: 3, 13: 41}
	kept := views.NewForm(map[string]string{"ticket_type": "11", "quantity": "2", "keep": "on"})
	was := views.TermsOf(open(), open().Types[0])
	was.PriceCents, was.FeeCents, was.HoldSeconds, was.RefundDays = 10000, 1000, 900, 0
	mine := &store.Order{QueuedOrder: store.QueuedOrder{ID: order, Quantity: 2}, Status: store.Queued}
	return []State{
		{"home", home(views.HomeModel{Events: []views.EventCard{
			{Event: open(), Left: left()},
			{Event: ahead(3 * time.Minute), Left: left()},
			{Event: soldOut, Left: gone()},
			{Event: over()},
			{Event: cancelled()},
		}}), nil},
		{"home-empty", home(views.HomeModel{}), fan},
		{"home-flash", func(f views.Frame) templ.Component {
			f.Flash, f.DevMode = views.Welcome, true
			return views.Home(f, views.HomeModel{Events: []views.EventCard{{Event: open()}}})
		}, fan},
		{"event-ahead", event(views.EventModel{Event: ahead(3 * time.Minute), Left: left()}), nil},
		{"event-ahead-days", event(views.EventModel{Event: ahead(53 * time.Hour), Left: left()}), fan},
		{"event-open-signed-out", event(views.EventModel{Event: open(), Left: left()}), nil},
		{"event-open", event(views.EventModel{Event: open(), Left: left()}), fan},
		{"event-open-asked", event(views.EventModel{Event: open(), Left: left(), Asked: asked}), nil},
		{"event-open-some", event(views.EventModel{Event: open(), Left: left(), Asked: asked, Owned: 3}), fan},
		{"event-open-changed", event(views.EventModel{Event: open(), Left: left(), Form: kept, Was: &was}), fan},
		{"event-open-returns", event(views.EventModel{Event: open(), Left: left(), Asked: asked, Form: views.NewForm(map[string]string{"ticket_type": "13"})}), fan},
		{"event-open-unknown", event(views.EventModel{Event: free, Owned: 1}), fan},
		{"event-open-wrong", event(views.EventModel{Event: open(), Left: left(), Form: wrong}), fan},
		{"event-open-untouched", event(views.EventModel{Event: open(), Left: left(), Form: untouched}), fan},
		{"event-open-hurried", event(views.EventModel{Event: open(), Left: left(), Form: hurried}), fan},
		{"event-open-mine", event(views.EventModel{Event: open(), Left: left(), Mine: mine}), fan},
		{"event-open-full", event(views.EventModel{Event: open(), Left: left(), Owned: 4}), fan},
		{"event-sold-out", event(views.EventModel{Event: soldOut, Left: gone()}), fan},
		{"event-over", event(views.EventModel{Event: over()}), nil},
		{"event-cancelled", event(views.EventModel{Event: cancelled()}), nil},
	}
}

func accounts() []State {
	byLetter := views.NewForm(map[string]string{"email": "ana@example.com"})
	byLetter.Fail("", views.SignInByLetter)
	often := views.NewForm(map[string]string{"name": "Ana", "email": "ana@example.com", "cpf": "529.982.247-25"})
	often.Fail("", views.RegisterElsewhere)
	register := func(m views.AccountModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.Register(f, m) }
	}
	login := func(m views.AccountModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.Login(f, m) }
	}
	wrong := views.NewForm(map[string]string{"email": "ana@", "cpf": "111.111.111-11"})
	wrong.Fail("name", views.NameMissing)
	wrong.Fail("email", views.EmailBad)
	wrong.Fail("cpf", views.CPFBad)
	wrong.Fail("password", views.PasswordShort(store.PasswordShortest))
	taken := views.NewForm(map[string]string{"name": "Ana", "email": "ana@example.com", "cpf": "52998224725"})
	taken.Fail("email", views.EmailTaken)
	denied := views.NewForm(map[string]string{"email": "ana@example.com"})
	denied.Fail("", views.SignInWrong)
	hurried := views.NewForm(map[string]string{"email": "ana@example.com"})
	hurried.Fail("", views.SlowDown(90*time.Second))
	return []State{
		{"register", register(views.AccountModel{Next: "/events/lua-cheia"}), nil},
		{"register-wrong", register(views.AccountModel{Form: wrong}), nil},
		{"register-taken", register(views.AccountModel{Form: taken}), nil},
		{"login", login(views.AccountModel{Next: "/events/lua-cheia"}), nil},
		{"login-sent-here", func(f views.Frame) templ.Component {
			f.Flash = views.PleaseSignIn
			return views.Login(f, views.AccountModel{Next: "/orders"})
		}, nil},
		{"login-denied", login(views.AccountModel{Form: denied}), nil},
		{"login-by-letter", login(views.AccountModel{Form: byLetter}), nil},
		{"register-often", register(views.AccountModel{Form: often}), nil},
		{"login-hurried", login(views.AccountModel{Form: hurried}), nil},
	}
}
