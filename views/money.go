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

// The ways to write an amount: digits, grouped by thousands or not, and at most two decimals.
var (
	plainMoney   = regexp.MustCompile(`^(\d{1,9})(?:[.,](\d{1,2}))?$`)
	groupedMoney = regexp.MustCompile(`^([1-9]\d{0,2}(?:([.,])\d{3})+)(?:([.,])(\d{1,2}))?$`)
)

// ParseMoney reads an amount that was typed in a language, such as 150, 150,00 or 1.234,56, as cents. What can be meant
// in two ways is refused: 1,234 where the comma stands before decimals, and 0,500 anywhere.
func ParseMoney(language, typed string) (cents int64, err error) {
	typed = strings.TrimSpace(typed)
	whole, decimals := "", ""
	if m := plainMoney.FindStringSubmatch(typed); m != nil {
		whole, decimals = m[1], m[2]
	} else if m := groupedMoney.FindStringSubmatch(typed); m != nil {
		group, point := m[2], m[3]
		oneGroup := strings.Count(m[1], ".")+strings.Count(m[1], ",") == 1
		switch {
		case strings.Contains(m[1], ".") && strings.Contains(m[1], ","), group == point:
			return 0, ErrMoney
		case oneGroup && point == "" && group == decimalPoint(language):
			return 0, ErrMoney
		}
		whole, decimals = strings.ReplaceAll(m[1], group, ""), m[4]
	}
	cents, err = strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
	if err != nil || whole == "" {
		return 0, ErrMoney
	}
	return cents, nil
}

// decimalPoint is what stands before decimals in a language.
func decimalPoint(language string) string {
	half := formatMoney(language, 150, "BRL", currency.DisplayNone)
	return strings.Trim(half, "0123456789")
}
