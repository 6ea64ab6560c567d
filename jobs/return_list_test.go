package jobs

import (
	"database/sql"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"guiche/store"
)

func TestWhatComesBackGoesToTheEarliestThatFits(t *testing.T) {
	w := newWorld(t, 4)
	w.generator()
	holds := w.joinAll(4, 1)
	for _, o := range holds {
		w.becomes(o.ID, store.Reserved)
	}
	big, small, later := w.joinAll(1, 3)[0], w.joinAll(1, 1)[0], w.joinAll(1, 1)[0]
	for _, o := range []store.QueuedOrder{big, small, later} {
		w.becomes(o.ID, store.Waiting)
	}
	w.giveUp(holds[0])
	got := w.becomes(small.ID, store.Reserved) // the big one is passed over and keeps its place
	if len(got.Tickets) != 1 || got.Tickets[0].Number != 5 || got.WaitedAt.IsZero() || got.ReservedUntil.IsZero() {
		t.Errorf("got %+v", got)
	}
	w.becomes(big.ID, store.Waiting)
	w.giveUp(later)
	for _, o := range holds[1:] {
		w.giveUp(o)
	}
	w.becomes(big.ID, store.Reserved)
	w.balanced(0)
	w.eventually("the return list is empty", func() bool {
		s, err := w.cache.Snapshot(w.ctx, w.event.ID)
		return err == nil && s.Waiting == 0 && s.Waits[w.event.Types[0].ID] == 0
	})
}

func TestSoldOutIsToldTheMomentItIsTrue(t *testing.T) {
	w := newWorld(t, 2)
	w.generator()
	first, second := w.joinAll(1, 1)[0], w.joinAll(1, 1)[0]
	waits := w.joinAll(1, 1)[0]
	keeps := w.order(w.fan(), 1)
	keeps.Keep = true
	w.join(keeps)
	w.becomes(waits.ID, store.Waiting)
	w.becomes(keeps.ID, store.Waiting)
	w.pay(first)
	w.becomes(waits.ID, store.Waiting) // one hold may still come back
	w.pay(second)
	w.becomes(waits.ID, store.SoldOut)
	w.becomes(keeps.ID, store.Waiting)
	late := w.joinAll(1, 1)[0]
	w.becomes(late.ID, store.SoldOut) // at once
	r, err := w.db.AskRefund(w.ctx, first.ID, first.AccountID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.nudges.Return(w.ctx, r.ID); err != nil {
		t.Fatal(err)
	}
	w.becomes(keeps.ID, store.Reserved)
	w.becomes(first.ID, store.Refunded)
	w.balanced(0)
}

func TestNobodyWaitsBeyondTheSale(t *testing.T) {
	w := newWorld(t, 1)
	gateway, _ := startSandbox(t)
	w.generator()
	w.worker(gateway)
	first := w.joinAll(1, 1)[0]
	keeps := w.order(w.fan(), 1)
	keeps.Keep = true
	w.join(keeps)
	w.becomes(keeps.ID, store.Waiting)
	w.pay(first)
	w.event.SaleStartsAt, w.event.SaleEndsAt = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
	if err := w.db.UpdateEvent(w.ctx, 0, w.event); err != nil {
		t.Fatal(err)
	}
	w.becomes(keeps.ID, store.SoldOut) // the worker's sweep finds it
}

func TestMoreCapacityServesThoseWhoWait(t *testing.T) {
	w := newWorld(t, 1)
	w.generator()
	orders := w.joinAll(4, 1)
	for _, o := range orders[1:] {
		w.becomes(o.ID, store.Waiting)
	}
	change, err := w.db.AskCapacity(w.ctx, 0, w.event.Types[0].ID, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.nudges.SetCapacity(w.ctx, change); err != nil {
		t.Fatal(err)
	}
	w.becomes(orders[1].ID, store.Reserved)
	w.becomes(orders[2].ID, store.Reserved)
	w.becomes(orders[3].ID, store.Waiting)
	w.balanced(0)
}

func TestAPausedEventParksItsLineInOrder(t *testing.T) {
	w := newWorld(t, 3)
	other := w.otherEvent(1)
	w.generator()
	pause := func(paused bool) {
		t.Helper()
		if err := w.db.PauseEvent(w.ctx, 0, w.event.ID, paused); err != nil {
			t.Fatal(err)
		}
	}
	pause(true)
	parked := w.joinAll(4, 1)
	for _, o := range parked {
		w.becomes(o.ID, store.Queued) // it has a row, and waits
	}
	elsewhere := w.order(w.fan(), 1)
	elsewhere.EventID, elsewhere.TicketTypeID = other.ID, other.Types[0].ID
	w.join(elsewhere)
	w.becomes(elsewhere.ID, store.Reserved) // other events go on
	s, err := w.cache.Snapshot(w.ctx, w.event.ID)
	if err != nil || s.InLine() != 4 || s.Head != 0 {
		t.Errorf("the line of the paused event: %+v, %v", s, err)
	}
	w.giveUp(parked[1])
	if err := w.nudges.Resume(w.ctx, w.event.ID); err != nil { // too early: nothing happens
		t.Fatal(err)
	}
	w.eventually("the early nudge was answered", func() bool {
		info, err := asynq.NewInspectorFromRedisClient(w.rdb).GetQueueInfo(queueReleases)
		return err == nil && info.Size == 0
	})
	pause(false)
	behind := w.joinAll(1, 1)[0] // must not overtake those who were parked
	w.becomes(behind.ID, store.Queued)
	if err := w.nudges.Resume(w.ctx, w.event.ID); err != nil {
		t.Fatal(err)
	}
	for i, o := range []store.QueuedOrder{parked[0], parked[2], parked[3]} {
		got := w.becomes(o.ID, store.Reserved)
		if got.Decision != int64(i+1) || got.Tickets[0].Number != int64(i+1) {
			t.Errorf("order %d has decision %d and ticket %d", i, got.Decision, got.Tickets[0].Number)
		}
	}
	w.becomes(behind.ID, store.Waiting)
	w.balanced(0)
	w.eventually("nobody is in line", func() bool {
		s, err := w.cache.Snapshot(w.ctx, w.event.ID)
		return err == nil && s.InLine() == 0
	})
}

func TestAPausedEventKeepsWhatComesBackForThoseWhoWait(t *testing.T) {
	w := newWorld(t, 1)
	w.generator()
	hold, waits := w.joinAll(1, 1)[0], w.joinAll(1, 1)[0]
	w.becomes(waits.ID, store.Waiting)
	if err := w.db.PauseEvent(w.ctx, 0, w.event.ID, true); err != nil {
		t.Fatal(err)
	}
	w.giveUp(hold)
	w.balanced(1) // nobody's clock runs while the sale is paused
	w.becomes(waits.ID, store.Waiting)
	if err := w.db.PauseEvent(w.ctx, 0, w.event.ID, false); err != nil {
		t.Fatal(err)
	}
	late := w.joinAll(1, 1)[0] // must not take it before those who waited are served
	w.becomes(late.ID, store.Queued)
	if err := w.nudges.Resume(w.ctx, w.event.ID); err != nil {
		t.Fatal(err)
	}
	w.becomes(waits.ID, store.Reserved)
	w.becomes(late.ID, store.Waiting)
	w.balanced(0)
}

func TestALaterCapacityIsNotUndoneByAnEarlierOne(t *testing.T) {
	w := newWorld(t, 1)
	w.generator()
	kind := w.event.Types[0].ID
	if _, err := w.db.AskCapacity(w.ctx, 0, kind, 30); err != nil { // its nudge is lost
		t.Fatal(err)
	}
	later, err := w.db.AskCapacity(w.ctx, 0, kind, 50)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.nudges.SetCapacity(w.ctx, later); err != nil {
		t.Fatal(err)
	}
	w.eventually("both are settled", func() bool {
		asked, err := w.db.AskedCapacities(w.ctx, 10)
		return err == nil && len(asked) == 0
	})
	w.balanced(50)
}

// otherEvent opens a second event with one type.
func (w *world) otherEvent(capacity int) store.Event {
	w.t.Helper()
	e := w.event
	e.Slug, e.Types = "other", nil
	e, err := w.db.CreateEvent(w.ctx, 0, e)
	if err != nil {
		w.t.Fatal(err)
	}
	kind, _, err := w.db.CreateTicketType(w.ctx, 0, store.TicketType{EventID: e.ID, Name: "Pista", PriceCents: 1000, Capacity: capacity})
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := sql.Open("postgres", w.databaseURL)
	if err != nil {
		w.t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`update stock set capacity = $2 where ticket_type_id = $1`, kind.ID, capacity); err != nil {
		w.t.Fatal(err)
	}
	if err := w.db.PublishEvent(w.ctx, 0, e.ID); err != nil {
		w.t.Fatal(err)
	}
	e.Types = []store.TicketType{kind}
	return e
}
