package line_test

import (
	"context"
	"testing"
	"time"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
	"guiche/store/local"
)

func newCache(t *testing.T) *line.Line {
	t.Helper()
	rdb, err := jobs.OpenRedis(t.Context(), local.NewRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	return line.New(rdb)
}

func TestAnOlderOutcomeNeverOverwritesANewerOne(t *testing.T) {
	c := newCache(t)
	put := func(epoch, batch int64, free int) {
		t.Helper()
		out := store.Outcome{Epoch: epoch, Batch: batch, Counts: []store.Counts{{EventID: 7, Free: map[int64]int{3: free}, Issued: 9, Last: []int64{9, 8}}}}
		if err := c.Tell(t.Context(), out, nil); err != nil {
			t.Fatal(err)
		}
	}
	want := func(free int) {
		t.Helper()
		s, err := c.Snapshot(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		if !s.Known || s.Free[3] != free || s.Issued != 9 || len(s.Last) != 2 || s.Gone()[3] != (free == 0) {
			t.Errorf("the cache knows %+v, want %d free", s, free)
		}
	}
	if s, err := c.Snapshot(t.Context(), 7); err != nil || s.Known || len(s.Gone()) != 0 {
		t.Errorf("an empty cache knows %+v, %v", s, err)
	}
	put(2, 5, 10)
	put(2, 4, 99)
	want(10)
	put(1, 900, 99)
	want(10)
	put(2, 5, 9) // told again
	want(9)
	put(3, 1, 0)
	want(0)
}

func TestPlacesInLine(t *testing.T) {
	c := newCache(t)
	ctx := t.Context()
	order := func(number, kind int64, quantity int) store.QueuedOrder {
		return store.QueuedOrder{EventID: 7, Number: number, TicketTypeID: kind, Quantity: quantity}
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	pass := func(o store.QueuedOrder, before int64) error {
		p := line.Passed{}
		o.Before = before
		p.Add(o)
		return c.Tell(ctx, store.Outcome{}, p)
	}
	// Orders 1 to 6 want 2, 3, 4 of type 3, one of type 5, and 2, 1 of type 3.
	check(pass(order(1, 3, 2), 0))
	check(c.AddLeavers(ctx, []store.QueuedOrder{order(2, 3, 3)}))
	s, err := c.Snapshot(ctx, 7)
	check(err)
	for _, try := range []struct{ number, kind, before, place, ahead int64 }{
		{3, 3, 5, 1, 0}, {4, 5, 0, 2, 0}, {5, 3, 9, 3, 4}, {6, 3, 11, 4, 6},
	} {
		if place, ahead := s.Place(try.number, try.kind, try.before); place != try.place || ahead != try.ahead {
			t.Errorf("order %d stands at %d behind %d tickets, want %d behind %d", try.number, place, ahead, try.place, try.ahead)
		}
	}
	s.Joined, s.Asked = 6, map[int64]int64{3: 12, 5: 1}
	if s.InLine() != 4 || s.InLineOf(3) != 7 || s.InLineOf(5) != 1 || s.InLineOf(99) != 0 {
		t.Errorf("%d orders in line; they want %d and %d", s.InLine(), s.InLineOf(3), s.InLineOf(5))
	}
	// The head moves forward only, and takes the leavers that it passes along.
	check(pass(order(3, 3, 4), 5))
	check(pass(order(2, 3, 3), 2))
	s, err = c.Snapshot(ctx, 7)
	check(err)
	if s.Head != 3 || s.Passed[3] != 9 || len(s.Leavers) != 0 {
		t.Errorf("the line stands at %+v", s)
	}
	s.Asked = map[int64]int64{3: 4} // the counter was lost, the rest was not
	if s.InLineOf(3) != 0 {
		t.Errorf("%d wanted in line", s.InLineOf(3))
	}
}

func TestNewsAreHeard(t *testing.T) {
	c := newCache(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	heard, listening := make(chan line.News, 1), make(chan struct{}, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Listen(ctx, func(n line.News) { heard <- n }, func() { listening <- struct{}{} })
	}()
	<-listening
	if err := c.Publish(ctx, line.News{EventID: 7}); err != nil {
		t.Fatal(err)
	}
	select {
	case n := <-heard:
		if n.EventID != 7 {
			t.Errorf("heard %+v", n)
		}
	case <-ctx.Done():
		t.Fatal("nothing was heard")
	}
	cancel()
	<-ended
}
