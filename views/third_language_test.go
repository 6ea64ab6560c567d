package views_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"guiche/views"
	"guiche/views/gallery"
)

func TestThirdLanguageNeedsOneFileOnly(t *testing.T) {
	views.Speak(t, views.WithSpanish(t))
	if got := views.Languages(); !slices.Equal(got, []string{"pt-BR", "en", "es"}) {
		t.Fatalf("the languages are %q", got)
	}
	if got := views.Match("es-AR,es;q=0.9,en;q=0.8", ""); got != "es" {
		t.Errorf("an Argentine reads %s", got)
	}
	ctx := views.WithLanguage(t.Context(), "es")
	show := time.Date(2026, 12, 12, 21, 4, 5, 0, time.UTC)
	for got, want := range map[string]string{
		views.When(ctx, show, time.UTC):                         "sáb, 12 dic 2026 a las 21:04",
		views.Clock(ctx, show.Truncate(time.Hour), time.UTC):    "21:00",
		views.Clock(ctx, show.Add(-12*time.Hour), time.UTC):     "9:04",
		views.Moment(ctx, show, time.UTC):                       "12/12/2026, 21:04:05",
		views.Ordinal(ctx, 1):                                   "1.º",
		views.Ordinal(ctx, 22):                                  "22.º",
		views.N(ctx, "order.n_tickets", 1):                      "1 entrada",
		views.N(ctx, "order.n_tickets", 2):                      "2 entradas",
		views.N(ctx, "order.n_tickets", 1_000_000):              "1.000.000 de entradas",
		views.T(ctx, "language.name"):                           "Español",
		views.T(views.WithLanguage(ctx, "tlh"), "layout.admin"): "'LEAK'Admin",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestThirdLanguageReachesEveryPage(t *testing.T) {
	views.Speak(t, views.WithSpanish(t))
	for _, s := range gallery.States() {
		var page bytes.Buffer
		if err := s.Page(s.Frame("es")).Render(context.Background(), &page); err != nil {
			t.Fatal(err)
		}
		fellBack(t, s.Name, page.String())
		if strings.Contains(page.String(), "<html") && !strings.Contains(page.String(), `<html lang="es"`) {
			t.Errorf("%s: does not say that it is Spanish", s.Name)
		}
		for l, name := range map[string]string{"pt-BR": "Português", "en": "English", "es": "Español"} {
			choice := fmt.Sprintf(`value=%q lang=%q aria-pressed="%v">%s<`, l, l, l == "es", name)
			if strings.Contains(page.String(), `class="languages"`) && !strings.Contains(page.String(), choice) {
				t.Errorf("%s: one cannot choose %s", s.Name, name)
			}
		}
	}
	for _, letter := range gallery.Letters() {
		paper, err := views.WriteLetter("es", letter.Model)
		if err != nil {
			t.Fatal(err)
		}
		fellBack(t, letter.Name, paper.Subject+paper.Text+paper.HTML)
	}
	if err := views.TicketPDF(io.Discard, "es", gallery.Ticket()); err != nil {
		t.Error(err)
	}
}

func fellBack(t *testing.T, name, page string) {
	t.Helper()
	if _, after, leaked := strings.Cut(page, views.Leak); leaked {
		t.Errorf("%s: not in Spanish: %.60q", name, after)
	}
}
