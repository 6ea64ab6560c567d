package worker

import (
	"context"
	"errors"
	"flag"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// story is a sequence of steps in an empty shop.
type story struct {
	ctx    context.Context
	shop   *moneyShop
	orders []*wish            // in the order in which they were accepted
	inTime map[uuid.UUID]bool // orders for which the provider took money while they were held
	wrong  string             // the first thing that is
}

// moneyStories are as many as `go test` tells, unless -rapid.checks says otherwise.
const moneyStories = 80

// TestMoneyInAnyOrder tells random stories of fans who pay, leave and give back, of a payment provider that is slow,
// silent or wrong, of deadlines, and of processes that die or lose an answer at any call. However one goes, once everybody
// has done what there is to do: no money without a ticket or a refund, no ticket without money, nothing twice, and the
// ledger, the provider and the tickets tell the same.
func TestMoneyInAnyOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("random stories are slow")
	}
	tellStories(t, moneyStories)
	shop := newMoneyShop(t)
	for _, told := range tales {
		t.Run(told.name, func(t *testing.T) {
			s := shop.open(t, told.capacity, true, told.fans)
			for _, st := range told.steps {
				s.take(st)
			}
			s.settle()
			s.check(t)
		})
	}
	if t.Failed() {
		return
	}
	one, stage := steps(), bits(4)
	rapid.Check(t, func(rt *rapid.T) {
		capacity := rapid.IntRange(1, 5).Draw(rt, "capacity")
		feeReturned := rapid.Bool().Draw(rt, "fee returned")
		var fans [moneyFans]int
		for i := range fans {
			fans[i] = stage.Draw(rt, "fan")
		}
		s := shop.open(rt, capacity, feeReturned, fans)
		rt.Repeat(map[string]func(*rapid.T){
			"":     func(rt *rapid.T) { s.check(rt) },
			"step": func(rt *rapid.T) { s.take(one.Draw(rt, "step")) },
		})
		s.settle()
		s.check(rt)
	})
}

// tales are stories that once went wrong, or that chance tells too seldom.
var tales = []struct {
	name     string
	capacity int
	fans     [moneyFans]int
	steps    []step
}{
	{"who leaves the line of a cancelled event", 1, [moneyFans]int{2}, []step{
		{do: "join", which: 1}, {do: "join", which: 2}, {do: "cancel event", how: 8}, {do: "leave", which: 2},
	}},
	{"Redis is away when the generator tells what came back", 3, [moneyFans]int{1, 3, 1}, []step{
		{do: "time", which: 5},
		{do: "sweep"},
		{do: "task", which: 1, how: 1},
		{do: "release", how: 13, mishap: failBefore, at: 15},
		{do: "line", how: 1},
		{do: "join", which: 2, how: 9},
	}},
	{"Postgres is away when the provider says that a hold past its deadline is paid", 3, [moneyFans]int{0, 6, 4}, []step{
		{do: "time", which: 5},
		{do: "deadlines", mishap: failBefore, at: 8},
		{do: "release"},
	}},
	{"late money of a fan who has bought again all that she may", 5, [moneyFans]int{4}, []step{
		{do: "time", which: 4},
		{do: "sweep"},
		{do: "all"}, // her hold ends
		{do: "join", how: 2},
		{do: "all"},
		{do: "pay", which: 1},
		{do: "press", which: 1},
		{do: "visit", which: 1},
		{do: "all"},
		{do: "time", which: 2},
		{do: "sweep"},
		{do: "all"},
	}},
}

// fataler is a test, of rapid or not.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

// open begins a story.
func (s *moneyShop) open(t fataler, capacity int, feeReturned bool, fans [moneyFans]int) *story {
	t.Helper()
	if err := errors.Join(s.empty(capacity, feeReturned), s.start()); err != nil {
		t.Fatal(err)
	}
	s.freshWorker()
	told := &story{ctx: s.ctx, shop: s, inTime: map[uuid.UUID]bool{}}
	for fan, stage := range fans {
		told.begin(fan, beginnings[stage])
	}
	return told
}

// beginning is how far a fan is when her story begins, each step with those before it.
type beginning struct {
	joined, held, charged bool
	pays                  payWay
	told                  bool // the shop knows
}

var beginnings = [1 << 4]beginning{
	1:  {joined: true},
	2:  {joined: true, held: true},
	3:  {joined: true, held: true, charged: true},
	4:  {joined: true, held: true, charged: true, pays: lateMoney},
	5:  {joined: true, held: true, charged: true, pays: slowMoney},
	6:  {joined: true, held: true, charged: true, pays: approved},
	7:  {joined: true, held: true, charged: true, pays: approved, told: true},
	8:  {joined: true, held: true, charged: true, pays: declined, told: true},
	9:  {joined: true, held: true, charged: true, pays: slowRefund, told: true},
	10: {joined: true, held: true, charged: true, pays: lostRefund, told: true},
	11: {joined: true, held: true, charged: true, pays: refusedRefund, told: true},
	12: {joined: true, held: true, charged: true, pays: failingRefund, told: true},
	13: {joined: true, held: true, charged: true, pays: lateMoney, told: true},
	14: {joined: true, held: true, charged: true, pays: slowMoney, told: true},
	15: {joined: true, held: true, charged: true, pays: approved, told: true},
}

// begin brings a fan to where her story begins.
func (s *story) begin(fan int, b beginning) {
	nth := len(s.orders)
	if b.joined {
		s.join(fan, fan)
	}
	if b.held {
		s.all(0, 0)
	}
	if b.charged {
		s.pay(nth, 0)
	}
	if b.pays != unpaid {
		s.press(nth, int(b.pays)-1)
	}
	s.tell()
	if b.told {
		s.visit(nth, 0)
		s.all(0, 0)
	}
}

func (s *story) check(t fataler) {
	t.Helper()
	if s.wrong != "" {
		t.Fatal(s.wrong)
	}
}

// tellStories has rapid check so many stories, and shorten one that fails with patience, unless the command line says
// otherwise.
func tellStories(t *testing.T, n int) {
	said := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { said[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": strconv.Itoa(n), "rapid.shrinktime": "3m"} {
		if said[name] {
			continue
		}
		before := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, before) })
	}
}
