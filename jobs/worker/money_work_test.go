package worker

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// What the worker and the generator do: their own handlers, on tasks that are taken out of asynq's queues by hand.

var workerQueues = []string{jobs.QueuePayments, jobs.QueueIssued, jobs.QueueRefunds}

// waits is a task in a queue.
type waits struct {
	line.Task
	queue string
}

// tasks lists what waits in queues, the oldest of each first.
func (s *story) tasks(queues ...string) (all []waits) {
	inspector := asynq.NewInspectorFromRedisClient(s.shop.rdb)
	for _, queue := range queues {
		s.shop.rdb.SAdd(s.ctx, "asynq:queues", queue) // the story was begun with an empty Redis, of which clients do not know
		ids, err := s.shop.rdb.LRange(s.ctx, jobs.ListKey(queue, "pending"), 0, -1).Result()
		if err != nil {
			s.fail("%v", err)
		}
		slices.Reverse(ids)
		for _, id := range ids {
			info, err := inspector.GetTaskInfo(queue, id)
			if err != nil {
				s.fail("task of %s: %v", queue, err)
				continue
			}
			t := line.Task{ID: id, Kind: info.Type, Payload: info.Payload}
			all = append(all, waits{t, queue})
		}
	}
	return all
}

// done takes a task out of its queue.
func (s *story) done(w waits) {
	pipe := s.shop.rdb.Pipeline()
	pipe.LRem(s.ctx, jobs.ListKey(w.queue, "pending"), 1, w.ID)
	pipe.Del(s.ctx, jobs.TaskKey(w.queue, w.ID))
	if _, err := pipe.Exec(s.ctx); err != nil {
		s.fail("%v", err)
	}
}

// task has the worker do a task. It stays, to be done again, if the worker dies by it, and now and then otherwise.
func (s *story) task(which, how int) {
	tasks := s.tasks(workerQueues...)
	if len(tasks) == 0 {
		return
	}
	w := tasks[which%len(tasks)]
	switch w.Kind { // those that do several things at once do them one after the other, so that a mishap has its place
	case jobs.KindOverdue:
		s.deadlines(0, 0)
	case jobs.KindUndo:
		s.undo()
	default:
		s.work(w.Task)
	}
	if !s.shop.worker.dead && how%6 != 0 {
		s.done(w)
	}
}

// work has the worker handle a task, as asynq does.
func (s *story) work(t line.Task) {
	_ = s.shop.worker.Handler().ProcessTask(s.ctx, asynq.NewTask(t.Kind, t.Payload)) // what fails is the sweep's
}

// loseTask takes a nudge away: it is a hint. Only the line is more than that.
func (s *story) loseTask(which, how int) {
	queues := workerQueues
	if how%2 == 0 {
		queues = []string{jobs.QueueReleases}
	}
	if tasks := s.tasks(queues...); len(tasks) > 0 {
		s.done(tasks[which%len(tasks)])
	}
}

// deadlines is worker.overdue, one hold after the other: the handler itself asks for several at once.
func (s *story) deadlines(_, _ int) {
	w := s.shop.worker
	now, err := w.store.Now(s.ctx)
	if err != nil {
		return
	}
	away, err := w.store.LatelyAway(s.ctx)
	if err != nil {
		return
	}
	holds, err := w.store.OverdueHolds(s.ctx, store.Hold{}, overdueBatch)
	if err != nil {
		return
	}
	for _, h := range holds {
		if h.Charged {
			_ = w.endHold(s.ctx, h, now)
		} else {
			_ = w.endIdleHolds(s.ctx, []store.Hold{h}, away)
		}
	}
}

// undo is worker.undo.
func (s *story) undo() {
	w, event := s.shop.worker, s.shop.event.ID
	paid := func() {
		for last := int64(0); ; {
			refunds, next, err := w.store.UndoPaid(s.ctx, event, last, undoBatch)
			if err != nil || next == 0 {
				return
			}
			last = next
			var ids []uuid.UUID
			for _, r := range refunds {
				ids = append(ids, r.ID)
				_ = w.nudges.PayBack(s.ctx, r.ID)
			}
			_ = w.nudges.ReturnAll(s.ctx, ids)
		}
	}
	_ = w.nudges.EndCancelled(s.ctx, event)
	paid()
	charged, err := w.store.ChargedHolds(s.ctx, event, undoCharged)
	if err != nil || len(charged) == 0 {
		return
	}
	for _, id := range charged {
		_ = w.closeCharges(s.ctx, id)
	}
	_ = w.nudges.EndCancelled(s.ctx, event)
	paid()
}

func (s *story) sweep(_, _ int) { _ = s.shop.worker.sweep(s.ctx) }

// hand has asynq hand the oldest task of a queue over to the generator; empty if there is none.
func (s *story) hand(queue string) string {
	id, err := s.shop.rdb.RPopLPush(s.ctx, jobs.ListKey(queue, "pending"), jobs.ListKey(queue, "active")).Result()
	if errors.Is(err, redis.Nil) {
		return ""
	}
	pipe := s.shop.rdb.Pipeline()
	pipe.HSet(s.ctx, jobs.TaskKey(queue, id), "state", "active")
	pipe.ZAdd(s.ctx, jobs.ListKey(queue, "lease"), redis.Z{Score: float64(time.Now().Add(30 * time.Second).Unix()), Member: id})
	if _, wrong := pipe.Exec(s.ctx); err != nil || wrong != nil {
		s.fail("%v, %v", err, wrong)
	}
	return id
}

// handled is what asynq does once the generator's handler has returned.
func (s *story) handled(queue, id string) {
	pipe := s.shop.rdb.Pipeline()
	pipe.LRem(s.ctx, jobs.ListKey(queue, "active"), 1, id)
	pipe.ZRem(s.ctx, jobs.ListKey(queue, "lease"), id)
	pipe.Del(s.ctx, jobs.TaskKey(queue, id))
	if _, err := pipe.Exec(s.ctx); err != nil {
		s.fail("%v", err)
	}
}

// release has the generator serve releases, a few in one claim.
func (s *story) release(_, how int) { s.serve(jobs.QueueReleases, 1+how) }

// decideLine has the generator serve the line.
func (s *story) decideLine(_, how int) { s.serve(jobs.QueuePurchases, 1+how) }

// serve has the generator serve a queue once. What it would try in place for ever is tried three times, then this
// generator ends and the next one goes on.
func (s *story) serve(queue string, most int) {
	g := s.shop.generator
	own := s.hand(queue)
	if own == "" {
		return
	}
	err := g.Step(s.ctx, queue, own, most, func(stage func() error) bool {
		g.dead = !s.persist(stage)
		return !g.dead
	})
	if g.dead {
		return
	}
	if err != nil {
		s.fail("the generator: %v", err)
	}
	s.handled(queue, own)
	if wrong := s.cacheBooks(); wrong != "" {
		s.fail("%s", wrong)
	}
}

// persist tries a stage three times; it says whether the generator goes on.
func (s *story) persist(stage func() error) bool {
	for range 3 {
		err := stage()
		if err == nil {
			return !s.shop.generator.dead
		}
		if s.shop.generator.dead || errors.Is(err, store.ErrLostLead) {
			return false
		}
	}
	return false
}

// all has everybody do what there is to do, without mishaps.
func (s *story) all(_, _ int) {
	for range 100 {
		tasks := s.tasks(workerQueues...)
		for _, w := range tasks {
			s.work(w.Task)
			s.done(w)
		}
		lines := s.shop.rdb.LLen(s.ctx, jobs.ListKey(jobs.QueueReleases, "pending")).Val() + s.shop.rdb.LLen(s.ctx, jobs.ListKey(jobs.QueuePurchases, "pending")).Val()
		for range lines {
			s.release(0, 499)
			s.decideLine(0, 499)
		}
		if s.shop.generator.dead {
			s.fail("the generator ended although nothing befell it")
			return
		}
		if len(tasks) == 0 && lines == 0 {
			return
		}
	}
	s.fail("the work has no end")
}
