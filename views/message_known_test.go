package views_test

import (
	"testing"

	"guiche/views"
)

func TestOnlyMessagesOfTheCatalogAreKnown(t *testing.T) {
	for message, known := range map[views.Message]bool{
		views.LeftLine:                     true,
		views.PasswordShort(8):             true,
		views.RefundAsked(1200, "BRL"):     true,
		{}:                                 false,
		{Key: "flash.you_won_a_fortune"}:   false,
		{Key: "<script>alert(1)</script>"}: false,
	} {
		if got := message.Known(); got != known {
			t.Errorf("%q known: %v, want %v", message.Key, got, known)
		}
	}
}
