// Package demo fills an empty shop with events to look at and people to sign in as.
package demo

import (
	"time"

	"guiche/store"
)

const (
	timeZone = "America/Sao_Paulo"
	// soldOut is the event whose tickets demo people take.
	soldOut = "sarau-da-praca"
)

// Account is a person whom everybody may be, in dev only.
type Account struct {
	Name, Email, Password, CPF string
	Role                       store.Role
}

// Admin and Fan are the demo accounts.
var (
	Admin = Account{"Ana Guichê", "admin@guiche.test", "guiche-admin", "", store.Admin}
	Fan   = Account{"Bia Torcedora", "fan@guiche.test", "guiche-fan", "52998224725", store.Fan}
)

// events are one on sale now, one whose sale opens in three minutes, one that will be sold out, and one past.
func events(now time.Time) []store.Event {
	at := func(days, hour int) time.Time { // in the shows' own zone
		zone := store.Event{TimeZone: timeZone}.Location()
		day := now.In(zone).AddDate(0, 0, days)
		return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, zone)
	}
	rules := store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true}
	return []store.Event{
		{
			Slug: "lua-cheia-no-parque", Name: "Lua Cheia no Parque", Venue: "Concha Acústica", City: "Salvador",
			Description: "Três bandas, uma noite, o mar ao fundo. A casa abre às 18h.",
			StartsAt:    at(40, 21), SaleStartsAt: now.Add(-time.Hour), SaleEndsAt: at(40, 20), PerPerson: 4, RefundPolicy: rules,
			Types: []store.TicketType{
				{Name: "Pista", Description: "Em pé, diante do palco", PriceCents: 15000, FeeCents: 1500, Capacity: 5000},
				{Name: "Frisa", Description: "Vinte lugares sentados, ao lado do palco", PriceCents: 32000, FeeCents: 3200, Capacity: 20},
			},
		},
		{
			Slug: "noite-das-estrelas", Name: "Noite das Estrelas", Venue: "Estádio do Sol", City: "São Paulo",
			Description: "A turnê que todo mundo esperou. Crie sua conta antes: a fila anda por ordem de chegada.",
			StartsAt:    at(90, 20), SaleStartsAt: now.Add(3 * time.Minute), SaleEndsAt: at(90, 19), PerPerson: 4, RefundPolicy: rules,
			Types: []store.TicketType{
				{Name: "Pista", PriceCents: 28000, FeeCents: 2800, Capacity: 30000},
				{Name: "Arquibancada", PriceCents: 18000, FeeCents: 1800, Capacity: 20000},
			},
		},
		{
			Slug: soldOut, Name: "Sarau da Praça", Venue: "Praça das Artes", City: "Recife",
			Description: "Poesia e violão ao ar livre. A entrada é gratuita, os lugares são poucos.",
			StartsAt:    at(21, 19), SaleStartsAt: now.Add(-48 * time.Hour), SaleEndsAt: at(21, 18), PerPerson: 4, RefundPolicy: rules,
			Types: []store.TicketType{{Name: "Entrada gratuita", Capacity: 40}},
		},
		{
			Slug: "forro-de-inverno", Name: "Forró de Inverno", Venue: "Galpão 9", City: "Campina Grande",
			Description: "Obrigado a quem veio dançar.",
			StartsAt:    at(-30, 22), SaleStartsAt: at(-90, 10), SaleEndsAt: at(-30, 20), PerPerson: 4, RefundPolicy: rules,
			Types: []store.TicketType{{Name: "Pista", PriceCents: 6000, FeeCents: 600, Capacity: 300}},
		},
	}
}
