package provider

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
)

// memoryShop receives notices without a network, so that a bubble's clock runs while they travel.
type memoryShop struct {
	status func(try int) int // of the answer; nil is always 200
	hang   bool              // answers nothing until the sender gives up

	mu  sync.Mutex
	got []memoryNotice
}

type memoryNotice struct {
	at        time.Time
	signature string
	body      string
	notice    sandbox.Notice
}

func (s *memoryShop) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	got := memoryNotice{at: time.Now(), signature: req.Header.Get(sandbox.SignatureHeader), body: string(body)}
	if err := json.Unmarshal(body, &got.notice); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.got = append(s.got, got)
	try := len(s.got)
	s.mu.Unlock()
	if s.hang {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	status := http.StatusOK
	if s.status != nil {
		status = s.status(try)
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Location": {"/elsewhere"}}, Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
}

func (s *memoryShop) received() []memoryNotice {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]memoryNotice(nil), s.got...)
}

func startMemoryProvider(t *testing.T, shop http.RoundTripper) *Provider {
	t.Helper()
	return startCruelProvider(t, shop, cruelty.Cruelty{}, "")
}

func startCruelProvider(t *testing.T, shop http.RoundTripper, c cruelty.Cruelty, dir string) *Provider {
	t.Helper()
	p, err := New(Config{
		BaseURL: "http://provider.test", Secret: testSecret, Dir: dir, Log: slog.New(slog.DiscardHandler), Transport: shop, Cruelty: c,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := p.Shutdown(ctx); err != nil && !errors.Is(err, os.ErrClosed) { // a test may have shut it down
			t.Error(err)
		}
	})
	return p
}

// held counts what is pending.
func (s *noticeSender) held() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending
}

// pass lets the time of the test's bubble go by; outside of one it would really wait.
func pass(d time.Duration) { <-time.After(d) }

func sendTestNotice(t *testing.T, p *Provider, reference string) {
	t.Helper()
	if err := p.notices.send("http://shop.test/notices", reference, sandbox.ChargePaid, cruelty.NoticeFate{}); err != nil {
		t.Fatal(err)
	}
}

func TestANoticeIsTriedAtOnceAndThenWithPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &memoryShop{status: func(int) int { return http.StatusServiceUnavailable }}
		p := startMemoryProvider(t, shop)
		start := time.Now()
		sendTestNotice(t, p, "r")
		synctest.Wait()
		if got := shop.received(); len(got) != 1 || got[0].at != start {
			t.Fatalf("at once: %+v", got)
		}
		pass(time.Hour)
		got := shop.received()
		if len(got) != noticeTries {
			t.Fatalf("%d tries, want %d", len(got), noticeTries)
		}
		if held := p.notices.held(); held != 0 {
			t.Errorf("%d are held after giving up", held)
		}
		if last := got[len(got)-1].at.Sub(start); last < 5*time.Minute || last > 10*time.Minute {
			t.Errorf("last try after %v", last)
		}
		for i, try := range got {
			if try.body != got[0].body {
				t.Errorf("try %d says %s, the first said %s", i+1, try.body, got[0].body)
			}
			if try.signature != sandbox.Sign(testSecret, try.at, []byte(try.body)) {
				t.Errorf("try %d is not signed as of its time: %s", i+1, try.signature)
			}
		}
	})
}

func TestANoticeIsSentUntilItIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []int{http.StatusInternalServerError, http.StatusFound, http.StatusNotFound, http.StatusNoContent}
		shop := &memoryShop{status: func(try int) int { return answers[try-1] }}
		p := startMemoryProvider(t, shop)
		sendTestNotice(t, p, "r")
		pass(time.Hour)
		if got := shop.received(); len(got) != len(answers) {
			t.Errorf("%d tries, want %d", len(got), len(answers))
		}
	})
}

func TestASilentShopDoesNotHoldUpThePayer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &memoryShop{hang: true}
		p := startMemoryProvider(t, shop)
		start := time.Now()
		for range 3 * noticeWorkers {
			sendTestNotice(t, p, "r")
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("sending took %v", waited)
		}
		synctest.Wait()
		if got := len(shop.received()); got != noticeWorkers {
			t.Errorf("%d at once, want %d", got, noticeWorkers)
		}
		pass(3*noticeTimeout + time.Second)
		seen := map[string]bool{}
		for _, n := range shop.received() {
			seen[n.notice.ID] = true
		}
		if len(seen) != 3*noticeWorkers {
			t.Errorf("%d notices were tried, want %d", len(seen), 3*noticeWorkers)
		}
	})
}

func TestPendingNoticesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := startMemoryProvider(t, &memoryShop{hang: true})
		for range noticePending + 5 {
			sendTestNotice(t, p, "r")
		}
		if got := p.notices.held(); got != noticePending {
			t.Errorf("%d are held, want %d", got, noticePending)
		}
	})
}

func TestShutdownSendsWhatIsDueAndDropsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &memoryShop{status: func(int) int { return http.StatusServiceUnavailable }}
		p := startMemoryProvider(t, shop)
		for range 2 * noticeWorkers {
			sendTestNotice(t, p, "r")
		}
		if err := p.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		sendTestNotice(t, p, "late")
		pass(time.Hour)
		if got := len(shop.received()); got != 2*noticeWorkers {
			t.Errorf("%d tries, want %d", got, 2*noticeWorkers)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := startMemoryProvider(t, &memoryShop{hang: true})
		for range 2 * noticeWorkers {
			sendTestNotice(t, p, "r")
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil || time.Since(start) > time.Second {
			t.Errorf("Shutdown: %v after %v", err, time.Since(start))
		}
	})
}
