package journeys

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch collects what goes wrong in a tab without anybody seeing it: messages on the console, which violations of the
// content policy are too, exceptions that nobody caught, and requests that failed.
type watch struct {
	mu       sync.Mutex
	trouble  []string
	expected []string
}

// expects lets pass what a journey brings about itself, known by a part of its text.
func (w *watch) expects(parts ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.expected = append(w.expected, parts...)
}

// hear is called by the tab's own loop for each event.
func (w *watch) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		w.note("exception: %s", text)
	case *runtime.EventConsoleAPICalled:
		for _, a := range e.Args {
			w.note("console.%s: %s %s", e.Type, a.Value, a.Description)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelWarning || e.Entry.Level == log.EntryLevelError {
			w.note("%s %s: %s (%s)", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" { // those end with the page that asked
			w.note("a request failed: %s %s %s", e.Type, e.ErrorText, e.BlockedReason)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			w.note("%s answered %d", e.Response.URL, e.Response.Status)
		}
	}
}

func (w *watch) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	if !slices.ContainsFunc(w.expected, func(part string) bool { return strings.Contains(text, part) }) {
		w.trouble = append(w.trouble, text)
	}
}

// report fails the test for everything that was collected.
func (w *watch) report(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range w.trouble {
		t.Errorf("in the browser: %s", text)
	}
}
