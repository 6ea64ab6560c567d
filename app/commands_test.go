package app

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestUnknownCommandsAreRefused(t *testing.T) {
	if err := Run(t.Context(), []string{"sell-everything"}, nil, io.Discard, io.Discard); !errors.Is(err, errUsage) {
		t.Errorf("got %v", err)
	}
}

func TestHelpTellsOfEveryCommand(t *testing.T) {
	var out strings.Builder
	if err := Run(t.Context(), nil, nil, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, c := range commands() {
		if !strings.Contains(out.String(), "guiche "+c.name) {
			t.Errorf("help does not tell of %s", c.name)
		}
	}
}
