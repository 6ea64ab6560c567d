package web

import (
	"math"
	"time"

	"guiche/jobs/line"
)

// paceMemory is how far back the pace of a line is remembered: what moved longer ago counts for little.
const paceMemory = 15 * time.Second

// linePace is how fast a line moves, in orders per second, as this process saw it.
type linePace float64

// next is the pace after another look at the line.
func (p linePace) next(before, now line.Snapshot, passed time.Duration) linePace {
	if passed <= 0 || now.Head < before.Head { // a line that began anew
		return 0
	}
	keep := math.Exp(-passed.Seconds() / paceMemory.Seconds())
	return linePace(float64(p)*keep + float64(now.Head-before.Head)/passed.Seconds()*(1-keep))
}

// rough is a step of the pace that somebody would notice: a twentieth or so, and none below one order in a minute.
func (p linePace) rough() linePace {
	if p < 1.0/60 {
		return 0
	}
	return linePace(math.Round(math.Log2(float64(p)) * 14))
}

const (
	shortestWait = 10 * time.Second
	longestWait  = 3 * time.Hour
)

// wait is how long a place is expected to take at this pace, in steps that do not flicker; 0 when nothing honest can
// be said: the line has hardly moved, or it takes next to no time.
func (p linePace) wait(place int64) time.Duration {
	if p <= 0 {
		return 0
	}
	seconds := float64(place) / float64(p)
	if seconds < shortestWait.Seconds() || seconds > longestWait.Seconds() {
		return 0
	}
	d := time.Duration(seconds * float64(time.Second))
	step := shortestWait
	if d > time.Minute {
		step = time.Minute
	}
	return (d + step - 1) / step * step
}
