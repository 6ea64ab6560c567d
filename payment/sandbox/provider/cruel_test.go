package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
)

// The same calls for the same charges meet the same mishaps, whoever comes first.
func TestConcurrencyDoesNotChangeWhatHappens(t *testing.T) {
	const words = "seed=3,delay=0-1s,lost_answer=20%,outage=20%,hang=5%,decline=20%,pending=20%:4s,duplicate=20%,lost_notice=20%"
	play := func(at func(int) time.Duration) (story map[string]string) {
		story = map[string]string{}
		inCruelWorld(t, words, func(t *testing.T, w cruelWorld) {
			var mu sync.Mutex
			var all sync.WaitGroup
			for i := range 40 {
				all.Go(func() {
					pass(at(i))
					reference := fmt.Sprintf("r%d", i)
					var said []string
					say := func(c payment.Charge, err error) {
						said = append(said, fmt.Sprint(c.Status, unsure(err)))
					}
					for range 3 {
						say(w.gateway.Create(t.Context(), w.newCharge(reference)))
					}
					c, err := w.provider.ledger.Find(reference)
					if err == nil {
						w.press(payment.Charge{PayURL: c.Token}, map[string][]string{"outcome": {approve}})
						for range 3 {
							say(w.gateway.Get(t.Context(), c.ID))
						}
					}
					mu.Lock()
					defer mu.Unlock()
					story[reference] = strings.Join(said, ",")
				})
			}
			all.Wait()
			pass(time.Minute)
			for _, n := range w.shop.received() {
				story[n.notice.Reference] += " " + string(n.notice.Type)
			}
		})
		return story
	}
	together := play(func(int) time.Duration { return 0 })
	backwards := play(func(i int) time.Duration { return time.Duration(40-i) * time.Minute })
	if !maps.Equal(together, backwards) {
		t.Errorf("at once: %v\none by one, the last first: %v", together, backwards)
	}
	different := map[string]bool{}
	for _, said := range together {
		different[said] = true
	}
	if len(different) < 10 {
		t.Errorf("only %d stories: %v", len(different), together)
	}
}

func TestAnAnswerIsDelayed(t *testing.T) {
	inCruelWorld(t, "delay=2s-4s", func(t *testing.T, w cruelWorld) {
		start := time.Now()
		c := w.create("r")
		if took := time.Since(start); took < 2*time.Second || took > 4*time.Second {
			t.Errorf("Create took %v", took)
		}
		// The act is done before its answer comes, so a client that does not wait has done it too.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.gateway.Cancel(ctx, c.ID); !unsure(err) {
			t.Errorf("Cancel: %v", err)
		}
		w.be("")
		w.is(c, payment.Cancelled)
	})
}

func TestAnAnswerIsLost(t *testing.T) {
	inCruelWorld(t, "lost_answer=100%", func(t *testing.T, w cruelWorld) {
		if _, err := w.gateway.Create(t.Context(), w.newCharge("r")); !unsure(err) {
			t.Errorf("Create: %v", err)
		}
		c, err := w.gateway.Find(t.Context(), "r", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		w.do(c, approve)
		ask := payment.NewRefund{Key: "k", ChargeID: c.ID, AmountCents: 300}
		for range 2 {
			if _, err := w.gateway.Refund(t.Context(), ask); !unsure(err) {
				t.Errorf("Refund: %v", err)
			}
		}
		if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != 300 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestOutages(t *testing.T) {
	for _, words := range []string{"outage=100%", "hang=100%", "down=on", "stuck=on"} {
		inCruelWorld(t, words, func(t *testing.T, w cruelWorld) {
			if c, err := w.gateway.Create(t.Context(), w.newCharge("r")); !unsure(err) {
				t.Errorf("%s: Create: %+v, %v", words, c, err)
			}
			if c, err := w.gateway.Find(t.Context(), "r", time.Now()); !unsure(err) {
				t.Errorf("%s: Find: %+v, %v", words, c, err)
			}
			w.be("")
			if _, err := w.gateway.Find(t.Context(), "r", time.Now()); !errors.Is(err, payment.ErrNotFound) {
				t.Errorf("%s: something was done: %v", words, err)
			}
			c := w.paid("s", words)
			if got, err := w.gateway.Refund(t.Context(), payment.NewRefund{Key: "k", ChargeID: c.ID, AmountCents: 1}); !unsure(err) {
				t.Errorf("%s: Refund: %+v, %v", words, got, err)
			}
			w.be("")
			if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != 0 {
				t.Errorf("%s: %+v, %v", words, got, err)
			}
		})
	}
}

func TestAnOutageOfATime(t *testing.T) {
	inCruelWorld(t, "down=10s-40s", func(t *testing.T, w cruelWorld) {
		c := w.create("r")
		for at, isDown := range []bool{false, true, true, true, false} {
			if _, err := w.gateway.Get(t.Context(), c.ID); unsure(err) != isDown {
				t.Errorf("after %d s: %v", at*10, err)
			}
			pass(10 * time.Second)
		}
		w.be("down=5s") // counted from now
		if _, err := w.gateway.Get(t.Context(), c.ID); !unsure(err) {
			t.Errorf("down again: %v", err)
		}
		pass(5 * time.Second)
		w.is(c, payment.Open)
	})
}

func TestASomeTimesOutageLetsRepeatedCallsThrough(t *testing.T) {
	inCruelWorld(t, "seed=1,outage=50%", func(t *testing.T, w cruelWorld) {
		down := 0
		for i := range 100 {
			if _, err := w.gateway.Create(t.Context(), w.newCharge(fmt.Sprint(i%10))); unsure(err) {
				down++
			}
		}
		if down < 30 || down > 70 {
			t.Errorf("half of 100 calls is %d", down)
		}
	})
}

func TestCallsThatHangAreLetGo(t *testing.T) {
	inCruelWorld(t, "stuck=on", func(t *testing.T, w cruelWorld) {
		start := time.Now()
		over := make(chan error)
		go func() {
			_, err := w.gateway.Get(t.Context(), "ch_1")
			over <- err
		}()
		pass(3 * time.Second)
		w.be("")
		if err := <-over; !unsure(err) || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestNoticesGoAstray(t *testing.T) {
	for words, want := range map[string]struct{ atOnce, after1s, atLast string }{
		"lost_notice=100%":    {"", "", ""},
		"late_notice=100%:3s": {"", "", "r paid"},
		"duplicate=100%":      {"r paid, r paid", "r paid, r paid", "r paid, r paid"},
		"reorder=100%":        {"", "", "r paid"},
	} {
		inCruelWorld(t, words, func(t *testing.T, w cruelWorld) {
			w.do(w.create("r"), approve)
			w.hears(want.atOnce)
			pass(time.Second)
			w.hears(want.after1s)
			pass(2 * time.Second)
			w.hears(want.atLast)
			ids := map[string]bool{}
			for _, n := range w.shop.received() {
				ids[n.notice.ID] = true
			}
			if len(ids) > 1 {
				t.Errorf("%s: one notice has ids %v", words, ids)
			}
		})
	}
}

func TestANoticeIsOvertaken(t *testing.T) {
	inCruelWorld(t, "reorder=100%", func(t *testing.T, w cruelWorld) {
		w.do(w.create("first"), approve)
		w.be("")
		w.do(w.create("second"), decline)
		w.hears("second declined, first paid")
	})
}

func TestADeclineThatNobodyAskedFor(t *testing.T) {
	inCruelWorld(t, "decline=100%", func(t *testing.T, w cruelWorld) {
		reasons := map[cruelty.DeclineReason]bool{}
		for i := range 20 {
			c := w.create(fmt.Sprint(i))
			w.do(c, payPix)
			w.is(c, payment.Declined)
			r, err := w.provider.ledger.Get(c.ID)
			if err != nil {
				t.Fatal(err)
			}
			reasons[r.Reason] = true
		}
		if !reasons[cruelty.InsufficientFunds] || !reasons[cruelty.RefusedByIssuer] || len(reasons) != 2 {
			t.Errorf("reasons %v", reasons)
		}
	})
}

func TestAPaymentIsPendingForAWhile(t *testing.T) {
	for words, end := range map[string]payment.Status{"pending=100%:20m": payment.Paid, "pending_decline=100%:20m": payment.Declined} {
		inCruelWorld(t, words, func(t *testing.T, w cruelWorld) {
			c := w.create("r")
			w.do(c, approve)
			w.do(c, approve) // a second click changes nothing
			w.is(c, payment.Pending)
			if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != payment.Pending {
				t.Errorf("Cancel: %+v, %v", got, err)
			}
			pass(20*time.Minute - time.Second) // no deadline ends what is in flight
			w.is(c, payment.Pending)
			w.hears("r pending")
			pass(time.Second)
			w.is(c, end)
			w.hears("r pending, r " + string(end))
			pass(time.Hour)
			w.hears("r pending, r " + string(end))
		})
	}
}

func TestTheBanksWordEndsWhatIsPending(t *testing.T) {
	for word, end := range map[string]payment.Status{confirm: payment.Paid, refute: payment.Declined} {
		inCruelWorld(t, "pending=100%:1m", func(t *testing.T, w cruelWorld) {
			c := w.create("r")
			if status := w.press(c, map[string][]string{"outcome": {word}}); status != http.StatusConflict {
				t.Errorf("%s of nothing: %d", word, status)
			}
			w.is(c, payment.Open)
			w.do(c, approve)
			w.hears("r pending")
			w.do(c, word)
			w.is(c, end)
			pass(time.Hour)
			w.is(c, end)
			w.hears("r pending, r " + string(end))
		})
	}
}

func TestMoneyIsLate(t *testing.T) {
	inCruelWorld(t, "late_money=100%:3s", func(t *testing.T, w cruelWorld) {
		lapsed, cancelled, left, declined := w.create("lapsed"), w.create("cancelled"), w.create("left"), w.create("declined")
		w.do(lapsed, approve)
		w.do(cancelled, approve)
		w.do(declined, approve)
		w.do(declined, decline) // an end is an end
		pass(1)                 // its notice has gone before anything else happens
		for _, c := range []payment.Charge{cancelled, left} {
			w.is(c, payment.Open)
			if got, err := w.gateway.Cancel(t.Context(), c.ID); err != nil || got.Status != payment.Cancelled {
				t.Errorf("Cancel: %+v, %v", got, err)
			}
		}
		w.do(left, approve) // on a page that was left open
		w.is(left, payment.Paid)
		pass(3*time.Second - 1)
		w.is(cancelled, payment.Cancelled)
		pass(1)
		w.is(cancelled, payment.Paid)
		w.hears("declined declined, left paid, cancelled paid")

		pass(10*time.Minute - 3*time.Second)
		w.is(lapsed, payment.Cancelled)
		pass(3 * time.Second)
		w.is(lapsed, payment.Paid)
		w.is(declined, payment.Declined)
		w.hears("declined declined, left paid, cancelled paid, lapsed paid")
		if got, err := w.gateway.Refund(t.Context(), payment.NewRefund{Key: "k", ChargeID: lapsed.ID, AmountCents: 12_345}); err != nil || got.Status != payment.RefundDone {
			t.Errorf("late money goes back: %+v, %v", got, err)
		}
	})
}

func TestWhatIsInFlightSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := startCruelBubble(t, "pending=100%:1m", dir)
		pending := w.create("pending")
		w.do(pending, approve)
		w.be("late_money=100%:1m")
		late, cancelled := w.create("late"), w.create("cancelled")
		w.do(late, approve)
		w.do(cancelled, approve)
		if _, err := w.gateway.Cancel(t.Context(), cancelled.ID); err != nil {
			t.Fatal(err)
		}
		slow := w.paid("slow", "slow_refund=100%:1m")
		ask := payment.NewRefund{Key: "k", ChargeID: slow.ID, AmountCents: 5}
		if got, err := w.gateway.Refund(t.Context(), ask); err != nil || got.Status != payment.RefundPending {
			t.Errorf("Refund: %+v, %v", got, err)
		}
		if err := w.provider.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)

		w = startCruelBubble(t, "", dir)
		w.is(pending, payment.Paid)
		w.is(cancelled, payment.Paid)
		w.is(late, payment.Open)
		if got, err := w.gateway.Refund(t.Context(), ask); err != nil || got.Status != payment.RefundDone {
			t.Errorf("Refund: %+v, %v", got, err)
		}
		pass(10 * time.Minute)
		w.is(late, payment.Paid)
		if got := w.told(); len(w.shop.received()) != 3 || !strings.HasSuffix(got, "late paid") {
			t.Errorf("the shop heard %q", got)
		}
	})
}

func TestTheClockIsWrong(t *testing.T) {
	for skew, early := range map[string]time.Duration{"skew=3s": 3 * time.Second, "skew=-3s": -3 * time.Second} {
		inCruelWorld(t, skew, func(t *testing.T, w cruelWorld) {
			paid, c := w.create("paid"), w.create("r")
			w.do(paid, approve)
			synctest.Wait()
			n := w.shop.received()[0]
			if at := fmt.Sprintf("t=%d,", time.Now().Add(early).Unix()); !strings.HasPrefix(n.signature, at) || !n.notice.Created.Equal(time.Now().Add(early)) {
				t.Errorf("%s: %s, created %v", skew, n.signature, n.notice.Created)
			}
			pass(10*time.Minute - early - time.Second)
			w.is(c, payment.Open)
			pass(time.Second)
			w.is(c, payment.Cancelled)
		})
	}
	// A clock that is set right in mid-flight brings the money when it is due by the new time.
	inCruelWorld(t, "pending=100%:1m,skew=1h", func(t *testing.T, w cruelWorld) {
		c := w.create("r")
		if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.Status != payment.Cancelled {
			t.Errorf("an hour ahead: %+v, %v", got, err)
		}
		w.be("pending=100%:1m,skew=1m")
		w.do(c, approve)
		w.be("")
		pass(time.Minute)
		w.is(c, payment.Pending)
		pass(time.Minute)
		w.is(c, payment.Paid)
		w.hears("r pending, r paid")
	})
}

func TestARefundIsSlow(t *testing.T) {
	inCruelWorld(t, "", func(t *testing.T, w cruelWorld) {
		c := w.paid("r", "slow_refund=100%:5s")
		ask := payment.NewRefund{Key: "k", ChargeID: c.ID, AmountCents: 10_000}
		first, err := w.gateway.Refund(t.Context(), ask)
		if err != nil || first.Status != payment.RefundPending || first.ID == "" {
			t.Fatalf("%+v, %v", first, err)
		}
		if _, err := w.gateway.Refund(t.Context(), payment.NewRefund{Key: "other", ChargeID: c.ID, AmountCents: 10_000}); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("what is on its way was given again: %v", err)
		}
		if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != 0 {
			t.Errorf("on its way: %+v, %v", got, err)
		}
		pass(5 * time.Second)
		if got, err := w.gateway.Refund(t.Context(), ask); err != nil || got != (payment.Refund{ID: first.ID, AmountCents: 10_000, Status: payment.RefundDone}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := w.gateway.Get(t.Context(), c.ID); err != nil || got.RefundedCents != 10_000 {
			t.Errorf("done: %+v, %v", got, err)
		}
	})
}

func TestARefundIsRefusedForGood(t *testing.T) {
	inCruelWorld(t, "", func(t *testing.T, w cruelWorld) {
		c := w.paid("r", "refused_refund=100%,slow_refund=100%:5s")
		ask := payment.NewRefund{Key: "k", ChargeID: c.ID, AmountCents: 12_345}
		if got, err := w.gateway.Refund(t.Context(), ask); err != nil || got.Status != payment.RefundPending {
			t.Errorf("at first: %+v, %v", got, err)
		}
		pass(5 * time.Second)
		w.be("refused_refund=100%")
		for _, key := range []string{"k", "k", "other", "other"} {
			ask.Key = key
			if got, err := w.gateway.Refund(t.Context(), ask); !errors.Is(err, payment.ErrRefused) {
				t.Errorf("%s: %+v, %v", key, got, err)
			}
		}
		w.be("")
		ask.Key = "k"
		if got, err := w.gateway.Refund(t.Context(), ask); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("for good: %+v, %v", got, err)
		}
		ask.Key = "a person looked"
		if got, err := w.gateway.Refund(t.Context(), ask); err != nil || got.Status != payment.RefundDone {
			t.Errorf("what failed is still there: %+v, %v", got, err)
		}
	})
}

func TestTheMagicCards(t *testing.T) {
	type story struct {
		first, then payment.Status // at once, and when its time has passed
		told        string
		refunds     []error // of asking for one twice at once, and again later; nil is done
	}
	done := []error{nil, nil, nil}
	for by, want := range map[cruelty.Trick]story{
		cruelty.TrickPaid:           {payment.Paid, payment.Paid, "r paid", done},
		cruelty.TrickFunds:          {payment.Declined, payment.Declined, "r declined", nil},
		cruelty.TrickIssuer:         {payment.Declined, payment.Declined, "r declined", nil},
		cruelty.TrickPending:        {payment.Pending, payment.Paid, "r pending, r paid", done},
		cruelty.TrickPendingDecline: {payment.Pending, payment.Declined, "r pending, r declined", nil},
		cruelty.TrickLateMoney:      {payment.Open, payment.Open, "", nil},
		cruelty.TrickLostNotice:     {payment.Paid, payment.Paid, "", done},
		cruelty.TrickLateNotice:     {payment.Paid, payment.Paid, "r paid", done},
		cruelty.TrickDuplicate:      {payment.Paid, payment.Paid, "r paid, r paid", done},
		cruelty.TrickReorder:        {payment.Pending, payment.Paid, "r paid, r pending", done},
		cruelty.TrickSlowRefund:     {payment.Paid, payment.Paid, "r paid", []error{errPending, errPending, nil}},
		cruelty.TrickRefusedRefund:  {payment.Paid, payment.Paid, "r paid", []error{payment.ErrRefused, payment.ErrRefused, payment.ErrRefused}},
		cruelty.TrickFailingRefund:  {payment.Paid, payment.Paid, "r paid", []error{errPending, errPending, payment.ErrRefused}},
		cruelty.TrickLostRefund:     {payment.Paid, payment.Paid, "r paid", []error{io.ErrUnexpectedEOF, nil, nil}},
	} {
		// A card does what it says, whatever else is in the air.
		for _, words := range []string{"", "decline=100%,duplicate=100%,lost_notice=100%,refused_refund=100%"} {
			inCruelWorld(t, words, func(t *testing.T, w cruelWorld) {
				c := w.create("r")
				w.use(c, by)
				w.is(c, want.first)
				pass(2 * cruelty.TrickTime)
				w.is(c, want.then)
				w.hears(want.told)
				for i, wanted := range want.refunds {
					if i == 2 {
						pass(cruelty.TrickTime)
					}
					r, err := w.gateway.Refund(t.Context(), payment.NewRefund{Key: "k", ChargeID: c.ID, AmountCents: 1})
					if err == nil && r.Status == payment.RefundPending {
						err = errPending
					}
					if !errors.Is(err, wanted) {
						t.Errorf("%s, refund %d: %+v, %v; want %v", by, i+1, r, err, wanted)
					}
				}
				if by == cruelty.TrickLateMoney {
					if _, err := w.gateway.Cancel(t.Context(), c.ID); err != nil {
						t.Error(err)
					}
					pass(cruelty.TrickTime)
					w.is(c, payment.Paid)
					w.hears("r paid")
				}
			})
		}
	}
}

// errPending stands for a refund that is on its way.
var errPending = errors.New("pending")

func TestTheCrueltyIsSetByMerchants(t *testing.T) {
	inCruelWorld(t, "seed=1,down=on", func(t *testing.T, w cruelWorld) {
		call := func(method, key, body string) (int, string) {
			req := httptest.NewRequest(method, "/v1/cruelty", strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer "+key)
			recorder := httptest.NewRecorder()
			w.provider.ServeHTTP(recorder, req)
			var said sandbox.Cruelty
			if err := json.Unmarshal(bytes.TrimSpace(recorder.Body.Bytes()), &said); err != nil {
				t.Error(err)
			}
			return recorder.Code, said.Cruelty
		}
		for _, row := range []struct {
			method, key, body string
			status            int
			said              string
		}{
			{http.MethodGet, "wrong", "", http.StatusUnauthorized, ""},
			{http.MethodPost, "", `{"cruelty":""}`, http.StatusUnauthorized, ""},
			{http.MethodGet, testSecret, "", http.StatusOK, "seed=1,down=on"},
			{http.MethodPost, testSecret, `{"cruelty":"outage=many"}`, http.StatusUnprocessableEntity, ""},
			{http.MethodPost, testSecret, `down=on`, http.StatusBadRequest, ""},
			{http.MethodGet, testSecret, "", http.StatusOK, "seed=1,down=on"},
			{http.MethodPost, testSecret, `{"cruelty":"outage=5%,skew=-3s"}`, http.StatusOK, "outage=5%,skew=-3s"},
			{http.MethodPost, testSecret, `{"cruelty":""}`, http.StatusOK, ""},
		} {
			if status, said := call(row.method, row.key, row.body); status != row.status || said != row.said {
				t.Errorf("%s %s: %d %q, want %d %q", row.method, row.body, status, said, row.status, row.said)
			}
		}
		w.create("r") // and nothing is down any more
	})
}
