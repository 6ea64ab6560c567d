package views

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

// Leak marks every sentence of the other languages of WithSpanish: a Spanish page that shows it silently fell back.
const Leak = "LEAK"

// WithSpanish is a set of locale files with a third language, made from English with Spanish dates, ordinals and plurals.
func WithSpanish(t *testing.T) fstest.MapFS {
	t.Helper()
	files, es := fstest.MapFS{}, sentences{}
	for _, l := range []string{Portuguese, English} {
		all := readSentences(t, localeFiles, l)
		for key, forms := range all {
			if l == English && !strings.HasPrefix(key, "ordinal.") {
				es[key] = maps.Clone(forms)
			}
			for form, s := range forms {
				if key != "language.name" {
					forms[form] = "'" + Leak + "'" + s
				}
			}
		}
		files["locale/"+l+".json"] = all.file()
	}
	for _, forms := range es {
		if s, plural := forms["other"]; plural {
			forms["many"] = s
		}
	}
	name := func(keys []string, names string) {
		for i, s := range strings.Fields(names) {
			es[keys[i]] = map[string]string{"": s}
		}
	}
	name(weekdayKeys[:], "dom lun mar mié jue vie sáb")
	name(monthKeys[:], "ene feb mar abr may jun jul ago sept oct nov dic")
	for key, s := range map[string]string{
		"language.name": "Español", "ordinal.other": "{{.Count}}.º", "date.when": "{{.Day}} a las {{.Clock}}",
		"date.am": "a. m.", "date.pm": "p. m.", "date.day": "EEE, d MMM y", "date.hour": "H:mm", "date.clock": "H:mm",
		"date.moment": "d/M/y, H:mm:ss", "date.stamp": "d 'de' MMM, hh:mm:ss a",
	} {
		es[key] = map[string]string{"": s}
	}
	es["order.n_tickets"] = map[string]string{"one": "{{.Count}} entrada", "many": "{{.Count}} de entradas", "other": "{{.Count}} entradas"}
	files["locale/es.json"] = es.file()
	return files
}

// Speak replaces the locale files until the test ends.
func Speak(t *testing.T, files fs.FS) {
	t.Helper()
	other, err := readLocales(files)
	if err != nil {
		t.Fatal(err)
	}
	shipped := catalog
	catalog = func() *locales { return other }
	t.Cleanup(func() { catalog = shipped })
}
