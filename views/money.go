package views

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// ErrMoney means that what was typed is not an amount of money.
var ErrMoney = errors.New("not an amount of money")

// Money writes an amount as is usual in the language of ctx, such as R$ 1.234,56.
func Money(ctx context.Context, cents int64, unit string) string {
	return formatMoney(speakerOf(ctx).language, cents, unit, currency.DisplaySymbol)
}

// Price is Money, or the word for free.
func Price(ctx context.Context, cents int64, unit string) string {
	if cents == 0 {
		return T(ctx, "money.free")
	}
	return Money(ctx, cents, unit)
}

// TypedMoney writes an amount for a form field: without the symbol and without grouping.
func TypedMoney(language string, cents int64, unit string) string {
	return formatMoney(language, cents, unit, currency.DisplayNone)
}

func formatMoney(language string, cents int64, unit string, display currency.Display) string {
	amount, err := currency.NewAmountFromInt64(cents, unit)
	if err != nil { // a currency that CLDR does not know
		return strconv.FormatInt(cents/100, 10) + "." + strconv.FormatInt(cents%100+100, 10)[1:] + " " + unit
	}
	f := currency.NewFormatter(currency.NewLocale(language))
	f.CurrencyDisplay = display
	f.NoGrouping = display == currency.DisplayNone
	return f.Format(amount)
}

// typedMoney is digits, grouped by thousands or not, and at most two decimals after a point or comma.
var typedMoney = regexp.MustCompile(`^(\d{1,3}(?:[.,]\d{3})+|\d{1,9})(?:[.,](\d{1,2}))?$`)

// ParseMoney reads an amount that was typed with a comma or a point, such as 150, 150,00 or 1.234,56, as cents.
func ParseMoney(typed string) (cents int64, err error) {
	m := typedMoney.FindStringSubmatch(strings.TrimSpace(typed))
	if m == nil {
		return 0, ErrMoney
	}
	whole := strings.NewReplacer(".", "", ",", "").Replace(m[1])
	cents, err = strconv.ParseInt(whole+(m[2] + "00")[:2], 10, 64)
	if err != nil {
		return 0, ErrMoney
	}
	return cents, nil
}
