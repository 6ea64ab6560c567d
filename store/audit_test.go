package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"guiche/store"
)

func (w *world) audit(inLine func(context.Context) ([]store.LineNumber, error)) []store.Finding {
	w.T.Helper()
	findings, err := w.DB.Audit(w.Ctx, inLine)
	w.Check(err)
	return findings
}

func (w *world) wantAudited() {
	w.T.Helper()
	for _, f := range w.audit(nil) {
		w.T.Errorf("the audit finds %+v", f)
	}
}

func (w *world) text(id int64) string { return strconv.FormatInt(id, 10) }

func TestAnHonestShopPassesTheAudit(t *testing.T) {
	newAuditedShop(t).wantAudited()
}

func TestAnEmptyShopPassesTheAudit(t *testing.T) {
	newWorld(t, 10).wantAudited()
}

// plant is what goes wrong: a statement in which names of orders stand for their ids, and the rules that must see it.
type plant struct {
	name  string
	sql   string
	rules string
}

var plants = []plant{
	{"a stock row that counts too many", `update stock set taken = taken + 1 where ticket_type_id = {type}`, "stock stock_tickets"},
	{"an oversold type", `alter table stock drop constraint stock_never_oversold; update stock set capacity = taken - 1 where ticket_type_id = {type}`, "stock"},
	{"a type without stock", `delete from stock where ticket_type_id = {type}`, "stock"},
	{"stock that came back unseen", `update refunds set released_at = now() where order_id = {unreleased}`, "stock_tickets returned"},
	{"free stock that somebody waits for", `update stock set capacity = capacity + 1 where ticket_type_id = {small}`, "free_stock"},

	{"a hold for more than its tickets", `update orders set quantity = 3 where id = {reserved}`, "stock order_tickets"},
	{"a hold whose tickets are valid", `update tickets set status = 'valid' where order_id = {reserved}`, "order_tickets"},
	{"a paid order whose tickets are reserved", `update tickets set status = 'reserved' where order_id = {paid}`, "order_tickets ledger_orders"},
	{"a refunded order with a valid ticket", `update tickets set status = 'valid' where order_id = {refunded}`, "order_tickets refund_tickets stock_tickets ledger_orders"},
	{"an expired order with a valid ticket", `update tickets set status = 'valid' where order_id = {expired}`, "order_tickets stock_tickets"},
	{"a void ticket that nobody gave back", `update tickets set status = 'void' where order_id = {paid}`, "order_tickets stock_tickets ledger_orders"},
	{"a hold with a second set of tickets", `insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status)
		select t.event_id, t.order_id, t.ticket_type_id, t.account_id, l.last_ticket + t.number, 'void'
		from tickets t join lines l on l.event_id = t.event_id where t.order_id = {reserved};
		update lines set last_ticket = last_ticket + 2`, "order_tickets ticket_turns"},
	{"tickets of an order that left early", `update orders set reserved_until = now() where id = {left the line}`, "order_tickets turns"},
	{"tickets without their order", `update tickets set order_id = gen_random_uuid() where order_id = {paid}`, "order_tickets ticket_order ledger_orders"},
	{"tickets of another account", `update tickets set account_id = account_id - 1 where order_id = {paid}`, "ticket_order"},
	{"tickets of another type", `update tickets set ticket_type_id = {small} where order_id = {expired}`, "ticket_order"},

	{"an order of nobody", `update orders set account_id = 0 where id = {sold out}`, "order_names"},
	{"an order for no type", `alter table orders drop constraint orders_ticket_type_id_event_id_fkey;
		update orders set ticket_type_id = 0 where id = {sold out}`, "order_names"},
	{homeless, `alter table orders drop constraint orders_ticket_type_id_event_id_fkey;
		update orders set event_id = 0, number = 1, decision = 1 where id = {sold out}`, "order_names decisions numbers"},

	{"a ticket number that is missing", `delete from tickets where order_id = {used}`, "ticket_numbers order_tickets stock_tickets ledger_orders"},
	{"a ticket number given twice", `alter table tickets drop constraint tickets_number_once;
		update tickets set number = number - 1 where order_id = {used}`, "ticket_numbers ticket_turns"},
	{"a line that forgot its last ticket", `update lines set last_ticket = last_ticket - 1`, "ticket_numbers"},
	{"ticket numbers that do not follow the decisions", `alter table tickets drop constraint tickets_number_once;
		update tickets t set number = o.number from tickets o where (t.order_id, o.order_id) in (({used}, {before the leaver}), ({before the leaver}, {used}))`, "ticket_turns"},
	{"scattered numbers of one order", `alter table tickets drop constraint tickets_number_once;
		update tickets t set number = o.number from tickets o where t.id <> o.id and least(t.number, o.number) = 2 and greatest(t.number, o.number) = 4`, "ticket_turns"},

	{"a decision that is missing", `delete from orders where id = {over limit}`, "decisions numbers"},
	{"a decision given twice", `alter table orders drop constraint orders_decision_once; update orders set decision = decision - 1 where id = {over limit}`, "decisions"},
	{"a line that forgot its last decision", `update lines set last_decision = last_decision - 1`, "decisions"},
	{"an event without a line", `delete from lines`, "decisions ticket_numbers last_number"},
	{"a later number that was decided before", `alter table orders drop constraint orders_decision_once;
		update orders o set decision = x.decision from orders x where (o.id, x.id) in (({sold out}, {over limit}), ({over limit}, {sold out}))`, "turns"},
	{"a waiting order that one of its size was preferred to", `update orders set quantity = 1 where id = {waiting for two}`, "overtaken"},
	{"an order that was refused after one of its size behind it was served", `update orders set quantity = 1, status = 'sold_out', decided_at = now(),
		decision = (select last_decision + 1 from lines) where id = {waiting for two}; update lines set last_decision = last_decision + 1`, "overtaken"},
	{"a parked order that was passed", `update orders set number = 1000 + number where id = {waited};
		update orders set number = 900, ticket_type_id = {small} where id = {parked}; update lines set last_number = 2000`, "overtaken numbers"},
	{"a number given twice", `alter table orders drop constraint orders_number_once; update orders set number = number - 1 where id = {over limit}`, "numbers"},
	{"a line that forgot its last number", `update lines set last_number = last_number - 1`, "last_number"},

	{"a hold without a deadline", `alter table orders drop constraint orders_hold_has_deadline; update orders set reserved_until = null where id = {reserved}`, "moments"},
	{"a paid order without its time", `alter table orders drop constraint orders_paid_has_time; update orders set paid_at = null where id = {paid}`, "moments"},
	{"an expired order without its end", `update orders set ended_at = null where id = {expired}`, "moments"},
	{"a refusal without a decision", `update orders set decided_at = null where id = {sold out}`, "moments"},
	{"a waiting order that never came to the list", `update orders set waited_at = null where id = {waiting}`, "moments"},

	{"more tickets than a person may have", `update orders set per_person = 2 where id = {paid}`, "limit"},
	{"two open orders of one account", `drop index orders_one_open;
		update orders set account_id = (select account_id from orders where id = {reserved}) where id = {waiting}`, "open_orders"},

	{"a paid order without a charge", `alter table ledger drop constraint ledger_charge_id_fkey; delete from charges where order_id = {paid}`, "captured ledger_charges ledger_orders"},
	{"a charge of another amount", `update charges set amount_cents = amount_cents - 1 where order_id = {paid}`, "captured"},
	{"a charge in another currency", `update charges set currency = 'EUR' where order_id = {paid}`, "captured ledger_charges"},
	{"an order that was paid twice", `drop index charges_one_captured;
		insert into charges (order_id, gateway, status, amount_cents, paid_cents, currency, expires_at)
		select order_id, gateway, status, amount_cents, paid_cents, currency, expires_at from charges where order_id = {paid}`, "captured ledger_charges"},
	{"money for nothing", `insert into charges (order_id, gateway, status, amount_cents, paid_cents, currency, expires_at)
		values ({sold out}, 'sandbox', 'captured', 100, 100, 'BRL', now())`, "captured ledger_charges"},
	{"two open charges", `drop index charges_one_open; insert into charges (order_id, gateway, amount_cents, currency, expires_at)
		values ({reserved}, 'sandbox', 100, 'BRL', now()), ({reserved}, 'sandbox', 100, 'BRL', now())`, "open_charges"},
	{"surplus that does not go back", `alter table ledger drop constraint ledger_refund_id_fkey; delete from refunds where order_id = {surplus}`, "surplus ledger_refunds"},
	{"surplus that goes back twice", `drop index refunds_one_per_surplus; insert into refunds (order_id, charge_id, reason, quantity, amount_cents, released_at)
		select order_id, charge_id, reason, quantity, amount_cents, released_at from refunds where order_id = {surplus}`, "surplus ledger_refunds"},
	{"a captured charge that goes back as surplus", `update charges set status = 'captured' where order_id = {surplus}`, "captured surplus refund ledger_charges"},
	{"more money back than a ticket cost", `update refunds set amount_cents = amount_cents + 1 where order_id = {partly refunded}`, "refund ledger_refunds"},
	{"money back of another order's charge", `update refunds set charge_id = (select id from charges where order_id = {paid}) where order_id = {partly refunded}`, "refund ledger_refunds"},
	{"money back of nothing", `alter table refunds drop constraint refunds_owed_has_charge; update refunds set charge_id = null where order_id = {unreleased}`, "refund ledger_refunds"},
	{"a debt that is done at no time", `update refunds set status = 'done' where order_id = {unreleased}`, "refund ledger_refunds"},
	{"more money back than was paid", `insert into refunds (order_id, charge_id, reason, quantity, amount_cents)
		select order_id, charge_id, reason, quantity, amount_cents from refunds where order_id = {refunded}`, "refund_sum refund_tickets refund ledger_refunds"},
	{"a refund for a ticket that still lets in", `update tickets set status = 'valid' where order_id = {unreleased}`, "refund_tickets ledger_orders"},
	{
		"a refund for tickets of another order", `update tickets set refund_id = (select id from refunds where order_id = {unreleased}) where order_id = {expired}`,
		"order_tickets refund_tickets stock_tickets",
	},
	{"surplus that goes back in part", `update refunds set amount_cents = amount_cents - 1 where order_id = {surplus}`, "surplus ledger_refunds"},
	{"late money that nobody decides about", `update charges set status = 'late', settled_at = now() - interval '61 seconds' where order_id = {surplus}`, "late surplus refund"},
	{"a fee that was not returned with its ticket", `update refunds set fee_cents = 0 where order_id = {partly refunded}`, "refund ledger_refunds"},
	{"an attempt that was done of a refund that is owed", `insert into refund_attempts (refund_id, result, ended_at) select id, 'done', now() from refunds where order_id = {unreleased}`, "refund_attempts"},
	{"money that an admin gave and nobody knows who", `update refunds set account_id = null where order_id = {goodwill}`, "refund"},
	{"a refund of nothing", `update refunds set amount_cents = 0, fee_cents = 0 where order_id = {goodwill}`, "refund ledger_refunds"},
	{"more than was paid given by an admin", openLedger + `update refunds set amount_cents = 11001 where order_id = {goodwill};
		update ledger set amount_cents = 11001 where order_id = {goodwill} and kind = 'refund_owed'`, "refund_sum ledger_orders"},
	{"money that was not booked", openLedger + `delete from ledger where order_id = {paid} and kind = 'captured'`, "ledger_charges ledger_orders"},
	{"a fee that was booked wrongly", openLedger + `update ledger set amount_cents = 1 where order_id = {paid} and kind = 'fee'`, "ledger_charges"},
	{"a movement of another event", openLedger + `update ledger set gateway = 'other' where order_id = {paid} and kind = 'fee'`, "ledger_charges"},
	{"a debt that was not booked", openLedger + `delete from ledger where order_id = {unreleased} and kind = 'refund_owed'`, "ledger_refunds ledger_orders"},
	{"a returned fee that was not booked", openLedger + `delete from ledger where order_id = {unreleased} and kind = 'fee_returned'`, "ledger_refunds"},
	{"a debt that was booked as paid", `insert into ledger (event_id, order_id, gateway, charge_id, refund_id, kind, amount_cents, currency)
		select event_id, order_id, gateway, charge_id, refund_id, 'refund_sent', amount_cents, currency
		from ledger where order_id = {unreleased} and kind = 'refund_owed'`, "ledger_refunds"},
	{"money that went elsewhere and was not booked", `update charges set elsewhere_cents = 1 where order_id = {paid}`, "gone"},
	{"a debt that nothing covers", openLedger + `update refunds set covered_cents = 1 where order_id = {unreleased}`, "gone"},
	{"a gateway that has less than our rows say", `update charges set left_cents = 1, left_at = now() where order_id = {paid}`, "left"},
	{"a ticket that lets in while its money is disputed", openLedger + `update charges set disputed_cents = 1, dispute = 'open' where order_id = {paid};
		insert into ledger (event_id, order_id, gateway, charge_id, kind, amount_cents, currency)
		select o.event_id, o.id, c.gateway, c.id, 'disputed', 1, c.currency from charges c join orders o on o.id = c.order_id where o.id = {paid}`, "blocked"},
	{"an order that forgot what came back", `update orders set returned = 0 where id = {partly refunded}`, "returned stock"},
	{"a refunded order that is still paid", `update orders set status = 'paid' where id = {refunded}`, "returned"},
}

// homeless is an order whose event does not exist. An audit of the events cannot see it; a foreign key keeps it out.
const homeless = "an order for another event"

// openLedger lets a plant change what the shop itself cannot.
const openLedger = `alter table ledger disable trigger ledger_is_kept; `

func TestTheAuditFindsWhatIsWrong(t *testing.T) {
	s := newAuditedShop(t)
	names := []string{"{type}", s.text(s.kind.ID), "{small}", s.text(s.small.ID), "{event}", s.text(s.Event.ID)}
	for name, id := range s.orders {
		names = append(names, "{"+name+"}", "'"+id.String()+"'")
	}
	fill := strings.NewReplacer(names...)
	db := sqlx.NewDb(s.Raw, "postgres")
	seen := map[string]bool{}
	for _, p := range plants {
		t.Run(p.name, func(t *testing.T) {
			tx, err := db.BeginTxx(t.Context(), nil)
			s.Check(err)
			defer func() { _ = tx.Rollback() }() // what was planted is taken out again
			if _, err := tx.ExecContext(t.Context(), fill.Replace(p.sql)); err != nil {
				t.Fatal(err)
			}
			findings, err := store.AuditIn(t.Context(), tx, "", nil)
			if err != nil {
				t.Fatal(err)
			}
			var alone []store.Finding // that an audit of each event by itself finds
			var events []int64
			if err := tx.SelectContext(t.Context(), &events, `select id from events`); err != nil {
				t.Fatal(err)
			}
			for _, id := range events {
				found, err := store.AuditIn(t.Context(), tx, fmt.Sprintf(store.AuditScope, id), nil)
				if err != nil {
					t.Fatal(err)
				}
				alone = append(alone, found...)
			}
			if whole, parts := rulesOf(findings), rulesOf(alone); !slices.Equal(whole, parts) && p.name != homeless {
				t.Errorf("broken are %v, event by event %v", whole, parts)
			}
			broken := map[string]bool{}
			for _, f := range findings {
				broken[f.Rule], seen[f.Rule] = true, true
				if f.Place == "" || f.Expected == "" || f.Actual == "" || f.Expected == f.Actual || f.Total < 1 {
					t.Errorf("says too little: %+v", f)
				}
			}
			want := strings.Fields(p.rules)
			slices.Sort(want)
			if got := slices.Sorted(maps.Keys(broken)); !slices.Equal(got, want) {
				t.Errorf("broken are %v, want %v; found %+v", got, want, findings)
			}
		})
	}
	for _, rule := range store.AuditRules() {
		if !seen[rule] {
			t.Errorf("no row was planted that breaks %s", rule)
		}
	}
}

// rulesOf are the rules that findings break.
func rulesOf(findings []store.Finding) (rules []string) {
	for _, f := range findings {
		rules = append(rules, f.Rule)
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

func TestAMissingNumberIsExplainedByTheLine(t *testing.T) {
	w := newWorld(t, 10)
	ask := func(numbers ...int64) func(context.Context) ([]store.LineNumber, error) {
		return func(context.Context) (all []store.LineNumber, err error) {
			for _, n := range numbers {
				all = append(all, store.LineNumber{EventID: w.Event.ID, Number: n})
			}
			return all, nil
		}
	}
	w.reserve(w.Fan(), 1)
	w.number += 3 // 2 to 4 were set aside
	leaver := w.reserve(w.Fan(), 1)
	for _, look := range []struct {
		inLine []int64
		places string
	}{{nil, "numbers 2 to 4"}, {[]int64{2}, "numbers 3 to 4"}, {[]int64{3}, "number 2, number 4"}, {[]int64{4, 2, 3}, ""}, {[]int64{1, 2, 3, 4, 5, 6}, ""}} {
		var places []string
		for _, f := range w.audit(ask(look.inLine...)) {
			places = append(places, strings.TrimPrefix(f.Place, "event "+w.text(w.Event.ID)+", "))
		}
		if got := strings.Join(places, ", "); got != look.places {
			t.Errorf("with %v in line, %q is missing, want %q", look.inLine, got, look.places)
		}
	}
	// An order that leaves early says nothing about the numbers before it.
	w.Set(`delete from tickets where order_id = $1`, leaver.ID)
	w.Set(`update orders set status = 'left', reserved_until = null where id = $1`, leaver.ID)
	w.Set(`update lines set last_ticket = 1`)
	w.Set(`update stock set taken = 1`)
	w.wantAudited()
}

func TestTheLineIsAskedOnlyAboutMissingNumbers(t *testing.T) {
	s := newAuditedShop(t)
	s.audit(func(context.Context) ([]store.LineNumber, error) {
		t.Error("asked although no number is missing")
		return nil, nil
	})
	s.Set(`update orders set number = number + 1 where id = $1`, s.orders["parked"])
	if _, err := s.DB.Audit(s.Ctx, func(context.Context) ([]store.LineNumber, error) { return nil, sql.ErrConnDone }); err == nil {
		t.Error("an audit that could not ask the line is not an audit")
	}
}

func TestTheAuditListsSomeAndCountsAll(t *testing.T) {
	w := newWorld(t, 10)
	w.Set(`insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status)
		select $1, gen_random_uuid(), $2, 1, n, 'void' from generate_series(1, 250) as n`, w.Event.ID, w.kind.ID)
	var orphans []store.Finding
	for _, f := range w.audit(nil) {
		if f.Rule == "ticket_order" {
			orphans = append(orphans, f)
		}
	}
	if len(orphans) != 100 || orphans[0].Total != 250 {
		t.Errorf("%d listed of %+v", len(orphans), orphans[:1])
	}
}
