package app

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"guiche/store/local"
)

// heard is a log that can be waited for.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heard) await(t *testing.T, words ...string) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	said := func() (text string, all bool) {
		h.mu.Lock()
		defer h.mu.Unlock()
		text = h.text.String()
		for _, w := range words {
			text, all = strings.CutPrefix(text[max(strings.Index(text, w), 0):], w)
			if !all {
				return h.text.String(), false
			}
		}
		return text, true
	}
	for {
		text, all := said()
		if all {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("never said %q:\n%s", words, text)
		case <-tick.C:
		}
	}
}

// TestARoleWaitsForServersThatAreAwayAtItsStart starts each role before its servers: it says so, and works once they are
// there, without being started again.
func TestARoleWaitsForServersThatAreAwayAtItsStart(t *testing.T) {
	databaseURL, redisURL := local.NewDatabase(t), local.NewRedis(t)
	socket, err := url.Parse(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	later := filepath.Join(t.TempDir(), "redis.sock")
	there := *socket
	there.Path = later
	database, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	query, rows := database.Query(), filepath.Join(t.TempDir(), "postgres")
	host := query.Get("host")
	query.Set("host", rows)
	database.RawQuery = query.Encode()
	ended := make(chan error, 2)
	ctx, stop := context.WithCancel(t.Context())
	logs := map[string]*heard{"worker": {}, "generator": {}}
	for role, log := range logs {
		go func() {
			ended <- Run(ctx, []string{role}, []string{
				"DATABASE_URL=" + database.String(), "REDIS_URL=" + there.String(), "SECRET_KEY=0123456789abcdef0123456789abcdef",
				"BASE_URL=http://localhost:1", "PAYMENT_GATEWAY=sandbox",
			}, log, log)
		}()
	}
	logs["worker"].await(t, "waiting for a server that is away", "Postgres")
	logs["generator"].await(t, "waiting for a server that is away", "Redis")
	select {
	case err := <-ended:
		t.Fatalf("a role ended: %v", err)
	default:
	}
	if err := os.Symlink(socket.Path, later); err != nil {
		t.Fatal(err)
	}
	logs["generator"].await(t, "waiting for a server that is away", "Postgres")
	if err := os.Symlink(host, rows); err != nil {
		t.Fatal(err)
	}
	logs["generator"].await(t, "waiting for a server that is away", "leading the line")
	logs["worker"].await(t, "waiting for a server that is away", `"working"`)
	stop()
	for range logs {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
