package payment

import (
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"
)

// Refusals of the ledger; the API has a code for each.
var (
	errConflict  = errors.New("payment: used for something else")
	errNotPaid   = errors.New("payment: not paid")
	errExcessive = errors.New("payment: more than was captured")
)

// record is a charge as the provider keeps it. Nothing that a payer types is in it.
type record struct {
	ID        string         `json:"id"`
	Token     string         `json:"token"` // opens the hosted page; only the payer gets it
	Status    Status         `json:"status"`
	Charge    wireNewCharge  `json:"charge"`
	Refunds   []recordRefund `json:"refunds,omitempty"`
	CreatedAt time.Time      `json:"created_at"`
	SettledAt time.Time      `json:"settled_at,omitzero"`
}

type recordRefund struct {
	Key         string    `json:"key"`
	ID          string    `json:"id"`
	AmountCents int64     `json:"amount_cents"`
	CreatedAt   time.Time `json:"created_at"`
}

func (r record) refunded() int64 {
	var sum int64
	for _, refund := range r.Refunds {
		sum += refund.AmountCents
	}
	return sum
}

// ledger holds all charges of the provider and is the one place where they change.
type ledger struct {
	now func() time.Time

	mu          sync.Mutex
	journal     *journal
	byID        map[string]record
	byToken     map[string]string // to the id
	byReference map[string]string // to the id
	byRefundKey map[string]string // to the id
}

func openLedger(dir string, now func() time.Time) (*ledger, error) {
	l := &ledger{
		now:         now,
		byID:        map[string]record{},
		byToken:     map[string]string{},
		byReference: map[string]string{},
		byRefundKey: map[string]string{},
	}
	var err error
	l.journal, err = openJournal(dir, l.index)
	return l, err
}

// create makes a charge or finds the one of the same reference. A deadline in the past is no error:
// a create that is repeated late gets the truth, a charge that nobody can pay.
func (l *ledger) create(c wireNewCharge) (record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id, ok := l.byReference[c.Reference]; ok {
		r := l.current(id)
		if r.Charge.AmountCents != c.AmountCents || r.Charge.Currency != c.Currency {
			return record{}, errConflict
		}
		return r, nil
	}
	r := record{ID: "ch_" + rand.Text(), Token: rand.Text(), Status: Open, Charge: c, CreatedAt: l.now()}
	if err := l.write(r); err != nil {
		return record{}, err
	}
	return l.current(r.ID), nil
}

// get finds a charge by its id.
func (l *ledger) get(id string) (record, error) { return l.lookUp(nil, id) }

// find finds a charge by the merchant's reference.
func (l *ledger) find(reference string) (record, error) { return l.lookUp(l.byReference, reference) }

// open finds a charge by the token of its hosted page.
func (l *ledger) open(token string) (record, error) { return l.lookUp(l.byToken, token) }

// cancel ends a charge that is still open and tells what it is now.
func (l *ledger) cancel(id string) (record, error) {
	r, _, err := l.settle(id, Cancelled)
	return r, err
}

// settle gives an open charge its end; changed says whether this call did. A charge that has its end keeps it.
func (l *ledger) settle(id string, to Status) (r record, changed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return record{}, false, ErrNotFound
	}
	r = l.current(id)
	if r.Status != Open {
		return r, false, nil
	}
	r.Status, r.SettledAt = to, l.now()
	if err := l.write(r); err != nil {
		return record{}, false, err
	}
	return r, true, nil
}

// refund sends part of a paid charge back, once per key.
func (l *ledger) refund(id string, n wireNewRefund) (recordRefund, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.byID[id]
	if !ok {
		return recordRefund{}, ErrNotFound
	}
	if known, ok := l.byRefundKey[n.Key]; ok {
		refunds := l.byID[known].Refunds
		same := refunds[slices.IndexFunc(refunds, func(f recordRefund) bool { return f.Key == n.Key })]
		if known != id || same.AmountCents != n.AmountCents {
			return recordRefund{}, errConflict
		}
		return same, nil
	}
	if r.Status != Paid {
		return recordRefund{}, errNotPaid
	}
	if n.AmountCents > r.Charge.AmountCents-r.refunded() {
		return recordRefund{}, errExcessive
	}
	refund := recordRefund{Key: n.Key, ID: "re_" + rand.Text(), AmountCents: n.AmountCents, CreatedAt: l.now()}
	r.Refunds = append(r.Refunds, refund)
	if err := l.write(r); err != nil {
		return recordRefund{}, err
	}
	return refund, nil
}

func (l *ledger) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.journal.close()
}

// lookUp reads a charge by a key of the index; nil stands for the id itself.
func (l *ledger) lookUp(index map[string]string, key string) (record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index != nil {
		key = index[key]
	}
	if _, ok := l.byID[key]; !ok {
		return record{}, ErrNotFound
	}
	return l.current(key), nil
}

// current is a charge as it reads now: a deadline ends it without anybody writing that down.
func (l *ledger) current(id string) record {
	r := l.byID[id]
	if r.Status == Open && !l.now().Before(r.Charge.ExpiresAt) {
		r.Status = Cancelled
	}
	return r
}

// write keeps the record: first where it survives, then where it is read.
func (l *ledger) write(r record) error {
	if err := l.journal.append(r); err != nil {
		return err
	}
	l.index(r)
	return nil
}

func (l *ledger) index(r record) {
	l.byID[r.ID] = r
	l.byToken[r.Token] = r.ID
	l.byReference[r.Charge.Reference] = r.ID
	for _, refund := range r.Refunds {
		l.byRefundKey[refund.Key] = r.ID
	}
}
