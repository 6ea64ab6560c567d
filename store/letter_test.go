package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

// letters lists the kinds of letters that were owed about a subject, in any state.
func (w *world) letters(subject uuid.UUID) (kinds []store.LetterKind) {
	w.T.Helper()
	rows, err := w.Raw.Query(`select kind from letters where subject = $1 order by kind`, subject)
	w.Check(err)
	defer rows.Close()
	for rows.Next() {
		var kind store.LetterKind
		w.Check(rows.Scan(&kind))
		kinds = append(kinds, kind)
	}
	w.Check(rows.Err())
	return kinds
}

func (w *world) wantLetters(subject uuid.UUID, want ...store.LetterKind) {
	w.T.Helper()
	slices.Sort(want)
	if got := w.letters(subject); !slices.Equal(got, want) {
		w.T.Errorf("owed about %s: %v, want %v", subject, got, want)
	}
}

func TestLettersAreOwedWithTheNews(t *testing.T) {
	w := newWorld(t, 2)
	paid := w.reserve(w.Fan(), 1)
	w.wantLetters(paid.ID)
	c := w.charge(paid)
	w.settle(c, captured(c))
	w.settle(c, captured(c)) // told twice
	w.wantLetters(paid.ID, store.LetterPaid)

	lapsed := w.reserve(w.Fan(), 1)
	c = w.charge(lapsed)
	waiting := w.decide(w.wish(w.Fan(), 1), store.Waiting)
	w.settle(c, store.Verdict{Status: store.ChargeCancelled})
	w.Set(`update orders set reserved_until = now() - interval '1 second' where id = $1`, lapsed.ID)
	_, err := w.leader.Expire([]uuid.UUID{lapsed.ID})
	w.Check(err)
	w.wantLetters(lapsed.ID, store.LetterExpired)
	w.wantLetters(waiting.ID, store.LetterGiven)

	w.settle(c, captured(c)) // its money comes after all, and the ticket has gone
	_, err = w.leader.TakeLate([]uuid.UUID{c.ID})
	w.Check(err)
	surplus := w.order(lapsed.ID).Refunds[0]
	w.wantLetters(surplus.ID, store.LetterSurplus)
	w.wantLetters(lapsed.ID, store.LetterExpired)
	for range 2 {
		w.Check(w.DB.RefundPaid(w.Ctx, surplus.ID, "re_1"))
	}
	w.wantLetters(surplus.ID, store.LetterSurplus, store.LetterRefunded)

	// Of one that lapses while nobody waits, the tickets are still free.
	w.Set(`update orders set reserved_until = now() - interval '1 second' where id = $1`, waiting.ID)
	c = w.charge2(waiting)
	w.settle(c, store.Verdict{Status: store.ChargeCancelled})
	_, err = w.leader.Expire([]uuid.UUID{waiting.ID})
	w.Check(err)
	w.settle(c, captured(c))
	_, err = w.leader.TakeLate([]uuid.UUID{c.ID})
	w.Check(err)
	w.wantLetters(waiting.ID, store.LetterGiven, store.LetterExpired, store.LetterLatePaid)
}

// charge2 opens a charge for an order whose time is over.
func (w *world) charge2(o store.Order) store.Charge {
	w.T.Helper()
	w.Set(`update orders set reserved_until = now() + interval '1 minute' where id = $1`, o.ID)
	c := w.charge(o)
	w.Set(`update orders set reserved_until = now() - interval '1 second' where id = $1`, o.ID)
	return c
}

func TestWhatCostsNothingIsPaidAtOnceAndHasItsLetter(t *testing.T) {
	w := newWorld(t, 1)
	free := func() store.QueuedOrder {
		o := w.wish(w.Fan(), 1)
		o.PriceCents, o.FeeCents = 0, 0
		return o
	}
	now := w.decide(free(), store.Paid)
	w.wantLetters(now.ID, store.LetterPaid)
	later := w.decide(free(), store.Waiting)
	w.wantLetters(later.ID)
	r, err := w.DB.AskRefund(w.Ctx, now.ID, now.AccountID, nil)
	w.Check(err)
	_, err = w.leader.Return([]uuid.UUID{r.ID})
	w.Check(err)
	w.wantLetters(later.ID, store.LetterPaid)
	w.wantLetters(r.ID, store.LetterGivenBack)
}

func TestWhateverIsTakenBackHasItsReceipt(t *testing.T) {
	w := newWorld(t, 10)
	o := w.buy(w.Fan(), 3)
	own := w.refund(o, o.Tickets[0].ID)
	w.wantLetters(own.ID, store.LetterGivenBack)
	again := store.AdminRefund{ID: uuid.New(), TicketIDs: []int64{o.Tickets[1].ID}, Cents: new(int64(0)), Note: "sold on"}
	for range 2 { // the form was sent twice
		w.refundByAdmin(o, again)
	}
	w.wantLetters(again.ID, store.LetterTakenBack)
	goodwill := w.refundByAdmin(o, store.AdminRefund{Cents: new(int64(500)), Note: "rain"})
	w.wantLetters(goodwill.ID, store.LetterTakenBack)
	w.Check(w.DB.RefundRefusedByGateway(w.Ctx, own.ID))
	w.wantLetters(own.ID, store.LetterGivenBack, store.LetterRefundRefused)
	_, err := w.DB.SettleRefund(w.Ctx, w.Admin, own.ID, "in cash")
	w.Check(err)
	w.wantLetters(own.ID, store.LetterGivenBack, store.LetterRefundRefused, store.LetterRefundSettled)
	if n := w.Count(`select count(*) from letters where status = 'owed' and kind not in ('confirm', 'reset', 'hold_ending', 'given', 'paid',
		'late_paid', 'expired', 'surplus', 'refunded', 'cancelled')`); n != 0 {
		t.Errorf("the release before would take %d letters and cannot write them", n)
	}
}

func TestLettersOfALaterReleaseAreLeftToIt(t *testing.T) {
	w := newWorld(t, 1)
	w.Set(`insert into letters (kind, subject, account_id) values ('anniversary', gen_random_uuid(), 1)`)
	w.noneDue()
}

func TestEverybodyHearsThatAnEventIsCancelled(t *testing.T) {
	w := newWorld(t, 3)
	paid, reserved := w.buy(w.Fan(), 2), w.reserve(w.Fan(), 1)
	waiting := w.decide(w.wish(w.Fan(), 1), store.Waiting)
	gone := w.decide(w.wish(w.Fan(), 1), store.SoldOut)
	w.cancelEvent()
	late := w.wish(w.Fan(), 1) // joined before
	out, err := w.leader.Decide([]store.QueuedOrder{late}, nil, everybody(store.Reserved))
	w.Check(err)
	if len(out.Orders) != 1 || out.Orders[0].Status != store.OrderCancelled {
		t.Fatalf("decided %+v", out.Orders)
	}
	w.undo(2)
	w.wantLetters(paid.ID, store.LetterPaid, store.LetterCancelled)
	for _, id := range []uuid.UUID{reserved.ID, waiting.ID, late.ID} {
		w.wantLetters(id, store.LetterCancelled)
	}
	w.wantLetters(gone.ID)
}

func TestHoldsAboutToEndAreToldOnceAndInTime(t *testing.T) {
	w := newWorld(t, 10)
	left := func(hold int, left string) store.Order {
		o := w.wish(w.Fan(), 1)
		o.HoldSeconds = hold
		r := w.decide(o, store.Reserved)
		w.Set(`update orders set reserved_until = now() + $2::interval where id = $1`, r.ID, left)
		return r
	}
	ending := []store.Order{left(600, "140 seconds"), left(7200, "170 seconds"), left(120, "25 seconds")}
	others := []store.Order{
		left(600, "160 seconds"), left(7200, "200 seconds"), left(120, "40 seconds"), left(60, "10 seconds"), left(600, "-1 second"),
	}
	pending := left(600, "100 seconds")
	_, err := w.DB.MarkPending(w.Ctx, w.charge(pending).ID, "ch_1")
	w.Check(err)
	others = append(others, pending)
	for _, want := range []int{2, 1, 0} {
		n, err := w.DB.OweHoldEndings(w.Ctx, 2)
		w.Check(err)
		if n != want {
			t.Errorf("%d letters were owed, want %d", n, want)
		}
	}
	for _, o := range ending {
		w.wantLetters(o.ID, store.LetterHoldEnding)
	}
	for _, o := range others {
		w.wantLetters(o.ID)
	}
}

// claim takes the letter that is due.
func (w *world) claim() store.Letter {
	w.T.Helper()
	l, err := w.DB.ClaimLetter(w.Ctx)
	w.Check(err)
	return l
}

func (w *world) noneDue() {
	w.T.Helper()
	if l, err := w.DB.ClaimLetter(w.Ctx); !errors.Is(err, store.ErrNotFound) {
		w.T.Errorf("got the letter %+v, %v", l, err)
	}
}

func TestALetterIsInOneHandAtATime(t *testing.T) {
	w := newWorld(t, 1)
	w.Set(`delete from letters`)
	fan := w.Fan()
	var claimed [2]error
	var both sync.WaitGroup
	for i := range claimed {
		both.Go(func() { _, claimed[i] = w.DB.ClaimLetter(w.Ctx) })
	}
	both.Wait()
	if (claimed[0] == nil) == (claimed[1] == nil) {
		t.Errorf("two hands got %v and %v", claimed[0], claimed[1])
	}
	w.noneDue()
	w.Set(`update letters set next_try_at = now() - interval '1 second'`) // its worker died
	l := w.claim()
	if l.Kind != store.LetterConfirm || l.AccountID != fan || l.Attempts != 2 {
		t.Errorf("the letter is %+v", l)
	}
	w.Check(w.DB.LetterSent(w.Ctx, l.ID))
	w.Check(w.DB.LetterMoot(w.Ctx, l.ID)) // too late to be anything else
	w.Set(`update letters set next_try_at = now() - interval '1 second'`)
	w.noneDue()
	var status string
	w.Check(w.Raw.QueryRow(`select status from letters where id = $1`, l.ID).Scan(&status))
	if status != "sent" {
		t.Errorf("the letter is %s", status)
	}
}

func TestUrgentLettersDoNotWaitBehindOthers(t *testing.T) {
	w := newWorld(t, 1)
	fan := w.Fan()
	first := w.buy(w.Fan(), 1)
	waiting := w.decide(w.wish(fan, 1), store.Waiting)
	r, err := w.DB.AskRefund(w.Ctx, first.ID, first.AccountID, nil)
	w.Check(err)
	_, err = w.leader.Return([]uuid.UUID{r.ID})
	w.Check(err)
	w.Set(`update orders set reserved_until = now() + interval '1 minute' where id = $1`, waiting.ID)
	_, err = w.DB.OweHoldEndings(w.Ctx, 10)
	w.Check(err)
	w.Check(w.DB.OweReset(w.Ctx, w.account(fan).Email, "hers"))
	var kinds []store.LetterKind
	for range 7 {
		kinds = append(kinds, w.claim().Kind)
	}
	w.noneDue()
	want := []store.LetterKind{
		store.LetterGiven, store.LetterHoldEnding, store.LetterReset, store.LetterConfirm, store.LetterConfirm, store.LetterPaid, store.LetterGivenBack,
	}
	if !slices.Equal(kinds, want) {
		t.Errorf("letters in the order %v, want %v", kinds, want)
	}
}

func TestALetterIsTriedWithPatienceAndGivenUpInTheEnd(t *testing.T) {
	w := newWorld(t, 1)
	w.Fan()
	again := func(refused bool) (givenUp bool) {
		w.Set(`update letters set next_try_at = now() - interval '1 second' where status = 'owed'`)
		givenUp, err := w.DB.LetterFailed(w.Ctx, w.claim().ID, refused)
		w.Check(err)
		return givenUp
	}
	wait := func() (seconds float64) {
		w.Check(w.Raw.QueryRow(`select extract(epoch from next_try_at - now()) from letters`).Scan(&seconds))
		return seconds
	}
	var waits []float64
	for range 12 {
		if again(false) {
			t.Fatal("the letter was given up although the mail server may come back")
		}
		waits = append(waits, wait())
	}
	if waits[0] > 31 || !slices.IsSorted(waits[:9]) || waits[11] > 4*60*60 || waits[11] < 3*60*60 {
		t.Errorf("waits of %v seconds", waits)
	}
	w.Set(`update letters set owed_at = now() - interval '4 days'`)
	if !again(false) {
		t.Error("the letter was not given up")
	}
	w.noneDue()

	w.Set(`delete from letters`)
	w.Fan()
	tries := 1
	for !again(true) {
		tries++
	}
	if tries < 3 || tries > 10 {
		t.Errorf("a refused letter was tried %d times", tries)
	}
}

func TestALetterKnowsItsOrder(t *testing.T) {
	w := newWorld(t, 2)
	o := w.buy(w.Fan(), 2)
	r, err := w.DB.AskRefund(w.Ctx, o.ID, o.AccountID, nil)
	w.Check(err)
	w.Check(w.DB.RefundPaid(w.Ctx, r.ID, "re_1"))
	for kind, subject := range map[store.LetterKind]uuid.UUID{store.LetterPaid: o.ID, store.LetterRefunded: r.ID} {
		got, err := w.DB.LetterOrder(w.Ctx, store.Letter{Kind: kind, Subject: subject})
		w.Check(err)
		if got.ID != o.ID || len(got.Tickets) != 2 {
			t.Errorf("%s: order %s with %d tickets", kind, got.ID, len(got.Tickets))
		}
	}
	if _, err := w.DB.LetterOrder(w.Ctx, store.Letter{Kind: store.LetterRefunded, Subject: o.ID}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a refund that is not there: %v", err)
	}
}
