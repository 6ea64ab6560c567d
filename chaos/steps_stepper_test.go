package chaos

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// step is one request between two processes, named so that it has the same name in every run: by who sends it, to whom,
// and what it does, without the ids in it.
type step struct {
	from, to string // a role, "fan", "Postgres" or "Redis"
	what     string
}

func (s step) String() string { return s.from + " → " + s.to + ": " + s.what }

// victims are the roles at its ends.
func (s step) victims() (roles []string) {
	for _, end := range []string{s.from, s.to} {
		if slices.Contains([]string{"web", "worker", "generator", "sandbox"}, end) {
			roles = append(roles, end)
		}
	}
	return roles
}

// point is a moment at which a role is killed: at the n-th time that a step is taken, right before the request is passed
// on, or right after it was answered and before the answer is passed on.
type point struct {
	victim string
	step   step
	nth    int
	after  bool
}

func (p point) String() string {
	when := "before"
	if p.after {
		when = "after"
	}
	return fmt.Sprintf("%s killed %s %s (%d)", p.victim, when, p.step, p.nth)
}

// stepper stands between the processes of a shop. It counts the steps that change something, and kills at one of them.
type stepper struct {
	mu          sync.Mutex
	roles       map[string]*role
	asked, done map[step]int
	order       []step // as they were done first
	armed       *point
	struck      bool
	deaf        atomic.Bool // notices are lost on their way to the shop
}

func newStepper() *stepper {
	s := &stepper{roles: map[string]*role{}}
	s.begin(nil)
	return s
}

// begin counts from zero and kills at a point, nil for never.
func (s *stepper) begin(p *point) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.done, s.order, s.armed, s.struck = map[step]int{}, map[step]int{}, nil, p, false
}

// end returns the points at which the roles could have been killed since begin, and whether one was. What a role asks
// for again and again until it finds something, such as the next task, can only be told apart once it was answered.
func (s *stepper) end() (points []point, struck bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = nil
	s.deaf.Store(false)
	for _, its := range s.order {
		for n := range s.done[its] {
			for _, victim := range its.victims() {
				if s.asked[its] == s.done[its] {
					points = append(points, point{victim, its, n + 1, false})
				}
				points = append(points, point{victim, its, n + 1, true})
			}
		}
	}
	return points, s.struck
}

// hasStruck says that it has killed.
func (s *stepper) hasStruck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.struck
}

// before is called before a request is passed on; true says that a role at its end was killed.
func (s *stepper) before(its step) bool {
	s.mu.Lock()
	s.asked[its]++
	return s.strike(its, s.asked[its], false)
}

// after is called once a request was answered and has changed something.
func (s *stepper) after(its step) bool {
	s.mu.Lock()
	if s.done[its]++; s.done[its] == 1 {
		s.order = append(s.order, its)
	}
	return s.strike(its, s.done[its], true)
}

// strike unlocks before it kills.
func (s *stepper) strike(its step, nth int, after bool) bool {
	p := s.armed
	strikes := p != nil && p.step == its && p.nth == nth && p.after == after
	if !strikes {
		s.mu.Unlock()
		return false
	}
	s.armed, s.struck = nil, true
	victim := s.roles[p.victim]
	s.mu.Unlock()
	victim.current().kill()
	return true
}

var (
	anyUUID   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyToken  = regexp.MustCompile(`\b[A-Za-z_]*[A-Z0-9]{20,}\b`)
	anyNumber = regexp.MustCompile(`\d+`)
)

// nameless takes the ids out of a text.
func nameless(text string) string {
	text = anyUUID.ReplaceAllString(text, "*")
	text = anyToken.ReplaceAllString(text, "*")
	return anyNumber.ReplaceAllString(text, "#")
}

// writes says what statements change: the verbs and tables of a query, nothing if it only reads.
func writes(query string) string {
	var found []string
	query = locking.ReplaceAllString(strings.ToLower(query), "")
	for _, m := range writing.FindAllStringSubmatch(query, -1) {
		what := strings.Join(strings.Fields(m[1]), " ") + " " + m[2]
		if !slices.Contains(found, what) {
			found = append(found, what)
		}
	}
	return strings.Join(found, ", ")
}

var (
	locking = regexp.MustCompile(`\b(for|do|key)\s+update\b`) // or what comes after a conflict: no statements of their own
	writing = regexp.MustCompile(`\b(insert\s+into|delete\s+from|update)\s+([a-z_]+)(?:\s|$)`)
)
