package web

import (
	"math"
	"testing"
	"time"

	"guiche/jobs/line"
)

func TestThePaceOfALineIsMeasured(t *testing.T) {
	var p linePace
	at := line.Snapshot{}
	look := func(moved int64, passed time.Duration) {
		next := line.Snapshot{Head: at.Head + moved}
		p = p.next(at, next, passed)
		at = next
	}
	for range 60 { // a minute of ten a second
		look(10, time.Second)
	}
	if math.Abs(float64(p)-10) > 0.5 {
		t.Errorf("pace %f, want about 10", p)
	}
	for place, want := range map[int64]time.Duration{
		5: 0, 150: 20 * time.Second, 3_000: 6 * time.Minute, 1_000_000: 0,
	} {
		if got := p.wait(place); got != want {
			t.Errorf("place %d: %s, want %s", place, got, want)
		}
	}
	for range 240 { // the line stands
		look(0, time.Second)
	}
	if w := p.wait(3_000); w != 0 {
		t.Errorf("a line that stands promises %s", w)
	}
	look(50, time.Second)
	p = p.next(at, line.Snapshot{}, time.Second)
	if p != 0 {
		t.Errorf("a line that began anew has the pace %f", p)
	}
}
