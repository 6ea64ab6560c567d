package provider

import (
	"net/url"
	"testing"
	"time"

	"guiche/payment"
	"guiche/payment/contract"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/ledger"
)

// keeping is all the cruelty that a merchant who repeats her calls, and a shop that knows repeated notices, never notice.
const keeping = "seed=7,delay=0-3ms,lost_answer=30%,outage=20%,duplicate=50%,late_notice=20%:0s-50ms"

func TestACruelSandboxKeepsTheContract(t *testing.T) {
	contract.Run(t, func(t *testing.T) contract.World {
		clock := contract.NewClock()
		c, err := cruelty.Parse(keeping)
		if err != nil {
			t.Fatal(err)
		}
		baseURL, _ := startProviderThatIs(t, c, "", clock)
		noticeURL, notice := contract.StartShop(t)
		w := contract.World{
			Gateway:   patient{sandbox.New(baseURL, testSecret)},
			NoticeURL: noticeURL,
			Notice:    onlyFresh(t, notice),
			Advance:   clock.Advance,
			Now:       clock.Now,
		}
		answers := func(outcome, word string) func(*testing.T, payment.Charge) {
			return func(t *testing.T, c payment.Charge) {
				if got, err := w.Gateway.Get(t.Context(), c.ID); err != nil {
					t.Fatal(err)
				} else if got.Status == payment.Pending {
					outcome = word
				}
				press(t, c.PayURL, outcome)
			}
		}
		card := func(t *testing.T, c payment.Charge, by cruelty.Trick) {
			postForm(t, c.PayURL, url.Values{"outcome": {payCard}, "card": {numberOf(t, by)}}.Encode(), nil)
		}
		pay := func(t *testing.T, c payment.Charge) { answers(approve, confirm)(t, c) }
		w.Pay = func(t *testing.T, c payment.Charge) { pay(t, c) }
		w.Decline = func(t *testing.T, c payment.Charge) { answers(decline, refute)(t, c) }
		w.Review = func(t *testing.T, c payment.Charge) { card(t, c, cruelty.TrickPending) }
		w.Slow = func() { // the first refund arrives, the second fails
			cards := []cruelty.Trick{cruelty.TrickSlowRefund, cruelty.TrickFailingRefund}
			pay = func(t *testing.T, c payment.Charge) { card(t, c, cards[0]); cards = cards[1:] }
		}
		w.Refunds = func(bool) { clock.Advance(cruelty.TrickTime) }
		w.Dispute = func(t *testing.T, c payment.Charge) { press(t, c.PayURL, ledger.Dispute) }
		w.DisputeEnds, w.PanelRefund = endDispute, refundInPanel
		w.RefundsFail = func(t *testing.T, c payment.Charge) { press(t, c.PayURL, ledger.RefundsFail) }
		w.Lose = func() {} // they get lost all the time
		return w
	})
}

// onlyFresh leaves out the notices that were seen already.
func onlyFresh(t *testing.T, next func(*testing.T) payment.Delivery) func(*testing.T) payment.Delivery {
	seen := map[string]bool{}
	return func(t *testing.T) payment.Delivery {
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
	clock := contract.NewClock()
	baseURL, _ := startProviderThatIs(t, cruelty.Cruelty{LostAnswer: 1}, "", clock)
	w := contract.World{Gateway: sandbox.New(baseURL, testSecret), NoticeURL: "http://127.0.0.1:1/", Now: clock.Now}
	n := w.NewCharge()
	if c, err := w.Gateway.Create(t.Context(), n); !unsure(err) {
		t.Fatalf("Create: %+v, %v", c, err)
	}
	c, err := w.Gateway.Find(t.Context(), n.Reference, w.Now())
	if err != nil || c.Status != payment.Open {
		t.Fatalf("Find: %+v, %v", c, err)
	}
	if got, err := w.Gateway.Cancel(t.Context(), c.ID); !unsure(err) {
		t.Errorf("Cancel: %+v, %v", got, err)
	}
	w.Want(t, c.ID, payment.Cancelled)
}

// A call that hangs ends when its client has had enough, and the next server is not kept from stopping.
func TestACallHangsOnTheWire(t *testing.T) {
	clock := contract.NewClock()
	baseURL, stop := startProviderThatIs(t, cruelty.Cruelty{Stuck: cruelty.Window{To: cruelty.UntilTold}}, "", clock)
	s := sandbox.New(baseURL, testSecret)
	s.Client.Timeout = 50 * time.Millisecond
	if c, err := s.Get(t.Context(), "ch_1"); !unsure(err) {
		t.Errorf("Get: %+v, %v", c, err)
	}
	stop()
}
