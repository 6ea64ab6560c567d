package worker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"

	"guiche/jobs"
	"guiche/jobs/mail"
	"guiche/payment"
	"guiche/store"
)

// mailbox is a mail server that can be shut, refuse, and do something at the moment at which it takes a letter.
type mailbox struct {
	t       *testing.T
	address string
	server  *smtp.Server
	ended   chan error

	mu      sync.Mutex
	letters []string // as they travelled
	refuse  func(to string) error
	taking  func()
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	b := &mailbox{t: t, address: "127.0.0.1:0"}
	b.open()
	t.Cleanup(b.shut)
	return b
}

// open listens, again at the same address if it was shut.
func (b *mailbox) open() {
	b.t.Helper()
	listener, err := net.Listen("tcp", b.address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.address = listener.Addr().String()
	b.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &talk{box: b}, nil }))
	b.server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	b.ended = make(chan error, 1)
	server, ended := b.server, b.ended
	go func() { ended <- server.Serve(listener) }()
}

func (b *mailbox) shut() {
	if b.server == nil {
		return
	}
	_ = b.server.Close()
	<-b.ended
	b.server = nil
}

// all are the letters that were taken.
func (b *mailbox) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.letters)
}

// to counts the letters to an address.
func (b *mailbox) to(address string) (n int) {
	for _, l := range b.all() {
		if strings.Contains(l, "To: <"+address+">") {
			n++
		}
	}
	return n
}

// talk is one connection to a mailbox.
type talk struct{ box *mailbox }

func (*talk) Mail(string, *smtp.MailOptions) error { return nil }
func (*talk) Reset()                               {}
func (*talk) Logout() error                        { return nil }

func (s *talk) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.box.refuse == nil {
		return nil
	}
	return s.box.refuse(to)
}

func (s *talk) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.letters = append(s.box.letters, string(text))
	if s.box.taking != nil {
		s.box.taking()
	}
	return nil
}

// carried are letters that go to a mailbox.
func (b *mailbox) carried() *Letters {
	b.t.Helper()
	sender, err := mail.New(mail.Config{URL: "smtp://" + b.address, From: "Guichê <no-reply@guiche.test>", ReplyTo: "ajuda@ingressos.example", Host: "ingressos.example"})
	if err != nil {
		b.t.Fatal(err)
	}
	l, err := NewLetters(sender, "https://ingressos.example", []byte("a secret"))
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

// poster is a worker that sends letters when a test says so.
func (w *shop) poster(b *mailbox, change ...func(*Config)) *Worker {
	c := Config{
		Store: w.DB, Redis: w.Redis, Gateways: payment.NewGateways(silent{}), Letters: b.carried(),
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	}
	for _, f := range change {
		f(&c)
	}
	return New(c)
}

// post sends what is due.
func (w *shop) post(worker *Worker) error {
	ctx, cancel := context.WithTimeout(w.Ctx, lettersTime)
	defer cancel()
	return worker.sendLetters(ctx, nil)
}

// letterStatus tells what became of the only letter of a kind.
func (w *shop) letterStatus(kind store.LetterKind) (status string) {
	w.T.Helper()
	if err := w.Raw.QueryRowContext(w.Ctx, `select status from letters where kind = $1`, kind).Scan(&status); err != nil {
		w.T.Fatalf("letter %s: %v", kind, err)
	}
	return status
}

// due makes every letter that is owed due now, as if time had passed.
func (w *shop) due() {
	w.T.Helper()
	w.Set(`update letters set next_try_at = now() where status = 'owed'`)
}

func (w *shop) account(id int64) store.Account {
	w.T.Helper()
	a, err := w.DB.Account(w.Ctx, id)
	if err != nil {
		w.T.Fatal(err)
	}
	return a
}

func TestEveryLetterIsSentOnceByManyWorkers(t *testing.T) {
	w, box := newShop(t, 1), newMailbox(t)
	const fans = 40
	var accounts []store.Account
	for range fans {
		accounts = append(accounts, w.account(w.Fan()))
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := w.post(w.poster(box)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, a := range accounts {
		if n := box.to(a.Email); n != 1 {
			t.Errorf("%d letters to one fan", n)
		}
	}
}

func TestLettersWaitForTheMailServer(t *testing.T) {
	w, box := newShop(t, 1), newMailbox(t)
	worker := w.poster(box)
	for range 3 {
		w.Fan()
	}
	box.shut()
	if err := w.post(worker); !errors.Is(err, mail.ErrUnreachable) {
		t.Errorf("without a mail server: %v", err)
	}
	box.open()
	if err := w.post(worker); err != nil {
		t.Error(err)
	}
	if n := len(box.all()); n != 2 {
		t.Errorf("%d letters; the one that was tried has to wait, the others have not", n)
	}
	w.due()
	if err := w.post(worker); err != nil {
		t.Error(err)
	}
	if n := len(box.all()); n != 3 {
		t.Errorf("%d letters", n)
	}
}

func TestALetterThatWasSentBeforeACrashIsRecognised(t *testing.T) {
	w, box := newShop(t, 1), newMailbox(t)
	w.Fan()
	dying, err := store.Open(w.Ctx, w.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	box.taking = sync.OnceFunc(func() { _ = dying.Close() })
	if err := w.post(w.poster(box, func(c *Config) { c.Store = dying })); err == nil {
		t.Error("the worker wrote down what it sent, after its death")
	}
	if err := w.post(w.poster(box)); err != nil || len(box.all()) != 1 {
		t.Errorf("the letter is not in one hand: %d sent, %v", len(box.all()), err)
	}
	w.due() // nobody came back for it
	if err := w.post(w.poster(box)); err != nil {
		t.Error(err)
	}
	letters := box.all()
	if len(letters) != 2 || header(letters[0], "Message-ID") != header(letters[1], "Message-ID") || header(letters[0], "Message-ID") == "" {
		t.Errorf("%d letters of different names", len(letters))
	}
	if link := linkIn(t, letters[0]); link != linkIn(t, letters[1]) {
		t.Error("the second letter has another link")
	}
	if got := w.letterStatus(store.LetterConfirm); got != "sent" {
		t.Errorf("the letter is %s", got)
	}
}

// header is a header of a letter.
func header(letter, name string) string {
	for line := range strings.SplitSeq(letter, "\r\n") {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			return value
		}
	}
	return ""
}

// linkIn is the token of a letter's link.
func linkIn(t *testing.T, letter string) string {
	t.Helper()
	letter = strings.ReplaceAll(letter, "=\r\n", "") // soft line breaks
	_, rest, found := strings.Cut(letter, "https://ingressos.example/confirm/")
	if !found || len(rest) < 43 {
		t.Fatal("no link")
	}
	return rest[:43]
}

func TestARefusedLetterIsGivenUpAndTellsNobodysAddress(t *testing.T) {
	w, box := newShop(t, 1), newMailbox(t)
	a := w.account(w.Fan())
	box.refuse = func(to string) error {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user: " + to}
	}
	var said bytes.Buffer
	metrics := prometheus.NewRegistry()
	worker := w.poster(box, func(c *Config) { c.Log, c.Metrics = slog.New(slog.NewTextHandler(&said, nil)), metrics })
	for range 10 {
		w.due()
		if err := w.post(worker); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.letterStatus(store.LetterConfirm); got != "failed" {
		t.Errorf("the letter is %s", got)
	}
	if !strings.Contains(said.String(), "level=ERROR") || !strings.Contains(said.String(), "550") {
		t.Errorf("the log says %s", &said)
	}
	if strings.Contains(said.String(), a.Email) || strings.Contains(said.String(), "no such user") {
		t.Errorf("the log tells an address: %s", &said)
	}
	if n := counted(t, metrics, "guiche_letters_total", "failed"); n != 1 {
		t.Errorf("%v letters were counted as failed", n)
	}
}

// counted is the value of a counter with a label.
func counted(t *testing.T, from *prometheus.Registry, name, label string) (sum float64) {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if f.GetName() == name && l.GetValue() == label {
					sum += m.GetCounter().GetValue()
				}
			}
		}
	}
	return sum
}

func TestOneBadLetterDoesNotHoldUpTheOthers(t *testing.T) {
	w, box := newShop(t, 1), newMailbox(t)
	bad, good := w.account(w.Fan()), w.account(w.Fan())
	box.refuse = func(to string) error {
		if to == bad.Email {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later"}
		}
		return nil
	}
	if err := w.post(w.poster(box)); err != nil {
		t.Error(err)
	}
	if box.to(good.Email) != 1 || box.to(bad.Email) != 0 {
		t.Errorf("%d and %d letters", box.to(good.Email), box.to(bad.Email))
	}
}

func TestALetterWithABrokenRowIsGivenUp(t *testing.T) {
	w, box := newShop(t, 1), newMailbox(t)
	worker := w.poster(box)
	for _, kind := range []store.LetterKind{store.LetterPaid, store.LetterRefunded} {
		w.Set(`insert into letters (kind, subject, account_id) values ($1, gen_random_uuid(), 1)`, kind)
	}
	w.Set(`insert into letters (kind, subject, account_id) values ('expired', gen_random_uuid(), 999999)`)
	if err := w.post(worker); err != nil {
		t.Error(err)
	}
	w.Set(`update letters set owed_at = now() - interval '4 days'`)
	w.due()
	if err := w.post(worker); err != nil {
		t.Error(err)
	}
	for _, kind := range []store.LetterKind{store.LetterPaid, store.LetterRefunded, store.LetterExpired} {
		if got := w.letterStatus(kind); got != "failed" {
			t.Errorf("%s is %s", kind, got)
		}
	}
	if n := len(box.all()); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
}

func TestLettersThatAreNotTrueAnyMoreAreNotSent(t *testing.T) {
	w, box := newShop(t, 3), newMailbox(t)
	w.Generator()
	worker := w.poster(box)
	reserved := func() store.QueuedOrder {
		o := w.Order(w.Fan(), 1)
		w.Join(o)
		w.Becomes(o.ID, store.Reserved)
		return o
	}
	// A hold that is paid before its letter is written.
	paid := reserved()
	w.Set(`update orders set reserved_until = now() + interval '1 minute' where id = $1`, paid.ID)
	if n, err := w.DB.OweHoldEndings(w.Ctx, 10); n != 1 || err != nil {
		t.Fatalf("%d holds, %v", n, err)
	}
	w.Pay(paid)
	// An e-mail that is confirmed, and a password that nobody has.
	w.Set(`update accounts set confirmed_at = now()`)
	if err := w.DB.OweReset(w.Ctx, "nobody@guiche.test", "nobody"); err != nil {
		t.Fatal(err)
	}
	w.Set(`update letters set status = 'moot', ended_at = now() where kind = 'paid'`)
	if err := w.post(worker); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []store.LetterKind{store.LetterHoldEnding, store.LetterConfirm, store.LetterReset} {
		if got := w.letterStatus(kind); got != "moot" {
			t.Errorf("%s is %s", kind, got)
		}
	}
	if letters := box.all(); len(letters) != 0 {
		t.Errorf("sent: %v", letters)
	}
}

func TestAPaidOrderGetsItsLetterWithItsTickets(t *testing.T) {
	w, box := newShop(t, 5), newMailbox(t)
	w.Generator()
	w.run(Config{Gateways: payment.NewGateways(silent{}), Letters: box.carried()})
	fan := w.account(w.Fan())
	o := w.Order(fan.ID, 2)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	w.Pay(o) // the sweep finds the letter, though nobody nudges
	w.Eventually("both letters are sent", func() bool { return box.to(fan.Email) == 2 })
	for _, l := range box.all() {
		if !strings.Contains(l, "Tickets: Show") {
			continue
		}
		for _, part := range []string{
			"Guich=C3=AA?= <no-reply@guiche.test>", "Auto-Submitted: auto-generated", "multipart/alternative",
			`filename="guiche-show.pdf"`, "application/pdf", `filename="guiche-show.ics"`, "text/calendar", "Reply-To: <ajuda@ingressos.example>", "https://ingressos.example/orders/" + o.ID.String()[:8],
		} {
			if !strings.Contains(l, part) {
				t.Errorf("the letter does not hold %q:\n%.3000s", part, l)
			}
		}
		return
	}
	t.Error("no letter about the tickets")
}

func TestHoldsAboutToEndAreTold(t *testing.T) {
	w, box := newShop(t, 5), newMailbox(t)
	w.Generator()
	fan := w.account(w.Fan())
	o := w.Order(fan.ID, 2)
	w.Join(o)
	w.Becomes(o.ID, store.Reserved)
	w.Set(`update orders set reserved_until = now() + interval '1 minute' where id = $1`, o.ID)
	w.Set(`update accounts set confirmed_at = now()`)
	worker := w.poster(box)
	for range 2 {
		if err := worker.sweepLetters(w.Ctx); err != nil {
			t.Fatal(err)
		}
		if err := w.post(worker); err != nil {
			t.Fatal(err)
		}
	}
	letters := box.all()
	if len(letters) != 1 || !strings.Contains(letters[0], "Little time left to pay: Show") {
		t.Errorf("letters: %v", letters)
	}
	tasks, err := asynq.NewInspectorFromRedisClient(w.Redis).ListScheduledTasks(jobs.QueueLetters)
	if err != nil || len(tasks) == 0 || tasks[0].Type != jobs.KindLetters {
		t.Errorf("nobody was nudged: %v, %v", tasks, err)
	}
}

func TestLettersTravelEncryptedToOtherMachines(t *testing.T) {
	box := newMailbox(t) // which knows no TLS
	_, port, err := net.SplitHostPort(box.address)
	if err != nil {
		t.Fatal(err)
	}
	send := func(address string) error {
		sender, err := mail.New(mail.Config{URL: address, From: "no-reply@guiche.test", Host: "ingressos.example"})
		if err != nil {
			t.Fatal(err)
		}
		c := sender.Connection()
		defer c.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return c.Send(ctx, mail.Message{ID: "1", To: "ana@guiche.test", Subject: "x", Text: "x", HTML: "x"})
	}
	if err := send("smtp://" + box.address); err != nil {
		t.Errorf("on this machine: %v", err)
	}
	for _, address := range []string{"smtp://0.0.0.0:" + port, "smtps://127.0.0.1:" + port} {
		if err := send(address); !errors.Is(err, mail.ErrUnreachable) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if n := len(box.all()); n != 1 {
		t.Errorf("%d letters", n)
	}
}
