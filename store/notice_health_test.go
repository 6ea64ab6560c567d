package store_test

import (
	"testing"

	"guiche/store"
)

func (w *world) noticeTrouble() (n store.NoticeTrouble) {
	w.t.Helper()
	all, err := w.db.NoticeTroubles(w.ctx)
	w.check(err)
	if len(all) > 1 {
		w.t.Fatalf("troubles: %+v", all)
	}
	for _, n = range all {
	}
	return n
}

func TestAWrongSecretIsSeenUntilAGoodNoticeComes(t *testing.T) {
	w := newWorld(t, 10)
	if n := w.noticeTrouble(); n.Gateway != "" {
		t.Errorf("a shop that sold nothing is in trouble: %+v", n)
	}
	w.check(w.db.NoticeRefused(w.ctx, "sandbox", "signature"))
	if n := w.noticeTrouble(); n.Gateway != "sandbox" || n.RefusedAt.IsZero() || n.Reason != "signature" || !n.PaidAt.IsZero() {
		t.Errorf("the trouble is %+v", n)
	}
	w.check(w.db.NoticeTaken(w.ctx, "sandbox"))
	if n := w.noticeTrouble(); n.Gateway != "" {
		t.Errorf("a good one came, yet there is %+v", n)
	}
}

func TestNoNoticeForAnHourWhileChargesArePaidIsSeen(t *testing.T) {
	w := newWorld(t, 10)
	w.buy(w.fan(), 1)
	if n := w.noticeTrouble(); n.Gateway != "" {
		t.Errorf("the notice may still be on its way: %+v", n)
	}
	w.set(`alter table ledger disable trigger ledger_is_kept; update ledger set at = now() - interval '6 minutes'`)
	if n := w.noticeTrouble(); n.Gateway != "sandbox" || n.PaidAt.IsZero() || !n.TakenAt.IsZero() || !n.RefusedAt.IsZero() {
		t.Errorf("no notice ever came, and the trouble is %+v", n)
	}
	w.set(`insert into notices (gateway, event_id, gateway_id, received_at) values ('sandbox', 'e', 'g', now() - interval '50 minutes')`)
	if n := w.noticeTrouble(); n.Gateway != "" {
		t.Errorf("one came within the hour: %+v", n)
	}
	w.check(w.db.NoticeTaken(w.ctx, "sandbox"))
	w.set(`update gateway_notices set taken_at = now() - interval '2 hours'`)
	if n := w.noticeTrouble(); n.PaidAt.IsZero() || n.TakenAt.IsZero() {
		t.Errorf("none for an hour, and the trouble is %+v", n)
	}
}
