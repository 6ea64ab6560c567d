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
	method    Method                       // of all charges
	spare     time.Duration                // how much later than asked for the gateway's own deadline may be
	again     bool                         // after a decline the payer may try again on the same page
	pay       func(t *testing.T, c Charge) // the payer pays, or tries to
	decline   func(t *testing.T, c Charge) // the payer's bank says no
	notice    func(t *testing.T) Delivery  // waits for the next notice
	advance   func(d time.Duration)        // moves the clock of both sides
	now       func() time.Time

	// What a gateway may do and not all do; nil where it never happens.
	review  func(t *testing.T, c Charge) // the payer pays, and her bank thinks
	lose    func()                       // the next change is made and its answer gets lost
	forget  func()                       // a day passes: idempotency keys are forgotten
	slow    func()                       // from now on refunds take their time
	refunds func(ok bool)                // those that took their time come to an end
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
		Method:      w.method,
		Payer:       Payer{Name: "Ana Luísa de Souza", Email: "ana@guiche.test", CPF: "52998224725"},
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
		"a decline":                              contractDecline,
		"refund in parts, once per key, bounded": contractRefund,
		"refund what was not paid":               contractRefundUnpaid,
		"a refund at once from many sides":       contractRefundRace,
		"a notice tells of the charge":           contractNotice,
		"notices have ids of their own":          contractNoticeIDs,
		"a forged notice":                        contractNoticeForged,
		"a deadline ends a charge":               contractDeadline,
		"a paid charge stays paid":               contractPaidThenDeadline,
		"a stale notice":                         contractNoticeStale,
	}
	w := start(t)
	if w.review != nil {
		parts["a bank that thinks"] = contractReview
	}
	if w.lose != nil {
		parts["an answer gets lost"] = contractLostAnswer
	}
	if w.forget != nil {
		parts["a forgotten key"] = contractForgottenKey
	}
	if w.slow != nil {
		parts["a refund takes its time"] = contractSlowRefund
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
		c.Status != Open || c.ExpiresAt.Before(n.ExpiresAt) || c.ExpiresAt.After(n.ExpiresAt.Add(w.spare)) {
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
	if w.again {
		w.want(t, c.ID, Open)
		w.pay(t, c)
		w.want(t, c.ID, Paid)
		return
	}
	w.want(t, c.ID, Declined)
	w.pay(t, c)
	w.want(t, c.ID, Declined)
	if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != Declined {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
}

func contractDeadline(t *testing.T, w contractWorld) {
	n := w.newCharge()
	c, err := w.gateway.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	w.advance(c.ExpiresAt.Sub(w.now()) - time.Second)
	w.want(t, c.ID, Open)
	w.advance(time.Second)
	w.want(t, c.ID, Cancelled)
	w.pay(t, c)
	w.want(t, c.ID, Cancelled)
	if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != Cancelled {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
	if again, err := w.gateway.Create(t.Context(), n); err != nil || again.ID != c.ID || again.Status != Cancelled {
		t.Errorf("created again: %+v, %v", again, err)
	}
	n = w.newCharge()
	n.ExpiresAt = w.now().Add(-time.Second)
	if late, err := w.gateway.Create(t.Context(), n); err == nil && late.Status != Cancelled || err != nil && !errors.Is(err, ErrRefused) {
		t.Errorf("a charge that was late from the start: %+v, %v", late, err)
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
	ask := NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if r, err := w.gateway.Refund(t.Context(), ask); err != nil || r.AmountCents != 5_000 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	all.Wait()
	if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != 5_000 {
		t.Errorf("refunded %d, %v", got.RefundedCents, err)
	}
}

func contractNotice(t *testing.T, w contractWorld) {
	for _, act := range []func(*testing.T, Charge){w.pay, w.decline} {
		c := w.create(t)
		act(t, c)
		n, err := w.gateway.ParseNotice(w.notice(t))
		if err != nil || n.ID == "" {
			t.Fatalf("notice %+v, %v", n, err)
		}
		about := n.Reference
		if about == "" { // then the gateway knows
			said, err := w.gateway.Get(t.Context(), n.ChargeID)
			if err != nil {
				t.Fatal(err)
			}
			about = said.Reference
		}
		if about != c.Reference {
			t.Errorf("notice %+v is of %q; want %q", n, about, c.Reference)
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
	want, err := w.gateway.ParseNotice(d)
	if err != nil {
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
			if n, err := w.gateway.ParseNotice(forged); err == nil && n != want || err != nil && !errors.Is(err, ErrSignature) {
				t.Errorf("%s: %q: %+v, %v", name, value, n, err)
			}
		}
	}
	for name := range d.Query {
		forged := d
		forged.Query = maps.Clone(d.Query)
		forged.Query.Set(name, d.Query.Get(name)+"0")
		// What is not signed can at most make a notice one of something else.
		if n, err := w.gateway.ParseNotice(forged); err == nil && n != want || err != nil && !errors.Is(err, ErrSignature) && !errors.Is(err, ErrOtherNotice) {
			t.Errorf("%s: %+v, %v", name, n, err)
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

func contractReview(t *testing.T, w contractWorld) {
	c := w.create(t)
	w.review(t, c)
	w.want(t, c.ID, Pending)
	w.pay(t, c)
	w.want(t, c.ID, Paid)

	c = w.create(t)
	w.review(t, c)
	w.decline(t, c)
	if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.Status != Declined && got.Status != Open {
		t.Errorf("after the bank's no: %+v, %v", got, err)
	}

	c = w.create(t)
	w.review(t, c)
	cancelled, err := w.gateway.Cancel(t.Context(), c.ID)
	if err != nil || cancelled.Status != Pending && cancelled.Status != Cancelled {
		t.Errorf("Cancel: %+v, %v", cancelled, err)
	}
	w.want(t, c.ID, cancelled.Status)
	w.pay(t, c) // the bank's word comes
	if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || cancelled.Status == Cancelled && got.Status != Cancelled {
		t.Errorf("after the bank's word: %+v, %v", got, err)
	}
}

func contractLostAnswer(t *testing.T, w contractWorld) {
	n := w.newCharge()
	w.lose()
	if _, err := w.gateway.Create(t.Context(), n); errors.Is(err, ErrRefused) || errors.Is(err, ErrNotFound) {
		t.Errorf("Create: %v", err)
	}
	found, err := w.gateway.Find(t.Context(), n.Reference, w.now())
	if err != nil || found.Status != Open {
		t.Fatalf("Find: %+v, %v", found, err)
	}
	if again, err := w.gateway.Create(t.Context(), n); err != nil || again.ID != found.ID {
		t.Errorf("Create again: %+v, %v; want %q", again, err, found.ID)
	}
	w.pay(t, found)
	w.want(t, found.ID, Paid)

	ask := NewRefund{Key: uuid.NewString(), ChargeID: found.ID, AmountCents: 5_000}
	w.lose()
	if _, err := w.gateway.Refund(t.Context(), ask); errors.Is(err, ErrRefused) || errors.Is(err, ErrNotFound) {
		t.Errorf("Refund: %v", err)
	}
	if done, err := w.gateway.Refund(t.Context(), ask); err != nil || done.Status != RefundDone {
		t.Errorf("Refund again: %+v, %v", done, err)
	}
	if got, err := w.gateway.Get(t.Context(), found.ID); err != nil || got.RefundedCents != 5_000 {
		t.Errorf("refunded %d, %v", got.RefundedCents, err)
	}

	other := w.create(t)
	w.lose()
	_, _ = w.gateway.Cancel(t.Context(), other.ID)
	w.want(t, other.ID, Cancelled)
}

func contractForgottenKey(t *testing.T, w contractWorld) {
	c := w.paid(t)
	first := NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000}
	second := NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000, BeforeCents: 5_000}
	rest := NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 2_345, BeforeCents: 10_000}
	for i, ask := range []NewRefund{first, second, rest} {
		done, err := w.gateway.Refund(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		w.forget()
		again, err := w.gateway.Refund(t.Context(), ask)
		if err != nil || again != done {
			t.Errorf("refund %d again: %+v, %v; was %+v", i, again, err, done)
		}
		if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != ask.BeforeCents+ask.AmountCents {
			t.Errorf("refunded %d, %v; want %d", got.RefundedCents, err, ask.BeforeCents+ask.AmountCents)
		}
	}
}

func contractSlowRefund(t *testing.T, w contractWorld) {
	w.slow()
	for _, ok := range []bool{true, false} {
		c := w.paid(t)
		ask := NewRefund{Key: uuid.NewString(), ChargeID: c.ID, AmountCents: 5_000}
		for range 2 {
			if r, err := w.gateway.Refund(t.Context(), ask); err != nil || r.Status != RefundPending {
				t.Errorf("on its way: %+v, %v", r, err)
			}
		}
		w.refunds(ok)
		r, err := w.gateway.Refund(t.Context(), ask)
		if ok && (err != nil || r.Status != RefundDone) || !ok && !errors.Is(err, ErrRefused) {
			t.Errorf("done %v: %+v, %v", ok, r, err)
		}
		want := int64(0)
		if ok {
			want = 5_000
		}
		if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != want {
			t.Errorf("refunded %d, %v; want %d", got.RefundedCents, err, want)
		}
	}
}
