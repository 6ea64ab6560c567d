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

func TestPeopleAskForHelpInTheirOwnWay(t *testing.T) {
	wrong := []string{"PORT=abc"} // does not keep anybody from help
	for words, want := range map[string]string{
		"help": "guiche web", "--help": "guiche web", "-h": "guiche web", "web --help": "guiche web", "admin -h": "guiche web",
		"version": "guiche ", "--version": "guiche ",
	} {
		var out strings.Builder
		if err := Run(t.Context(), strings.Fields(words), wrong, &out, io.Discard); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("guiche %s says %q, %v", words, out.String(), err)
		}
	}
}

func TestNoPasswordIsToldOfAWrongURL(t *testing.T) {
	for _, row := range [][]string{
		{"generator", "REDIS_URL=redis://u:hun ter2@host:1/x", "DATABASE_URL=postgres://u@h/x"},
		{"generator", "REDIS_URL=redis://u:hunter2@host:99999999/x%zz", "DATABASE_URL=postgres://u@h/x"},
		{"generator", "REDIS_URL=hunter2", "DATABASE_URL=postgres://u@h/x"},
		{"migrate", "DATABASE_URL=postgres://u:hun ter2@host/x"},
		{"migrate", "DATABASE_URL=postgres://u:hunter2@host:99999/x"},
	} {
		var log strings.Builder
		err := Run(t.Context(), row[:1], row[1:], io.Discard, &log)
		if err == nil || strings.Contains(err.Error()+log.String(), "ter2") {
			t.Errorf("%q: %v\n%s", row, err, log.String())
		}
	}
}
