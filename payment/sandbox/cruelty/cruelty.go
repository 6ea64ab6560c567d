// Package cruelty decides how the sandbox misbehaves: by words and odds from a seed, or by the card that somebody pays with.
package cruelty

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// Cruelty is how a sandbox provider misbehaves; the zero value does not. Every draw is made from the seed and from what
// it is about, never from a stream that others draw from too: the same calls meet the same mishaps, however they
// interleave.
type Cruelty struct {
	Seed uint64

	// Calls of the API. Each draws anew, so a repeated one may get through.
	Delay      Span   // between the act and its answer
	LostAnswer Share  // the act is done, and the connection closed without an answer; calls that only read are spared
	Outage     Share  // answered 503, nothing is done
	Busy       Share  // answered 429, nothing is done
	Hang       Share  // never answered, nothing is done
	Down       Window // while it lasts, every call is answered 503
	Stuck      Window // while it lasts, no call is answered

	// Notices. Each draws once, for all its tries.
	LostNotice Share // never sent
	LateNotice Odds  // sent so much later
	Reorder    Share // sent after the one that comes next
	Duplicate  Share // sent twice at the same time

	RefusedCharge Share // never made: the shop's account cannot take payments. A charge draws once

	// Payments that the payer approves. A charge draws once, and the first of these that hits is its fate.
	Decline        Share // the bank says no
	Pending        Odds  // in flight for so long, then paid
	PendingDecline Odds  // in flight for so long, then declined
	LateMoney      Odds  // paid so long after the charge has ended, be it by its deadline or cancelled

	// Refunds. Each draws once, for all its repetitions.
	SlowRefund    Odds  // on its way for so long
	RefusedRefund Share // refused for good, at once or after having been on its way

	Skew time.Duration // of the provider's clock: ahead of the world, or behind it if negative
}

// Share is how often something happens, from 0 (never) to 1 (always).
type Share float64

// Span is a time between two bounds.
type Span struct{ From, To time.Duration }

// Odds is how often something happens, and for how long.
type Odds struct {
	Share Share
	For   Span
}

// Window is a stretch of time, counted from when the cruelty was set.
type Window struct{ From, To time.Duration }

// UntilTold is the end of a Window that ends when another cruelty is set.
const UntilTold time.Duration = math.MaxInt64

// draw is the number in [0, 1) that belongs to one kind of mishap and to the n-th thing about a charge.
func (c Cruelty) draw(kind, reference string, n uint64) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%d\n%s", c.Seed, kind, n, reference))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

func (c Cruelty) hits(s Share, kind, reference string, n uint64) bool {
	return s > 0 && c.draw(kind, reference, n) < float64(s)
}

// within is a time inside a span.
func (c Cruelty) within(s Span, kind, reference string, n uint64) time.Duration {
	return s.From + time.Duration(c.draw(kind+" length", reference, n)*float64(s.To-s.From))
}

// happens draws from odds: how long, and whether at all.
func (c Cruelty) happens(o Odds, kind, reference string, n uint64) (time.Duration, bool) {
	if !c.hits(o.Share, kind, reference, n) {
		return 0, false
	}
	return c.within(o.For, kind, reference, n), true
}

func (w Window) holds(age time.Duration) bool { return w.From <= age && age < w.To }
