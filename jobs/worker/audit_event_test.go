package worker

import (
	"bytes"
	"database/sql"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"guiche/store"
)

// auditedEvents is how many events the last audit looked at.
func auditedEvents(t *testing.T, registry *prometheus.Registry) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "guiche_audit_events" {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatal("nothing says how many events were audited")
	return 0
}

// pastShow is an event that is over, with 20,000 orders that were paid.
const pastShow = `
	insert into accounts (name, email, password_hash) select 'Fan', n || '@past.test', '-' from generate_series(1, 20000) as n;
	insert into events (slug, name, starts_at, sale_starts_at, sale_ends_at, status)
		values ('past', 'Past', now() - interval '30 days', now() - interval '60 days', now() - interval '31 days', 'published');
	insert into ticket_types (event_id, name, price_cents) select id, 'Pista', 0 from events where slug = 'past';
	insert into orders (id, event_id, ticket_type_id, account_id, number, quantity, status, decision, price_cents, fee_cents, currency,
			per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at, decided_at, reserved_until, paid_at)
		select gen_random_uuid(), e.id, t.id, a.id, n, 1, 'paid', n, 0, 0, 'BRL', 4, 600, 7, 48, true, now(), now(), now(), now()
		from events e join ticket_types t on t.event_id = e.id,
			(select id, row_number() over (order by id) as n from accounts where email like '%@past.test') a where e.slug = 'past';
	insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status)
		select event_id, id, ticket_type_id, account_id, number, 'valid' from orders o where event_id = (select id from events where slug = 'past');
	insert into stock select t.id, 20000, 20000 from ticket_types t join events e on e.id = t.event_id where e.slug = 'past';
	insert into lines (event_id, last_number, last_decision, last_ticket) select id, 20000, 20000, 20000 from events where slug = 'past';
	analyze;`

func TestAShowThatIsOverIsAuditedOnceAndAgainWhenItsBooksMove(t *testing.T) {
	if testing.Short() {
		t.Skip("a show of 20,000 orders is slow to write")
	}
	w := newShop(t, 5)
	db, err := sql.Open("postgres", w.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	do := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	do(pastShow)
	var told bytes.Buffer
	registry := prometheus.NewRegistry()
	worker := &Worker{store: w.DB, line: w.Line, log: slog.New(slog.NewTextHandler(&told, nil)), metrics: newMetrics(registry)}
	// rows is how many rows of orders and tickets Postgres has read so far, by any way, for transactions that have ended.
	rows := func() (n int64) {
		t.Helper()
		if err := db.QueryRow(`select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_user_tables
			where relname in ('orders', 'tickets')`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	sessions := func() (n int) {
		t.Helper()
		if err := db.QueryRow(`select count(*) from pg_stat_activity where datname = current_database()`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	looks := func(events int) (read int64) {
		t.Helper()
		before, others := rows(), sessions()
		if worker.store, err = store.Open(w.Ctx, w.DatabaseURL); err != nil {
			t.Fatal(err)
		}
		worker.audit(w.Ctx)
		if err := worker.store.Close(); err != nil {
			t.Fatal(err)
		}
		w.Eventually("its sessions have ended, and told what they read", func() bool { return sessions() <= others })
		read = rows() - before
		if got := auditedEvents(t, registry); got != float64(events) {
			t.Errorf("the audit looked at %v events, want %d: %s", got, events, told.String())
		}
		return read
	}
	if read := looks(2); read < 20_000 {
		t.Errorf("the first audit read %d rows: it cannot have seen the show that is over", read)
	}
	for range 2 {
		if read := looks(1); read > 2_000 {
			t.Errorf("an audit with nothing new of the show that is over read %d rows", read)
		}
	}
	if rules := foundBy(t, registry); rules["stock"] != 0 || rules["order_tickets"] != 0 {
		t.Fatalf("the books of the test do not balance: %v %s", rules, told.String())
	}
	do(`update stock set taken = taken - 1 where capacity = 20000`)
	for range 2 { // what is found is found again
		looks(2)
		if rules := foundBy(t, registry); rules["stock"] != 1 {
			t.Errorf("the audit finds %v, want a stock that is off", rules)
		}
	}
	do(`update stock set taken = taken + 1 where capacity = 20000`)
	looks(2)
	looks(1)
	if rules := foundBy(t, registry); rules["stock"] != 0 {
		t.Errorf("the audit still finds %v", rules)
	}
}
