package views

import (
	"context"
	"time"
)

// Message is something to tell a person, independent of her language. The zero Message says nothing.
// Messages are comparable and can be kept in a session.
type Message struct {
	Key   string
	Count int           // for messages about a number
	Wait  time.Duration // for messages about a time to wait
	Cents int64         // for messages about money
	Unit  string        // the currency of Cents, ISO 4217
	Tone  Tone
}

// Tone is how a message is shown.
type Tone string

// The tones.
const (
	Alert Tone = ""     // asks for attention
	Calm  Tone = "calm" // informs
	Good  Tone = "good" // good news
)

// Zero reports whether there is nothing to tell.
func (m Message) Zero() bool { return m.Key == "" }

// In is the message in the language of ctx.
func (m Message) In(ctx context.Context) string {
	switch {
	case m.Zero():
		return ""
	case m.Unit != "":
		return T(ctx, m.Key, "Amount", Money(ctx, m.Cents, m.Unit))
	case m.Wait > 0:
		return T(ctx, m.Key, "Wait", Span(ctx, m.Wait))
	case m.Count > 0:
		return N(ctx, m.Key, m.Count)
	}
	return T(ctx, m.Key)
}
