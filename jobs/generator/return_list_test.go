package generator_test

import (
	"testing"

	"github.com/hibiken/asynq"

	"guiche/jobs"
	"guiche/journeys/world"
	"guiche/store"
)

func TestWhatComesBackGoesToTheEarliestThatFits(t *testing.T) {
	w := world.New(t, 4)
	w.Generator()
	holds := w.JoinAll(4, 1)
	for _, o := range holds {
		w.Becomes(o.ID, store.Reserved)
	}
	big, small, later := w.JoinAll(1, 3)[0], w.JoinAll(1, 1)[0], w.JoinAll(1, 1)[0]
	for _, o := range []store.QueuedOrder{big, small, later} {
		w.Becomes(o.ID, store.Waiting)
	}
	w.GiveUp(holds[0])
	got := w.Becomes(small.ID, store.Reserved) // the big one is passed over and keeps its place
	if len(got.Tickets) != 1 || got.Tickets[0].Number != 5 || got.WaitedAt.IsZero() || got.ReservedUntil.IsZero() {
		t.Errorf("got %+v", got)
	}
	w.Becomes(big.ID, store.Waiting)
	w.GiveUp(later)
	for _, o := range holds[1:] {
		w.GiveUp(o)
	}
	w.Becomes(big.ID, store.Reserved)
	w.Balanced(0)
	w.Eventually("the return list is empty", func() bool {
		s, err := w.Line.Snapshot(w.Ctx, w.Event.ID)
		return err == nil && s.Waiting == 0 && s.WaitingTickets[w.Event.Types[0].ID] == 0
	})
}

func TestSoldOutIsToldTheMomentItIsTrue(t *testing.T) {
	w := world.New(t, 2)
	w.Generator()
	first, second := w.JoinAll(1, 1)[0], w.JoinAll(1, 1)[0]
	waits := w.JoinAll(1, 1)[0]
	keeps := w.Order(w.Fan(), 1)
	keeps.Keep = true
	w.Join(keeps)
	w.Becomes(waits.ID, store.Waiting)
	w.Becomes(keeps.ID, store.Waiting)
	w.Pay(first)
	w.Becomes(waits.ID, store.Waiting) // one hold may still come back
	w.Pay(second)
	w.Becomes(waits.ID, store.SoldOut)
	w.Becomes(keeps.ID, store.Waiting)
	late := w.JoinAll(1, 1)[0]
	w.Becomes(late.ID, store.SoldOut) // at once
	r, err := w.DB.AskRefund(w.Ctx, first.ID, first.AccountID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Nudges.Return(w.Ctx, r.ID); err != nil {
		t.Fatal(err)
	}
	w.Becomes(keeps.ID, store.Reserved)
	w.Becomes(first.ID, store.Refunded)
	w.Balanced(0)
}

func TestMoreCapacityServesThoseWhoWait(t *testing.T) {
	w := world.New(t, 1)
	w.Generator()
	orders := w.JoinAll(4, 1)
	for _, o := range orders[1:] {
		w.Becomes(o.ID, store.Waiting)
	}
	change, err := w.DB.AskCapacity(w.Ctx, 0, w.Event.Types[0].ID, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Nudges.SetCapacity(w.Ctx, change); err != nil {
		t.Fatal(err)
	}
	w.Becomes(orders[1].ID, store.Reserved)
	w.Becomes(orders[2].ID, store.Reserved)
	w.Becomes(orders[3].ID, store.Waiting)
	w.Balanced(0)
}

func TestAPausedEventParksItsLineInOrder(t *testing.T) {
	w := world.New(t, 3)
	other := w.OtherEvent(1)
	w.Generator()
	pause := func(paused bool) {
		t.Helper()
		if err := w.DB.PauseEvent(w.Ctx, 0, w.Event.ID, paused); err != nil {
			t.Fatal(err)
		}
	}
	pause(true)
	parked := w.JoinAll(4, 1)
	for _, o := range parked {
		w.Becomes(o.ID, store.Queued) // it has a row, and waits
	}
	elsewhere := w.Order(w.Fan(), 1)
	elsewhere.EventID, elsewhere.TicketTypeID = other.ID, other.Types[0].ID
	w.Join(elsewhere)
	w.Becomes(elsewhere.ID, store.Reserved) // other events go on
	s, err := w.Line.Snapshot(w.Ctx, w.Event.ID)
	if err != nil || s.InLine() != 4 || s.Head != 0 {
		t.Errorf("the line of the paused event: %+v, %v", s, err)
	}
	w.GiveUp(parked[1])
	if err := w.Nudges.Resume(w.Ctx, w.Event.ID); err != nil { // too early: nothing happens
		t.Fatal(err)
	}
	w.Eventually("the early nudge was answered", func() bool {
		info, err := asynq.NewInspectorFromRedisClient(w.Redis).GetQueueInfo(jobs.QueueReleases)
		return err == nil && info.Size == 0
	})
	pause(false)
	behind := w.JoinAll(1, 1)[0] // must not overtake those who were parked
	w.Becomes(behind.ID, store.Queued)
	if err := w.Nudges.Resume(w.Ctx, w.Event.ID); err != nil {
		t.Fatal(err)
	}
	for i, o := range []store.QueuedOrder{parked[0], parked[2], parked[3]} {
		got := w.Becomes(o.ID, store.Reserved)
		if got.Decision != int64(i+1) || got.Tickets[0].Number != int64(i+1) {
			t.Errorf("order %d has decision %d and ticket %d", i, got.Decision, got.Tickets[0].Number)
		}
	}
	w.Becomes(behind.ID, store.Waiting)
	w.Balanced(0)
	w.Eventually("nobody is in line", func() bool {
		s, err := w.Line.Snapshot(w.Ctx, w.Event.ID)
		return err == nil && s.InLine() == 0
	})
}

func TestAPausedEventKeepsWhatComesBackForThoseWhoWait(t *testing.T) {
	w := world.New(t, 1)
	w.Generator()
	hold, waits := w.JoinAll(1, 1)[0], w.JoinAll(1, 1)[0]
	w.Becomes(waits.ID, store.Waiting)
	if err := w.DB.PauseEvent(w.Ctx, 0, w.Event.ID, true); err != nil {
		t.Fatal(err)
	}
	w.GiveUp(hold)
	w.Balanced(1) // nobody's clock runs while the sale is paused
	w.Becomes(waits.ID, store.Waiting)
	if err := w.DB.PauseEvent(w.Ctx, 0, w.Event.ID, false); err != nil {
		t.Fatal(err)
	}
	late := w.JoinAll(1, 1)[0] // must not take it before those who waited are served
	w.Becomes(late.ID, store.Queued)
	if err := w.Nudges.Resume(w.Ctx, w.Event.ID); err != nil {
		t.Fatal(err)
	}
	w.Becomes(waits.ID, store.Reserved)
	w.Becomes(late.ID, store.Waiting)
	w.Balanced(0)
}

func TestALaterCapacityIsNotUndoneByAnEarlierOne(t *testing.T) {
	w := world.New(t, 1)
	w.Generator()
	kind := w.Event.Types[0].ID
	if _, err := w.DB.AskCapacity(w.Ctx, 0, kind, 30); err != nil { // its nudge is lost
		t.Fatal(err)
	}
	later, err := w.DB.AskCapacity(w.Ctx, 0, kind, 50)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Nudges.SetCapacity(w.Ctx, later); err != nil {
		t.Fatal(err)
	}
	w.Eventually("both are settled", func() bool {
		asked, err := w.DB.AskedCapacities(w.Ctx, 10)
		return err == nil && len(asked) == 0
	})
	w.Balanced(50)
}
