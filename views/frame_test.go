package views

import (
	"bytes"
	"regexp"
	"slices"
	"testing"

	"guiche/store"
)

func TestTheNavigationSaysWhereOneIs(t *testing.T) {
	current := regexp.MustCompile(`href="([^"]+)" aria-current="(\w+)"`)
	for path, want := range map[string][]string{
		"/":                    nil,
		"/orders":              {"/orders", "page"},
		"/orders?page=2":       {"/orders", "page"},
		"/orders/1":            {"/orders", "true"},
		"/ordersandmore":       nil,
		"/tickets/7":           {"/tickets", "true"},
		"/account":             {"/account", "page"},
		"/admin/events/1/edit": {"/admin", "true"},
	} {
		var b bytes.Buffer
		f := Frame{Language: English, Now: noon, Path: path, Account: &store.Account{Role: store.Admin}}
		if err := Problem(f, ProblemModel{Status: 404}).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range current.FindAllStringSubmatch(b.String(), -1) {
			got = append(got, m[1:]...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("on %s the navigation says %q, want %q", path, got, want)
		}
	}
}
