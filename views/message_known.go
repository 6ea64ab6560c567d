package views

import (
	"context"
	"errors"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Known says that the catalog has words for the message, so that one which came back from a browser can be shown.
func (m Message) Known() bool {
	_, err := speakerOf(context.Background()).localizer.Localize(&i18n.LocalizeConfig{MessageID: m.Key})
	_, missing := errors.AsType[*i18n.MessageNotFoundErr](err)
	return !missing && !m.Zero()
}
