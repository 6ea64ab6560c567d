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
	"refund_days", "refund_hours", "refund_fee",
}

// slugForm is how Postgres wants slugs.
var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// readEvent fills an event from its form and notes what is wrong; the bounds are those of the schema.
func readEvent(form *views.Form, e store.Event) store.Event {
	f := fieldReader{form}
	e.Name = f.text("name", 1, 200)
	e.Slug = f.text("slug", 1, 100)
	if !slugForm.MatchString(e.Slug) {
		form.Fail("slug", views.SlugBad)
	}
	e.Description = f.text("description", 0, 10_000)
	e.Venue = f.text("venue", 0, 200)
	e.City = f.text("city", 0, 200)
	e.TimeZone = f.text("time_zone", 1, 60)
	loc, err := time.LoadLocation(e.TimeZone)
	if err != nil || e.TimeZone == "Local" { // the zone of this machine means nothing elsewhere
		form.Fail("time_zone", views.TimeZoneBad)
		loc = time.UTC
	}
	e.StartsAt = f.moment("starts_at", loc)
	e.SaleStartsAt = f.moment("sale_starts_at", loc)
	e.SaleEndsAt = f.moment("sale_ends_at", loc)
	if !e.SaleEndsAt.After(e.SaleStartsAt) {
		form.Fail("sale_ends_at", views.SaleEndsTooEarly)
	}
	unit := strings.ToUpper(f.text("currency", 1, 3))
	// Prices have two decimals.
	if digits, known := currency.GetDigits(unit); !known || digits != 2 || e.Status != store.Draft && unit != e.Currency {
		form.Fail("currency", views.CurrencyBad)
	}
	e.Currency = unit
	e.PerPerson = f.number("per_person", 1, 100)
	e.HoldSeconds = f.number("hold_seconds", 1, 604_800)
	e.ExtendSeconds = f.number("extend_seconds", 0, 86_400)
	e.RetrySeconds = f.number("retry_seconds", 0, 86_400)
	e.RetryMost = f.number("retry_most", 0, 86_400)
	e.OutageMost = f.number("outage_most", 0, 86_400)
	e.RefundDays = f.number("refund_days", 0, 3650)
	e.RefundHours = f.number("refund_hours", 0, 87_600)
	e.RefundFee = form.Value("refund_fee") != ""
	return e
}

// typeFields are the fields of a ticket type's form.
var typeFields = []string{"name", "description", "position", "price", "fee"}

const (
	mostCents    = 100_000_000
	mostCapacity = 10_000_000
)

// readType fills a ticket type from its form and notes what is wrong.
func readType(form *views.Form, t store.TicketType) store.TicketType {
	f := fieldReader{form}
	t.Name = f.text("name", 1, 100)
	t.Description = f.text("description", 0, 500)
	t.Position = f.number("position", 0, 999_999)
	t.PriceCents = f.money("price", mostCents)
	t.FeeCents = f.money("fee", mostCents)
	return t
}
