package gallery

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"guiche/store"
	"guiche/views"
)

// older is the first page of a list that goes on.
var older = views.Pages{Older: url.Values{"before": {"268"}}}

func admins() []State {
	e := open()
	draft := ahead(72 * time.Hour)
	draft.Status, draft.Types = store.Draft, nil
	books := []views.Books{
		{Capacity: 1200, Held: 31, Sold: 235, Free: 934, InLine: 301},
		{Capacity: 20, Held: 1, Sold: 18, Free: 1},
		{Capacity: 300, Sold: 300},
	}
	changes := []*views.CapacityChange{
		{Capacity: 1500, Outcome: "asked", AskedAt: Now},
		{Capacity: 10, Outcome: "refused", AskedAt: Now.Add(-time.Hour)},
		{Capacity: 300, Outcome: "done", AskedAt: Now.Add(-24 * time.Hour)},
	}
	var types []views.TypeBooks
	for i, t := range e.Types {
		types = append(types, views.TypeBooks{Type: t, Books: books[i], Change: changes[i]})
	}
	page := func(m views.AdminEventModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.AdminEvent(f, m) }
	}
	form := func(m views.EventFormModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.EventForm(f, m) }
	}
	list := func(m views.AdminOrdersModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.AdminOrders(f, m) }
	}
	events := func(m views.AdminEventsModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.AdminEvents(f, m) }
	}
	claims := func(m views.AdminClaimsModel) func(views.Frame) templ.Component {
		return func(f views.Frame) templ.Component { return views.AdminClaims(f, m) }
	}
	claim := views.AdminClaim{
		Claim: store.CPFClaim{ID: order, CPF: fan.CPF, AskedAt: Now.Add(-3 * time.Hour)}, Asks: *fan, HasBought: true,
		Has: store.Account{Name: "João Batista", Email: "joao@example.com", ConfirmedAt: Now.AddDate(0, -2, 0)},
	}
	noReason := views.NewForm(map[string]string{"note": ""})
	noReason.Fail("note", views.Missing)
	badType := views.NewForm(map[string]string{"name": "Pista", "price": "cem", "fee": "10,00", "position": "4", "capacity": "-1"})
	badType.Fail("price", views.MoneyBad)
	badType.Fail("capacity", views.OutOfRange)
	badCapacity := views.NewForm(map[string]string{"capacity": "muitos"})
	badCapacity.Fail("capacity", views.NotANumber)
	badEvent := views.NewForm(views.EventValues(e))
	badEvent.Fail("slug", views.SlugTaken)
	badEvent.Fail("sale_ends_at", views.SaleEndsTooEarly)
	off := []views.TypeBooks{{Type: e.Types[0], Books: views.Books{Capacity: 1200, Held: 31, Sold: 235, Free: 933}}}
	var rows []views.AdminOrderItem
	for i, s := range []store.OrderStatus{store.Queued, store.Reserved, store.Paid, store.Refunded, store.SoldOut, store.Expired} {
		o := anOrder(s)
		o.Number += int64(i)
		rows = append(rows, views.AdminOrderItem{Order: o, Type: "Pista", Name: fan.Name, Email: fan.Email})
	}
	late := views.LateRefunds{Days: 180, Before: e.StartsAt.AddDate(0, 0, -180)}
	return []State{
		{"admin-events", events(views.AdminEventsModel{Events: []views.AdminEventItem{
			{Event: e, Books: views.Books{Capacity: 1520, Held: 32, Sold: 553, Free: 935, InLine: 301}}, {Event: draft}, {Event: cancelled()}, {Event: over()},
		}}), admin},
		{"admin-events-alerts", events(views.AdminEventsModel{Events: []views.AdminEventItem{{Event: e}}, Stuck: stuck(), Notices: notices(), Outages: outages()}), admin},
		{"admin-events-silent", events(views.AdminEventsModel{
			Events: []views.AdminEventItem{{Event: e}}, Health: views.AdminHealth{Silent: 42 * time.Second, NoSweep: 3 * time.Minute, Aside: 2},
		}), admin},
		{"admin-events-unknown", events(views.AdminEventsModel{Events: []views.AdminEventItem{{Event: e}}, Health: views.AdminHealth{Unknown: true}}), admin},
		{"admin-events-money", events(views.AdminEventsModel{Events: []views.AdminEventItem{{Event: e}}, Refused: refusals(), Gone: goneMoney(), Claims: 2, Bounced: 3}), admin},
		{"admin-claims", claims(views.AdminClaimsModel{Claims: []views.AdminClaim{claim}}), admin},
		{"admin-claims-wrong", claims(views.AdminClaimsModel{Claims: []views.AdminClaim{claim}, Failed: claim.Claim.ID, Form: noReason}), admin},
		{"admin-claims-none", claims(views.AdminClaimsModel{}), admin},
		{"admin-events-empty", events(views.AdminEventsModel{}), admin},
		{"admin-event", page(views.AdminEventModel{Event: e, Types: types}), admin},
		{"admin-event-late-refunds", page(views.AdminEventModel{Event: e, Types: types, Late: &late}), admin},
		{"admin-event-form-late-refunds", form(views.EventFormModel{Event: e, Form: views.NewForm(views.EventValues(e)), Late: &late}), admin},
		{"admin-event-draft", page(views.AdminEventModel{Event: draft}), admin},
		{"admin-event-off", page(views.AdminEventModel{Event: e, Types: off}), admin},
		{"admin-event-new-wrong", page(views.AdminEventModel{Event: e, Types: types, Failed: badType}), admin},
		{"admin-event-type-wrong", page(views.AdminEventModel{Event: e, Types: types, Failed: badType, FailedType: 12}), admin},
		{"admin-event-capacity-wrong", page(views.AdminEventModel{Event: e, Types: types, Failed: badCapacity, FailedType: 11, FailedCapacity: true}), admin},
		{"admin-event-form-new", form(views.EventFormModel{Form: views.NewForm(views.NewEventValues())}), admin},
		{"admin-event-form-wrong", form(views.EventFormModel{Event: e, Form: badEvent}), admin},
		{"admin-event-form-zone", form(views.EventFormModel{Event: e, Form: zoneAsked(e)}), admin},
		{"admin-orders", list(views.AdminOrdersModel{Event: e, Orders: rows, Pages: views.Pages{Newer: url.Values{"after": {"318"}}, Older: older.Older}}), admin},
		{"admin-orders-empty", list(views.AdminOrdersModel{Event: e, Status: store.Paid}), admin},
	}
}

// zoneAsked is an event's form in which the time zone was changed, and an hour that comes twice.
func zoneAsked(e store.Event) views.Form {
	form := views.NewForm(views.EventValues(e))
	form.Values["time_zone"], form.Values["sale_starts_at"] = "Europe/Lisbon", "2027-10-31T01:30"
	form.Fail("time_zone", views.TimeZoneMoves)
	form.Fail("sale_starts_at", views.TimeTwice)
	return form
}

// refusals are charges that a gateway did not make.
func refusals() []store.Refusals {
	return []store.Refusals{{Gateway: "mercadopago", Method: "pix", Reason: "method", Charges: 14, LastAt: Now.Add(-4 * time.Minute), OrderID: order}}
}

// goneMoney is money that went back without the shop.
func goneMoney() []store.GoneMoney {
	return []store.GoneMoney{
		{OrderID: order, Event: open().Name, Gateway: "stripe", PaidCents: 33000, Dispute: "open", DisputedCents: 33000, Currency: "BRL", SettledAt: Now.Add(-50 * time.Hour)},
		{OrderID: order, Event: open().Name, Gateway: "mercadopago", PaidCents: 16500, ElsewhereCents: 6500, Currency: "BRL", SettledAt: Now.Add(-90 * time.Hour)},
	}
}
