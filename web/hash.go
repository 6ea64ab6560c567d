package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"guiche/store"
)

// How long a password may be, in characters at least and in bytes at most.
const (
	PasswordShortest = store.PasswordShortest
	PasswordLongest  = 128
)

// hashParams are what OWASP recommends: 19 MiB, two passes, one lane.
var hashParams = argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword is what is stored of a password.
func HashPassword(password string) (string, error) {
	hash, err := argon2id.CreateHash(password, &hashParams)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// hashWait is how long a person waits for a slot before she is asked to try again.
const hashWait = 2 * time.Second

// errBusy says that too many people sign in at this moment; see mustWait.
var errBusy = tooMany(hashWait)

// hasher bounds what a rush of sign-ins takes of CPU and memory: one slot per core.
type hasher struct {
	slots  chan struct{}
	nobody func() (string, error) // a hash that no password fits, to compare with if the e-mail is unknown
}

func newHasher() hasher {
	return hasher{
		slots:  make(chan struct{}, runtime.GOMAXPROCS(0)),
		nobody: sync.OnceValues(func() (string, error) { return HashPassword(rand.Text()) }),
	}
}

// enter takes a slot; errBusy if none becomes free in time.
func (h hasher) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-h.slots }
	wait := time.NewTimer(hashWait)
	defer wait.Stop()
	select {
	case h.slots <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, errBusy
	}
}

// hash is HashPassword in a slot; errBusy.
func (h hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return HashPassword(password)
}

// fits says whether a password matches a hash; an empty hash matches nothing and takes as long. errBusy.
func (h hasher) fits(ctx context.Context, password, hash string) (bool, error) {
	leave, err := h.enter(ctx)
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
	fits, err := argon2id.ComparePasswordAndHash(password, hash)
	return fits && known, err
}
