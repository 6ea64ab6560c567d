package payment

import (
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// contractWorld is one gateway with the people and things around it that the contract speaks of.
type contractWorld struct {
	gateway   Gateway
	noticeURL string
	pay       func(t *testing.T, c Charge) // the payer pays, or tries to
	decline   func(t *testing.T, c Charge) // the payer's bank says no
	notice    func(t *testing.T) Delivery  // waits for the next notice
	advance   func(d time.Duration)        // moves the clock of both sides; nil if nobody can
	now       func() time.Time
}

func (w contractWorld) newCharge() NewCharge {
	return NewCharge{
		Reference:   uuid.NewString(),
		AmountCents: 12_345,
		Currency:    "BRL",
		Description: "2 ingressos",
		ExpiresAt:   w.now().Add(10 * time.Minute).UTC().Truncate(time.Second),
		ReturnURL:   "http://shop.test/orders/1",
		NoticeURL:   w.noticeURL,
		Language:    "pt-BR",
	}
}

func (w contractWorld) create(t *testing.T) Charge {
	t.Helper()
	c, err := w.gateway.Create(t.Context(), w.newCharge())
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return c
}

func (w contractWorld) paid(t *testing.T) Charge {
	t.Helper()
	c := w.create(t)
	w.pay(t, c)
	w.want(t, c.ID, Paid)
	return c
}

// want asserts the state of a charge.
func (w contractWorld) want(t *testing.T, id string, status Status) {
	t.Helper()
	c, err := w.gateway.Get(t.Context(), id)
	if err != nil || c.Status != status {
		t.Fatalf("Get: %q, %v; want %q", c.Status, err, status)
	}
}

// testGateway shows that a gateway keeps the contract. Each part gets a world of its own.
func testGateway(t *testing.T, start func(t *testing.T) contractWorld) {
	parts := map[string]func(*testing.T, contractWorld){
		"create tells all":                       contractCreate,
		"create is idempotent":                   contractCreateAgain,
		"create at once from many sides":         contractCreateRace,
		"create refuses another amount":          contractCreateConflict,
		"create refuses what makes no sense":     contractCreateInvalid,
		"get and find":                           contractGetFind,
		"nobody knows it":                        contractNotFound,
		"cancel an open charge":                  contractCancelOpen,
		"cancel after it was paid":               contractCancelPaid,
		"a decline is an end":                    contractDecline,
		"refund in parts, once per key, bounded": contractRefund,
		"refund what was not paid":               contractRefundUnpaid,
		"refunds at once from many sides":        contractRefundRace,
		"a notice tells of the charge":           contractNotice,
		"notices have ids of their own":          contractNoticeIDs,
		"a forged notice":                        contractNoticeForged,
	}
	if start(t).advance != nil {
		maps.Copy(parts, map[string]func(*testing.T, contractWorld){
			"a deadline ends a charge": contractDeadline,
			"a paid charge stays paid": contractPaidThenDeadline,
			"a stale notice":           contractNoticeStale,
		})
	}
	for name, part := range parts {
		t.Run(name, func(t *testing.T) { part(t, start(t)) })
	}
}

func contractCreate(t *testing.T, w contractWorld) {
	n := w.newCharge()
	c, err := w.gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if c.ID == "" || c.PayURL == "" && c.PixCode == "" {
		t.Errorf("nobody can pay %+v", c)
	}
	if c.Reference != n.Reference || c.AmountCents != n.AmountCents || c.Currency != n.Currency || c.RefundedCents != 0 ||
		c.Status != Open || !c.ExpiresAt.Equal(n.ExpiresAt) {
		t.Errorf("asked for %+v, got %+v", n, c)
	}
}

func contractCreateAgain(t *testing.T, w contractWorld) {
	n := w.newCharge()
	first, err := w.gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.gateway.Create(t.Context(), n)
	if err != nil || second != first {
		t.Errorf("first %+v, then %+v, %v", first, second, err)
	}
	w.pay(t, first)
	third, err := w.gateway.Create(t.Context(), n)
	if err != nil || third.ID != first.ID || third.Status != Paid {
		t.Errorf("after paying: %+v, %v", third, err)
	}
}

func contractCreateRace(t *testing.T, w contractWorld) {
	n := w.newCharge()
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			c, err := w.gateway.Create(t.Context(), n)
			if err != nil {
				t.Error(err)
			}
			ids[i] = c.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("one reference, two charges: %v", ids)
		}
	}
}

func contractCreateConflict(t *testing.T, w contractWorld) {
	n := w.newCharge()
	c, err := w.gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	n.AmountCents++
	if _, err := w.gateway.Create(t.Context(), n); !errors.Is(err, ErrRefused) {
		t.Errorf("another amount for the same reference: %v", err)
	}
	if again, err := w.gateway.Get(t.Context(), c.ID); err != nil || again != c {
		t.Errorf("charge is now %+v, %v", again, err)
	}
}

func contractCreateInvalid(t *testing.T, w contractWorld) {
	for name, spoil := range map[string]func(*NewCharge){
		"no amount":       func(n *NewCharge) { n.AmountCents = 0 },
		"negative amount": func(n *NewCharge) { n.AmountCents = -1 },
		"no currency":     func(n *NewCharge) { n.Currency = "" },
		"no reference":    func(n *NewCharge) { n.Reference = "" },
	} {
		n := w.newCharge()
		spoil(&n)
		if c, err := w.gateway.Create(t.Context(), n); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
}

func contractGetFind(t *testing.T, w contractWorld) {
	c := w.create(t)
	w.create(t)
	if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got != c {
		t.Errorf("Get: %+v, %v; want %+v", got, err, c)
	}
	if got, err := w.gateway.Find(t.Context(), c.Reference, w.now()); err != nil || got != c {
		t.Errorf("Find: %+v, %v; want %+v", got, err, c)
	}
}

func contractNotFound(t *testing.T, w contractWorld) {
	c := w.create(t)
	for _, id := range []string{"", ".", "..", "no such charge", "a/b", "é?&#", c.Reference, c.ID + "x"} {
		if _, err := w.gateway.Get(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("Get(%q): %v", id, err)
		}
		if _, err := w.gateway.Cancel(t.Context(), id); !errors.Is(err, ErrNotFound) {
			t.Errorf("Cancel(%q): %v", id, err)
		}
		if _, err := w.gateway.Refund(t.Context(), NewRefund{Key: "k", ChargeID: id, AmountCents: 1}); !errors.Is(err, ErrNotFound) {
			t.Errorf("Refund(%q): %v", id, err)
		}
	}
	for _, reference := range []string{"", "no such reference", "a/b", "é?&#", c.ID} {
		if _, err := w.gateway.Find(t.Context(), reference, w.now()); !errors.Is(err, ErrNotFound) {
			t.Errorf("Find(%q): %v", reference, err)
		}
	}
}

func contractCancelOpen(t *testing.T, w contractWorld) {
	c := w.create(t)
	for range 2 {
		if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != Cancelled || got.ID != c.ID {
			t.Fatalf("Cancel: %+v, %v", got, err)
		}
	}
	w.pay(t, c)
	w.want(t, c.ID, Cancelled)
}

func contractCancelPaid(t *testing.T, w contractWorld) {
	c := w.paid(t)
	if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != Paid {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
	w.want(t, c.ID, Paid)
}

func contractDecline(t *testing.T, w contractWorld) {
	c := w.create(t)
	w.decline(t, c)
	w.want(t, c.ID, Declined)
	w.pay(t, c)
	w.want(t, c.ID, Declined)
	if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != Declined {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
}

func contractDeadline(t *testing.T, w contractWorld) {
	c := w.create(t)
	w.advance(c.ExpiresAt.Sub(w.now()) - time.Second)
	w.want(t, c.ID, Open)
	w.advance(time.Second)
	w.want(t, c.ID, Cancelled)
	w.pay(t, c)
	w.want(t, c.ID, Cancelled)
	if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != Cancelled {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
	n := w.newCharge()
	n.ExpiresAt = w.now().Add(-time.Second)
	if late, err := w.gateway.Create(t.Context(), n); err == nil && late.Status != Cancelled {
		t.Errorf("a charge that was late from the start is %q", late.Status)
	}
}

func contractPaidThenDeadline(t *testing.T, w contractWorld) {
	c := w.paid(t)
	w.advance(time.Hour)
	w.want(t, c.ID, Paid)
}

func contractRefund(t *testing.T, w contractWorld) {
	c := w.paid(t)
	var before int64
	refund := func(key string, cents int64) (Refund, error) {
		return w.gateway.Refund(t.Context(), NewRefund{Key: key, ChargeID: c.ID, AmountCents: cents, BeforeCents: before})
	}
	refunded := func(want int64) {
		t.Helper()
		if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != want || got.Status != Paid {
			t.Errorf("charge is %+v, %v; want %d refunded", got, err, want)
		}
	}
	keys := []string{uuid.NewString(), uuid.NewString(), uuid.NewString(), uuid.NewString()}

	first, err := refund(keys[0], 2_345)
	if err != nil || first.ID == "" || first.AmountCents != 2_345 || first.Status != RefundDone {
		t.Fatalf("part: %+v, %v", first, err)
	}
	if again, err := refund(keys[0], 2_345); err != nil || again != first {
		t.Errorf("again: %+v, %v; want %+v", again, err, first)
	}
	refunded(2_345)
	before = 2_345
	if _, err := refund(keys[0], 1); !errors.Is(err, ErrRefused) {
		t.Errorf("the key was used for another amount: %v", err)
	}
	if _, err := refund(keys[1], 10_001); !errors.Is(err, ErrRefused) {
		t.Errorf("more than what is left: %v", err)
	}
	for _, cents := range []int64{0, -1} {
		if _, err := refund(keys[2], cents); !errors.Is(err, ErrRefused) {
			t.Errorf("a refund of %d: %v", cents, err)
		}
	}
	refunded(2_345)
	rest, err := refund(keys[3], 10_000)
	if err != nil || rest.ID == first.ID {
		t.Errorf("rest: %+v, %v", rest, err)
	}
	refunded(12_345)
	before = 12_345
	if _, err := refund(uuid.NewString(), 1); !errors.Is(err, ErrRefused) {
		t.Errorf("a cent too much: %v", err)
	}

	other := w.paid(t)
	if _, err := w.gateway.Refund(t.Context(), NewRefund{Key: keys[0], ChargeID: other.ID, AmountCents: 2_345}); !errors.Is(err, ErrRefused) {
		t.Errorf("the key was used for another charge: %v", err)
	}
}

func contractRefundUnpaid(t *testing.T, w contractWorld) {
	c := w.create(t)
	ask := NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 1}
	if _, err := w.gateway.Refund(t.Context(), ask); !errors.Is(err, ErrRefused) {
		t.Errorf("open: %v", err)
	}
	if _, err := w.gateway.Cancel(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.gateway.Refund(t.Context(), ask); !errors.Is(err, ErrRefused) {
		t.Errorf("cancelled: %v", err)
	}
}

func contractRefundRace(t *testing.T, w contractWorld) {
	c := w.paid(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { // two of these fit, whichever they are
			_, _ = w.gateway.Refund(t.Context(), NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000})
		})
	}
	all.Wait()
	if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != 10_000 {
		t.Errorf("refunded %d, %v", got.RefundedCents, err)
	}
}

func contractNotice(t *testing.T, w contractWorld) {
	for _, act := range []func(*testing.T, Charge){w.pay, w.decline} {
		c := w.create(t)
		act(t, c)
		n, err := w.gateway.ParseNotice(w.notice(t))
		if err != nil || n.ID == "" || n.Reference != c.Reference {
			t.Errorf("notice %+v, %v; want one of %q", n, err, c.Reference)
		}
	}
}

func contractNoticeIDs(t *testing.T, w contractWorld) {
	seen := map[string]bool{}
	for range 5 {
		w.pay(t, w.create(t))
		n, err := w.gateway.ParseNotice(w.notice(t))
		if err != nil || seen[n.ID] {
			t.Errorf("notice %+v, %v after %v", n, err, seen)
		}
		seen[n.ID] = true
	}
}

func contractNoticeForged(t *testing.T, w contractWorld) {
	c := w.create(t)
	w.pay(t, c)
	d := w.notice(t)
	if _, err := w.gateway.ParseNotice(d); err != nil {
		t.Fatal(err)
	}
	if _, err := w.gateway.ParseNotice(Delivery{Query: d.Query, Body: d.Body}); !errors.Is(err, ErrSignature) {
		t.Errorf("without headers: %v", err)
	}
	for name := range d.Header {
		good := d.Header.Get(name)
		for _, value := range []string{"", "x", good + "0", strings.ToUpper(good), "0" + good} {
			forged := d
			forged.Header = d.Header.Clone()
			forged.Header.Set(name, value)
			if n, err := w.gateway.ParseNotice(forged); err == nil && n.Reference != c.Reference || err != nil && !errors.Is(err, ErrSignature) {
				t.Errorf("%s: %q: %+v, %v", name, value, n, err)
			}
		}
	}
}

func contractNoticeStale(t *testing.T, w contractWorld) {
	w.pay(t, w.create(t))
	d := w.notice(t)
	w.advance(4 * time.Minute)
	if _, err := w.gateway.ParseNotice(d); err != nil {
		t.Errorf("a notice of four minutes ago: %v", err)
	}
	w.advance(2 * time.Minute)
	if _, err := w.gateway.ParseNotice(d); !errors.Is(err, ErrSignature) {
		t.Errorf("a notice of six minutes ago: %v", err)
	}
}
