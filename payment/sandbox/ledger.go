package sandbox

import (
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"guiche/payment"
)

// Refusals of the ledger; the API has a code for each.
var (
	errConflict  = errors.New("payment: used for something else")
	errNotPaid   = errors.New("payment: not paid")
	errExcessive = errors.New("payment: more than was captured")
	errRefunding = errors.New("payment: the refund failed")
)

// record is a charge as the provider keeps it. Nothing that a payer types is in it.
type record struct {
	ID        string         `json:"id"`
	Token     string         `json:"token"` // opens the hosted page; only the payer gets it
	Status    payment.Status `json:"status"`
	Charge    wireNewCharge  `json:"charge"`
	Refunds   []recordRefund `json:"refunds,omitempty"`
	CreatedAt time.Time      `json:"created_at"`
	SettledAt time.Time      `json:"settled_at,omitzero"`
	Reason    declineReason  `json:"reason,omitempty"`
	Trick     trick          `json:"trick,omitempty"` // of the card that was used
	Flight    flight         `json:"flight,omitzero"`

	Dispute       payment.DisputeStatus `json:"dispute,omitempty"`
	DisputedCents int64                 `json:"disputed_cents,omitempty"` // what the payer's bank wants back
}

// flight is a payment that the payer has made and that does not count yet.
type flight struct {
	To   payment.Status `json:"to"`
	At   time.Time      `json:"at,omitzero"`    // when it lands; if zero, it does
	Late time.Duration  `json:"late,omitempty"` // so long after the charge has ended
}

// lands is when a payment in flight counts, unless something happens first; ok says whether there is one.
func (r record) lands() (at time.Time, ok bool) {
	switch {
	case r.Flight == (flight{}):
		return time.Time{}, false
	case !r.Flight.At.IsZero():
		return r.Flight.At, true
	case !r.SettledAt.IsZero(): // it was cancelled before its deadline
		return r.SettledAt.Add(r.Flight.Late), true
	}
	return r.Charge.ExpiresAt.Add(r.Flight.Late), true
}

type recordRefund struct {
	Key         string    `json:"key"`
	ID          string    `json:"id"`
	AmountCents int64     `json:"amount_cents"`
	CreatedAt   time.Time `json:"created_at"`
	DoneAt      time.Time `json:"done_at,omitzero"` // on its way until then
	Refused     bool      `json:"refused,omitempty"`
	CameBack    bool      `json:"came_back,omitempty"` // after it was done
}

// status is that of a refund at a time; errRefunding if it has failed.
func (f recordRefund) status(now time.Time) (payment.RefundStatus, error) {
	switch {
	case now.Before(f.DoneAt):
		return payment.RefundPending, nil
	case f.Refused, f.CameBack:
		return "", errRefunding
	}
	return payment.RefundDone, nil
}

// refunded is what has gone back, and what is still on its way.
func (r record) refunded(now time.Time) (done, pending int64) {
	for _, refund := range r.Refunds {
		switch status, _ := refund.status(now); status {
		case payment.RefundDone:
			done += refund.AmountCents
		case payment.RefundPending:
			pending += refund.AmountCents
		}
	}
	return done, pending
}

// disputed is what the payer's bank holds or has taken.
func (r record) disputed() int64 {
	if r.Dispute == payment.DisputeOpen || r.Dispute == payment.DisputeLost {
		return r.DisputedCents
	}
	return 0
}

// left is what can still be sent back.
func (r record) left(now time.Time) int64 {
	done, pending := r.refunded(now)
	return r.Charge.AmountCents - done - pending - r.disputed()
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
	r := record{ID: "ch_" + rand.Text(), Token: rand.Text(), Status: payment.Open, Charge: c, CreatedAt: l.now()}
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

// cancel ends a charge that is still open and tells what it is now. Money that is late comes nevertheless.
func (l *ledger) cancel(id string) (record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return record{}, payment.ErrNotFound
	}
	r := l.current(id)
	if r.Status != payment.Open {
		return r, nil
	}
	r.Status, r.SettledAt = payment.Cancelled, l.now()
	return r, l.write(r)
}

// pay gives a charge its fate; changed says whether this call did. A charge that is not open keeps what it has, but for
// money that is late, which does not mind that a charge has ended, and for the bank's word on a payment that is pending.
func (l *ledger) pay(id string, f fate, by trick) (r record, changed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return record{}, false, payment.ErrNotFound
	}
	r = l.current(id)
	switch {
	case f.word && r.Status == payment.Pending:
	case f.word:
		return r, false, nil
	case r.Status == payment.Open, r.Status == payment.Cancelled && f.late > 0:
		r.Trick = by
	default:
		return r, false, nil
	}
	now := l.now()
	switch {
	case r.Status == payment.Open && f.late > 0:
		r.Flight = flight{To: f.to, Late: f.late}
	case f.flight > 0:
		r.Status, r.Flight = payment.Pending, flight{To: f.to, At: now.Add(f.flight)}
	default:
		r.Status, r.SettledAt, r.Flight = f.to, now, flight{}
	}
	r.Reason = f.reason
	if err := l.write(r); err != nil {
		return record{}, false, err
	}
	return r, true, nil
}

// land writes down that a payment in flight has landed; changed says whether it has.
func (l *ledger) land(id string) (r record, changed bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r = l.current(id)
	if l.byID[id].Flight == r.Flight {
		return r, false, nil
	}
	return r, true, l.write(r)
}

// inFlight are the charges with a payment in flight.
func (l *ledger) inFlight() []record {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []record
	for _, r := range l.byID {
		if r.Flight != (flight{}) {
			found = append(found, r)
		}
	}
	return found
}

// refund sends part of a paid charge back, once per key, each to its fate.
func (l *ledger) refund(id string, n wireNewRefund, fates func(record) refundFate) (recordRefund, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.byID[id]; !ok {
		return recordRefund{}, payment.ErrNotFound
	}
	if known, ok := l.byRefundKey[n.Key]; ok {
		refunds := l.byID[known].Refunds
		same := refunds[slices.IndexFunc(refunds, func(f recordRefund) bool { return f.Key == n.Key })]
		if known != id || same.AmountCents != n.AmountCents {
			return recordRefund{}, errConflict
		}
		return same, nil
	}
	r, now := l.current(id), l.now()
	if r.Status != payment.Paid {
		return recordRefund{}, errNotPaid
	}
	if n.AmountCents > r.left(now) {
		return recordRefund{}, errExcessive
	}
	f := fates(r)
	refund := recordRefund{
		Key: n.Key, ID: "re_" + rand.Text(), AmountCents: n.AmountCents, CreatedAt: now, DoneAt: now.Add(f.slow), Refused: f.refused,
	}
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
		return record{}, payment.ErrNotFound
	}
	return l.current(key), nil
}

// current is a charge as it reads now: a deadline ends it, and a payment lands, without anybody writing that down.
func (l *ledger) current(id string) record {
	r, now := l.byID[id], l.now()
	if r.Status == payment.Open && !now.Before(r.Charge.ExpiresAt) {
		r.Status = payment.Cancelled
	}
	if at, ok := r.lands(); ok && !now.Before(at) {
		r.Status, r.SettledAt, r.Flight = r.Flight.To, at, flight{}
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
