package local

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// TB is what is asked of a testing.TB; the package testing stays out of the program.
type TB interface {
	Helper()
	Cleanup(f func())
	Fatalf(format string, args ...any)
}

// NewFolder returns an empty folder that is deleted after the test. Unlike tb.TempDir it can hold the servers of root, which
// run as another user, and its name is short enough for sockets.
func NewFolder(tb TB) string {
	tb.Helper()
	folder, err := makeFresh()
	if err != nil {
		tb.Fatalf("a folder for the test: %v", err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			tb.Fatalf("delete the folder of the test: %v", err)
		}
	})
	return folder
}

func makeFresh() (string, error) {
	slot, err := testSlot()
	if err != nil {
		return "", err
	}
	as, err := serverUser()
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(slot.folder, "fresh-")
	if err != nil {
		return "", err
	}
	return folder, makePrivate(folder, as)
}

// slot is the folder of this test process: the first in a row that no other process has. It is kept for the next run, so
// that making a Postgres cluster is paid for once.
type slot struct {
	folder string
	lock   *os.File // open as long as the process lives
}

var testSlot = sync.OnceValues(func() (slot, error) {
	as, err := serverUser()
	if err != nil {
		return slot{}, err
	}
	base := filepath.Join(os.TempDir(), fmt.Sprintf("guiche-test-%d", os.Geteuid()))
	if err := makePrivate(base, as); err != nil {
		return slot{}, err
	}
	for i := range 100 {
		folder := filepath.Join(base, fmt.Sprint(i))
		if err := makePrivate(folder, as); err != nil {
			return slot{}, err
		}
		lock, err := lockFolder(folder)
		if errors.Is(err, ErrInUse) {
			continue
		}
		if err != nil {
			return slot{}, err
		}
		return slot{folder, lock}, sweepFresh(folder)
	}
	return slot{}, fmt.Errorf("all folders in %s are in use", base)
})

// shared is memory that Linux offers as a folder. Containers often have little of it.
const (
	shared       = "/dev/shm"
	sharedEnough = 2 << 30
)

// inMemory is a folder of the slot for what need not outlive a power cut. Each test has a database, that is three hundred
// files, and on a disk the making and deleting of them is most of the work of a run.
func (s slot) inMemory() (string, error) {
	var free syscall.Statfs_t
	if err := syscall.Statfs(shared, &free); err != nil || uint64(free.Bavail)*uint64(free.Bsize) < sharedEnough {
		return s.folder, nil // as on a Mac
	}
	as, err := serverUser()
	if err != nil {
		return "", err
	}
	place := filepath.Join(shared, fmt.Sprintf("guiche-%x", sha256.Sum256([]byte(s.folder)))[:len("guiche-")+16])
	return place, makePrivate(place, as)
}

// sweepFresh deletes the folders of tests that were killed.
func sweepFresh(folder string) error {
	old, err := filepath.Glob(filepath.Join(folder, "fresh-*"))
	for _, path := range old {
		// A server that is just going down may still write there: then the next run deletes it.
		_ = os.RemoveAll(path)
	}
	return err
}
