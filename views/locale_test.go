package views

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// sentences are the contents of a locale file: key → plural forms; a sentence without a number has the form "".
type sentences map[string]map[string]string

func readSentences(t *testing.T, files fs.FS, language string) sentences {
	t.Helper()
	body, err := fs.ReadFile(files, "locale/"+language+".json")
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]any{}
	if err := json.Unmarshal(body, &raw); err != nil {
		t.Fatal(err)
	}
	all := sentences{}
	for key, v := range raw {
		all[key] = map[string]string{}
		switch v := v.(type) {
		case string:
			all[key][""] = v
		case map[string]any:
			for form, s := range v {
				all[key][form] = s.(string)
			}
		default:
			t.Fatalf("%s: %s is a %T", language, key, v)
		}
	}
	return all
}

func (s sentences) file() *fstest.MapFile {
	raw := map[string]any{}
	for key, forms := range s {
		if single, ok := forms[""]; ok {
			raw[key] = single
		} else {
			raw[key] = forms
		}
	}
	body, err := json.Marshal(raw)
	if err != nil {
		panic(err)
	}
	return &fstest.MapFile{Data: body}
}

// cardinalForms are the plural forms that whole numbers take in a language, according to CLDR.
func cardinalForms(tag language.Tag) []string {
	bundle, forms := i18n.NewBundle(tag), map[string]bool{}
	bundle.MustAddMessages(tag, &i18n.Message{ID: "form", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"})
	say := i18n.NewLocalizer(bundle, tag.String())
	for n := range 201 {
		for _, count := range []int{n, n * 1_000_000} {
			forms[say.MustLocalize(&i18n.LocalizeConfig{MessageID: "form", PluralCount: count})] = true
		}
	}
	return slices.Sorted(maps.Keys(forms))
}

// ordinalForms are the forms that ordinals take.
func ordinalForms(tag language.Tag) []string {
	forms := map[string]bool{}
	for n := range 201 {
		forms[strings.TrimPrefix(ordinalKeys[plural.Ordinal.MatchPlural(tag, n, 0, 0, 0, 0)], "ordinal.")] = true
	}
	return slices.Sorted(maps.Keys(forms))
}

// faults lists what is wrong with the locale files: each language says what the first one says, with every form that its
// numbers need, and writes dates by patterns that are understood.
func faults(t *testing.T, files fs.FS) (found []string) {
	fault := func(format string, a ...any) { found = append(found, fmt.Sprintf(format, a...)) }
	gap := regexp.MustCompile(`{{\.\w+}}`)
	gapsOf := func(forms map[string]string) []string {
		return slices.Sorted(slices.Values(gap.FindAllString(forms[""]+forms["other"], -1)))
	}
	catalog, err := readLocales(files)
	if err != nil {
		t.Fatal(err)
	}
	first := readSentences(t, files, catalog.languages[0])
	for _, l := range catalog.languages {
		all, tag := readSentences(t, files, l), catalog.speakers[l].tag
		ordinals, cardinals := []string{}, cardinalForms(tag)
		for key, forms := range all {
			for form, s := range forms {
				if s == "" || strings.TrimSpace(s) == "" || strings.Contains(s, "!") {
					fault("%s: %s %s says nothing, or shouts", l, key, form)
				}
			}
			if form, ok := strings.CutPrefix(key, "ordinal."); ok {
				ordinals = append(ordinals, form)
				if !slices.Equal(gapsOf(forms), []string{"{{.Count}}"}) {
					fault("%s: %s does not show the number", l, key)
				}
			} else if first[key] == nil {
				fault("%s: %s is in no other language", l, key)
			}
		}
		if slices.Sort(ordinals); !slices.Equal(ordinals, ordinalForms(tag)) {
			fault("%s: ordinal has the forms %q, want %q", l, ordinals, ordinalForms(tag))
		}
		for key, other := range first {
			forms, ok := all[key]
			if strings.HasPrefix(key, "ordinal.") {
				continue
			}
			if !ok {
				fault("%s: %s is missing", l, key)
				continue
			}
			_, single := forms[""]
			if _, alsoSingle := other[""]; single != alsoSingle {
				fault("%s: %s has plural forms in one language only", l, key)
			}
			if got := slices.Sorted(maps.Keys(forms)); !single && !slices.Equal(got, cardinals) {
				fault("%s: %s has the plural forms %q, want %q", l, key, got, cardinals)
			}
			if a, b := gapsOf(forms), gapsOf(other); !slices.Equal(a, b) {
				fault("%s: %s has the gaps %q, want %q", l, key, a, b)
			}
		}
		for _, key := range []string{"date.day", "date.hour", "date.clock", "date.moment", "date.stamp"} {
			for pattern := all[key][""]; pattern != ""; {
				field := firstField(pattern)
				if _, known := writeField(context.Background(), field, time.Time{}); !known {
					fault("%s: %s has the field %s, which no date knows", l, key, field)
				}
				pattern = pattern[len(field):]
			}
		}
	}
	return found
}

func TestLanguagesSayTheSame(t *testing.T) {
	for _, fault := range faults(t, localeFiles) {
		t.Error(fault)
	}
}

func TestFaultsOfALanguageAreFound(t *testing.T) {
	for want, spoil := range map[string]func(sentences){
		"es: order.sold_out is missing":          func(s sentences) { delete(s, "order.sold_out") },
		"es: date.day is missing":                func(s sentences) { delete(s, "date.day") },
		"es: month.may is missing":               func(s sentences) { delete(s, "month.may") },
		"es: language.name is missing":           func(s sentences) { delete(s, "language.name") },
		"es: order.n_tickets has the plural":     func(s sentences) { delete(s["order.n_tickets"], "many") },
		"es: span.days has the plural forms":     func(s sentences) { s["span.days"]["few"] = "{{.Count}}" },
		"es: ordinal has the forms []":           func(s sentences) { delete(s, "ordinal.other") },
		"es: order.place has the gaps []":        func(s sentences) { s["order.place"][""] = "Estás en la fila" },
		"es: date.clock has the field B":         func(s sentences) { s["date.clock"][""] = "h:mm B" },
		"es: date.moment has the field e":        func(s sentences) { s["date.moment"][""] = "d de MMM" },
		"es: home.title  says nothing":           func(s sentences) { s["home.title"][""] = " " },
		"es: home.subtitle is in no other":       func(s sentences) { s["home.subtitle"] = map[string]string{"": "Entradas"} },
		"es: order.sold_out has plural forms in": func(s sentences) { s["order.sold_out"] = s["order.n_tickets"] },
	} {
		files := WithSpanish(t)
		if found := faults(t, files); len(found) > 0 {
			t.Fatalf("before anything was spoiled: %q", found)
		}
		es := readSentences(t, files, "es")
		spoil(es)
		files["locale/es.json"] = es.file()
		if found := faults(t, files); !slices.ContainsFunc(found, func(f string) bool { return strings.HasPrefix(f, want) }) {
			t.Errorf("want %q, found %q", want, found)
		}
	}
}

func TestMissingSentenceIsNotSaidInAnotherLanguage(t *testing.T) {
	files := WithSpanish(t)
	es := readSentences(t, files, "es")
	delete(es, "home.title")
	delete(es["order.n_tickets"], "one")
	files["locale/es.json"] = es.file()
	Speak(t, files)
	if got := T(in("es"), "home.title"); got != "home.title" {
		t.Errorf("a missing sentence reads %q", got)
	}
	if got := N(in("es"), "order.n_tickets", 1); got != "order.n_tickets" {
		t.Errorf("a missing plural form reads %q", got)
	}
}

// sources are the files of this package that are written by hand, by name.
func sources(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range names {
		source := strings.HasSuffix(name, ".templ") || strings.HasSuffix(name, ".go")
		if !source || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			continue
		}
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(body)
	}
	return all
}

func TestNoPageAsksForItsLanguage(t *testing.T) {
	language := regexp.MustCompile(`\b(English|Portuguese)\b|"(en|pt|pt-BR)"`)
	for name, source := range sources(t) {
		if found := language.FindString(source); found != "" && name != "locales.go" {
			t.Errorf("%s names %s: what depends on a language belongs in its locale file", name, found)
		}
	}
}

func TestKeysOfSourcesAndLanguagesAreTheSame(t *testing.T) {
	literal := regexp.MustCompile(`"([a-z]+(?:\.[a-z0-9_]+)+)"`)
	asked := regexp.MustCompile(`\b([TN])\(ctx, "([^"]+)"`)
	all, used := readSentences(t, localeFiles, English), map[string]bool{}
	for name, source := range sources(t) {
		for _, m := range literal.FindAllStringSubmatch(source, -1) {
			used[m[1]] = true
		}
		for _, m := range asked.FindAllStringSubmatch(source, -1) {
			forms, ok := all[m[2]]
			if !ok {
				t.Errorf("%s asks for %s, which no language has", name, m[2])
				continue
			}
			if _, single := forms[""]; single != (m[1] == "T") {
				t.Errorf("%s asks for %s with %s, which does not fit its plural forms", name, m[2], m[1])
			}
		}
		for _, m := range regexp.MustCompile(`Key: "([^"]+)"`).FindAllStringSubmatch(source, -1) {
			if _, ok := all[m[1]]; !ok {
				t.Errorf("%s names %s, which no language has", name, m[1])
			}
		}
	}
	for key := range all {
		if !used[key] {
			t.Errorf("nobody says %s", key)
		}
	}
}
