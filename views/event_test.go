package views

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

func show(starts, ends time.Duration) store.Event {
	return store.Event{
		Slug: "show", Name: "Show", TimeZone: "UTC", Status: store.Published, Currency: "BRL", PerPerson: 4, HoldSeconds: 600,
		StartsAt: noon.AddDate(0, 1, 0), SaleStartsAt: noon.Add(starts), SaleEndsAt: noon.Add(ends),
		Types: []store.TicketType{{ID: 1, Name: "Floor", PriceCents: 100}, {ID: 2, Name: "Box", PriceCents: 900}},
	}
}

func TestShelves(t *testing.T) {
	m := HomeModel{Events: []EventCard{
		{Event: show(-2*time.Hour, -time.Hour)},
		{Event: show(-time.Hour, time.Hour), Left: Left{1: 0, 2: 0}},
		{Event: show(time.Hour, 2*time.Hour), Left: Left{1: 0, 2: 0}},
		{Event: show(-time.Hour, time.Hour), Left: Left{1: 0, 2: 1}},
		{Event: show(-time.Hour, time.Hour), Left: Left{1: 0}},
	}}
	got := map[string]int{}
	for _, s := range m.shelves(noon) {
		got[s.key] = len(s.events)
	}
	for key, want := range map[string]int{"home.open": 2, "home.ahead": 1, "home.gone": 1, "home.over": 1} {
		if got[key] != want {
			t.Errorf("%s holds %d events, want %d", key, got[key], want)
		}
	}
}

func TestCheapestIsOneThatCanBeHad(t *testing.T) {
	for name, c := range map[string]struct {
		left Left
		want int64
	}{"unknown": {nil, 1}, "both": {Left{1: 3, 2: 3}, 1}, "cheap one gone": {Left{1: 0}, 2}, "all gone": {Left{1: 0, 2: 0}, 0}} {
		if got, _ := (EventCard{Event: show(0, time.Hour), Left: c.left}).cheapest(); got.ID != c.want {
			t.Errorf("%s: type %d, want %d", name, got.ID, c.want)
		}
	}
}

func TestBuyFormIsThereWhenOneCanBuy(t *testing.T) {
	fan := &store.Account{ID: 1}
	id := uuid.MustParse("0b9ea4a4-6f5b-4a37-9d0b-3a0c1e1f7a10")
	open := show(-time.Hour, time.Hour)
	for name, c := range map[string]struct {
		as   *store.Account
		m    EventModel
		want bool
	}{
		"open":       {fan, EventModel{Event: open}, true},
		"one left":   {fan, EventModel{Event: open, Owned: 3}, true},
		"signed out": {nil, EventModel{Event: open}, false},
		"in line":    {fan, EventModel{Event: open, Mine: &store.Order{}}, false},
		"at limit":   {fan, EventModel{Event: open, Owned: 4}, false},
		"sold out":   {fan, EventModel{Event: open, Left: Left{1: 0, 2: 0}}, true}, // the return list
		"ahead":      {fan, EventModel{Event: show(time.Minute, time.Hour)}, false},
		"over":       {fan, EventModel{Event: show(-time.Hour, -time.Minute)}, false},
	} {
		c.m.OrderID = id
		var page bytes.Buffer
		if err := EventPage(Frame{Language: English, Account: c.as, Path: "/events/show", Now: noon}, c.m).Render(context.Background(), &page); err != nil {
			t.Fatal(err)
		}
		form := strings.Contains(page.String(), `action="/events/show/orders"`) && strings.Contains(page.String(), `name="order_id" value="`+id.String())
		if form != c.want {
			t.Errorf("%s: form %v, want %v", name, form, c.want)
		}
		if options := strings.Count(page.String(), "<option"); c.want && options != 4-c.m.Owned {
			t.Errorf("%s: %d quantities to choose from", name, options)
		}
		clock := strings.Contains(page.String(), `hx-trigger="sale-opens"`) && strings.Contains(page.String(), `data-at-zero="sale-opens"`)
		if clock != (name == "ahead") {
			t.Errorf("%s: clock %v", name, clock)
		}
		if name == "signed out" && !strings.Contains(page.String(), `href="/login?next=%2Fevents%2Fshow"`) {
			t.Error("signed out: no way to sign in and come back")
		}
	}
}

func TestTypedValuesComeBackEscaped(t *testing.T) {
	f := NewForm(map[string]string{"email": `"><script>alert(1)</script>`, "password": "secret-phrase"})
	f.Fail("email", EmailBad)
	f.Fail("email", EmailTaken)
	var page bytes.Buffer
	if err := Login(Frame{Language: English, Now: noon}, AccountModel{Form: f}).Render(context.Background(), &page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script>alert") || !strings.Contains(page.String(), "&lt;script&gt;alert(1)") {
		t.Error("what was typed does not come back as text")
	}
	if strings.Contains(page.String(), "secret-phrase") {
		t.Error("the password comes back")
	}
	if strings.Contains(page.String(), EmailTaken.In(in(English))) {
		t.Error("the second thing noted replaced the first")
	}
}
