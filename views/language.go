package views

import (
	"context"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Match picks a language: the reader's choice if she made one, else the best match for her browser's Accept-Language.
func Match(acceptLanguage, chosen string) string {
	c := catalog()
	if c.speakers[chosen] != nil {
		return chosen
	}
	tags, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return c.languages[0]
	}
	_, i, confidence := c.matcher.Match(tags...)
	if confidence == language.No {
		return c.languages[0]
	}
	return c.languages[i]
}

// speaker writes in one language.
type speaker struct {
	language  string
	tag       language.Tag
	localizer *i18n.Localizer
	printer   *message.Printer
}

type speakerKey struct{}

// WithLanguage adds a language to ctx; an unknown one becomes the first of Languages.
func WithLanguage(ctx context.Context, language string) context.Context {
	c := catalog()
	s := c.speakers[language]
	if s == nil {
		s = c.speakers[c.languages[0]]
	}
	return context.WithValue(ctx, speakerKey{}, s)
}

func speakerOf(ctx context.Context) *speaker {
	if s, ok := ctx.Value(speakerKey{}).(*speaker); ok {
		return s
	}
	c := catalog()
	return c.speakers[c.languages[0]]
}

// T is the sentence of a key in the language of ctx. Pairs of name and value fill its placeholders.
func T(ctx context.Context, key string, pairs ...any) string {
	return localize(ctx, &i18n.LocalizeConfig{MessageID: key, TemplateData: gaps(pairs)})
}

// N is a sentence about a number, in the plural form that the number takes; the placeholder Count shows it.
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

// localize falls back to the key itself, never to another language: a test proves that no key is missing, and a page
// with an odd word is better than none.
func localize(ctx context.Context, c *i18n.LocalizeConfig) string {
	s, err := speakerOf(ctx).localizer.Localize(c)
	if err != nil {
		return c.MessageID
	}
	return s
}

// Number writes a whole number, grouped by thousands.
func Number[I int | int64](ctx context.Context, n I) string {
	return speakerOf(ctx).printer.Sprint(n)
}

// ordinalKeys are the forms of an ordinal by CLDR's categories; a locale file has those that its language uses.
var ordinalKeys = map[plural.Form]string{
	plural.Zero: "ordinal.zero", plural.One: "ordinal.one", plural.Two: "ordinal.two",
	plural.Few: "ordinal.few", plural.Many: "ordinal.many", plural.Other: "ordinal.other",
}

// Ordinal writes a place in line, which is at least 1: 128º · 128th.
func Ordinal(ctx context.Context, n int) string {
	form := plural.Ordinal.MatchPlural(speakerOf(ctx).tag, n, 0, 0, 0, 0)
	return T(ctx, ordinalKeys[form], "Count", Number(ctx, n))
}

// languageName is a language's name in the language itself.
func languageName(l string) string { return T(WithLanguage(context.Background(), l), "language.name") }
