// Package ledger keeps the charges of the sandbox provider, in memory and in a journal, and is the one place where they change.
package ledger

import (
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"guiche/payment"
	"guiche/payment/sandbox"
	"guiche/payment/sandbox/cruelty"
)

// Refusals of the ledger; the API has a code for each.
var (
	ErrConflict  = errors.New("payment: used for something else")
	ErrNotPaid   = errors.New("payment: not paid")
	ErrExcessive = errors.New("payment: more than was captured")
	ErrRefunding = errors.New("payment: the refund failed")
)

// Record is a charge as the provider keeps it. Nothing that a payer types is in it.
type Record struct {
	ID        string                `json:"id"`
	Token     string                `json:"token"` // opens the hosted page; only the payer gets it
	Status    payment.Status        `json:"status"`
	Charge    sandbox.NewCharge     `json:"charge"`
	Refunds   []Refund              `json:"refunds,omitempty"`
	CreatedAt time.Time             `json:"created_at"`
	SettledAt time.Time             `json:"settled_at,omitzero"`
	Reason    cruelty.DeclineReason `json:"reason,omitempty"`
	Trick     cruelty.Trick         `json:"trick,omitempty"` // of the card that was used
	Flight    Flight                `json:"flight,omitzero"`

	Dispute       payment.DisputeStatus `json:"dispute,omitempty"`
	DisputedCents int64                 `json:"disputed_cents,omitempty"` // what the payer's bank wants back
}

// Flight is a payment that the payer has made and that does not count yet.
type Flight struct {
	To   payment.Status `json:"to"`
	At   time.Time      `json:"at,omitzero"`    // when it lands; if zero, it does
	Late time.Duration  `json:"late,omitempty"` // so long after the charge has ended
}

// Lands is when a payment in flight counts, unless something happens first; ok says whether there is one.
func (r Record) Lands() (at time.Time, ok bool) {
	switch {
	case r.Flight == (Flight{}):
		return time.Time{}, false
	case !r.Flight.At.IsZero():
		return r.Flight.At, true
	case !r.SettledAt.IsZero(): // it was cancelled before its deadline
		return r.SettledAt.Add(r.Flight.Late), true
	}
	return r.Charge.ExpiresAt.Add(r.Flight.Late), true
}

type Refund struct {
	Key         string    `json:"key"`
	ID          string    `json:"id"`
	AmountCents int64     `json:"amount_cents"`
	CreatedAt   time.Time `json:"created_at"`
	DoneAt      time.Time `json:"done_at,omitzero"` // on its way until then
	Refused     bool      `json:"refused,omitempty"`
	CameBack    bool      `json:"came_back,omitempty"` // after it was done
}

// Status is that of a refund at a time; errRefunding if it has failed.
func (f Refund) Status(now time.Time) (payment.RefundStatus, error) {
	switch {
	case now.Before(f.DoneAt):
		return payment.RefundPending, nil
	case f.Refused, f.CameBack:
		return "", ErrRefunding
	}
	return payment.RefundDone, nil
}

// Refunded is what has gone back, and what is still on its way.
func (r Record) Refunded(now time.Time) (done, pending int64) {
	for _, refund := range r.Refunds {
		switch status, _ := refund.Status(now); status {
		case payment.RefundDone:
			done += refund.AmountCents
		case payment.RefundPending:
			pending += refund.AmountCents
		}
	}
	return done, pending
}

// Disputed is what the payer's bank holds or has taken.
func (r Record) Disputed() int64 {
	if r.Dispute == payment.DisputeOpen || r.Dispute == payment.DisputeLost {
		return r.DisputedCents
	}
	return 0
}

// Left is what can still be sent back.
func (r Record) Left(now time.Time) int64 {
	done, pending := r.Refunded(now)
	return r.Charge.AmountCents - done - pending - r.Disputed()
}

// Ledger holds all charges of the provider. Open makes one.
type Ledger struct {
	now func() time.Time

	mu          sync.Mutex
	journal     *journal
	byID        map[string]Record
	byToken     map[string]string // to the id
	byReference map[string]string // to the id
	byRefundKey map[string]string // to the id
}

func Open(dir string, now func() time.Time) (*Ledger, error) {
	l := &Ledger{
		now:         now,
		byID:        map[string]Record{},
		byToken:     map[string]string{},
		byReference: map[string]string{},
		byRefundKey: map[string]string{},
	}
	var err error
	l.journal, err = openJournal(dir, l.index)
	return l, err
}

// Create makes a charge or finds the one of the same reference. A deadline in the past is no error:
// a create that is repeated late gets the truth, a charge that nobody can pay.
func (l *Ledger) Create(c sandbox.NewCharge) (Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id, ok := l.byReference[c.Reference]; ok {
		r := l.current(id)
		if r.Charge.AmountCents != c.AmountCents || r.Charge.Currency != c.Currency {
			return Record{}, ErrConflict
		}
		return r, nil
	}
	r := Record{ID: "ch_" + rand.Text(), Token: rand.Text(), Status: payment.Open, Charge: c, CreatedAt: l.now()}
	if err := l.write(r); err != nil {
		return Record{}, err
	}
	return l.current(r.ID), nil
}

// Get finds a charge by its id.
func (l *Ledger) Get(id string) (Record, error) { return l.lookUp(nil, id) }

// Find finds a charge by the merchant's reference.
func (l *Ledger) Find(reference string) (Record, error) { return l.lookUp(l.byReference, reference) }

// ByToken finds a charge by the token of its hosted page.
func (l *Ledger) ByToken(token string) (Record, error) { return l.lookUp(l.byToken, token) }

// Cancel ends a charge that is still open and tells what it is now. Money that is late comes nevertheless.
func (l *Ledger) Cancel(id string) (Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return Record{}, payment.ErrNotFound
	}
	r := l.current(id)
	if r.Status != payment.Open {
		return r, nil
	}
	r.Status, r.SettledAt = payment.Cancelled, l.now()
	return r, l.write(r)
}

// Pay gives a charge its fate; changed says whether this call did. A charge that is not open keeps what it has, but for
// money that is late, which does not mind that a charge has ended, and for the bank's word on a payment that is pending.
func (l *Ledger) Pay(id string, f cruelty.Fate, by cruelty.Trick) (r Record, changed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return Record{}, false, payment.ErrNotFound
	}
	r = l.current(id)
	switch {
	case f.Word && r.Status == payment.Pending:
	case f.Word:
		return r, false, nil
	case r.Status == payment.Open, r.Status == payment.Cancelled && f.Late > 0:
		r.Trick = by
	default:
		return r, false, nil
	}
	now := l.now()
	switch {
	case r.Status == payment.Open && f.Late > 0:
		r.Flight = Flight{To: f.To, Late: f.Late}
	case f.Flight > 0:
		r.Status, r.Flight = payment.Pending, Flight{To: f.To, At: now.Add(f.Flight)}
	default:
		r.Status, r.SettledAt, r.Flight = f.To, now, Flight{}
	}
	r.Reason = f.Reason
	if err := l.write(r); err != nil {
		return Record{}, false, err
	}
	return r, true, nil
}

// Land writes down that a payment in flight has landed; changed says whether it has.
func (l *Ledger) Land(id string) (r Record, changed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r = l.current(id)
	if l.byID[id].Flight == r.Flight {
		return r, false, nil
	}
	return r, true, l.write(r)
}

// InFlight are the charges with a payment in flight.
func (l *Ledger) InFlight() []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []Record
	for _, r := range l.byID {
		if r.Flight != (Flight{}) {
			found = append(found, r)
		}
	}
	return found
}

// Refund sends part of a paid charge back, once per key, each to its fate.
func (l *Ledger) Refund(id string, n sandbox.NewRefund, fates func(Record) cruelty.RefundFate) (Refund, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return Refund{}, payment.ErrNotFound
	}
	if known, ok := l.byRefundKey[n.Key]; ok {
		refunds := l.byID[known].Refunds
		same := refunds[slices.IndexFunc(refunds, func(f Refund) bool { return f.Key == n.Key })]
		if known != id || same.AmountCents != n.AmountCents {
			return Refund{}, ErrConflict
		}
		return same, nil
	}
	r, now := l.current(id), l.now()
	if r.Status != payment.Paid {
		return Refund{}, ErrNotPaid
	}
	if n.AmountCents > r.Left(now) {
		return Refund{}, ErrExcessive
	}
	f := fates(r)
	refund := Refund{
		Key: n.Key, ID: "re_" + rand.Text(), AmountCents: n.AmountCents, CreatedAt: now, DoneAt: now.Add(f.Slow), Refused: f.Refused,
	}
	r.Refunds = append(r.Refunds, refund)
	if err := l.write(r); err != nil {
		return Refund{}, err
	}
	return refund, nil
}

func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.journal.close()
}

// lookUp reads a charge by a key of the index; nil stands for the id itself.
func (l *Ledger) lookUp(index map[string]string, key string) (Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if index != nil {
		key = index[key]
	}
	if _, ok := l.byID[key]; !ok {
		return Record{}, payment.ErrNotFound
	}
	return l.current(key), nil
}

// current is a charge as it reads now: a deadline ends it, and a payment lands, without anybody writing that down.
func (l *Ledger) current(id string) Record {
	r, now := l.byID[id], l.now()
	if r.Status == payment.Open && !now.Before(r.Charge.ExpiresAt) {
		r.Status = payment.Cancelled
	}
	if at, ok := r.Lands(); ok && !now.Before(at) {
		r.Status, r.SettledAt, r.Flight = r.Flight.To, at, Flight{}
	}
	return r
}

// write keeps the record: first where it survives, then where it is read.
func (l *Ledger) write(r Record) error {
	if err := l.journal.append(r); err != nil {
		return err
	}
	l.index(r)
	return nil
}

func (l *Ledger) index(r Record) {
	l.byID[r.ID] = r
	l.byToken[r.Token] = r.ID
	l.byReference[r.Charge.Reference] = r.ID
	for _, refund := range r.Refunds {
		l.byRefundKey[refund.Key] = r.ID
	}
}
