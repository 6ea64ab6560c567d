package journeys

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
	"guiche/views"
)

// populated is a shop in which everything has happened that a row can tell of. The generator is a real one; what the
// worker and the payment API would do is said to the store directly, so that each charge and each refund stays where it is
// wanted. People are called after what became of them.
type populated struct {
	*shop
	admin  store.Account
	nudges *jobs.Nudges
}

// farOff lets sales and holds last longer than this test is kept.
var farOff = time.Date(2100, time.January, 1, 12, 0, 0, 0, time.UTC)

// populate fills a shop. The clocks of rows are moved by hand, and so is what no code does yet.
func populate(s *shop) {
	s.t.Helper()
	admin, err := s.db.CreateAccount(s.t.Context(), store.Account{
		Role: store.Admin, Name: "Ana Guichê", Email: "admin@guiche.test", PasswordHash: hashed(s.t), Language: views.Portuguese,
	})
	s.check(err)
	p := &populated{shop: s, admin: admin, nudges: jobs.NewNudges(s.redis)}
	window := s.startGenerator()
	sale := p.onSale()
	p.shortHolds()
	p.pausedEvent()
	p.cancelledEvent()
	p.capacities(sale)
	p.links()
	_, err = s.db.CreateEvent(s.t.Context(), admin.ID, p.plan("rascunho", 600))
	s.check(err)

	// Redis is lost, and the line goes on behind the numbers that may have been given.
	window.stop()
	s.check(s.redis.FlushAll(s.t.Context()).Err())
	window = s.startGenerator()
	world.Eventually(s.t, "the line goes on", func() bool {
		ready, err := line.New(s.redis).Ready(s.t.Context())
		return err == nil && ready
	})
	p.buy(sale, 0, "later", 1, false, store.Waiting)
	window.stop()
	p.letters()
	p.set(`update orders set reserved_until = $1 where status = 'reserved'`, farOff)
	p.set(`update tickets set status = 'used' where id = (select min(id) from tickets where status = 'valid')`)
}

// onSale is a long sale whose first type is sold out while some hold tickets and some wait.
func (p *populated) onSale() store.Event {
	p.t.Helper()
	e := p.createEvent(p.plan("festa-na-praia", 604800,
		store.TicketType{Name: "Pista", PriceCents: 15000, FeeCents: 1500, Capacity: 9},
		store.TicketType{Name: "Frisa", PriceCents: 32000, FeeCents: 3200, Capacity: 8}))
	ctx := p.t.Context()

	paid := p.buy(e, 0, "paid", 2, false, store.Reserved)
	p.settle(p.charge(paid), store.ChargeFailed)
	p.settle(p.charge(paid), store.ChargeCaptured)
	refunded := p.buy(e, 0, "refunded", 1, false, store.Reserved)
	p.settle(p.charge(refunded), store.ChargeCaptured)
	p.check(p.db.RefundPaid(ctx, p.giveBack(refunded, 1), "re_1"))
	p.becomes(refunded, store.Refunded)
	partly := p.buy(e, 0, "partly", 2, false, store.Reserved)
	p.settle(p.charge(partly), store.ChargeCaptured)
	p.giveBack(partly, 1)
	refused := p.buy(e, 0, "refused", 1, false, store.Reserved)
	p.settle(p.charge(refused), store.ChargeCaptured)
	p.check(p.db.RefundRefusedByGateway(ctx, p.giveBack(refused, 1)))
	p.becomes(refused, store.Refunded)
	settled := p.buy(e, 0, "settled", 1, false, store.Reserved)
	p.settle(p.charge(settled), store.ChargeCaptured)
	outside := p.giveBack(settled, 1)
	due, err := p.db.DueRefund(ctx, outside)
	p.check(err)
	p.check(p.db.RefundAnswered(ctx, due.Key, "sem saldo"))
	p.check(p.db.RefundRefusedByGateway(ctx, outside))
	_, err = p.db.RetryRefund(ctx, p.admin.ID, outside)
	p.check(err)
	p.check(p.db.RefundRefusedByGateway(ctx, outside))
	_, err = p.db.SettleRefund(ctx, p.admin.ID, outside, "por transferência")
	p.check(err)
	p.becomes(settled, store.Refunded)

	pending := p.charge(p.buy(e, 0, "pending", 1, false, store.Reserved))
	_, err = p.db.MarkPending(ctx, pending.ID, pending.GatewayID)
	p.check(err)
	extended := p.buy(e, 0, "extended", 1, false, store.Reserved)
	_, err = p.db.ExtendHold(ctx, extended.ID, extended.AccountID)
	p.check(err)
	_, err = p.db.StartCharge(ctx, extended.ID, extended.AccountID, "sandbox", "") // as it is before the payment API answers
	p.check(err)
	leaver := p.buy(e, 0, "leaver", 1, false, store.Reserved)
	p.settle(p.charge(leaver), store.ChargeCancelled)

	p.check(line.New(p.redis).Close(ctx, e.ID, paid.AccountID, paid.ID)) // as a web process does that finds it paid
	p.join(e, 0, p.account(paid), 3, false, store.OverLimit)
	goodwill := p.buy(e, 0, "goodwill", 3, false, store.Reserved)
	p.settle(p.charge(goodwill), store.ChargeCaptured)
	cents := int64(500)
	r, err := p.db.AdminRefund(ctx, p.admin.ID, store.AdminRefund{ID: uuid.New(), OrderID: goodwill.ID, Cents: &cents, Note: "O som falhou"})
	p.check(err)
	p.check(p.db.RefundPaid(ctx, r.ID, "re_2"))

	given := p.buy(e, 0, "given", 1, false, store.Waiting)
	p.buy(e, 0, "kept", 2, true, store.Waiting)
	p.buy(e, 0, "waiting", 1, false, store.Waiting)
	gone := p.buy(e, 0, "gone", 1, false, store.Waiting)
	for _, o := range []store.Order{gone, leaver} {
		p.check(p.nudges.Leave(ctx, o.ID))
		p.becomes(o, store.Left)
	}
	p.becomes(given, store.Reserved)

	c := p.charge(p.buy(e, 1, "noticed", 1, false, store.Reserved))
	for i, n := range []store.Notice{
		{ChargeID: uuid.NullUUID{UUID: c.ID, Valid: true}, GatewayID: c.GatewayID},
		{GatewayID: "ch_of_somebody"},
	} {
		n.Gateway, n.EventID = "sandbox", fmt.Sprintf("ev_%d", i)
		_, _, err := p.db.SaveNotice(ctx, n)
		p.check(err)
	}
	now, err := p.db.Now(ctx)
	p.check(err)
	p.check(p.db.HandleNotices(ctx, c.ID, now))
	return e
}

// shortHolds is a sale whose holds end.
func (p *populated) shortHolds() {
	p.t.Helper()
	ctx := p.t.Context()
	e := p.createEvent(p.plan("sarau-da-praca", 600,
		store.TicketType{Name: "Mesa", PriceCents: 8000, FeeCents: 800, Capacity: 5},
		store.TicketType{Name: "Entrada gratuita", Capacity: 1}))
	p.buy(e, 1, "free", 1, false, store.Paid)
	p.buy(e, 1, "too-late", 1, false, store.SoldOut)

	outage := p.buy(e, 0, "outage", 1, false, store.Reserved)
	p.nearlyOver(outage)
	p.check(p.db.BeginOutage(ctx, "sandbox"))
	_, longer, err := p.db.LengthenForOutage(ctx, outage.ID, "sandbox")
	if p.check(err); !longer {
		p.t.Error("an outage lengthens no hold")
	}
	p.check(p.db.EndOutage(ctx, "sandbox"))
	p.check(p.db.BeginOutage(ctx, "stripe"))
	declined := p.buy(e, 0, "declined", 1, false, store.Reserved)
	c := p.charge(declined)
	p.nearlyOver(declined)
	p.settle(c, store.ChargeFailed)

	expired := p.buy(e, 0, "expired", 1, false, store.Reserved)
	p.settle(p.charge(expired), store.ChargeAbandoned)
	p.expire(expired)
	late := p.buy(e, 0, "late", 1, false, store.Reserved)
	c = p.charge(late)
	p.settle(c, store.ChargeAbandoned)
	p.expire(late)
	p.settle(c, store.ChargeCaptured)
	p.check(p.nudges.Late(ctx, c.ID))
	p.becomes(late, store.Paid)
	surplus := p.buy(e, 0, "surplus", 1, false, store.Reserved)
	c = p.charge(surplus)
	c.AmountCents--
	p.settle(c, store.ChargeCaptured)
	p.expire(surplus)
}

// pausedEvent parks who joins, and leaves late money undecided.
func (p *populated) pausedEvent() {
	p.t.Helper()
	ctx := p.t.Context()
	e := p.createEvent(p.plan("show-pausado", 600, store.TicketType{Name: "Pista", PriceCents: 5000, FeeCents: 500, Capacity: 5}))
	undecided := p.buy(e, 0, "undecided", 1, false, store.Reserved)
	c := p.charge(undecided)
	p.settle(c, store.ChargeAbandoned)
	p.expire(undecided)
	p.check(p.db.PauseEvent(ctx, p.admin.ID, e.ID, true))
	p.settle(c, store.ChargeCaptured)
	p.buy(e, 0, "parked", 2, false, store.Queued)
	leaves := p.buy(e, 0, "parked-and-left", 1, false, store.Queued)
	p.check(p.nudges.Leave(ctx, leaves.ID))
	p.becomes(leaves, store.Left)
}

// cancelledEvent is half undone.
func (p *populated) cancelledEvent() {
	p.t.Helper()
	ctx := p.t.Context()
	e := p.createEvent(p.plan("show-cancelado", 604800, store.TicketType{Name: "Pista", PriceCents: 9000, FeeCents: 900, Capacity: 4}))
	for _, name := range []string{"sent-back", "owed-back"} {
		p.settle(p.charge(p.buy(e, 0, name, 1, false, store.Reserved)), store.ChargeCaptured)
	}
	held := p.buy(e, 0, "cancelled", 2, false, store.Reserved)
	p.check(p.db.CancelEvent(ctx, p.admin.ID, e.ID, e.Name))
	p.check(p.nudges.EndCancelled(ctx, e.ID))
	p.becomes(held, store.OrderCancelled)
	refunds, _, err := p.db.UndoPaid(ctx, e.ID, 0, 10)
	if p.check(err); len(refunds) != 2 {
		p.t.Fatalf("refunds of the cancelled event: %+v", refunds)
	}
	for _, r := range refunds {
		p.check(p.nudges.Return(ctx, r.ID))
		p.becomes(store.Order{QueuedOrder: store.QueuedOrder{ID: r.OrderID}}, store.Refunded)
	}
	p.check(p.db.RefundPaid(ctx, refunds[0].ID, "re_3"))
}

// capacities leaves one wish refused and one unheard.
func (p *populated) capacities(e store.Event) {
	p.t.Helper()
	refused, err := p.db.AskCapacity(p.t.Context(), p.admin.ID, e.Types[0].ID, 1)
	p.check(err)
	p.check(p.nudges.SetCapacity(p.t.Context(), refused))
	world.Eventually(p.t, "a capacity is refused", func() bool {
		return p.count(`select count(*) from capacity_changes where outcome = 'refused'`) == 1
	})
	_, err = p.db.AskCapacity(p.t.Context(), p.admin.ID, e.Types[1].ID, 30)
	p.check(err)
}

// links leaves links in letters, used ones, open ones and one of nobody.
func (p *populated) links() {
	p.t.Helper()
	ctx := p.t.Context()
	fan := p.createFan("confirmed@guiche.test")
	p.check(p.db.OweConfirmation(ctx, fan.ID))
	var link uuid.UUID
	p.check(p.raw().QueryRow(`select id from account_links where account_id = $1`, fan.ID).Scan(&link))
	_, err := p.db.ConfirmEmail(ctx, link)
	p.check(err)
	p.check(p.db.OweReset(ctx, fan.Email, "hers"))
	p.check(p.db.OweReset(ctx, "nobody@guiche.test", "nobody"))
	p.check(p.db.OweSignIn(ctx, fan.Email, "hers"))
	p.check(p.db.OweEmailChange(ctx, fan.ID, "another@guiche.test", "another"))
}

// letters sends one of those that are owed, drops one and gives one up.
func (p *populated) letters() {
	p.t.Helper()
	ctx := p.t.Context()
	for _, end := range []func(id uuid.UUID) error{
		func(id uuid.UUID) error { return p.db.LetterSent(ctx, id) },
		func(id uuid.UUID) error { return p.db.LetterMoot(ctx, id) },
		func(id uuid.UUID) error {
			p.set(`update letters set owed_at = owed_at - interval '4 days' where id = $1`, id)
			_, err := p.db.LetterFailed(ctx, id, false)
			return err
		},
	} {
		l, err := p.db.ClaimLetter(ctx)
		p.check(err)
		p.check(end(l.ID))
	}
}

// plan is an event whose sale goes on.
func (p *populated) plan(slug string, holdSeconds int, types ...store.TicketType) store.Event {
	return store.Event{
		Slug: slug, Name: slug, Venue: "Concha Acústica", City: "Salvador", Currency: "BRL", TimeZone: "America/Sao_Paulo", PerPerson: 4, HoldSeconds: holdSeconds,
		HoldExtras: store.DefaultHoldExtras, RefundPolicy: store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true},
		StartsAt: farOff.AddDate(0, 1, 0), SaleStartsAt: time.Now().Add(-time.Hour), SaleEndsAt: farOff, Types: types,
	}
}

// buy joins the line as somebody new and waits for what becomes of it.
func (p *populated) buy(e store.Event, kind int, name string, quantity int, keep bool, want store.OrderStatus) store.Order {
	p.t.Helper()
	return p.join(e, kind, p.createFan(name+"@guiche.test"), quantity, keep, want)
}

func (p *populated) join(e store.Event, kind int, fan store.Account, quantity int, keep bool, want store.OrderStatus) store.Order {
	p.t.Helper()
	o := world.Order(e, e.Types[kind], fan.ID, quantity)
	o.Keep = keep
	_, err := line.New(p.redis).Join(p.t.Context(), o)
	p.check(err)
	return p.becomes(store.Order{QueuedOrder: o}, want)
}

// becomes waits until an order is in a state.
func (p *populated) becomes(o store.Order, want store.OrderStatus) (now store.Order) {
	p.t.Helper()
	world.Eventually(p.t, fmt.Sprintf("order %s is %s", o.ID, want), func() bool {
		var err error
		now, err = p.db.Order(p.t.Context(), o.ID)
		return err == nil && now.Status == want
	})
	return now
}

func (p *populated) account(o store.Order) store.Account {
	p.t.Helper()
	a, err := p.db.Account(p.t.Context(), o.AccountID)
	p.check(err)
	return a
}

// nearlyOver leaves a hold little time, but more than a slow machine needs for the next step.
func (p *populated) nearlyOver(o store.Order) {
	p.t.Helper()
	p.set(`update orders set reserved_until = now() + interval '1 minute' where id = $1`, o.ID)
}

// expire ends a hold as if its time were over: a real clock would race with this test.
func (p *populated) expire(o store.Order) {
	p.t.Helper()
	p.set(`update orders set reserved_until = now() where id = $1`, o.ID)
	world.Eventually(p.t, "the hold ends", func() bool {
		p.check(p.nudges.Expire(p.t.Context(), o.ID))
		now, err := p.db.Order(p.t.Context(), o.ID)
		return err == nil && now.Status == store.Expired
	})
}

// charge opens one for a hold.
func (p *populated) charge(o store.Order) store.Charge {
	p.t.Helper()
	c, err := p.db.StartCharge(p.t.Context(), o.ID, o.AccountID, "sandbox", "")
	p.check(err)
	p.check(p.db.RecordCharge(p.t.Context(), c.ID, "ch_"+c.ID.String(), "http://localhost:8081/pay/"+c.ID.String(), "00020126guiche"))
	c, err = p.db.Charge(p.t.Context(), c.ID)
	p.check(err)
	return c
}

// settle is the payment API's word on a charge.
func (p *populated) settle(c store.Charge, status store.ChargeStatus) {
	p.t.Helper()
	_, err := p.db.SettleCharge(p.t.Context(), c.ID, store.Verdict{Status: status, GatewayID: c.GatewayID, AmountCents: c.AmountCents, Currency: c.Currency})
	p.check(err)
}

// giveBack asks for some tickets' money and waits until their stock is back.
func (p *populated) giveBack(o store.Order, tickets int) (refund uuid.UUID) {
	p.t.Helper()
	now, err := p.db.Order(p.t.Context(), o.ID)
	p.check(err)
	var ids []int64
	for _, t := range now.Tickets[:tickets] {
		ids = append(ids, t.ID)
	}
	r, err := p.db.AskRefund(p.t.Context(), o.ID, o.AccountID, ids)
	p.check(err)
	p.check(p.nudges.Return(p.t.Context(), r.ID))
	world.Eventually(p.t, "the stock is back", func() bool {
		now, err := p.db.Order(p.t.Context(), o.ID)
		return err == nil && now.Returned == tickets
	})
	return r.ID
}

func (s *shop) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
