// Package contract is the test that every gateway has to pass, with the people and things around a gateway. Only tests
// import it.
package contract

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/payment"
)

// World is one gateway with the people and things around it that the contract speaks of.
type World struct {
	Gateway   payment.Gateway
	NoticeURL string
	Method    payment.Method                       // of all charges
	Spare     time.Duration                        // how much later than asked for the gateway's own deadline may be
	Again     bool                                 // after a decline the payer may try again on the same page
	Pay       func(t *testing.T, c payment.Charge) // the payer pays, or tries to
	Decline   func(t *testing.T, c payment.Charge) // the payer's bank says no
	Notice    func(t *testing.T) payment.Delivery  // waits for the next notice
	Advance   func(d time.Duration)                // moves the clock of both sides
	Now       func() time.Time
	Closing   time.Duration // for how long after its end a charge may still be paid at the gateway

	// What becomes of money that was paid.
	Dispute     func(t *testing.T, c payment.Charge)              // the payer's bank wants all that is left back
	DisputeEnds func(t *testing.T, c payment.Charge, won bool)    // for the shop, or for the payer
	PanelRefund func(t *testing.T, c payment.Charge, cents int64) // somebody sends money back on the gateway's own pages
	RefundsFail func(t *testing.T, c payment.Charge)              // the refunds that were done come back

	// What a gateway may do and not all do; nil where it never happens.
	Review  func(t *testing.T, c payment.Charge) // the payer pays, and her bank thinks
	Lose    func()                               // the next change is made and its answer gets lost
	Forget  func()                               // a day passes: idempotency keys are forgotten
	Slow    func()                               // from now on refunds take their time
	Busy    func(calls int)                      // so many calls are told that they are too many
	Refunds func(ok bool)                        // those that took their time come to an end
}

// NewCharge is one that every gateway can take, due in ten minutes.
func (w World) NewCharge() payment.NewCharge {
	return payment.NewCharge{
		Reference:   uuid.NewString(),
		AmountCents: 12_345,
		Currency:    "BRL",
		Description: "2 ingressos",
		ExpiresAt:   w.Now().Add(10 * time.Minute).UTC().Truncate(time.Second),
		ReturnURL:   "http://shop.test/orders/1",
		NoticeURL:   w.NoticeURL,
		Language:    "pt-BR",
		Method:      w.Method,
		Payer:       payment.Payer{Name: "Ana Luísa de Souza", Email: "ana@guiche.test", CPF: "52998224725"},
	}
}

// Create makes one.
func (w World) Create(t *testing.T) payment.Charge {
	t.Helper()
	c, err := w.Gateway.Create(t.Context(), w.NewCharge())
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	return c
}

// Paid is a charge that the payer has paid.
func (w World) Paid(t *testing.T) payment.Charge {
	t.Helper()
	c := w.Create(t)
	w.Pay(t, c)
	w.Want(t, c.ID, payment.Paid)
	return c
}

// Want asserts the state of a charge.
func (w World) Want(t *testing.T, id string, status payment.Status) {
	t.Helper()
	c, err := w.Gateway.Get(t.Context(), id)
	if err != nil || c.Status != status {
		t.Fatalf("Get: %q, %v; want %q", c.Status, err, status)
	}
}

// Run shows that a gateway keeps the contract. Each part gets a world of its own.
func Run(t *testing.T, start func(t *testing.T) World) {
	parts := map[string]func(*testing.T, World){
		"create tells all":                       create,
		"create is idempotent":                   createAgain,
		"create at once from many sides":         createRace,
		"create refuses another amount":          createConflict,
		"create refuses what makes no sense":     createInvalid,
		"get and find":                           getFind,
		"nobody knows it":                        notFound,
		"cancel an open charge":                  cancelOpen,
		"cancel after it was paid":               cancelPaid,
		"a decline":                              decline,
		"refund in parts, once per key, bounded": refund,
		"refund what was not paid":               refundUnpaid,
		"a refund at once from many sides":       refundRace,
		"a notice tells of the charge":           notice,
		"notices have ids of their own":          noticeIDs,
		"a forged notice":                        noticeForged,
		"a deadline ends a charge":               deadline,
		"a paid charge stays paid":               paidThenDeadline,
		"an old notice is a hint too":            noticeOld,
		"create for the first time":              createFirst,
		"bounds":                                 bounds,
		"a dispute is won":                       disputeWon,
		"a dispute is lost":                      disputeLost,
		"a refund in the gateway's panel":        panelRefund,
		"a refund comes back":                    refundComesBack,
	}
	w := start(t)
	if w.Review != nil {
		parts["a bank that thinks"] = review
	}
	if w.Lose != nil {
		parts["an answer gets lost"] = lostAnswer
	}
	if w.Forget != nil {
		parts["a forgotten key"] = forgottenKey
	}
	if w.Slow != nil {
		parts["a refund takes its time"] = slowRefund
	}
	if w.Busy != nil {
		parts["too many calls are a pace"] = pace
	}
	for name, part := range parts {
		t.Run(name, func(t *testing.T) { part(t, start(t)) })
	}
}
