package jobs

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// story is a sequence of steps in an empty shop.
type story struct {
	ctx    context.Context
	shop   *moneyShop
	orders []*wish // in the order in which they were accepted
	told   []string
	wrong  string // the first thing that is
}

// moneyStories are as many as `go test` tells, unless -rapid.checks says otherwise.
const moneyStories = 150

// TestMoneyInAnyOrder tells random stories of fans who pay, leave and give back, of a payment provider that is slow,
// silent or wrong, of deadlines, and of processes that die or lose an answer at any call. However one goes, once everybody
// has done what there is to do: no money without a ticket or a refund, no ticket without money, nothing twice, and the
// ledger, the provider and the tickets tell the same.
func TestMoneyInAnyOrder(t *testing.T) {
	tellStories(t, moneyStories)
	shop := newMoneyShop(t)
	for _, r := range []*role{&shop.web.role, &shop.worker.role, &shop.generator.role} {
		r.dead = true // not born yet
	}
	one := steps()
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{ctx: shop.ctx, shop: shop}
		capacity := rapid.IntRange(1, 5).Draw(rt, "capacity")
		feeReturned := rapid.Bool().Draw(rt, "fee returned")
		if err := shop.empty(capacity, feeReturned); err != nil {
			rt.Fatal(err)
		}
		if err := shop.start(); err != nil {
			rt.Fatal(err)
		}
		shop.freshWorker()
		for fan := range moneyFans {
			s.begin(fan, upTo(len(beginnings)).Draw(rt, "fan"))
		}
		rt.Repeat(map[string]func(*rapid.T){
			"":     func(rt *rapid.T) { s.check(rt) },
			"step": func(rt *rapid.T) { s.take(one.Draw(rt, "step")) },
		})
		s.settle()
		s.check(rt)
	})
}

// beginnings are how far a fan is when her story begins.
var beginnings = []string{"absent", "joined", "reserved", "paying", "pays late", "is paying slowly", "has paid", "has her tickets"}

// begin brings a fan that far.
func (s *story) begin(fan, stage int) {
	nth := len(s.orders)
	if stage > 0 {
		s.join(fan, fan)
	}
	if stage > 1 {
		s.all(0, 0)
	}
	if stage > 2 {
		s.pay(nth, 0)
	}
	switch stage {
	case 4:
		s.press(nth, lateMoney)
	case 5:
		s.press(nth, slowMoney)
	case 6, 7:
		s.press(nth, 0)
	}
	s.shop.bank.tell()
	if stage == 7 {
		s.visit(nth, 0)
		s.all(0, 0)
	}
	s.told = append(s.told, fmt.Sprintf("fan %d %s", fan, beginnings[stage]))
}

func (s *story) check(rt *rapid.T) {
	if s.wrong != "" {
		rt.Fatal(s.wrong)
	}
}

// tellStories has rapid check so many stories unless the command line says how many.
func tellStories(t *testing.T, n int) {
	const name = "rapid.checks"
	f, said := flag.Lookup(name), false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == name })
	if said {
		return
	}
	before := f.Value.String()
	if err := flag.Set(name, strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, before) })
}
