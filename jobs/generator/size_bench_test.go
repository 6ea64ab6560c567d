package generator_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// sizeWindows is how many parts the orders have over which a rate is taken, for the spread.
const sizeWindows = 10

// benchSize measures whether the rate depends on how long the line is, or on how much was sold before; and the memory
// of the generator while it serves the longest line.
func benchSize(b *testing.B, t *strings.Builder) {
	sizes := []int{*benchMost / 100, *benchMost / 10, *benchMost}
	var queued, sold []spread
	var memory string
	for _, n := range sizes {
		rates, its := drainQueued(b, n, n == *benchMost)
		queued, memory = append(queued, rates), its
	}
	for _, n := range sizes {
		sold = append(sold, drainSold(b, n))
	}
	fmt.Fprintf(t, "## However long the line, however much is sold\n\nOrders decided per second, over %d orders each, in %d parts: the median, the least and the most. The line is never shorter\n"+
		"than half of what the table says.\n\n", *benchMost/20, sizeWindows)
	fmt.Fprintf(t, "| orders | so many wait in line | beside %d | so many are sold already | beside %d |\n|---|---|---|---|---|\n", sizes[1], sizes[1])
	for i, n := range sizes {
		fmt.Fprintf(t, "| %d | %s | %.2f | %s | %.2f |\n", n, queued[i], queued[i].median()/queued[1].median(),
			sold[i], sold[i].median()/sold[1].median())
	}
	fmt.Fprintf(t, "\nMemory of the process while the line of %d is served to its end, after a garbage collection each time:\n\n%s", *benchMost, memory)
}

// drainQueued measures the rate while n orders wait, or half as many at least. What a generator needs to get going is
// left out, and so is the end of a line.
func drainQueued(b *testing.B, n int, weigh bool) (rates spread, memory string) {
	b.Helper()
	decided := *benchMost / 20
	part, ahead := decided/sizeWindows, decided/20
	lines := max(1, 2*decided/n)
	accounts := lines * (ahead + n)
	w := benchWorld(b, accounts)
	for line := range lines {
		number := line * (ahead + n)
		w.fillFast(crowd(accounts), number, number+ahead+n)
		debug.FreeOSMemory()
		stop := w.Generator()
		number += ahead
		w.rateTo(int64(number))
		for range sizeWindows / lines {
			number += part
			rates = append(rates, w.rateTo(int64(number)))
		}
		if weigh {
			memory = w.weigh(n)
		}
		if line+1 < lines {
			w.rateTo(int64((line + 1) * (ahead + n)))
		}
		stop()
	}
	return rates, memory
}

// drainSold measures the rate when n orders were sold before.
func drainSold(b *testing.B, n int) (rates spread) {
	b.Helper()
	decided := *benchMost / 20
	ahead := decided / 20
	accounts := crowd(n + ahead + 2*decided)
	w := benchWorld(b, int(accounts))
	w.sell(accounts, n)
	w.fillFast(accounts, n, int(accounts))
	stop := w.Generator()
	number := n + ahead
	w.rateTo(int64(number))
	for range sizeWindows {
		number += decided / sizeWindows
		rates = append(rates, w.rateTo(int64(number)))
	}
	stop()
	return rates
}

// fillFast fills the line while the log of Redis is written every second, which is faster. In the end that is as it was
// and the log is not being rewritten.
func (w *bench) fillFast(c crowd, from, to int) {
	w.T.Helper()
	log := func(sync string) {
		if err := w.Redis.ConfigSet(w.Ctx, "appendfsync", sync).Err(); err != nil {
			w.T.Fatal(err)
		}
	}
	log("everysec")
	w.fill(c, from, to)
	log("always")
	w.until(func() bool {
		state, err := w.Redis.Info(w.Ctx, "persistence").Result()
		if err != nil {
			w.T.Fatal(err)
		}
		return strings.Contains(state, "aof_rewrite_in_progress:0") && strings.Contains(state, "aof_rewrite_scheduled:0")
	})
}

// sell writes the rows of n orders that were paid, as the generator and the worker leave them, and lets the line go on
// behind them.
func (w *bench) sell(c crowd, n int) {
	w.T.Helper()
	t := w.Event.Types[0]
	raw := w.Raw
	for _, query := range []string{
		fmt.Sprintf(`insert into orders (id, event_id, ticket_type_id, account_id, number, before, quantity, status, decision, price_cents,
				fee_cents, currency, per_person, hold_seconds, refund_days, refund_hours, refund_fee, accepted_at, decided_at,
				reserved_until, paid_at)
			select ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %d, %d, n::bigint * %d %% %d + 1, n + 1, n, 1, 'paid', n + 1,
				1000, 100, 'BRL', 4, 600, 7, 48, true, now(), now(), now() + interval '10 minutes', now()
			from generate_series(0, %d) n`, w.Event.ID, t.ID, crowdStep, c, n-1),
		`insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status)
			select event_id, id, ticket_type_id, account_id, number, 'valid' from orders order by number`,
		fmt.Sprintf(`update lines set last_number = %[1]d, last_decision = %[1]d, last_ticket = %[1]d`, n),
		fmt.Sprintf(`update stock set taken = %d`, n),
		`vacuum analyze`, `checkpoint`,
	} {
		if _, err := raw.Exec(query); err != nil {
			w.T.Fatal(err)
		}
	}
	if err := w.Redis.HSet(w.Ctx, fmt.Sprintf("guiche:event:%d", w.Event.ID), "joined", n, "head", n, fmt.Sprintf("asked:%d", t.ID), n).Err(); err != nil {
		w.T.Fatal(err)
	}
}

// weigh tells how much memory this process has in use while the rest of a line of n is served.
func (w *bench) weigh(n int) (table string) {
	var rows strings.Builder
	rows.WriteString("| orders decided | heap in use, MB | resident, MB |\n|---|---|---|\n")
	for tenth := range 11 {
		number := int64(n) * int64(tenth) / 10
		if number > 0 && number < w.head() {
			continue
		}
		w.until(func() bool { return w.head() >= number })
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Fprintf(&rows, "| %d | %.1f | %s |\n", w.head(), float64(m.HeapInuse)/1e6, resident())
	}
	return rows.String()
}

// resident is the memory that the process occupies, where the system tells it.
func resident() string {
	var size, pages int
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return "unknown"
	}
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%.0f", float64(pages*os.Getpagesize())/1e6)
}
