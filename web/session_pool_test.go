package web

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/redisstore"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	base "guiche/journeys/world"
	"guiche/store/local"
)

// TestSignInsFollowRedisToItsNewPrimary promotes a copy: new connections lead there, and the old primary, which stays, becomes
// a copy of it.
func TestSignInsFollowRedisToItsNewPrimary(t *testing.T) {
	open := func() (*redis.Client, string) {
		url := local.NewRedis(t)
		client, err := jobs.OpenRedis(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		return client, client.Options().Addr
	}
	old, oldSocket := open()
	promoted, newSocket := open()
	var to atomic.Value
	to.Store(oldSocket)
	address := forward(t, &to)
	pool, err := newSessionPool("redis://" + address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	sessions, later := redisstore.New(pool), time.Now().Add(time.Hour)
	var all sync.WaitGroup // as many connections as a busy process has
	for range 20 {
		all.Go(func() {
			if err := sessions.Commit("kept", []byte("fan"), later); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := promoted.Set(t.Context(), "scs:session:new", "there", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	to.Store(newSocket)
	// What it says of itself is what counts: a copy whose primary it does not reach keeps what it had.
	if err := old.Do(t.Context(), "REPLICAOF", "127.0.0.1", "1").Err(); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for refused < 30 && sessions.Commit("made", []byte("fan"), later) != nil {
		refused++
	}
	if refused > 20 {
		t.Errorf("%d sign-ins failed", refused)
	}
	deadline := time.Now().Add(base.Patience)
	for stale := true; stale; {
		_, stale, err = sessions.Find("kept")
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("a sign-in that has ended lives on in the copy: %v", err)
		}
	}
	if b, found, err := sessions.Find("new"); !found || string(b) != "there" || err != nil {
		t.Errorf("found %q, %v, %v", b, found, err)
	}
}

// forward takes TCP connections to whatever socket to names at that moment.
func forward(t *testing.T, to *atomic.Value) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", to.Load().(string))
			if err != nil {
				_ = near.Close()
				continue
			}
			for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
				go func() {
					_, _ = io.Copy(pair[0], pair[1]) // however it ends, both ends end
					_ = near.Close()
					_ = far.Close()
				}()
			}
		}
	}()
	return l.Addr().String()
}
