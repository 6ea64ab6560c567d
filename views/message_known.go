package views

import (
	"context"
	"errors"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Known reports whether the locale files have the message: one that came back from a browser is shown only if they do.
func (m Message) Known() bool {
	_, err := speakerOf(context.Background()).localizer.Localize(&i18n.LocalizeConfig{MessageID: m.Key})
	_, missing := errors.AsType[*i18n.MessageNotFoundErr](err)
	return !missing && !m.Zero()
}
