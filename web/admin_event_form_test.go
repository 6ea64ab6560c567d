package web

import (
	"maps"
	"strings"
	"testing"
	"time"

	"guiche/store"
	"guiche/views"
)

// eventTyped is a form of an event without fault.
func eventTyped() map[string]string {
	return map[string]string{
		"name": "Baile da Lua", "slug": "baile-da-lua", "description": "Uma noite.\nDuas bandas.", "venue": "Clube", "city": "Recife",
		"time_zone": "America/Recife", "starts_at": "2026-12-12T21:00", "sale_starts_at": "2026-12-01T10:00",
		"sale_ends_at": "2026-12-12T20:30", "currency": "brl", "per_person": "4", "hold_seconds": "600", "extend_seconds": "300",
		"retry_seconds": "120", "retry_most": "600", "outage_most": "900", "refund_days": "7",
		"refund_hours": "48", "refund_fee": "on",
	}
}

func TestReadEvent(t *testing.T) {
	form := views.NewForm(eventTyped())
	e, _ := readEvent(newForm(&form, views.Portuguese), store.Event{Status: store.Draft})
	if !form.OK() {
		t.Fatalf("errors: %v", form.Errors)
	}
	want := time.Date(2026, 12, 13, 0, 0, 0, 0, time.UTC) // 21h in Recife
	if !e.StartsAt.Equal(want) || e.Currency != "BRL" || e.PerPerson != 4 || !e.RefundFee || e.RefundHours != 48 {
		t.Errorf("read %+v", e)
	}
}

func TestReadEventNotesWhatIsWrong(t *testing.T) {
	long := strings.Repeat("é", 201)
	for _, try := range []struct {
		field, typed string
		want         views.Message
	}{
		{"name", "", views.Missing},
		{"name", long, views.TooLong},
		{"slug", "", views.Missing},
		{"slug", "Baile", views.SlugBad},
		{"slug", "baile_da_lua", views.SlugBad},
		{"slug", "-baile", views.SlugBad},
		{"slug", "baile--da-lua", views.SlugBad},
		{"slug", "baile\n", views.SlugBad},
		{"slug", "são-joão", views.SlugBad},
		{"slug", strings.Repeat("a", 101), views.TooLong},
		{"description", strings.Repeat("x", 10_001), views.TooLong},
		{"venue", long, views.TooLong},
		{"city", long, views.TooLong},
		{"time_zone", "", views.Missing},
		{"time_zone", "Local", views.TimeZoneBad},
		{"time_zone", "America/Atlantis", views.TimeZoneBad},
		{"time_zone", "../../etc/passwd", views.TimeZoneBad},
		{"starts_at", "", views.TimeBad},
		{"starts_at", "12/12/2026 21:00", views.TimeBad},
		{"starts_at", "2026-02-30T21:00", views.TimeBad},
		{"starts_at", "0001-01-01T00:00", views.TimeBad},
		{"starts_at", "9999-01-01T00:00", views.TimeBad},
		{"sale_starts_at", "soon", views.TimeBad},
		{"sale_ends_at", "2026-12-01T10:00", views.SaleEndsTooEarly},
		{"sale_ends_at", "2026-11-01T10:00", views.SaleEndsTooEarly},
		{"sale_ends_at", "", views.TimeBad},
		{"currency", "", views.Missing},
		{"currency", "REAL", views.TooLong},
		{"currency", "XX", views.CurrencyBad},
		{"currency", "JPY", views.CurrencyBad}, // has no hundredths
		{"per_person", "", views.Missing},
		{"per_person", "0", views.OutOfRange},
		{"per_person", "101", views.OutOfRange},
		{"per_person", "-1", views.NotANumber},
		{"per_person", "four", views.NotANumber},
		{"per_person", "4.5", views.NotANumber},
		{"per_person", "99999999999999999999", views.NotANumber},
		{"per_person", "٤", views.NotANumber},
		{"hold_seconds", "0", views.OutOfRange},
		{"extend_seconds", "86401", views.OutOfRange},
		{"retry_seconds", "86401", views.OutOfRange},
		{"retry_most", "86401", views.OutOfRange},
		{"outage_most", "86401", views.OutOfRange},
		{"hold_seconds", "604801", views.OutOfRange},
		{"refund_days", "3651", views.OutOfRange},
		{"refund_hours", "87601", views.OutOfRange},
	} {
		typed := eventTyped()
		typed[try.field] = try.typed
		form := views.NewForm(typed)
		readEvent(newForm(&form, views.Portuguese), store.Event{Status: store.Draft})
		if got := form.Error(try.field); got != try.want {
			t.Errorf("%s %.30q: %q, want %q", try.field, try.typed, got.Key, try.want.Key)
		}
		if len(form.Errors) != 1 {
			t.Errorf("%s %.30q: %v", try.field, try.typed, form.Errors)
		}
		if !maps.Equal(form.Values, typed) {
			t.Errorf("%s %.30q: what was typed was not kept", try.field, try.typed)
		}
	}
}

func TestTheCurrencyOfAPublishedEventStays(t *testing.T) {
	for status, wrong := range map[store.EventStatus]bool{store.Draft: false, store.Published: true, store.EventCancelled: true} {
		typed := eventTyped()
		typed["currency"] = "USD"
		form := views.NewForm(typed)
		readEvent(newForm(&form, views.Portuguese), store.Event{Status: status, Currency: "BRL"})
		if got := !form.Error("currency").Zero(); got != wrong {
			t.Errorf("%s: %v", status, form.Errors)
		}
	}
}

func TestReadType(t *testing.T) {
	for _, try := range []struct {
		price string
		cents int64
		want  views.Message
	}{
		{"150", 15_000, views.Message{}},
		{"150,00", 15_000, views.Message{}},
		{"150.00", 15_000, views.Message{}},
		{"0", 0, views.Message{}},
		{"0,05", 5, views.Message{}},
		{"1,5", 150, views.Message{}},
		{"1.234,56", 123_456, views.Message{}},
		{"1,234.56", 123_456, views.Message{}},
		{"1.234", 123_400, views.Message{}},
		{"1234,56", 123_456, views.Message{}},
		{"1.000.000,00", 100_000_000, views.Message{}},
		{"1.000.000,01", 0, views.OutOfRange},
		{"", 0, views.Missing},
		{"free", 0, views.MoneyBad},
		{"-1", 0, views.MoneyBad},
		{"1,234,56", 0, views.MoneyBad},
		{"1.234,567", 0, views.MoneyBad},
		{"12.34.56", 0, views.MoneyBad},
		{"R$ 10", 0, views.MoneyBad},
		{"1e3", 0, views.MoneyBad},
		{"150,", 0, views.MoneyBad},
		{",50", 0, views.MoneyBad},
		{"99999999999999999999", 0, views.MoneyBad},
	} {
		form := views.NewForm(map[string]string{"name": "Pista", "position": "1", "price": try.price, "fee": "0"})
		kind, _ := readType(newForm(&form, views.Portuguese), store.TicketType{})
		if got := form.Error("price"); got != try.want {
			t.Errorf("%q: %q, want %q", try.price, got.Key, try.want.Key)
		}
		if form.OK() && kind.PriceCents != try.cents {
			t.Errorf("%q is %d cents, want %d", try.price, kind.PriceCents, try.cents)
		}
	}
	form := views.NewForm(map[string]string{"name": "", "description": strings.Repeat("x", 501), "position": "x", "price": "1", "fee": ""})
	readType(newForm(&form, views.Portuguese), store.TicketType{})
	for field, want := range map[string]views.Message{
		"name": views.Missing, "description": views.TooLong, "position": views.NotANumber, "fee": views.Missing,
	} {
		if got := form.Error(field); got != want {
			t.Errorf("%s: %q, want %q", field, got.Key, want.Key)
		}
	}
}
