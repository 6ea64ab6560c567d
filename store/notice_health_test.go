package store_test

import (
	"testing"

	"guiche/store"
)

func (w *world) noticeTrouble() (n store.NoticeTrouble) {
	w.T.Helper()
	all, err := w.DB.NoticeTroubles(w.Ctx)
	w.Check(err)
	if len(all) > 1 {
		w.T.Fatalf("troubles: %+v", all)
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
	w.Check(w.DB.NoticeRefused(w.Ctx, "sandbox", "signature"))
	if n := w.noticeTrouble(); n.Gateway != "sandbox" || n.RefusedAt.IsZero() || n.Reason != "signature" || !n.PaidAt.IsZero() {
		t.Errorf("the trouble is %+v", n)
	}
	w.Check(w.DB.NoticeTaken(w.Ctx, "sandbox"))
	if n := w.noticeTrouble(); n.Gateway != "" {
		t.Errorf("a good one came, yet there is %+v", n)
	}
}

func TestNoNoticeForAnHourWhileChargesArePaidIsSeen(t *testing.T) {
	w := newWorld(t, 10)
	w.buy(w.Fan(), 1)
	if n := w.noticeTrouble(); n.Gateway != "" {
		t.Errorf("the notice may still be on its way: %+v", n)
	}
	w.Set(`alter table ledger disable trigger ledger_is_kept; update ledger set at = now() - interval '6 minutes'`)
	if n := w.noticeTrouble(); n.Gateway != "sandbox" || n.PaidAt.IsZero() || !n.TakenAt.IsZero() || !n.RefusedAt.IsZero() {
		t.Errorf("no notice ever came, and the trouble is %+v", n)
	}
	w.Set(`insert into notices (gateway, event_id, gateway_id, received_at) values ('sandbox', 'e', 'g', now() - interval '50 minutes')`)
	if n := w.noticeTrouble(); n.Gateway != "" {
		t.Errorf("one came within the hour: %+v", n)
	}
	w.Check(w.DB.NoticeTaken(w.Ctx, "sandbox"))
	w.Set(`update gateway_notices set taken_at = now() - interval '2 hours'`)
	if n := w.noticeTrouble(); n.PaidAt.IsZero() || n.TakenAt.IsZero() {
		t.Errorf("none for an hour, and the trouble is %+v", n)
	}
}
