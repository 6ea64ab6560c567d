package web

import (
	"math"
	"time"

	"guiche/jobs/line"
)

// paceMemory is the time constant of the moving average: what moved longer ago counts for little.
const paceMemory = 15 * time.Second

// linePace is how fast a line moves, in orders per second: an exponential moving average of what this process saw.
type linePace float64

// next is the pace after the line was read once more.
func (p linePace) next(before, now line.Snapshot, passed time.Duration) linePace {
	if passed <= 0 || now.Head < before.Head { // the line started over
		return 0
	}
	keep := math.Exp(-passed.Seconds() / paceMemory.Seconds())
	return linePace(float64(p)*keep + float64(now.Head-before.Head)/passed.Seconds()*(1-keep))
}

// rough is the pace in steps of about a twentieth, and 0 below one order a minute: nobody would notice less.
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

// wait is how long a place is expected to take at this pace, rounded so that it does not flicker; 0 if nothing honest
// can be said, since the line has hardly moved, or if it takes next to no time.
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
