package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"guiche/store"
)

// How long a password may be, in characters as browsers count them.
const (
	PasswordShortest = store.PasswordShortest
	PasswordLongest  = 128
)

// hashParams are what OWASP recommends: 19 MiB, two passes, one lane.
var hashParams = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword is what is stored of a password.
func HashPassword(password string) (string, error) { return hashText(normalPassword(password)) }

func hashText(text string) (string, error) {
	hash, err := argon2id.CreateHash(text, &hashParams)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

const (
	// hashWait is how long a person waits for a slot before she is asked to try again.
	hashWait = 2 * time.Second
	// mostWaiting bounds the queue: beyond it the one who has waited the longest is asked to try again.
	mostWaiting = 1000
	// How many slots one home (an IPv6 /64) and one network (a /48, or an IPv4 address) may hold.
	slotsOfHome    = 1
	slotsOfNetwork = 4
)

// errBusy says that too many people sign in at this moment; see mustWait.
var errBusy = tooMany(hashWait)

// source is where a password comes from.
type source struct {
	home, network string // empty for none that is counted
	known         bool   // a device on which its account has signed in before
}

// sourceOf is the source at an address.
func sourceOf(ip string, known bool) source {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Unmap().Is4() {
		return source{network: ip, known: known}
	}
	return source{home: prefixOf(a, 64), network: prefixOf(a, 48), known: known}
}

// hasher bounds what a rush of sign-ins takes of CPU and memory: one slot per core. Nobody who sends many passwords keeps
// the others out: known devices come first, then whoever's network holds the fewest slots, then whoever came last.
type hasher struct {
	slots  int
	nobody func() (string, error) // a hash that no password fits, to compare with if the e-mail is unknown

	mu       sync.Mutex
	busy     int
	homes    map[string]int // slots that each holds
	networks map[string]int
	waiting  []*hashWish // in the order in which they came
}

// hashWish is somebody who waits for a slot; ready is closed when she has it, gone when she is asked to try again.
type hashWish struct {
	source
	ready, gone chan struct{}
}

func newHasher() *hasher {
	return &hasher{
		slots:  runtime.GOMAXPROCS(0),
		nobody: sync.OnceValues(func() (string, error) { return HashPassword(rand.Text()) }),
		homes:  map[string]int{}, networks: map[string]int{},
	}
}

// enter takes a slot; errBusy if none becomes free in time.
func (h *hasher) enter(ctx context.Context, from source) (leave func(), err error) {
	wish := &hashWish{from, make(chan struct{}), make(chan struct{})}
	h.mu.Lock()
	h.waiting = append(h.waiting, wish)
	if len(h.waiting) > mostWaiting {
		close(h.waiting[0].gone)
		h.waiting = h.waiting[1:]
	}
	h.admit()
	h.mu.Unlock()
	wait := time.NewTimer(hashWait)
	defer wait.Stop()
	err = errBusy
	select {
	case <-wish.ready:
		return func() { h.leave(wish) }, nil
	case <-wish.gone:
		return nil, errBusy
	case <-ctx.Done():
		err = ctx.Err()
	case <-wait.C:
	}
	h.mu.Lock()
	i := slices.Index(h.waiting, wish)
	if i >= 0 {
		h.waiting = slices.Delete(h.waiting, i, i+1)
	}
	h.mu.Unlock()
	select {
	case <-wish.ready: // at this moment
		h.leave(wish)
	default:
	}
	return nil, err
}

func (h *hasher) leave(w *hashWish) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy--
	count(h.homes, w.home, -1)
	count(h.networks, w.network, -1)
	h.admit()
}

// count adds to what somebody holds, and forgets who holds nothing.
func count[K comparable](of map[K]int, who K, n int) {
	if of[who] += n; of[who] == 0 {
		delete(of, who)
	}
}

// admit gives free slots away; mu is held.
func (h *hasher) admit() {
	for h.busy < h.slots {
		i := h.next()
		if i < 0 {
			return
		}
		w := h.waiting[i]
		h.waiting = slices.Delete(h.waiting, i, i+1)
		h.busy++
		count(h.homes, w.home, 1)
		count(h.networks, w.network, 1)
		close(w.ready)
	}
}

// next is who of those that wait gets the next slot; -1 for nobody.
func (h *hasher) next() int {
	best := -1
	for i, w := range h.waiting {
		if w.home != "" && h.homes[w.home] >= slotsOfHome || w.network != "" && h.networks[w.network] >= slotsOfNetwork {
			continue
		}
		if best < 0 || h.before(w, h.waiting[best]) {
			best = i
		}
	}
	return best
}

// before says that one goes before another that came earlier.
func (h *hasher) before(w, earlier *hashWish) bool {
	if w.known != earlier.known {
		return w.known
	}
	return h.networks[w.network] <= h.networks[earlier.network]
}

// hash is HashPassword in a slot; errBusy.
func (h *hasher) hash(ctx context.Context, from source, password string) (string, error) {
	leave, err := h.enter(ctx, from)
	if err != nil {
		return "", err
	}
	defer leave()
	return HashPassword(password)
}

// fits says whether a password matches a hash; an empty hash matches nothing and takes as long. errBusy.
func (h *hasher) fits(ctx context.Context, from source, password, hash string) (bool, error) {
	leave, err := h.enter(ctx, from)
	if err != nil {
		return false, err
	}
	defer leave()
	known := hash != ""
	if !known {
		if hash, err = h.nobody(); err != nil {
			return false, err
		}
	}
	for _, form := range passwordForms(password) {
		fits, err := argon2id.ComparePasswordAndHash(form, hash)
		if err != nil || fits {
			return fits && known, err
		}
	}
	return false, nil
}
