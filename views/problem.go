package views

import (
	"context"
	"time"
)

// ProblemModel is a page that says what went wrong, what is safe and what to do next.
type ProblemModel struct {
	Status    int           // 403, 404, 405, 409, 413, 422, 429, 500 or 503; others read as 500
	Wait      time.Duration // for 429 and 503: how long to wait before trying again; 0 if unknown
	RequestID string        // for 500: what to quote to support; may be empty
	Order     bool          // for 404: the page was an order, which may have been lost while it was in line
	Again     string        // the address to try again; empty if that would not help
	Back      string        // a helpful path, such as the event of a closed sale or the page of a form; empty for the front page
}

// problemWords are the three things that a person needs to know.
type problemWords struct{ What, Safe, Next string }

func (m ProblemModel) words(ctx context.Context) problemWords {
	say := func(what, safe, next string) problemWords {
		return problemWords{T(ctx, what), T(ctx, safe), T(ctx, next)}
	}
	wait := T(ctx, "problem.wait_a_little")
	if m.Wait > 0 {
		wait = T(ctx, "problem.wait", "Wait", Span(ctx, m.Wait))
	}
	switch m.Status {
	case 403:
		return say("problem.403", "problem.403_safe", "problem.403_next")
	case 404:
		if m.Order {
			return say("problem.order", "problem.order_safe", "problem.order_next")
		}
		return say("problem.404", "problem.404_safe", "problem.404_next")
	case 405:
		return say("problem.405", "problem.405_safe", "problem.405_next")
	case 409:
		return say("problem.409", "problem.409_safe", "problem.409_next")
	case 413:
		return say("problem.413", "problem.413_safe", "problem.413_next")
	case 422:
		return say("problem.422", "problem.422_safe", "problem.422_next")
	case 429:
		return problemWords{T(ctx, "problem.429"), T(ctx, "problem.429_safe"), wait}
	case 503:
		return problemWords{T(ctx, "problem.503"), T(ctx, "problem.503_safe"), wait}
	}
	return say("problem.500", "problem.500_safe", "problem.500_next")
}

// way is the first thing to do, and its words.
func (m ProblemModel) way(ctx context.Context) (path, words string) {
	switch {
	case m.Again != "":
		return m.Again, T(ctx, "problem.again")
	case m.Back != "" && m.Back != "/":
		return m.Back, T(ctx, "problem.back")
	}
	return "/", T(ctx, "problem.to_events")
}
