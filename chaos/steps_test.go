package chaos

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
)

var (
	stepsSeed = flag.Uint64("steps-seed", 0, "which steps of paying a short round kills at; 0 for others each time")
	stepsAll  = flag.Bool("steps-all", false, "kill at every step of paying, as a long round does")
)

const (
	// stepShops are how many shops play side by side: most of a play is waiting.
	stepShops = 4
	// stepsShort bounds the kills of a short round.
	stepsShort = 24
)

// plan is what a scenario comes to when nobody is killed, and the points at which somebody could be.
type plan struct {
	scenario
	ending string
	points []point
}

// strike is one point of a plan.
type strike struct {
	plan  *plan
	point point
}

func TestAKillBetweenAnyTwoStepsOfPayingChangesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("chaos is slow")
	}
	shops := make([]*shop, stepShops)
	for i := range shops {
		shops[i] = openSteps(t, i)
	}
	plans := draw(t, shops)
	if t.Failed() {
		return
	}
	var all []strike
	for _, p := range plans {
		t.Logf("%s: %d points\n%s", p.name, len(p.points), p.ending)
		for _, point := range p.points {
			all = append(all, strike{p, point})
		}
	}
	seed := *stepsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	chosen := all
	if !*stepsAll && *orders < longFrom {
		chosen = all[:min(stepsShort, len(all))]
	}
	t.Logf("%d of %d points, -steps-seed=%d", len(chosen), len(all), seed)

	todo := make(chan strike, len(chosen))
	for _, k := range chosen {
		todo <- k
	}
	close(todo)
	var playing sync.WaitGroup
	for _, s := range shops {
		playing.Go(func() {
			for k := range todo {
				s.try(t, k)
			}
		})
	}
	playing.Wait()
	missed := 0
	for _, s := range shops {
		missed += s.missed
		s.review(t)
	}
	t.Logf("%d points were not met again", missed)
	if missed > len(chosen)/10 {
		t.Errorf("%d of %d points were not met again: their names do not last", missed, len(chosen))
	}
}

// draw plays every scenario without a kill, twice: the first time scripts are loaded and statements prepared.
func draw(t *testing.T, shops []*shop) []*plan {
	t.Helper()
	plans := make([]*plan, len(scenarios))
	next := make(chan int, len(scenarios))
	for i := range scenarios {
		next <- i
	}
	close(next)
	var drawing sync.WaitGroup
	for _, s := range shops {
		drawing.Go(func() {
			for i := range next {
				t.Run(scenarios[i].name, func(t *testing.T) {
					plans[i] = &plan{scenario: scenarios[i]}
					for range 2 {
						s.draw(t, plans[i])
					}
				})
			}
		})
	}
	drawing.Wait()
	return slices.DeleteFunc(plans, func(p *plan) bool { return p == nil }) // -run names others
}

// draw plays a plan's scenario without a kill.
func (s *shop) draw(t *testing.T, p *plan) {
	show := s.newShow(t, p.capacity)
	for _, fan := range p.play(&play{shop: s, t: t, show: show}) {
		fan.pageSays()
	}
	world.Eventually(t, "nothing is in hand and all is settled", func() bool { return s.idle() && !s.unsettled(show) })
	p.points, _ = s.end()
	ending := s.ending(t, show)
	if p.ending != "" && p.ending != ending {
		t.Errorf("it ends\n%s\nand\n%s", p.ending, ending)
	}
	p.ending = ending
	s.remember(show, ending)
}

// mostPlays is how often a scenario is played until a point of it is met: which of two tasks comes first, and whether
// they are claimed together, is not the same each time.
const mostPlays = 3

// try plays a scenario with a kill, and expects the same end.
func (s *shop) try(t *testing.T, k strike) {
	t.Run(k.plan.name+"/"+strings.ReplaceAll(k.point.String(), "/", ":"), func(t *testing.T) {
		for range mostPlays {
			show := s.newShow(t, k.plan.capacity)
			fans := k.plan.play(&play{shop: s, t: t, point: &k.point, show: show})
			s.comesTo(t, show, k.plan.ending)
			ctx, cancel := context.WithTimeout(t.Context(), reload)
			defer cancel()
			if world.Until(ctx, func() bool { return s.hasStruck() || s.idle() }) == nil && s.hasStruck() {
				s.comesTo(t, show, k.plan.ending) // it may have been the last step of all
			}
			_, met := s.end()
			for _, fan := range fans {
				fan.pageSays()
			}
			s.remember(show, k.plan.ending)
			s.left = s.inHand()
			if met {
				return
			}
		}
		s.missed++
		t.Log("not met again")
	})
}

// comesTo waits until a show has come to an ending, and audits the books.
func (s *shop) comesTo(t *testing.T, show store.Event, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), world.Patience)
	defer cancel()
	got, looked := "", time.Now()
	if err := world.Until(ctx, func() bool {
		if time.Since(looked) > reload {
			looked = time.Now()
			s.minutesPass(t, show)
		}
		if s.unsettled(show) {
			return false
		}
		got = s.ending(t, show)
		return got == want
	}); err != nil {
		t.Fatalf("it ends\n%s\ninstead of\n%s", s.ending(t, show), want)
	}
	findings, err := s.db.Audit(t.Context(), line.New(s.rdb).Numbers)
	if err != nil {
		t.Error(err)
	}
	for _, f := range findings {
		t.Errorf("the audit finds %+v", f)
	}
}

// ended is a show and what it came to.
type ended struct {
	show   store.Event
	ending string
}

func (s *shop) remember(show store.Event, ending string) {
	s.played = append(s.played, ended{show, ending})
}

// review looks once more at everything that was played: what was left behind by a kill may have been done meanwhile.
func (s *shop) review(t *testing.T) {
	t.Helper()
	for _, e := range s.played {
		if now := s.ending(t, e.show); now != e.ending {
			t.Errorf("%s ended\n%s\nand later it is\n%s", e.show.Name, e.ending, now)
		}
	}
}

// idle says that no task is waiting or taken, except those that killed roles have left behind.
func (s *shop) idle() bool {
	return !slices.ContainsFunc(s.inHand(), func(id string) bool { return !slices.Contains(s.left, id) })
}

func (s *shop) inHand() (ids []string) {
	for _, queue := range []string{"purchases", "releases", "issued", "payments", "refunds", "letters"} {
		for _, list := range []string{"pending", "active"} {
			ids = append(ids, s.rdb.LRange(context.Background(), fmt.Sprintf("asynq:{%s}:%s", queue, list), 0, -1).Val()...)
		}
	}
	return ids
}
