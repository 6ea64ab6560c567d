package views_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"guiche/views"
	"guiche/views/gallery"
)

func TestTheCalendarFileIsOneThatCalendarsRead(t *testing.T) {
	m := gallery.Letters()[4].Model
	m.Event.Name = `Baile; Lua, "Cheia" \ ` + strings.Repeat("ção ", 40) + "\nsegunda linha\r\nBEGIN:VALARM"
	file := string(views.Calendar(m))
	if !strings.HasPrefix(file, "BEGIN:VCALENDAR\r\n") || !strings.HasSuffix(file, "END:VCALENDAR\r\n") {
		t.Errorf("it is %q", file)
	}
	for _, line := range strings.Split(strings.TrimSuffix(file, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	whole := strings.ReplaceAll(file, "\r\n ", "")
	for _, want := range []string{
		"\r\nDTSTART:20261213T000000Z\r\n", `SUMMARY:Baile\; Lua\, "Cheia" \\ `, `\nsegunda linha\nBEGIN:VALARM`, "\r\nUID:" + m.Order.ID.String() + "@ingressos.example\r\n",
		"\r\nDESCRIPTION:https://ingressos.example/orders/" + m.Order.ID.String(),
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("it lacks %q: %q", want, whole)
		}
	}
	if strings.Contains(whole, "\r\nBEGIN:VALARM") {
		t.Error("the name of an event is taken for a line of the file")
	}
}
