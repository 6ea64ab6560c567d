package generator_test

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
)

var usedMemory = regexp.MustCompile(`used_memory:(\d+)`)

// Fans go on joining while no generator runs, until Redis has no room for more. Whoever joined is served.
func TestAFullRedisRefusesFansBeforeItChokesTheLine(t *testing.T) {
	w := world.New(t, 100_000)
	w.Generator()() // what it keeps in Redis is there
	used := func() int {
		t.Helper()
		text, err := w.Redis.Info(w.Ctx, "memory").Result()
		w.Check(err)
		n, err := strconv.Atoi(usedMemory.FindStringSubmatch(text)[1])
		w.Check(err)
		return n
	}
	w.Check(w.Redis.ConfigSet(w.Ctx, "maxmemory", strconv.Itoa(used()+6<<20)).Err())
	fan := w.Fan()
	w.Set(`insert into accounts (name, email, password_hash) select 'Fan', 'more-' || n || '@guiche.test', '-' from generate_series(1, 20000) n`)
	var joined []store.QueuedOrder
	refused := 0
	for account := fan + 1; account <= fan+20_000 && refused < 300; account++ {
		o := w.Order(account, 1)
		switch _, err := w.Line.Join(w.Ctx, o); {
		case err == nil:
			joined = append(joined, o)
		case errors.Is(err, line.ErrFull):
			refused++
		default:
			t.Fatal(err)
		}
	}
	if len(joined) == 0 || refused == 0 {
		t.Fatalf("%d joined, %d were refused", len(joined), refused)
	}
	w.Generator()
	w.Eventually(fmt.Sprintf("%d orders are decided", len(joined)), func() bool {
		return w.Count(`select count(*) from orders`) == len(joined)
	})
	w.Becomes(joined[len(joined)-1].ID, store.Reserved)
	w.Eventually("fans can join again", func() bool {
		_, err := w.Line.Join(w.Ctx, w.Order(fan+20_000, 1))
		return err == nil
	})
	w.Audited()
}
