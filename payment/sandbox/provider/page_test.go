package provider

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	go_qr "github.com/piglig/go-qr"

	"guiche/payment"
	"guiche/payment/contract"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/checkout"
	"guiche/payment/sandbox/cruelty"
)

func TestEachOutcome(t *testing.T) {
	w := startWorld(t)
	for outcome, want := range map[string]payment.Status{approve: payment.Paid, decline: payment.Declined, abandon: payment.Open} {
		c := w.Create(t)
		resp := press(t, c.PayURL, outcome)
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "http://shop.test/orders/1" {
			t.Errorf("%s: %d to %q", outcome, resp.StatusCode, resp.Header.Get("Location"))
		}
		w.Want(t, c.ID, want)
	}
}

func TestAnOutcomeThatIsNoneIsAskedForAgain(t *testing.T) {
	w := startWorld(t)
	c := w.Create(t)
	for _, form := range []string{"", "outcome=", "outcome=APPROVE", "outcome=refund", "outcome=%zz", "other=approve", "outcome=" + strings.Repeat("x", sandbox.BodyLimit)} {
		resp := postForm(t, c.PayURL, form, nil)
		page := readPage(t, resp)
		if resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, checkout.WordsFor("pt-BR").NoOutcome) || !strings.Contains(page, `name="outcome" value="approve"`) {
			t.Errorf("%.30q: %d", form, resp.StatusCode)
		}
	}
	// What the address says is no form.
	if resp := postForm(t, c.PayURL+"?outcome=approve", "", nil); resp.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("outcome in the address: %d", resp.StatusCode)
	}
	w.Want(t, c.ID, payment.Open)
}

func TestAnEndedChargeTellsHowItEnded(t *testing.T) {
	w := startWorld(t)
	paid, declined, late := w.Create(t), w.Create(t), w.Create(t)
	w.Pay(t, paid)
	w.Decline(t, declined)
	w.Advance(10 * time.Minute)
	for _, row := range []struct {
		charge  payment.Charge
		outcome string
		want    int
		title   string
	}{
		{paid, approve, http.StatusSeeOther, checkout.WordsFor("pt-BR").PaidTitle},
		{paid, decline, http.StatusConflict, checkout.WordsFor("pt-BR").PaidTitle},
		{declined, decline, http.StatusSeeOther, checkout.WordsFor("pt-BR").DeclinedTitle},
		{declined, approve, http.StatusConflict, checkout.WordsFor("pt-BR").DeclinedTitle},
		{late, approve, http.StatusConflict, checkout.WordsFor("pt-BR").OverTitle},
		{late, decline, http.StatusConflict, checkout.WordsFor("pt-BR").OverTitle},
		{late, abandon, http.StatusSeeOther, checkout.WordsFor("pt-BR").OverTitle},
	} {
		if resp := press(t, row.charge.PayURL, row.outcome); resp.StatusCode != row.want {
			t.Errorf("%s, then %s: %d, want %d", row.title, row.outcome, resp.StatusCode, row.want)
		}
		resp := getPage(t, row.charge.PayURL)
		page := readPage(t, resp)
		if resp.StatusCode != http.StatusOK || !strings.Contains(page, row.title) || strings.Contains(page, `value="approve"`) ||
			!strings.Contains(page, `href="http://shop.test/orders/1"`) {
			t.Errorf("%s: page %d", row.title, resp.StatusCode)
		}
	}
	w.Want(t, paid.ID, payment.Paid)
	w.Want(t, declined.ID, payment.Declined)
	w.Want(t, late.ID, payment.Cancelled)
}

func TestTheOpenPage(t *testing.T) {
	w := startWorld(t)
	for language, want := range map[string]struct {
		words       checkout.Words
		money, left string
	}{
		"pt-BR": {checkout.WordsFor("pt-BR"), "R$\u00a01.234,50", "Faltam cerca de 10 minutos"},
		"en":    {checkout.WordsFor("en"), "R$1,234.50", "About 10 minutes"},
	} {
		n := w.NewCharge()
		n.Language, n.AmountCents, n.Description = language, 123_450, `2 × "Pista" <b>&`
		c, err := w.Gateway.Create(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		resp := getPage(t, c.PayURL)
		page := readPage(t, resp)
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", language, resp.StatusCode)
		}
		for _, part := range []string{
			`<html lang="` + language + `">`, want.money, want.left, want.words.SandboxTitle, want.words.Sandbox,
			`name="outcome" value="approve"`, `name="outcome" value="decline"`, `name="outcome" value="abandon"`,
			c.PixCode, "2 × &#34;Pista&#34; &lt;b&gt;&amp;", `<form method="post">`,
		} {
			if !strings.Contains(page, part) {
				t.Errorf("%s: no %q on the page", language, part)
			}
		}
		// The policy would stop these, so the page must not need them.
		for _, part := range []string{"<script", " style=", "<style", "javascript:", " onclick", "<b>&"} {
			if strings.Contains(page, part) {
				t.Errorf("%s: %q on the page", language, part)
			}
		}
		// A field with a name is sent: the number and what the list of numbers is for, and nothing else.
		for _, field := range regexp.MustCompile(`<input[^>]*>`).FindAllString(page, -1) {
			sent := strings.Contains(field, ` name="card"`) || strings.Contains(field, ` type="hidden" name="outcome" value="card"`)
			if strings.Contains(field, " name=") != sent || !strings.Contains(field, `autocomplete="off"`) {
				t.Errorf("%s: %s", language, field)
			}
		}
		if sent := strings.Count(page, "<input name="); sent != 1 {
			t.Errorf("%s: %d fields that people type in are sent", language, sent)
		}
		for _, card := range cruelty.MagicCards {
			effect := html.EscapeString(want.words.Tricks[card.Trick])
			if effect == "" || !strings.Contains(page, `value="`+card.Number+`"`) || !strings.Contains(page, effect) {
				t.Errorf("%s: %s %q is not on the page", language, card.Number, card.Trick)
			}
		}
		drawing := regexp.MustCompile(`class="modules"[^>]* d="([^"]*)"`).FindStringSubmatch(page)
		box := regexp.MustCompile(`class="qr"[^>]*viewBox="0 0 (\d+) (\d+)"`).FindStringSubmatch(page)
		if drawing == nil || box == nil {
			t.Fatalf("%s: no QR code", language)
		}
		size, err := strconv.Atoi(box[1])
		if err != nil {
			t.Fatal(err)
		}
		if got := scanQR(t, size, html.UnescapeString(drawing[1])); got != c.PixCode {
			t.Errorf("%s: the QR code says %q, want %q", language, got, c.PixCode)
		}
		wantHeaders(t, resp, "form-action 'self' http://shop.test")
	}
}

func TestOtherCurrenciesHaveNoPix(t *testing.T) {
	w := startWorld(t)
	n := w.NewCharge()
	n.Currency, n.Language = "USD", "en-GB"
	c, err := w.Gateway.Create(t.Context(), n)
	if err != nil || c.PixCode != "" {
		t.Fatalf("%+v, %v", c, err)
	}
	page := readPage(t, getPage(t, c.PayURL))
	if strings.Contains(page, checkout.WordsFor("en").PixCopy) || strings.Contains(page, `class="qr"`) || !strings.Contains(page, checkout.WordsFor("en").Number) {
		t.Error("the page offers Pix, or no card")
	}
}

func TestAnUnknownTokenIsNotFound(t *testing.T) {
	w := startWorld(t)
	c := w.Create(t)
	base := strings.TrimSuffix(c.PayURL, filepath.Base(c.PayURL))
	for _, token := range []string{"x", c.ID, c.Reference, strings.ToLower(filepath.Base(c.PayURL))} {
		resp := getPage(t, base+token)
		if page := readPage(t, resp); resp.StatusCode != http.StatusNotFound || !strings.Contains(page, checkout.WordsFor("pt-BR").UnknownTitle) {
			t.Errorf("%s: %d", token, resp.StatusCode)
		}
		wantHeaders(t, resp, "form-action 'none'")
		if resp := press(t, base+token, approve); resp.StatusCode != http.StatusNotFound {
			t.Errorf("pay %s: %d", token, resp.StatusCode)
		}
	}
	w.Want(t, c.ID, payment.Open)
}

func TestOnlyThePageItselfTakesOutcomes(t *testing.T) {
	w := startWorld(t)
	c := w.Create(t)
	for _, header := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}},
		{"Sec-Fetch-Site": {"same-site"}},
		{"Origin": {"http://shop.test"}},
		{"Origin": {"null"}},
	} {
		if resp := postForm(t, c.PayURL, "outcome=approve", header.Clone()); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %d", header, resp.StatusCode)
		}
	}
	w.Want(t, c.ID, payment.Open)
	if resp := postForm(t, c.PayURL, "outcome=approve", http.Header{"Sec-Fetch-Site": {"same-origin"}}); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the page itself: %d", resp.StatusCode)
	}
	w.Want(t, c.ID, payment.Paid)
}

func TestCardsAreNotKept(t *testing.T) {
	dir, clock := t.TempDir(), contract.NewClock()
	var log lockedBuffer
	p, err := New(Config{
		BaseURL: "http://provider.test", Secret: testSecret, Dir: dir, Now: clock.Now, Transport: &memoryShop{},
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.ledger.Create(sandbox.NewCharge{
		Reference: "r", AmountCents: 100, Currency: "BRL", ExpiresAt: clock.Now().Add(time.Hour),
		ReturnURL: "http://shop.test/", NoticeURL: "http://shop.test/notices",
	})
	if err != nil {
		t.Fatal(err)
	}
	var pages strings.Builder
	for _, row := range []struct {
		number string
		status int
	}{{"4242 4242 4242 4242", http.StatusUnprocessableEntity}, {numberOf(t, cruelty.TrickSlowRefund), http.StatusSeeOther}} {
		form := url.Values{"outcome": {payCard}, "card": {row.number}, "holder": {"MARIA DA SILVA"}, "cvc": {"987"}}
		req := httptest.NewRequest(http.MethodPost, "/pay/"+c.Token, strings.NewReader(form.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		recorder := httptest.NewRecorder()
		p.ServeHTTP(recorder, req)
		if recorder.Code != row.status {
			t.Fatalf("%s: %d, want %d", row.number, recorder.Code, row.status)
		}
		pages.WriteString(recorder.Body.String())
	}
	if !strings.Contains(pages.String(), checkout.WordsFor("pt-BR").BadCard) || !strings.Contains(pages.String(), `aria-invalid="true"`) {
		t.Error("nothing is said of the card that is none")
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	journal, err := os.ReadFile(filepath.Join(dir, "charges.jsonl"))
	if err != nil || !strings.Contains(string(journal), string(cruelty.TrickSlowRefund)) {
		t.Fatalf("%s, %v", journal, err)
	}
	for _, secret := range []string{"4242", "9000 0501", "900005", "MARIA", "987\"", "cvc=", "MARIA+DA"} {
		if strings.Contains(string(journal), secret) || strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the journal or in the log", secret)
		}
	}
	for _, secret := range []string{"4242", "MARIA+DA", ">987<"} {
		if strings.Contains(pages.String(), secret) {
			t.Errorf("%q is shown again", secret)
		}
	}
}

// lockedBuffer is a log that many write to.
type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestAPendingChargeOffersTheBanksWord(t *testing.T) {
	w := startWorld(t)
	c := w.Create(t)
	form := url.Values{"outcome": {payCard}, "card": {numberOf(t, cruelty.TrickPending)}}
	if resp := postForm(t, c.PayURL, form.Encode(), nil); resp.StatusCode != http.StatusSeeOther {
		t.Fatal(resp.StatusCode)
	}
	for outcome, want := range map[string]int{approve: http.StatusConflict, decline: http.StatusConflict, "what": http.StatusUnprocessableEntity} {
		resp := press(t, c.PayURL, outcome)
		page := readPage(t, resp)
		if resp.StatusCode != want || !strings.Contains(page, checkout.WordsFor("pt-BR").PendingTitle) ||
			!strings.Contains(page, `value="confirm"`) || !strings.Contains(page, `value="refute"`) || strings.Contains(page, `value="approve"`) {
			t.Errorf("%s: %d", outcome, resp.StatusCode)
		}
	}
	w.Want(t, c.ID, payment.Pending)
	if resp := press(t, c.PayURL, confirm); resp.StatusCode != http.StatusSeeOther {
		t.Error(resp.StatusCode)
	}
	w.Want(t, c.ID, payment.Paid)
}

func TestADeclineTellsItsReason(t *testing.T) {
	w := startWorld(t)
	for by, reason := range map[cruelty.Trick]cruelty.DeclineReason{cruelty.TrickFunds: cruelty.InsufficientFunds, cruelty.TrickIssuer: cruelty.RefusedByIssuer} {
		c := w.Create(t)
		form := url.Values{"outcome": {payCard}, "card": {numberOf(t, by)}}
		if resp := postForm(t, c.PayURL, form.Encode(), nil); resp.StatusCode != http.StatusSeeOther {
			t.Fatal(resp.StatusCode)
		}
		if page := readPage(t, getPage(t, c.PayURL)); !strings.Contains(page, checkout.WordsFor("pt-BR").Reasons[reason]) {
			t.Errorf("no %s on the page", reason)
		}
	}
}

func TestTheFilesOfThePage(t *testing.T) {
	baseURL, _ := startProvider(t, "", contract.NewClock())
	for path, kind := range map[string]string{stylePath: "text/css; charset=utf-8", iconPath: "image/svg+xml"} {
		if resp := getPage(t, baseURL+path); resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %q", path, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
	}
	if resp := getPage(t, baseURL+"/healthz"); resp.StatusCode != http.StatusOK {
		t.Errorf("healthz: %d", resp.StatusCode)
	}
}

func TestPayingTwiceSendsOneNotice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &memoryShop{}
		p := startMemoryProvider(t, shop)
		r, err := p.ledger.Create(sandbox.NewCharge{
			Reference: "r", AmountCents: 100, Currency: "BRL", ExpiresAt: time.Now().Add(time.Minute),
			ReturnURL: "http://shop.test/", NoticeURL: "http://shop.test/notices",
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, outcome := range []string{abandon, approve, approve, decline, approve} {
			req := httptest.NewRequest(http.MethodPost, "/pay/"+r.Token, strings.NewReader("outcome="+outcome))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			p.ServeHTTP(httptest.NewRecorder(), req)
		}
		synctest.Wait()
		if got := shop.received(); len(got) != 1 || got[0].notice.Type != sandbox.ChargePaid || got[0].notice.Reference != "r" {
			t.Errorf("notices: %+v", got)
		}
	})
}

func getPage(t *testing.T, address string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return contract.Send(t, req)
}

func readPage(t *testing.T, resp *http.Response) string {
	t.Helper()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func wantHeaders(t *testing.T, resp *http.Response, formAction string) {
	t.Helper()
	policy := resp.Header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script") ||
		!strings.HasSuffix(policy, formAction) {
		t.Errorf("policy %q", policy)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff",
		"Cache-Control": "no-store", "Referrer-Policy": "same-origin",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// scanQR reads the drawing as a camera would: it paints the path and gives the picture to a decoder.
func scanQR(t *testing.T, size int, path string) string {
	t.Helper()
	const scale = 4
	picture := image.NewGray(image.Rect(0, 0, size*scale, size*scale))
	for i := range picture.Pix {
		picture.Pix[i] = 0xFF
	}
	for square := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		var x, y int
		if _, err := fmt.Sscanf(square, "M%d %dh1v1h-1", &x, &y); err != nil {
			t.Fatalf("square %q: %v", square, err)
		}
		for dy := range scale {
			for dx := range scale {
				picture.SetGray(x*scale+dx, y*scale+dy, color.Gray{})
			}
		}
	}
	text, err := go_qr.Decode(picture)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
