package generator

import (
	"context"

	"github.com/google/uuid"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// releaseKinds is all that the generator does besides the line, by kind of task. A new kind is one line here, its name in
// jobs, and the nudge that sends it.
var releaseKinds = map[string]release{
	jobs.KindExpire:     of(jobs.ParseIDs, telling((*store.Leader).Expire)),
	jobs.KindLeave:      of(jobs.ParseIDs, (*Generator).leave),
	jobs.KindReturn:     of(jobs.ParseIDs, telling((*store.Leader).Return)),
	jobs.KindLate:       of(jobs.ParseIDs, telling((*store.Leader).TakeLate)),
	jobs.KindCapacity:   of(jobs.ParseNumbers, telling((*store.Leader).SetCapacity)),
	jobs.KindReturnList: of(jobs.ParseNumbers, telling((*store.Leader).ServeReturnList)),
	jobs.KindResume:     of(jobs.ParseNumbers, (*Generator).resume),
	jobs.KindCancel:     of(jobs.ParseNumbers, (*Generator).endCancelled),
}

// release carries out tasks of one kind together, and returns the ids of those that cannot be read.
type release func(g *Generator, ctx context.Context, tasks []line.Task) (unreadable []string, err error)

// of is a kind whose payload holds ids or numbers of rows.
func of[ID uuid.UUID | int64](parse func([]byte) ([]ID, error), do func(*Generator, context.Context, []ID) error) release {
	return func(g *Generator, ctx context.Context, tasks []line.Task) (unreadable []string, err error) {
		var ids []ID
		for _, t := range tasks {
			its, err := parse(t.Payload)
			if err != nil {
				unreadable = append(unreadable, t.ID)
				continue
			}
			ids = append(ids, its...)
		}
		if len(ids) == 0 {
			return unreadable, nil
		}
		return unreadable, do(g, ctx, ids)
	}
}

// telling is a transaction of the leader whose outcome is told.
func telling[ID any](change func(*store.Leader, []ID) (store.Outcome, error)) func(*Generator, context.Context, []ID) error {
	return func(g *Generator, ctx context.Context, ids []ID) error {
		out, err := change(g.leader, ids)
		if err != nil {
			return err
		}
		return g.tellAll(ctx, out)
	}
}
