package worker

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"guiche/jobs/line"
	"guiche/store"
)

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// rests are how long a shop is left to itself until the books agree with the world: nothing is looked at less often than
// these. The longest looks are those at a charge that has ended without money.
var rests = []time.Duration{
	61 * time.Minute, 61 * time.Minute, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour, 48 * time.Hour, 96 * time.Hour,
}

// settle leaves the shop to itself until the books agree with the world, and fails the story if they never do. Then it
// waits until the sale is over, and they still have to.
func (s *story) settle() {
	s.shop.bank.away = false
	_ = s.shop.web.db.PauseEvent(s.ctx, s.shop.admin, s.shop.event.ID, false) // it may not be paused
	var wrong string
	for _, d := range rests {
		s.rest(d)
		if wrong = s.books(); wrong == "" || s.wrong != "" {
			break
		}
	}
	if wrong == "" {
		s.audit()
		s.rest(13 * time.Hour) // who still waits, hears the end of it
		s.rest(time.Hour)
		wrong = s.books()
	}
	if wrong != "" {
		s.fail("%s", wrong)
		return
	}
	s.audit()
}

func (s *story) audit() {
	findings, err := s.shop.worker.store.Audit(s.ctx, s.shop.worker.line.Numbers)
	if err != nil {
		s.fail("%v", err)
	}
	for _, f := range findings {
		s.fail("the audit finds %s: %s, expected %s, is %s", f.Rule, f.Place, f.Expected, f.Actual)
	}
}

// rest lets time pass in which everybody does what there is to do.
func (s *story) rest(d time.Duration) {
	s.later(d)
	s.tell()
	if err := s.shop.worker.sweep(s.ctx); err != nil {
		s.fail("sweep: %v", err)
	}
	s.all(0, 0)
}

// books compares what the rows say with what the provider has, and tells what does not agree.
func (s *story) books() string {
	for i, o := range s.orders {
		if wrong := s.orderBooks(o); wrong != "" {
			return fmt.Sprintf("order #%d: %s", i, wrong)
		}
	}
	var open int
	if err := s.shop.clock.raw.QueryRow(`select count(*) from notices where handled_at is null`).Scan(&open); err != nil || open > 0 {
		return fmt.Sprintf("%d notices are not handled, %v", open, err)
	}
	if err := s.shop.bank.wrong; err != nil {
		return err.Error()
	}
	return ""
}

// cacheBooks compares what fans are told is left with what is, whenever the generator has nothing in hand.
func (s *story) cacheBooks() string {
	event, kind := s.shop.event.ID, s.shop.event.Types[0].ID
	known, err := line.New(s.shop.rdb).Snapshot(s.ctx, event)
	if err != nil {
		return err.Error()
	}
	var free int
	if err := s.shop.clock.raw.QueryRow(`select capacity - taken from stock where ticket_type_id = $1`, kind).Scan(&free); err != nil {
		return err.Error()
	}
	if told, known := known.Free[kind]; known && told != free {
		return fmt.Sprintf("fans are told that %d tickets are left, and %d are", told, free)
	}
	return ""
}

func (s *story) orderBooks(w *wish) string {
	o, err := s.shop.web.db.Order(s.ctx, w.id)
	if w.lost && errors.Is(err, store.ErrNotFound) {
		return "" // it was not
	}
	if err != nil {
		return err.Error()
	}
	if o.Status.Open() && (o.Status != store.Waiting || s.shop.clock.now().Sub(opening) > 12*time.Hour) {
		return fmt.Sprintf("is %s for ever", o.Status)
	}
	net, wrong := s.chargeBooks(o)
	if wrong != "" {
		return wrong
	}
	var standing, kept, stuck int64
	for _, t := range o.Tickets {
		if t.Status == store.TicketValid || t.Status == store.TicketUsed {
			standing++
		}
	}
	if o.Status == store.Paid || o.Status == store.Refunded {
		kept = o.AmountCents()
	} else if standing > 0 {
		return fmt.Sprintf("%d tickets are valid and it is %s", standing, o.Status)
	}
	cost := standing * (o.PriceCents + o.FeeCents) // and the fees that the policy lets the shop keep
	byAdmin, returned := false, int64(0)
	attempts, err := s.shop.web.db.OrderAttempts(s.ctx, o.ID)
	if err != nil {
		return err.Error()
	}
	keys := map[uuid.UUID]string{} // that each refund was last asked for by
	for _, a := range attempts {
		keys[a.RefundID] = a.ID.String()
	}
	for _, r := range o.Refunds {
		refused := s.shop.bank.refused[keys[r.ID]]
		switch {
		case r.Status == store.RefundDone && refused:
			return "a refund that the provider refused counts as done"
		case r.Status != store.RefundDone && !refused:
			return fmt.Sprintf("%d cents of a refund are %s for ever", r.AmountCents, r.Status)
		case refused:
			stuck += r.AmountCents
		}
		if r.Reason != "surplus" {
			kept -= r.AmountCents
			returned += int64(r.Quantity)
		}
		byAdmin = byAdmin || r.Reason == "admin"
	}
	paid := o.Status == store.Paid || o.Status == store.Refunded
	switch {
	case s.inTime[w.id] && o.Status == store.Expired && !s.shop.bank.trouble.Load(): // holds end in the end without the provider's word
		return fmt.Sprintf("was paid in time and is %s", o.Status)
	case paid && standing+returned != int64(o.Quantity):
		return fmt.Sprintf("%d tickets stand and %d were given back, of %d", standing, returned, o.Quantity)
	case int64(o.Returned) != returned:
		return fmt.Sprintf("%d tickets were given back, and %d are on sale again", returned, o.Returned)
	case paid && !byAdmin && kept != cost:
		return fmt.Sprintf("%d cents are kept, its tickets cost %d", kept, cost)
	case s.shop.cancelled() && standing > 0:
		return fmt.Sprintf("is %s although its event was cancelled", o.Status)
	}
	if net != kept+stuck {
		return fmt.Sprintf("%s: the provider has %d cents, the tickets cost %d and %d are stuck", o.Status, net, kept, stuck)
	}
	return ""
}

// chargeBooks compares an order's charges, their refunds and the ledger with the provider; net is what it has.
func (s *story) chargeBooks(o store.Order) (net int64, wrong string) {
	rows, err := s.shop.clock.raw.Query(`
		select c.id, c.status, coalesce((select sum(amount_cents) from refunds where charge_id = c.id and status = 'done'), 0),
			coalesce(sum(l.amount_cents) filter (where l.kind = 'captured'), 0), coalesce(sum(l.amount_cents) filter (where l.kind = 'refund_sent'), 0)
		from charges c left join ledger l on l.charge_id = c.id where c.order_id = $1 group by c.id order by c.created_at, c.id`, o.ID)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = rows.Close() }()
	var captured int
	for rows.Next() {
		var id string
		var status store.ChargeStatus
		var sent, bookedIn, bookedOut int64
		if err := rows.Scan(&id, &status, &sent, &bookedIn, &bookedOut); err != nil {
			return 0, err.Error()
		}
		var taken, back int64
		if s.shop.bank.knows(id) {
			taken, back = s.shop.bank.taken(id)
		}
		net += taken - back
		switch {
		case taken > 0 && status != store.ChargeCaptured && status != store.ChargeSurplus:
			return 0, fmt.Sprintf("a charge is paid at the provider and %s here", status)
		case taken == 0 && (status == store.ChargeCaptured || status == store.ChargeSurplus || status == store.ChargeLate):
			return 0, fmt.Sprintf("a charge is %s here and not paid at the provider", status)
		case status == store.ChargeNew || status == store.ChargeOpen || status == store.ChargeAbandoned:
			return 0, fmt.Sprintf("a charge is %s for ever", status)
		case sent != back:
			return 0, fmt.Sprintf("the provider sent %d cents back, here it is %d", back, sent)
		case bookedIn != taken || bookedOut != back:
			return 0, fmt.Sprintf("the ledger has %d in and %d out, the provider %d and %d", bookedIn, bookedOut, taken, back)
		}
		if status == store.ChargeCaptured {
			captured++
		}
	}
	if captured > 1 {
		return 0, "was charged twice"
	}
	return net, ""
}

// knows says whether a charge came to be at the provider.
func (b *bank) knows(reference string) bool { return slices.Contains(b.charges, reference) }

// cancelled says whether the event was cancelled.
func (s *moneyShop) cancelled() bool {
	e, err := s.web.db.Event(s.ctx, s.event.ID)
	return err == nil && e.Status == store.EventCancelled
}
