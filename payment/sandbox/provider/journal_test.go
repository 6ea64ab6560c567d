package provider

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guiche/payment"
	"guiche/payment/contract"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
	"guiche/payment/sandbox/ledger"
)

func journalWorld(t *testing.T, dir string, clock *contract.Clock) (w contract.World, stop func()) {
	t.Helper()
	baseURL, stop := startProvider(t, dir, clock)
	return contract.World{
		Gateway:   sandbox.New(baseURL, testSecret),
		NoticeURL: "http://127.0.0.1:1/", // nobody listens
		Pay:       func(t *testing.T, c payment.Charge) { press(t, c.PayURL, approve) },
		Decline:   func(t *testing.T, c payment.Charge) { press(t, c.PayURL, decline) },
		Advance:   clock.Advance,
		Now:       clock.Now,
	}, stop
}

func TestChargesSurviveARestart(t *testing.T) {
	dir, clock := filepath.Join(t.TempDir(), "sandbox"), contract.NewClock()
	w, stop := journalWorld(t, dir, clock)
	open, paid, declined, cancelled := w.Create(t), w.Paid(t), w.Create(t), w.Create(t)
	w.Decline(t, declined)
	if _, err := w.Gateway.Cancel(t.Context(), cancelled.ID); err != nil {
		t.Fatal(err)
	}
	ask := payment.NewRefund{Key: "k", ChargeID: paid.ID, AmountCents: 300}
	refund, err := w.Gateway.Refund(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	stop()

	// A kill in the middle of a write leaves half a line.
	path := filepath.Join(dir, "charges.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	torn := string(whole) + lines[0][:len(lines[0])/2]
	if err := os.WriteFile(path, []byte(torn), 0o600); err != nil {
		t.Fatal(err)
	}

	w, stop = journalWorld(t, dir, clock)
	for id, want := range map[string]payment.Status{open.ID: payment.Open, paid.ID: payment.Paid, declined.ID: payment.Declined, cancelled.ID: payment.Cancelled} {
		w.Want(t, id, want)
	}
	if again, err := w.Gateway.Refund(t.Context(), ask); err != nil || again != refund {
		t.Errorf("refund %+v, %v; was %+v", again, err, refund)
	}
	if got, err := w.Gateway.Find(t.Context(), paid.Reference, w.Now()); err != nil || got.ID != paid.ID || got.RefundedCents != 300 {
		t.Errorf("%+v, %v", got, err)
	}
	later := w.Create(t) // behind where the torn line was
	stop()

	w, _ = journalWorld(t, dir, clock)
	w.Want(t, later.ID, payment.Open)
	w.Want(t, paid.ID, payment.Paid)
	clock.Advance(time.Hour)
	w.Want(t, open.ID, payment.Cancelled)
}

func TestABrokenJournalIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "charges.jsonl")
	const broken = "{\"id\":\"ch_1\"}\nnot a record\n{\"id\":\"ch_2\"}\n"
	if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{BaseURL: "http://provider.test", Secret: testSecret, Dir: dir}); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("New: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != broken {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhatCannotBeKeptDoesNotHappen(t *testing.T) {
	dir, clock := t.TempDir(), contract.NewClock()
	w, stop := journalWorld(t, dir, clock)
	paid := w.Paid(t)
	open := w.Create(t)
	before, err := os.ReadFile(filepath.Join(dir, "charges.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	stop()

	// A journal that can be read and not written, as on a full disk.
	l, err := ledger.Open(dir, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := l.Create(sandbox.NewCharge{Reference: "new", AmountCents: 100, Currency: "BRL", ExpiresAt: clock.Now().Add(time.Hour)}); err == nil {
		t.Errorf("create: %+v", r)
	}
	if r, _, err := l.Pay(open.ID, cruelty.Fate{To: payment.Paid}, ""); err == nil {
		t.Errorf("settle: %+v", r)
	}
	if r, err := l.Refund(paid.ID, sandbox.NewRefund{Key: "k", AmountCents: 1}, func(ledger.Record) cruelty.RefundFate { return cruelty.RefundFate{} }); err == nil {
		t.Errorf("refund: %+v", r)
	}
	if r, err := l.Get(open.ID); err != nil || r.Status != payment.Open {
		t.Errorf("open: %+v, %v", r, err)
	}
	if r, err := l.Get(paid.ID); err != nil || len(r.Refunds) != 0 {
		t.Errorf("paid: %+v, %v", r, err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "charges.jsonl")); err != nil || string(after) != string(before) {
		t.Errorf("the journal changed: %v", err)
	}
}

func TestAProviderThatCannotWorkDoesNotStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]Config{
		"no secret":       {BaseURL: "http://provider.test"},
		"no address":      {Secret: testSecret},
		"a path":          {Secret: testSecret, BaseURL: "http://provider.test/path"},
		"a file as dir":   {Secret: testSecret, BaseURL: "http://provider.test", Dir: file},
		"no such scheme":  {Secret: testSecret, BaseURL: "provider.test:80"},
		"a broken escape": {Secret: testSecret, BaseURL: "http://%zz"},
	} {
		if p, err := New(config); err == nil {
			t.Errorf("%s: started", name)
			_ = p.Shutdown(context.Background())
		}
	}
}

func TestAFailingJournalIsSaidSo(t *testing.T) {
	p := startCruelProvider(t, &memoryShop{}, cruelty.Cruelty{}, t.TempDir())
	r, err := p.ledger.Create(sandbox.NewCharge{Reference: "r", AmountCents: 100, Currency: "BRL", ExpiresAt: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.ledger.Close(); err != nil { // a closed file takes nothing
		t.Fatal(err)
	}

	req := httptest.NewRequest(http.MethodPost, "/v1/charges/"+r.ID+"/cancel", nil)
	req.Header.Set("Authorization", "Bearer "+testSecret)
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusServiceUnavailable || !strings.Contains(recorder.Body.String(), string(sandbox.CodeUnavailable)) {
		t.Errorf("API: %d %s", recorder.Code, recorder.Body)
	}

	req = httptest.NewRequest(http.MethodPost, "/pay/"+r.Token, strings.NewReader("outcome=approve"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	recorder = httptest.NewRecorder()
	p.ServeHTTP(recorder, req)
	if recorder.Code != http.StatusServiceUnavailable {
		t.Errorf("page: %d", recorder.Code)
	}
}
