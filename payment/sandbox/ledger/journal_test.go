package ledger

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"guiche/payment/contract"
	"guiche/payment/sandbox"
)

// fullDisk takes half of what is written.
type fullDisk struct{ journalFile }

func (f fullDisk) Write(line []byte) (int, error) {
	n, err := f.journalFile.Write(line[:len(line)/2])
	return n, errors.Join(err, syscall.ENOSPC)
}

func TestHalfALineDoesNotSpoilTheNext(t *testing.T) {
	dir, clock := t.TempDir(), contract.NewClock()
	charge := sandbox.NewCharge{Reference: "r", AmountCents: 100, Currency: "BRL", ExpiresAt: clock.Now().Add(time.Hour)}
	l, err := Open(dir, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	disk := l.journal.file
	l.journal.file = fullDisk{disk}
	if r, err := l.Create(charge); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("on a full disk: %+v, %v", r, err)
	}
	l.journal.file = disk // somebody made room
	made, err := l.Create(charge)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, err = Open(dir, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := l.Find("r"); err != nil || r.ID != made.ID {
		t.Errorf("after a restart: %+v, %v; want %s", r, err, made.ID)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
