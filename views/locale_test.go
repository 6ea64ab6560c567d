package views

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pluralForms are the forms that CLDR asks of each language for whole numbers.
var pluralForms = map[string][]string{
	Portuguese: {"many", "one", "other"},
	English:    {"one", "other"},
}

// catalogue reads the file of a language: key → plural forms; a sentence without number has the form "".
func catalogue(t *testing.T, language string) map[string]map[string]string {
	t.Helper()
	body, err := fs.ReadFile(locales, "locale/"+language+".json")
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]any{}
	if err := json.Unmarshal(body, &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]string{}
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
			t.Errorf("%s: %s is a %T", language, key, v)
		}
	}
	return all
}

func TestLanguagesSayTheSame(t *testing.T) {
	gap := regexp.MustCompile(`{{\.\w+}}`)
	pt := catalogue(t, Portuguese)
	for _, l := range Languages() {
		all := catalogue(t, l)
		for key, other := range pt {
			forms, ok := all[key]
			if !ok {
				t.Errorf("%s: %s is missing", l, key)
				continue
			}
			_, single := forms[""]
			if _, alsoSingle := other[""]; single != alsoSingle {
				t.Errorf("%s: %s has plural forms in one language only", l, key)
			}
			if got := slices.Sorted(maps.Keys(forms)); !single && !slices.Equal(got, pluralForms[l]) {
				t.Errorf("%s: %s has the plural forms %q, want %q", l, key, got, pluralForms[l])
			}
			for form, s := range forms {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s: %s %s says nothing", l, key, form)
				}
				if strings.Contains(s, "!") {
					t.Errorf("%s: %s shouts", l, key)
				}
			}
			gapsOf := func(m map[string]string) []string {
				s := m[""] + m["other"]
				return slices.Sorted(slices.Values(gap.FindAllString(s, -1)))
			}
			if a, b := gapsOf(forms), gapsOf(other); !slices.Equal(a, b) {
				t.Errorf("%s: %s has the gaps %q, want %q", l, key, a, b)
			}
		}
		for key := range all {
			if _, ok := pt[key]; !ok {
				t.Errorf("%s: %s is in no other language", l, key)
			}
		}
	}
}

func TestKeysOfSourcesAndLanguagesAreTheSame(t *testing.T) {
	literal := regexp.MustCompile(`"([a-z]+(?:\.[a-z0-9_]+)+)"`)
	asked := regexp.MustCompile(`\b([TN])\(ctx, "([^"]+)"`)
	all, used := catalogue(t, English), map[string]bool{}
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		source := strings.HasSuffix(name, ".templ") || strings.HasSuffix(name, ".go")
		if !source || strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
			continue
		}
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(body), -1) {
			used[m[1]] = true
		}
		for _, m := range asked.FindAllStringSubmatch(string(body), -1) {
			forms, ok := all[m[2]]
			if !ok {
				t.Errorf("%s asks for %s, which no language has", name, m[2])
				continue
			}
			if _, single := forms[""]; single != (m[1] == "T") {
				t.Errorf("%s asks for %s with %s, which does not fit its plural forms", name, m[2], m[1])
			}
		}
		for _, m := range regexp.MustCompile(`Key: "([^"]+)"`).FindAllStringSubmatch(string(body), -1) {
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
