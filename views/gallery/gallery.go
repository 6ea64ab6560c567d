// Package gallery holds every state of every page, built from literals, for people to look at and for tests to render.
package gallery

import (
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"guiche/store"
	"guiche/views"
)

// State is a page in one state.
type State struct {
	Name string
	Page func(views.Frame) templ.Component
	As   *store.Account // who looks at it; nil for nobody
}

// Now is the time at which the gallery is set.
var Now = time.Date(2026, time.December, 1, 15, 4, 5, 0, time.UTC)

var (
	fan   = &store.Account{ID: 7, Role: store.Fan, Name: "Ana Clara de Souza", Email: "ana@example.com", CPF: "52998224725"}
	admin = &store.Account{ID: 1, Role: store.Admin, Name: "Bilheteria", Email: "admin@example.com"}
	order = uuid.MustParse("0b9ea4a4-6f5b-4a37-9d0b-3a0c1e1f7a10")
)

// Frame is the frame in which a state is shown.
func (s State) Frame(language string) views.Frame {
	return views.Frame{Language: language, Account: s.As, Path: "/events/lua-cheia?cor=azul", Now: Now}
}

// States is the whole gallery.
func States() []State {
	var all []State
	for _, room := range [][]State{shop(), accounts(), letterPages(), orders(), tickets(), problems(), admins(), money()} {
		all = append(all, room...)
	}
	return all
}

func open() store.Event {
	return store.Event{
		ID: 3, Slug: "lua-cheia", Name: "Lua Cheia no Parque", Venue: "Concha Acústica", City: "Salvador",
		Description: "Uma noite inteira de violão, rabeca e sanfona, sob a lua.\n\nPortões abertos duas horas antes. Crianças até 6 anos não pagam no colo.",
		TimeZone:    "America/Sao_Paulo", Status: store.Published, Currency: "BRL",
		StartsAt:     time.Date(2026, time.December, 13, 0, 0, 0, 0, time.UTC),
		SaleStartsAt: Now.Add(-time.Hour), SaleEndsAt: Now.Add(10 * 24 * time.Hour),
		PerPerson: 4, HoldSeconds: 600, HoldExtras: store.DefaultHoldExtras, RefundPolicy: store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true},
		Types: []store.TicketType{
			{ID: 11, EventID: 3, Name: "Pista", Description: "Em pé, perto do palco", Position: 1, PriceCents: 15000, FeeCents: 1500, Capacity: 1200, Taken: 266},
			{ID: 12, EventID: 3, Name: "Camarote", Description: "Sentado, com vista para o mar", Position: 2, PriceCents: 123450, FeeCents: 12345, Capacity: 20, Taken: 19},
			{ID: 13, EventID: 3, Name: "Arquibancada", Position: 3, PriceCents: 6000, FeeCents: 600, Capacity: 300, Taken: 300},
		},
	}
}

func ahead(in time.Duration) store.Event {
	e := open()
	e.ID, e.Slug, e.Name = 4, "festival-da-serra", "Festival da Serra: três dias de música, fogueira e comida de vó"
	e.SaleStartsAt = Now.Add(in)
	return e
}

func over() store.Event {
	e := open()
	e.ID, e.Slug, e.Name = 5, "ensaio-aberto", "Ensaio aberto da Orquestra"
	e.StartsAt, e.SaleStartsAt, e.SaleEndsAt = Now.AddDate(0, -1, 0), Now.AddDate(0, -2, 0), Now.AddDate(0, -1, 0)
	return e
}

func cancelled() store.Event {
	e := open()
	e.ID, e.Slug, e.Name, e.Status = 6, "baile", "Baile da Saudade", store.EventCancelled
	return e
}

func left() views.Left { return views.Left{11: 934, 12: 1, 13: 0} }

func gone() views.Left { return views.Left{11: 0, 12: 0, 13: 0} }
