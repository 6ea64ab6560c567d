package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// ChargeStatus is what we know of a charge.
type ChargeStatus string

// The states of a charge.
const (
	ChargeNew       ChargeStatus = "new"  // written, not yet known to the gateway
	ChargeOpen      ChargeStatus = "open" // can be paid
	ChargeCaptured  ChargeStatus = "captured"
	ChargeLate      ChargeStatus = "late"    // paid after its hold had ended: the generator gives the tickets if it can
	ChargeSurplus   ChargeStatus = "surplus" // paid, but gives no ticket: goes back
	ChargeFailed    ChargeStatus = "failed"
	ChargeCancelled ChargeStatus = "cancelled"
	ChargeAbandoned ChargeStatus = "abandoned" // given up before the gateway answered; it is still asked
)

// Ended says that the charge should not be payable any more.
func (s ChargeStatus) Ended() bool {
	return s == ChargeFailed || s == ChargeCancelled || s == ChargeAbandoned
}

// Charge is what the payment API is asked to take for an order.
type Charge struct {
	ID          uuid.UUID // our reference at the gateway, and the idempotency key
	OrderID     uuid.UUID
	Gateway     string
	GatewayID   string
	Method      string // that the fan chose; empty where the gateway's own page asks
	Status      ChargeStatus
	AmountCents int64 // asked for
	Currency    string
	Pending     bool  // the fan has done her part, but the gateway is not sure yet
	PaidCents   int64 // taken
	PayURL      string
	PixCode     string
	ExpiresAt   time.Time
	CreatedAt   time.Time
	SettledAt   time.Time // the gateway said how it ended; zero before

	PaymentID      string // the gateway's, of what took the money, if that has an id of its own
	Refusal        string // why the gateway did not make it; empty if it did
	ElsewhereCents int64  // sent back without us
	Dispute        string // of the payer's bank: "", "open", "won" or "lost"
	DisputedCents  int64  // that the bank holds or has taken

	Told *time.Time // when the first notice about the order's charges came that nobody has looked into yet; no column, and only where orders are read
}

// GoneCents is what has gone back without us.
func (c Charge) GoneCents() int64 { return c.ElsewhereCents + c.DisputedCents }

// chargeIsOpen says that a charge can still be paid; an order has one such charge at most.
const chargeIsOpen = `status in ('new', 'open')`

var chargeColumns = columnsOf[Charge]().read("gateway_id", "paid_cents", "settled_at", "payment_id", "refusal")

// Charge reads one charge.
func (s *Store) Charge(ctx context.Context, id uuid.UUID) (c Charge, err error) {
	defer wrap(&err, "charge %s", id)
	err = s.db.GetContext(ctx, &c, `select `+chargeColumns+` from charges where id = $1`, id)
	return c, err
}

// OpenCharges lists an order's charges that may still be paid.
func (s *Store) OpenCharges(ctx context.Context, orderID uuid.UUID) (charges []Charge, err error) {
	defer wrap(&err, "open charges of order %s", orderID)
	err = s.db.SelectContext(ctx, &charges,
		`select `+chargeColumns+` from charges where order_id = $1 and `+chargeIsOpen+``, orderID)
	return charges, err
}

// OrderCharges lists all charges of an order, the oldest first.
func (s *Store) OrderCharges(ctx context.Context, orderID uuid.UUID) (charges []Charge, err error) {
	defer wrap(&err, "charges of order %s", orderID)
	err = s.db.SelectContext(ctx, &charges, `select `+chargeColumns+` from charges where order_id = $1 order by created_at, id`, orderID)
	return charges, err
}
