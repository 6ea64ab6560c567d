package views

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Calendar is the show as a calendar file (RFC 5545). Its times are UTC, which every program shows in its own zone. The
// end of a show is not known.
func Calendar(m LetterModel) []byte {
	const moment = "20060102T150405Z"
	var b strings.Builder
	line := func(name, value string) { foldLine(&b, name+":"+value) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Guiche//Guiche//PT")
	line("METHOD", "PUBLISH")
	line("BEGIN", "VEVENT")
	line("UID", fmt.Sprintf("%s@%s", m.Order.ID, host(m.Site)))
	line("DTSTAMP", m.Order.PaidAt.UTC().Format(moment))
	line("DTSTART", m.Event.StartsAt.UTC().Format(moment))
	line("SUMMARY", calendarText(m.Event.Name))
	if where := place(m.Event); where != "" {
		line("LOCATION", calendarText(where))
	}
	line("DESCRIPTION", calendarText(m.Site+orderPath(m.Order)))
	line("END", "VEVENT")
	line("END", "VCALENDAR")
	return []byte(b.String())
}

var calendarEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

func calendarText(s string) string { return calendarEscapes.Replace(s) }

// calendarWidth is how many bytes a line of a calendar file may have.
const calendarWidth = 75

// foldLine writes a line in pieces that are short enough, none of which ends within a character.
func foldLine(b *strings.Builder, line string) {
	for width := calendarWidth; len(line) > width; width = calendarWidth - 1 {
		cut := width
		for !utf8.RuneStart(line[cut]) {
			cut--
		}
		b.WriteString(line[:cut] + "\r\n ")
		line = line[cut:]
	}
	b.WriteString(line + "\r\n")
}
