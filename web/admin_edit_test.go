package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"guiche/store"
	"guiche/views"
)

// opened is a form of a page as a browser would send it back: every field with the value that it shows. prefix is the
// start of the form's action.
func opened(t *testing.T, a answer, action string) url.Values {
	t.Helper()
	at := strings.Index(a.body, `action="`+action+`"`)
	if at < 0 {
		t.Fatalf("no form leads to %s", action)
	}
	form, _, _ := strings.Cut(a.body[at:], "</form>")
	values := url.Values{}
	for _, tag := range inputTag.FindAllString(form, -1) {
		attributes := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
			attributes[m[1]] = html.UnescapeString(m[2])
		}
		checked := strings.Contains(tag, " checked")
		if kind := attributes["type"]; (kind == "checkbox" || kind == "radio") && !checked {
			continue
		}
		values.Set(attributes["name"], attributes["value"])
	}
	for _, m := range textArea.FindAllStringSubmatch(form, -1) {
		values.Set(m[1], strings.ReplaceAll(html.UnescapeString(m[2]), "\n", "\r\n")) // as browsers send it
	}
	return values
}

var (
	inputTag  = regexp.MustCompile(`(?s)<input[^>]*>`)
	attribute = regexp.MustCompile(`([a-z_-]+)="([^"]*)"`)
	textArea  = regexp.MustCompile(`(?s)<textarea[^>]*name="([a-z_]+)"[^>]*>(.*?)</textarea>`)
)

// readBack is an event as Postgres has it.
func (w *world) readBack(id int64) store.Event {
	w.T.Helper()
	e, err := w.DB.Event(w.T.Context(), id)
	if err != nil {
		w.T.Fatal(err)
	}
	return e
}

func TestASaveMovesNothingThatWasNotTouched(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(func(e *store.Event) {
		e.SaleStartsAt = time.Date(2026, 12, 1, 13, 0, 30, 123_456_000, time.UTC)
		e.SaleEndsAt = time.Date(2026, 12, 13, 2, 59, 59, 0, time.UTC)
		e.Description = "Uma linha.\nOutra linha."
	})
	before := w.readBack(e.ID)
	admin := w.signedIn(w.admin)
	path := adminEventPath(e.ID)
	form := opened(t, admin.get(path+"/edit"), path)
	if form.Get("sale_starts_at") != "2026-12-01T10:00:30" || form.Get("sale_ends_at") != "2026-12-12T23:59:59" {
		t.Errorf("the form shows %s and %s", form.Get("sale_starts_at"), form.Get("sale_ends_at"))
	}
	logged := w.count(`select count(*) from admin_log`)
	admin.post(path, form).leadsTo(path)
	if after := w.readBack(e.ID); !after.SaleStartsAt.Equal(before.SaleStartsAt) || !after.SaleEndsAt.Equal(before.SaleEndsAt) || after.Description != before.Description {
		t.Errorf("%+v became %+v", before, after)
	}
	if n := w.count(`select count(*) from admin_log`); n != logged {
		t.Error("a save that changed nothing was logged as a change")
	}
	form.Set("venue", "Clube Novo")
	admin.post(path, form).leadsTo(path)
	after := w.readBack(e.ID)
	if after.Venue != "Clube Novo" || !after.SaleStartsAt.Equal(before.SaleStartsAt) {
		t.Errorf("%+v became %+v", before, after)
	}
}

func TestTwoAdminsDoNotUndoEachOther(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	path := adminEventPath(e.ID)
	ana, rui := w.signedIn(w.admin), w.signedIn(w.account(store.Admin))
	hers, his := opened(t, ana.get(path+"/edit"), path), opened(t, rui.get(path+"/edit"), path)
	hers.Set("venue", "Teatro")
	ana.post(path, hers).leadsTo(path)
	his.Set("city", "Olinda")
	rui.post(path, his).leadsTo(path)
	if after := w.readBack(e.ID); after.Venue != "Teatro" || after.City != "Olinda" {
		t.Errorf("%s, %s", after.Venue, after.City)
	}
	his.Set("venue", "Praça") // he has not seen hers
	answer := rui.post(path, his).want(http.StatusUnprocessableEntity).says(said(views.ChangedMeanwhile)).says("Praça")
	if after := w.readBack(e.ID); after.Venue != "Teatro" {
		t.Errorf("the venue is %s", after.Venue)
	}
	rui.post(path, opened(t, answer, path)).leadsTo(path) // now he has
	if after := w.readBack(e.ID); after.Venue != "Praça" {
		t.Errorf("the venue is %s", after.Venue)
	}

	kind := w.readBack(e.ID).Types[0]
	types := "/admin/types/" + itoa(kind.ID)
	hers, his = opened(t, ana.get(path), types), opened(t, rui.get(path), types)
	hers.Set("price", "300,00")
	ana.post(types, hers).leadsTo(path)
	his.Set("description", "Em pé")
	rui.post(types, his).leadsTo(path)
	if after := w.readBack(e.ID).Types[0]; after.PriceCents != 30_000 || after.Description != "Em pé" {
		t.Errorf("%+v", after)
	}
}

// A form that is shown again because of one field knows what stands in the others meanwhile.
func TestAFormThatIsShownAgainUndoesNobodysWork(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	path := adminEventPath(e.ID)
	ana, rui := w.signedIn(w.admin), w.signedIn(w.account(store.Admin))
	hers, his := opened(t, ana.get(path+"/edit"), path), opened(t, rui.get(path+"/edit"), path)
	hers.Set("city", "Recife")
	ana.post(path, hers).leadsTo(path)
	his.Set("per_person", "abc")
	again := opened(t, rui.post(path, his).want(http.StatusUnprocessableEntity).says("Recife"), path)
	again.Set("per_person", "3")
	rui.post(path, again).leadsTo(path)
	if after := w.readBack(e.ID); after.City != "Recife" || after.PerPerson != 3 {
		t.Errorf("the city is %s, %d per person", after.City, after.PerPerson)
	}

	kind := w.readBack(e.ID).Types[0]
	types := "/admin/types/" + itoa(kind.ID)
	hers, his = opened(t, ana.get(path), types), opened(t, rui.get(path), types)
	hers.Set("price", "300,00")
	ana.post(types, hers).leadsTo(path)
	his.Set("name", "")
	again = opened(t, rui.post(types, his).want(http.StatusUnprocessableEntity), types)
	again.Set("name", "Pista alta")
	rui.post(types, again).leadsTo(path)
	if after := w.readBack(e.ID).Types[0]; after.PriceCents != 30_000 || after.Name != "Pista alta" {
		t.Errorf("%+v", after)
	}
}

func TestAShowIsSoldBeforeItBegins(t *testing.T) {
	w := newWorld(t)
	admin := w.signedIn(w.admin)
	past := w.createDraft(func(e *store.Event) {
		e.StartsAt = time.Now().Add(-time.Hour)
		e.SaleStartsAt, e.SaleEndsAt = e.StartsAt.Add(-time.Hour), time.Now().Add(time.Hour)
	})
	path := adminEventPath(past.ID)
	admin.post(path+"/publish", nil).leadsTo(path + "/edit")
	admin.get(path + "/edit").want(http.StatusOK).says(said(views.ShowPast))
	if after := w.readBack(past.ID); after.Status != store.Draft {
		t.Errorf("it is %s", after.Status)
	}
	e := w.createEvent(nil)
	form := opened(t, admin.get(adminEventPath(e.ID)+"/edit"), adminEventPath(e.ID))
	form.Set("starts_at", e.SaleStartsAt.Add(-48*time.Hour).Format(views.LocalTime))
	admin.post(adminEventPath(e.ID), form).want(http.StatusUnprocessableEntity).says(said(views.SaleAfterShow))
}

func TestACancelledEventOffersNothing(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.visitor().get("/events/" + e.Slug).want(http.StatusOK).says(e.Types[0].Name)
	w.set(`update events set status = 'cancelled', cancelled_at = now() where id = $1`, e.ID)
	w.Eventually("the page says so", func() bool {
		a := w.visitor().get("/events/" + e.Slug)
		return strings.Contains(a.body, `class="sale sale-over"`)
	})
	w.visitor().get("/events/" + e.Slug).want(http.StatusOK).silent(`class="types"`).silent("tag-good")
}

func TestAnotherTimeZoneAsksWhatStays(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(func(e *store.Event) {
		e.StartsAt = time.Date(2027, 1, 10, 0, 0, 0, 0, time.UTC)
		e.SaleEndsAt = time.Date(2027, 1, 9, 23, 0, 0, 0, time.UTC)
	})
	path := adminEventPath(e.ID)
	admin := w.signedIn(w.admin)
	change := func(keeps string) answer {
		form := opened(t, admin.get(path+"/edit"), path)
		form.Set("time_zone", "America/Manaus")
		if keeps != "" {
			form.Set("zone_keeps", keeps)
		}
		return admin.post(path, form)
	}
	change("").want(http.StatusUnprocessableEntity).says(said(views.TimeZoneMoves)).says(`value="moments"`).says(`value="hours"`)
	change("nothing").want(http.StatusUnprocessableEntity)
	if after := w.readBack(e.ID); after.TimeZone != e.TimeZone {
		t.Fatalf("the zone is %s", after.TimeZone)
	}
	change("moments").leadsTo(path)
	after := w.readBack(e.ID)
	if after.TimeZone != "America/Manaus" || !after.StartsAt.Equal(e.StartsAt) || !after.SaleEndsAt.Equal(e.SaleEndsAt) {
		t.Errorf("the moments moved: %+v", after)
	}
	form := opened(t, admin.get(path+"/edit"), path)
	form.Set("time_zone", "America/Sao_Paulo")
	form.Set("zone_keeps", "hours")
	admin.post(path, form).leadsTo(path)
	if back := w.readBack(e.ID); !back.StartsAt.Equal(e.StartsAt.Add(-time.Hour)) || !back.SaleEndsAt.Equal(e.SaleEndsAt.Add(-time.Hour)) {
		t.Errorf("the hours on the clock moved: %+v", back)
	}
}

func TestAnHourThatClocksSkipOrShowTwiceIsAskedAbout(t *testing.T) {
	w := newWorld(t)
	admin := w.signedIn(w.admin)
	typed := eventTyped()
	typed["time_zone"], typed["sale_starts_at"], typed["starts_at"] = "Europe/Lisbon", "2027-03-28T01:30", "2027-11-30T21:00"
	typed["sale_ends_at"] = "2027-10-31T01:30"
	admin.post("/admin/events", formOf(typed)).want(http.StatusUnprocessableEntity).
		says(said(views.TimeSkipped)).says(said(views.TimeTwice)).says(`value="+00:00"`).says(`value="+01:00"`)
	typed["sale_starts_at"], typed["sale_ends_at_offset"] = "2027-03-28T02:30", "+05:00" // neither of the two
	admin.post("/admin/events", formOf(typed)).want(http.StatusUnprocessableEntity).says(said(views.TimeTwice))
	typed["sale_ends_at_offset"] = "+00:00"
	path := admin.post("/admin/events", formOf(typed)).want(http.StatusSeeOther).header.Get("Location")
	e, err := w.DB.EventBySlug(t.Context(), typed["slug"])
	if err != nil {
		t.Fatal(err)
	}
	second := time.Date(2027, 10, 31, 1, 30, 0, 0, time.UTC)
	if !e.SaleEndsAt.Equal(second) {
		t.Errorf("the sale ends at %s", e.SaleEndsAt)
	}
	form := opened(t, admin.get(path+"/edit"), path)
	form.Set("venue", "Coliseu")
	admin.post(path, form).leadsTo(path)
	if after := w.readBack(e.ID); !after.SaleEndsAt.Equal(second) || after.Venue != "Coliseu" {
		t.Errorf("an hour that comes twice was moved by a save: %s", after.SaleEndsAt)
	}
	form.Set("sale_ends_at_offset", "+01:00")
	admin.post(path, form).leadsTo(path)
	if after := w.readBack(e.ID); !after.SaleEndsAt.Equal(second.Add(-time.Hour)) {
		t.Errorf("the first of the two was chosen, and it is %s", after.SaleEndsAt)
	}
}

func TestANewEventOrTypeThatIsSentTwiceIsMadeOnce(t *testing.T) {
	w := newWorld(t)
	admin := w.signedIn(w.admin)
	form := opened(t, admin.get("/admin/events/new"), "/admin/events")
	for name, value := range eventTyped() {
		form.Set(name, value)
	}
	path := admin.post("/admin/events", form).want(http.StatusSeeOther).header.Get("Location")
	admin.post("/admin/events", form).leadsTo(path)
	admin.post("/admin/events", formOf(eventTyped())).want(http.StatusUnprocessableEntity).says(said(views.SlugTaken))
	kind := opened(t, admin.get(path), path+"/types")
	for name, value := range map[string]string{"name": "Pista", "price": "10", "fee": "0", "capacity": "50"} {
		kind.Set(name, value)
	}
	for range 3 {
		admin.post(path+"/types", kind).leadsTo(path)
	}
	again := opened(t, admin.get(path), path+"/types")
	for name, value := range map[string]string{"name": "Pista", "price": "10", "fee": "0", "capacity": "50"} {
		again.Set(name, value)
	}
	admin.post(path+"/types", again).want(http.StatusUnprocessableEntity).says(said(views.TypeNameTaken))
	if n := w.count(`select count(*) from events`) + 10*w.count(`select count(*) from ticket_types`) + 100*w.count(`select count(*) from capacity_changes`); n != 111 {
		t.Errorf("made: %d", n)
	}
}

func TestALongDescriptionIsKeptAsTheBrowserCounts(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	admin := w.signedIn(w.admin)
	path := adminEventPath(e.ID)
	for name, text := range map[string]string{
		"100 line breaks": strings.Repeat(strings.Repeat("x", 99)+"\n", 100)[:9999] + "x",
		"Chinese":         strings.Repeat("票", 10_000),
		"emoji":           strings.Repeat("🎟", 5_000), // two of what browsers count, each
	} {
		form := opened(t, admin.get(path+"/edit"), path)
		form.Set("description", strings.ReplaceAll(text, "\n", "\r\n"))
		admin.post(path, form).leadsTo(path)
		if got := w.readBack(e.ID).Description; got != text {
			t.Errorf("%s: %d bytes of %d", name, len(got), len(text))
		}
	}
	form := opened(t, admin.get(path+"/edit"), path)
	form.Set("description", strings.Repeat("票", 10_001))
	admin.post(path, form).want(http.StatusUnprocessableEntity).says(said(views.TooLong)).says(strings.Repeat("票", 10_001))
}

func TestACancelledEventTakesNoNewTypesNorCapacity(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	admin := w.signedIn(w.admin)
	path, types := adminEventPath(e.ID), "/admin/types/"+itoa(e.Types[0].ID)
	admin.get(path).says(path + "/types").says(types + "/capacity")
	admin.post(path+"/cancel", url.Values{"name": {e.Name}}).want(http.StatusSeeOther)
	admin.get(path).silent(`action="` + path + `/types"`).silent(types)
	admin.post(path+"/types", url.Values{"name": {"Camarote"}, "position": {"2"}, "price": {"1"}, "fee": {"0"}, "capacity": {"1"}}).want(http.StatusConflict)
	admin.post(types+"/capacity", url.Values{"capacity": {"1"}}).want(http.StatusConflict)
	admin.post(types, url.Values{"name": {"x"}, "position": {"1"}, "price": {"1"}, "fee": {"0"}}).want(http.StatusConflict)
}

func TestPausingSaysWhomItAffects(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	fan.await(fan.join(e, 2), store.Reserved)
	admin := w.signedIn(w.admin)
	admin.get(adminEventPath(e.ID)).says("2 ingressos reservados seguem").says("0 pedido na fila")
	admin.post(adminEventPath(e.ID)+"/pause", nil).want(http.StatusSeeOther)
}

func TestAnOutageThatGoesOnStandsOnTop(t *testing.T) {
	w := newWorld(t)
	admin := w.signedIn(w.admin)
	admin.get("/admin").silent("(!)").silent("não responde desde")
	if err := w.DB.BeginOutage(t.Context(), "sandbox"); err != nil {
		t.Fatal(err)
	}
	page := admin.get("/admin").says("<title>(!) ").says("não responde desde")
	if strings.Index(page.body, "não responde desde") > strings.Index(page.body, "<h1") {
		t.Error("it stands below the title of the page")
	}
}
