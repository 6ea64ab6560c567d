package web

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
	"guiche/store/local"
)

// followed is what one process knows of a line that somebody follows, without the loop that reads it.
type followed struct {
	*testing.T
	live  *live
	line  *line.Line
	one   *listener
	turns int64
}

// followedEvent is the event whose line is followed.
const followedEvent = 1

func newFollowed(t *testing.T) *followed {
	t.Helper()
	rdb, err := jobs.OpenRedis(t.Context(), local.NewRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	f := &followed{T: t, line: line.New(rdb)}
	f.live = newLive(f.line, quiet)
	one, stop := f.live.listen(followedEvent, uuid.New())
	t.Cleanup(stop)
	f.one = one
	f.turn()
	f.refresh()
	return f
}

// turn lets the turn of one more order come.
func (f *followed) turn() {
	f.Helper()
	f.turns++
	passed := line.Passed{}
	passed.Add(store.QueuedOrder{EventID: followedEvent, TicketTypeID: 1, Number: f.turns, Before: f.turns - 1, Quantity: 1})
	if err := f.line.Tell(f.Context(), store.Outcome{}, passed); err != nil {
		f.Fatal(err)
	}
}

// refresh is what the loop does when it hears the news, and by itself every other second. It says whether the listener
// was woken for the line.
func (f *followed) refresh() (woken bool) {
	f.Helper()
	f.live.heard(line.News{EventID: followedEvent})
	f.live.refresh(f.Context())
	select {
	case <-f.one.line:
		return true
	default:
		return false
	}
}

func TestAPollerTakesNoNewsFromThoseWhoListen(t *testing.T) {
	f := newFollowed(t)
	f.turn()
	if _, err := f.live.read(t.Context(), followedEvent); err != nil { // as for a browser that polls, before the loop is there
		t.Fatal(err)
	}
	if !f.refresh() {
		t.Error("the line moved and its listener was not woken, since a poller had seen it first")
	}
	if f.refresh() {
		t.Error("the listener was woken again for what she knows")
	}
}

func TestWhoWasWokenWithAnOldReturnListIsWokenAgain(t *testing.T) {
	f := newFollowed(t)
	f.live.events[followedEvent].returns = newReturnList(nil, time.Now()) // read just before those on it moved up
	f.turn()
	if !f.refresh() {
		t.Fatal("the line moved and its listener was not woken")
	}
	if f.refresh() {
		t.Error("the listener was woken while the list in memory would answer the same")
	}
	f.live.events[followedEvent].returns.at = time.Now().Add(-returnListFresh)
	if !f.refresh() {
		t.Error("nobody told the listener that the list can be read again")
	}
	if f.refresh() {
		t.Error("the listener was woken for a list that nobody keeps")
	}
}
