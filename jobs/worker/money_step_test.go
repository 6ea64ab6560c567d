package worker

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// step is one thing that happens in a story. Who or what it happens to is counted from the first, round and round.
type step struct {
	do     string
	which  int
	how    int
	mishap mishap
	at     int // the call that the mishap befalls
	then   *step
}

func (s step) String() string {
	text := fmt.Sprintf("%s %d/%d", s.do, s.which, s.how)
	if s.mishap != calm {
		text += fmt.Sprintf(", %s call %d", s.mishap, s.at)
	}
	if s.then != nil {
		text += fmt.Sprintf(" (%s)", s.then)
	}
	return text
}

// GoString is how a failed story is told.
func (s step) GoString() string { return s.String() }

// deeds are what can happen, the likelier the higher the number.
var deeds = []struct {
	name   string
	weight int
	role   func(*story) *role // that does it; nil for the outside world
	do     func(s *story, which, how int)
}{
	{"join", 4, onWeb, (*story).join},
	{"pay", 10, onWeb, (*story).pay},
	{"press", 13, nil, (*story).press},
	{"visit", 2, onWeb, (*story).visit},
	{"extend", 2, onWeb, (*story).extend},
	{"leave", 3, onWeb, (*story).leave},
	{"refund", 5, onWeb, (*story).refund},
	{"notice", 7, onWeb, (*story).notice},
	{"lose notice", 2, nil, (*story).loseNotice},
	{"task", 15, onWorker, (*story).task},
	{"lose task", 4, nil, (*story).loseTask},
	{"deadlines", 6, onWorker, (*story).deadlines},
	{"sweep", 5, onWorker, (*story).sweep},
	{"release", 12, onGenerator, (*story).release},
	{"line", 4, onGenerator, (*story).decideLine},
	{"all", 4, nil, (*story).all},
	{"time", 7, nil, (*story).pass},
	{"outage", 2, nil, (*story).outage},
	{"pause", 1, onWeb, (*story).pause},
	{"capacity", 1, onWeb, (*story).capacity},
	{"admin refund", 1, onWeb, (*story).adminRefund},
	{"retry refund", 1, onWeb, (*story).retryRefund},
	{"cancel event", 1, onWeb, (*story).cancelEvent},
}

func onWeb(s *story) *role       { return &s.shop.web.role }
func onWorker(s *story) *role    { return &s.shop.worker.role }
func onGenerator(s *story) *role { return &s.shop.generator.role }

// names are the deeds' names in 7 bits, each as often as its weight, and what is left of them for time.
func names() (all [1 << 7]string) {
	n := 0
	for _, d := range deeds {
		for range d.weight {
			all[n] = d.name
			n++
		}
	}
	for ; n < len(all); n++ {
		all[n] = "time"
	}
	return all
}

// mishaps are drawn from; a story with many comes nowhere.
var mishaps = [1 << 4]mishap{8: dieBefore, dieBefore, dieAfter, failBefore, failAfter, meanwhile, meanwhile, meanwhile}

// bits draws evenly from the numbers of so many bits, as rapid's own generators do not.
func bits(n int) *rapid.Generator[int] {
	return rapid.Custom(func(t *rapid.T) (drawn int) {
		for range n {
			drawn *= 2
			if rapid.Bool().Draw(t, "bit") {
				drawn++
			}
		}
		return drawn
	})
}

// steps are drawn with all that can happen in them, so that nothing is drawn while they are done.
func steps() *rapid.Generator[step] {
	all := names()
	name, which, how, befalls, call := bits(7), bits(3), bits(4), bits(4), bits(4)
	plain := func(t *rapid.T) step {
		return step{do: all[name.Draw(t, "do")], which: which.Draw(t, "which"), how: how.Draw(t, "how")}
	}
	return rapid.Custom(func(t *rapid.T) step {
		s := plain(t)
		if s.mishap = mishaps[befalls.Draw(t, "mishap")]; s.mishap != calm {
			s.at = call.Draw(t, "at")
		}
		if s.mishap == meanwhile {
			then := plain(t)
			s.then = &then
		}
		return s
	})
}

// take does a step, and starts what died by it. A moment passes before each.
func (s *story) take(st step) {
	s.do(st, nil)
	if err := s.shop.start(); err != nil {
		s.fail("%v", err)
	}
	s.tell()
}

// do does a step; outer is the role in whose call it happens, if any. There is one generator, so it never meets itself.
func (s *story) do(st step, outer *role) {
	if err := s.shop.clock.tick(time.Millisecond); err != nil {
		s.fail("%v", err)
		return
	}
	for _, d := range deeds {
		if d.name != st.do {
			continue
		}
		if d.role == nil {
			if outer == nil || d.name != "all" {
				d.do(s, st.which, st.how)
			}
			return
		}
		r := d.role(s)
		if r == outer && r == &s.shop.generator.role {
			return
		}
		p := &plan{mishap: st.mishap, at: st.at}
		if st.then != nil {
			p.then = func() { s.do(*st.then, r) }
		}
		r.during(p, func() { d.do(s, st.which, st.how) })
	}
}

// fail notes what is wrong; the first counts.
func (s *story) fail(format string, args ...any) {
	if s.wrong == "" {
		s.wrong = s.plain(fmt.Sprintf(format, args...))
	}
}

// plain names orders, charges and refunds by their turn in the story, so that a story that is told again fails alike.
func (s *story) plain(text string) string {
	for i, o := range s.orders {
		text = strings.ReplaceAll(text, o.id.String(), fmt.Sprintf("#%d", i))
	}
	for i, c := range s.shop.bank.charges {
		text = strings.ReplaceAll(text, c, fmt.Sprintf("charge %d", i))
	}
	return anyID.ReplaceAllString(text, "…")
}

// tell has the provider tell its news, and notes which orders it took money for while their fans had time to pay.
func (s *story) tell() {
	for _, reference := range s.shop.bank.tell() {
		var order uuid.UUID
		err := s.shop.clock.raw.QueryRow(`select o.id from charges c join orders o on o.id = c.order_id
			where c.id = $1 and c.status in ('new', 'open') and o.status = 'reserved' and o.reserved_until > now()`, reference).Scan(&order)
		switch {
		case err == nil:
			s.inTime[order] = true
		case !errors.Is(err, sql.ErrNoRows):
			s.fail("%v", err)
		}
	}
}
