package web

import (
	"regexp"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"guiche/store"
	"guiche/views"
)

// eventFields are the fields of an event's form.
var eventFields = []string{
	"name", "slug", "description", "venue", "city", "time_zone", "starts_at", "sale_starts_at", "sale_ends_at",
	"currency", "per_person", "hold_seconds", "extend_seconds", "retry_seconds", "retry_most", "outage_most",
	"refund_days", "refund_hours", "refund_fee", "zone_keeps",
	views.OffsetField("starts_at"), views.OffsetField("sale_starts_at"), views.OffsetField("sale_ends_at"),
}

// slugForm is how Postgres wants slugs.
var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// readEvent changes an event by its form, notes what is wrong and returns the columns to write; the bounds are those of
// the schema.
func readEvent(f *editForm, e store.Event) (_ store.Event, columns []string) {
	change := func(column string, read func()) {
		if f.touched(column) {
			read()
			columns = append(columns, column)
		}
	}
	change("name", func() { e.Name = f.text("name", 1, 200) })
	change("slug", func() {
		if e.Slug = f.text("slug", 1, 100); !slugForm.MatchString(e.Slug) {
			f.form.Fail("slug", views.SlugBad)
		}
	})
	change("description", func() { e.Description = f.text("description", 0, 10_000) })
	change("venue", func() { e.Venue = f.text("venue", 0, 200) })
	change("city", func() { e.City = f.text("city", 0, 200) })
	columns = append(columns, f.readTimes(&e)...)
	change("currency", func() {
		unit := strings.ToUpper(f.text("currency", 1, 3))
		// Prices have two decimals.
		if digits, known := currency.GetDigits(unit); !known || digits != 2 || e.Status != store.Draft && unit != e.Currency {
			f.form.Fail("currency", views.CurrencyBad)
		}
		e.Currency = unit
	})
	for _, n := range []struct {
		name        string
		value       *int
		least, most int
	}{
		{"per_person", &e.PerPerson, 1, 100},
		{"hold_seconds", &e.HoldSeconds, 1, 604_800},
		{"extend_seconds", &e.ExtendSeconds, 0, 86_400},
		{"retry_seconds", &e.RetrySeconds, 0, 86_400},
		{"retry_most", &e.RetryMost, 0, 86_400},
		{"outage_most", &e.OutageMost, 0, 86_400},
		{"refund_days", &e.RefundDays, 0, 3650},
		{"refund_hours", &e.RefundHours, 0, 87_600},
	} {
		change(n.name, func() { *n.value = f.number(n.name, n.least, n.most) })
	}
	change("refund_fee", func() { e.RefundFee = f.form.Value("refund_fee") != "" })
	return e, columns
}

// readTimes changes the time zone and the moments of an event. Another zone would move every moment that was typed in the
// old one, so it is asked what stays.
func (f *editForm) readTimes(e *store.Event) (columns []string) {
	old := e.Location()
	loc, moved := old, false
	if f.touched("time_zone") {
		e.TimeZone = f.text("time_zone", 1, 60)
		zone, err := time.LoadLocation(e.TimeZone)
		if err != nil || e.TimeZone == "Local" { // the zone of this machine means nothing elsewhere
			f.form.Fail("time_zone", views.TimeZoneBad)
			zone = time.UTC
		}
		loc, moved, columns = zone, e.ID != 0 && f.form.Error("time_zone").Zero(), append(columns, "time_zone")
	}
	keeps := f.form.Value("zone_keeps")
	if moved && f.seen == nil && keeps == "" {
		keeps = "hours" // a program says every hour, in the zone that it says
	}
	if moved && keeps != "hours" && keeps != "moments" {
		f.form.Fail("time_zone", views.TimeZoneMoves)
	}
	for name, at := range map[string]*time.Time{"starts_at": &e.StartsAt, "sale_starts_at": &e.SaleStartsAt, "sale_ends_at": &e.SaleEndsAt} {
		typed := f.touched(name, views.OffsetField(name))
		if moved && keeps == "moments" && f.seen == nil { // nobody says what was touched: the old form's hours were
			typed = false
		}
		if typed || moved && keeps == "hours" {
			*at = f.moment(name, loc)
			columns = append(columns, name)
		}
	}
	if !e.SaleEndsAt.After(e.SaleStartsAt) {
		f.form.Fail("sale_ends_at", views.SaleEndsTooEarly)
	}
	if len(columns) > 0 && f.form.OK() && e.SaleStartsAt.After(e.StartsAt) {
		f.form.Fail("sale_starts_at", views.SaleAfterShow)
	}
	return columns
}

// typeFields are the fields of a ticket type's form.
var typeFields = []string{"name", "description", "position", "price", "fee"}

const (
	mostCents    = 100_000_000
	mostCapacity = 10_000_000
)

// readType changes a ticket type by its form, notes what is wrong and returns the columns to write.
func readType(f *editForm, t store.TicketType) (_ store.TicketType, columns []string) {
	for _, field := range []struct {
		name, column string
		read         func()
	}{
		{"name", "name", func() { t.Name = f.text("name", 1, 100) }},
		{"description", "description", func() { t.Description = f.text("description", 0, 500) }},
		{"position", "position", func() { t.Position = f.number("position", 0, 999_999) }},
		{"price", "price_cents", func() { t.PriceCents = f.money("price", mostCents) }},
		{"fee", "fee_cents", func() { t.FeeCents = f.money("fee", mostCents) }},
	} {
		if f.touched(field.name) {
			field.read()
			columns = append(columns, field.column)
		}
	}
	return t, columns
}
