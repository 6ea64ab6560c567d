package payment

import (
	"net/url"
	"testing"
	"time"
)

// keeping is all the cruelty that a merchant who repeats her calls, and a shop that knows repeated notices, never notice.
const keeping = "seed=7,delay=0-3ms,lost_answer=30%,outage=20%,duplicate=50%,late_notice=20%:0s-50ms"

func TestACruelSandboxKeepsTheContract(t *testing.T) {
	testGateway(t, func(t *testing.T) contractWorld {
		clock := newTestClock()
		c, err := ParseCruelty(keeping)
		if err != nil {
			t.Fatal(err)
		}
		baseURL, _ := startProviderThatIs(t, c, "", clock)
		noticeURL, notices := startShop(t)
		w := contractWorld{
			gateway:   patient{newTestSandbox(baseURL, clock)},
			noticeURL: noticeURL,
			notice:    onlyFresh(t, waitForNotice(notices)),
			advance:   clock.advance,
			now:       clock.now,
		}
		answers := func(outcome, word string) func(*testing.T, Charge) {
			return func(t *testing.T, c Charge) {
				if got, err := w.gateway.Get(t.Context(), c.ID); err != nil {
					t.Fatal(err)
				} else if got.Status == Pending {
					outcome = word
				}
				press(t, c.PayURL, outcome)
			}
		}
		card := func(t *testing.T, c Charge, by trick) {
			postForm(t, c.PayURL, url.Values{"outcome": {payCard}, "card": {numberOf(t, by)}}.Encode(), nil)
		}
		pay := func(t *testing.T, c Charge) { answers(approve, confirm)(t, c) }
		w.pay = func(t *testing.T, c Charge) { pay(t, c) }
		w.decline = func(t *testing.T, c Charge) { answers(decline, refute)(t, c) }
		w.review = func(t *testing.T, c Charge) { card(t, c, trickPending) }
		w.slow = func() { // the first refund arrives, the second fails
			cards := []trick{trickSlowRefund, trickFailingRefund}
			pay = func(t *testing.T, c Charge) { card(t, c, cards[0]); cards = cards[1:] }
		}
		w.refunds = func(bool) { clock.advance(trickTime) }
		w.lose = func() {} // they get lost all the time
		return w
	})
}

// onlyFresh leaves out the notices that were seen already.
func onlyFresh(t *testing.T, next func(*testing.T) Delivery) func(*testing.T) Delivery {
	seen := map[string]bool{}
	return func(t *testing.T) Delivery {
		for {
			d := next(t)
			if body := string(d.Body); !seen[body] {
				seen[body] = true
				return d
			}
		}
	}
}

// The provider is cruel on a real network too: a lost answer is a connection that ends.
func TestALostAnswerOnTheWire(t *testing.T) {
	clock := newTestClock()
	baseURL, _ := startProviderThatIs(t, Cruelty{LostAnswer: 1}, "", clock)
	w := contractWorld{gateway: newTestSandbox(baseURL, clock), noticeURL: "http://127.0.0.1:1/", now: clock.now}
	n := w.newCharge()
	if c, err := w.gateway.Create(t.Context(), n); !unsure(err) {
		t.Fatalf("Create: %+v, %v", c, err)
	}
	c, err := w.gateway.Find(t.Context(), n.Reference, w.now())
	if err != nil || c.Status != Open {
		t.Fatalf("Find: %+v, %v", c, err)
	}
	if got, err := w.gateway.Cancel(t.Context(), c.ID); !unsure(err) {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
	w.want(t, c.ID, Cancelled)
}

// A call that hangs ends when its client has had enough, and the next server is not kept from stopping.
func TestACallHangsOnTheWire(t *testing.T) {
	clock := newTestClock()
	baseURL, stop := startProviderThatIs(t, Cruelty{Stuck: Window{To: UntilTold}}, "", clock)
	s := newTestSandbox(baseURL, clock)
	s.client.Timeout = 50 * time.Millisecond
	if c, err := s.Get(t.Context(), "ch_1"); !unsure(err) {
		t.Errorf("Get: %+v, %v", c, err)
	}
	stop()
}
