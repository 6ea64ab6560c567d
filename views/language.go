package views

import (
	"context"
	"embed"
	"encoding/json"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The languages that the screen speaks.
const (
	Portuguese = "pt-BR"
	English    = "en"
)

// Languages are all languages, the one for readers of none of them first.
func Languages() []string { return []string{Portuguese, English} }

//go:embed locale/*.json
var locales embed.FS

var (
	bundle = sync.OnceValue(func() *i18n.Bundle {
		b := i18n.NewBundle(language.MustParse(Portuguese))
		b.RegisterUnmarshalFunc("json", json.Unmarshal)
		for _, l := range Languages() {
			if _, err := b.LoadMessageFileFS(locales, "locale/"+l+".json"); err != nil {
				panic(err) // the files are part of the program
			}
		}
		return b
	})
	matcher = sync.OnceValue(func() language.Matcher {
		var tags []language.Tag
		for _, l := range Languages() {
			tags = append(tags, language.MustParse(l))
		}
		return language.NewMatcher(tags)
	})
	speakers = sync.OnceValue(func() map[string]*speaker {
		m := map[string]*speaker{}
		for _, l := range Languages() {
			m[l] = &speaker{l, i18n.NewLocalizer(bundle(), l), message.NewPrinter(language.MustParse(l))}
		}
		return m
	})
)

// Match chooses a language: the one chosen by the reader if there is such, else the best for her browser's Accept-Language.
func Match(acceptLanguage, chosen string) string {
	if speakers()[chosen] != nil {
		return chosen
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return Portuguese
	}
	_, i, confidence := matcher().Match(tags...)
	if confidence == language.No {
		return Portuguese
	}
	return Languages()[i]
}

// speaker knows how to say things in one language.
type speaker struct {
	language  string
	localizer *i18n.Localizer
	printer   *message.Printer
}

type speakerKey struct{}

// WithLanguage gives ctx a language; one that is not known becomes the first of Languages.
func WithLanguage(ctx context.Context, language string) context.Context {
	s := speakers()[language]
	if s == nil {
		s = speakers()[Portuguese]
	}
	return context.WithValue(ctx, speakerKey{}, s)
}

func speakerOf(ctx context.Context) *speaker {
	if s, ok := ctx.Value(speakerKey{}).(*speaker); ok {
		return s
	}
	return speakers()[Portuguese]
}

// T says the sentence of a key in the language of ctx. Pairs of name and value fill its gaps.
func T(ctx context.Context, key string, pairs ...any) string {
	return localize(ctx, &i18n.LocalizeConfig{MessageID: key, TemplateData: gaps(pairs)})
}

// N says a sentence that speaks of a number, in the plural form that the number needs; the gap Count shows it.
func N(ctx context.Context, key string, count int, pairs ...any) string {
	data := gaps(pairs)
	data["Count"] = Number(ctx, count)
	return localize(ctx, &i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
}

func gaps(pairs []any) map[string]any {
	data := make(map[string]any, len(pairs)/2+1)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i].(string)] = pairs[i+1]
	}
	return data
}

// localize falls back to the key itself: a test proves that no key is missing, and a page with an odd word is better than none.
func localize(ctx context.Context, c *i18n.LocalizeConfig) string {
	s, err := speakerOf(ctx).localizer.Localize(c)
	if err != nil {
		return c.MessageID
	}
	return s
}

// Number writes a whole number with its thousands apart.
func Number[I int | int64](ctx context.Context, n I) string {
	return speakerOf(ctx).printer.Sprint(n)
}
