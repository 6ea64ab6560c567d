package chaos

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"guiche/journeys/world"
)

// wire is a connection of one role to one server that can be cut: toxiproxy, which speaks TCP only, and behind it a
// forwarder to the server's Unix socket.
type wire struct {
	name   string
	proxy  *toxiproxy.Proxy
	dialed atomic.Int64 // connections that came through
}

func newWire(t *testing.T, name, socket string) *wire {
	t.Helper()
	w := &wire{name: name}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go w.forward(l, socket)
	t.Cleanup(func() { _ = l.Close() })
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	w.proxy = toxiproxy.NewProxy(server, name, "127.0.0.1:0", l.Addr().String())
	if err := w.proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.proxy.Stop)
	return w
}

// forward takes connections until the listener is closed.
func (w *wire) forward(l net.Listener, socket string) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("unix", socket)
		if err != nil {
			_ = near.Close()
			continue
		}
		w.dialed.Add(1)
		for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
			go func() {
				_, _ = io.Copy(pair[0], pair[1]) // however it ends, both ends end
				_ = near.Close()
				_ = far.Close()
			}()
		}
	}
}

// spoil lets a toxic work until at least one connection was lost and made again.
func (w *wire) spoil(t *testing.T, toxic string) {
	t.Helper()
	before := w.dialed.Load()
	made, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(toxic))
	if err != nil {
		t.Fatal(err)
	}
	world.Eventually(t, w.name+" is lost and made again", func() bool { return w.dialed.Load() > before })
	if err := w.proxy.Toxics.RemoveToxic(t.Context(), made.Name); err != nil {
		t.Fatal(err)
	}
}

// dropped are ways to lose replies: in the middle of one, before one, and after a silence.
func dropped(k int) string {
	return []string{
		fmt.Sprintf(`{"type": "limit_data", "stream": "downstream", "attributes": {"bytes": %d}}`, 1+rand.IntN(400)),
		`{"type": "reset_peer", "stream": "downstream", "attributes": {"timeout": 0}}`,
		`{"type": "timeout", "stream": "downstream", "attributes": {"timeout": 200}}`,
	}[k%3]
}

// redisURL and postgresURL lead through the wire.
func (w *wire) redisURL() string { return "redis://" + w.proxy.Listen + "/0" }

func (w *wire) postgresURL() string {
	return "postgres://guiche@" + w.proxy.Listen + "/guiche?sslmode=disable"
}

// sockets are the files through which the stage's servers are reached.
func (s *stage) sockets() (postgres, redis string) {
	s.t.Helper()
	p, err := url.Parse(s.postgres.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := url.Parse(s.redis.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return filepath.Join(p.Query().Get("host"), ".s.PGSQL.5432"), r.Path
}
