package views

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"guiche/static"
	"guiche/store"
)

// lead is the paragraph with which the part of a state begins.
var lead = regexp.MustCompile(`<p class="(?:lead|deadline-words)">[^<]+</p>`)

// stateFaults lists what a page lacks to show a state in a language.
func stateFaults(t *testing.T, s store.OrderStatus, language string) (found []string) {
	fault := func(format string, a ...any) {
		found = append(found, fmt.Sprintf("%s in %s: ", s, language)+fmt.Sprintf(format, a...))
	}
	ctx, state, m := in(language), orderStates[s], orderIn(s, nil)
	if word := statusWord(ctx, s); word == state.word || word == string(s) {
		fault("has no name")
	}
	if _, ok := orderStates[s]; !ok {
		fault("has no badge")
	}
	if headline(ctx, Frame{Now: noon}, m) == T(ctx, "order.facts") {
		fault("has no headline")
	}
	var page bytes.Buffer
	if err := OrderPart(Frame{Language: language, Now: noon}, m).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	if !lead.MatchString(page.String()) {
		fault("has no part on the page of the order")
	}
	return found
}

func TestEveryStateOfAnOrderIsShown(t *testing.T) {
	for _, s := range store.OrderStatuses() {
		for _, l := range Languages() {
			for _, fault := range stateFaults(t, s, l) {
				t.Error(fault)
			}
		}
	}
	if len(orderStates) != len(store.OrderStatuses()) {
		t.Errorf("%d states are shown, %d exist", len(orderStates), len(store.OrderStatuses()))
	}
	if found := stateFaults(t, "lent", English); len(found) != 4 {
		t.Errorf("of a state that is nowhere only this is said: %q", found)
	}
}

func TestBadgesHaveTheirColour(t *testing.T) {
	css, ok := static.Lookup(static.URL("app.css"))
	if !ok {
		t.Fatal("there is no app.css")
	}
	for s, state := range orderStates {
		if state.tone != "" && !strings.Contains(string(css.Body), "."+state.tone+" {") {
			t.Errorf("%s: no style for %s", s, state.tone)
		}
	}
}
