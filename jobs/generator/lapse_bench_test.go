package generator_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guiche/jobs"
)

const (
	lapseHolds = 20_000
	lapseAhead = 5 * time.Second // from arming to the deadline
)

// benchLapse lets very many holds lapse at one moment while purchases are served, and measures how long those stand
// still: the releases go first.
func benchLapse(b *testing.B, t *strings.Builder) {
	holds := min(lapseHolds, *benchMost/50)
	line := 20 * holds
	w := benchWorld(b, holds+line)
	w.worker(newMoody(hanging)) // nobody was paying, so it has no say
	fans := crowd(holds + line)
	w.fill(fans, 0, holds)
	stop := w.Generator()
	w.rateTo(int64(holds))
	stop()
	w.fillFast(fans, holds, holds+line)
	raw := w.Raw
	deadline := time.Now().Add(lapseAhead).Truncate(time.Second).Add(500 * time.Millisecond)
	if _, err := raw.Exec(`update orders set reserved_until = $1`, deadline); err != nil {
		b.Fatal(err)
	}
	if err := w.Nudges.Issued(w.Ctx, jobs.Issued{Until: []time.Time{deadline}}); err != nil {
		b.Fatal(err)
	}
	before := time.NewTimer(time.Until(deadline.Add(-time.Second)))
	<-before.C
	stop = w.Generator()
	rate := w.rateTo(int64(holds + holds/2))
	var still, undone, resumed time.Duration
	head, moved := w.head(), time.Now()
	w.until(func() bool {
		now := time.Now()
		if h := w.head(); h > head {
			if now.After(deadline) {
				still = max(still, now.Sub(moved))
			}
			head, moved = h, now
			if undone > 0 {
				resumed = now.Sub(deadline)
			}
		}
		if now.After(deadline) && undone == 0 {
			var left bool
			if err := raw.QueryRow(`select exists (select from orders where ticket_type_id = $1 and status = 'reserved' and reserved_until = $2)`,
				w.Event.Types[0].ID, deadline).Scan(&left); err != nil {
				b.Fatal(err)
			}
			if !left {
				undone = time.Since(deadline)
			}
		}
		return resumed > 0
	})
	if int(head) >= holds+line {
		b.Fatal("the line came to its end before the holds did")
	}
	after := w.rateTo(head + int64(holds))
	stop()
	fmt.Fprintf(t, "## %d holds lapse at once\n\nPurchases wait in line all the while; the worker asks for each hold to be undone, and releases go first. Times count from the\n"+
		"deadline.\n\n", holds)
	fmt.Fprintf(t, "| what | |\n|---|---|\n")
	fmt.Fprintf(t, "| the line stood still for at most | %s |\n", still.Round(10*time.Millisecond))
	fmt.Fprintf(t, "| the last hold was undone after | %s |\n", undone.Round(10*time.Millisecond))
	fmt.Fprintf(t, "| the first purchase after that was decided after | %s |\n", resumed.Round(10*time.Millisecond))
	fmt.Fprintf(t, "| orders/s before, and after | %.0f, %.0f |\n", rate, after)
}
