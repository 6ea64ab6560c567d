package provider

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
)

// Ten tries, each wait double the one before: the last try is made eight and a half minutes after the first.
const (
	noticeTries     = 10
	noticeFirstWait = time.Second
	noticeTimeout   = 5 * time.Second // of one try
	noticeWorkers   = 8
	noticeBehind    = 2 * time.Second // waits for another to come first
	noticePending   = 10_000          // held in memory; what comes on top is dropped, for a notice is a hint
)

// pendingNotice is a notice that no receiver has accepted yet.
type pendingNotice struct {
	url   string
	id    string
	body  []byte
	tries int
}

// noticeSender delivers notices in the background. What it has not delivered when it ends is gone.
type noticeSender struct {
	secret string
	now    func() time.Time
	log    *slog.Logger
	client *http.Client

	ctx    context.Context // ends every try
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	pending int                // due, being tried or waiting; never above noticePending
	behind  []pendingNotice    // to be sent after the next one
	due     chan pendingNotice // has room for all that are pending, so sending never blocks
}

func startNoticeSender(secret string, now func() time.Time, log *slog.Logger, transport http.RoundTripper) *noticeSender {
	ctx, cancel := context.WithCancel(context.Background())
	s := &noticeSender{
		secret: secret,
		now:    now,
		log:    log,
		ctx:    ctx,
		cancel: cancel,
		due:    make(chan pendingNotice, noticePending),
		client: &http.Client{
			Transport:     transport,
			Timeout:       noticeTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	for range noticeWorkers {
		s.done.Go(s.work)
	}
	return s
}

// send hands a notice to the workers, or to its fate, and returns at once.
func (s *noticeSender) send(url, reference string, news sandbox.NoticeType, f cruelty.NoticeFate) error {
	n := sandbox.Notice{ID: "no_" + rand.Text(), Reference: reference, Type: news, Created: s.now().UTC()}
	body, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("payment: notice: %w", err)
	}
	if f.Lost {
		s.log.Info("notice lost", "notice", n.ID, "reference", reference)
		return nil
	}
	copies := 1
	if f.Twice {
		copies = 2
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for range copies {
		if s.closed || s.pending == noticePending {
			s.log.Warn("notice dropped", "notice", n.ID, "reference", reference)
			return nil
		}
		s.pending++
		s.dispatch(pendingNotice{url: url, id: n.ID, body: body}, f)
	}
	return nil
}

// dispatch makes a notice due now, later or after the next one.
func (s *noticeSender) dispatch(n pendingNotice, f cruelty.NoticeFate) {
	switch {
	case f.Late > 0:
		time.AfterFunc(f.Late, func() { s.again(n) })
	case f.Behind:
		s.behind = append(s.behind, n)
		time.AfterFunc(noticeBehind, s.overtaken) // at the latest
	default:
		s.due <- n
	}
}

// overtaken makes the notices due that waited for another one.
func (s *noticeSender) overtaken() {
	s.mu.Lock()
	behind := s.behind
	s.behind = nil
	s.mu.Unlock()
	for _, n := range behind {
		s.again(n)
	}
}

// close gives the notices that are due one last try each, as long as the context lasts.
func (s *noticeSender) close(ctx context.Context) {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.due)
	}
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, s.cancel)
	defer stop()
	s.done.Wait()
	s.cancel()
	s.client.CloseIdleConnections()
}

func (s *noticeSender) work() {
	for n := range s.due {
		n.tries++
		err := s.try(n)
		s.overtaken()
		if err == nil {
			s.settle()
			continue
		}
		if n.tries == noticeTries {
			s.log.Warn("notice given up", "notice", n.id, "tries", n.tries, "err", err)
			s.settle()
			continue
		}
		s.log.Debug("notice not accepted", "notice", n.id, "tries", n.tries, "err", err)
		time.AfterFunc(noticeFirstWait<<(n.tries-1), func() { s.again(n) })
	}
}

// try posts the notice once. It is signed anew each time, as the last try comes after the signature's window.
func (s *noticeSender) try(n pendingNotice) error {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, n.url, bytes.NewReader(n.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(sandbox.SignatureHeader, sandbox.Sign(s.secret, s.now(), n.body))
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, sandbox.BodyLimit) // lets the connection be used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("answer %d", resp.StatusCode)
	}
	return nil
}

func (s *noticeSender) again(n pendingNotice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.due <- n
	}
}

func (s *noticeSender) settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending--
}
