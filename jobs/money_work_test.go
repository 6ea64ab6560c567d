package jobs

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// What the worker and the generator do: their own handlers, on tasks that are taken out of asynq's queues by hand.

var workerQueues = []string{queuePayments, queueIssued, queueRefunds}

// waits is a task in a queue.
type waits struct {
	task
	queue string
}

// tasks lists what waits in queues, the oldest of each first.
func (s *story) tasks(queues ...string) (all []waits) {
	for _, queue := range queues {
		ids, err := s.shop.rdb.LRange(s.ctx, listKey(queue, "pending"), 0, -1).Result()
		if err != nil {
			s.fail("%v", err)
		}
		slices.Reverse(ids)
		for _, id := range ids {
			message, err := s.shop.rdb.HGet(s.ctx, taskKey(queue, id), "msg").Bytes()
			if err != nil {
				s.fail("task of %s: %v", queue, err)
				continue
			}
			kind, payload, err := readMessage(message)
			if err != nil {
				s.fail("%v", err)
			}
			all = append(all, waits{task{id: id, kind: kind, payload: payload}, queue})
		}
	}
	return all
}

// done takes a task out of its queue.
func (s *story) done(w waits) {
	pipe := s.shop.rdb.Pipeline()
	pipe.LRem(s.ctx, listKey(w.queue, "pending"), 1, w.id)
	pipe.Del(s.ctx, taskKey(w.queue, w.id))
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
	switch w.kind { // those that do several things at once do them one after the other, so that a mishap has its place
	case kindOverdue:
		s.deadlines(0, 0)
	case kindUndo:
		s.undo()
	default:
		s.work(w.task)
	}
	if !s.shop.worker.dead && how%6 != 0 {
		s.done(w)
	}
}

// work has the worker handle a task, as asynq does.
func (s *story) work(t task) {
	_ = s.shop.worker.mux().ProcessTask(s.ctx, asynq.NewTask(t.kind, t.payload)) // what fails is the sweep's
}

// loseTask takes a nudge away: it is a hint. Only the line is more than that.
func (s *story) loseTask(which, how int) {
	queues := workerQueues
	if how%2 == 0 {
		queues = []string{queueReleases}
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
	holds, err := w.store.OverdueHolds(s.ctx, store.Deadline{}, overdueBatch)
	if err != nil {
		return
	}
	for _, h := range holds {
		if h.Charged {
			_ = w.endHold(s.ctx, h, now)
		} else {
			_ = w.endIdleHolds(s.ctx, []store.Deadline{h}, away)
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
	_ = w.nudges.Cancel(s.ctx, event)
	paid()
	charged, err := w.store.ChargedHolds(s.ctx, event, undoCharged)
	if err != nil || len(charged) == 0 {
		return
	}
	for _, id := range charged {
		_ = w.closeCharges(s.ctx, id)
	}
	_ = w.nudges.Cancel(s.ctx, event)
	paid()
}

func (s *story) sweep(_, _ int) { _ = s.shop.worker.sweep(s.ctx) }

// hand has asynq hand the oldest task of a queue over to the generator; empty if there is none.
func (s *story) hand(queue string) string {
	id, err := s.shop.rdb.RPopLPush(s.ctx, listKey(queue, "pending"), listKey(queue, "active")).Result()
	if errors.Is(err, redis.Nil) {
		return ""
	}
	pipe := s.shop.rdb.Pipeline()
	pipe.HSet(s.ctx, taskKey(queue, id), "state", "active")
	pipe.ZAdd(s.ctx, listKey(queue, "lease"), redis.Z{Score: float64(time.Now().Add(leaseTime).Unix()), Member: id})
	if _, wrong := pipe.Exec(s.ctx); err != nil || wrong != nil {
		s.fail("%v, %v", err, wrong)
	}
	return id
}

// handled is what asynq does once the generator's handler has returned.
func (s *story) handled(queue, id string) {
	pipe := s.shop.rdb.Pipeline()
	pipe.LRem(s.ctx, listKey(queue, "active"), 1, id)
	pipe.ZRem(s.ctx, listKey(queue, "lease"), id)
	pipe.Del(s.ctx, taskKey(queue, id))
	if _, err := pipe.Exec(s.ctx); err != nil {
		s.fail("%v", err)
	}
}

// release has the generator serve releases, a few in one claim.
func (s *story) release(_, how int) {
	g := s.shop.generator
	s.serve(queueReleases, 1+how, func(b *batch) []func() error {
		return []func() error{func() (err error) {
			b.poison, err = g.releases(s.ctx, b.tasks)
			return err
		}}
	})
}

// decideLine has the generator serve the line.
func (s *story) decideLine(_, how int) {
	g := s.shop.generator
	s.serve(queuePurchases, 1+how, func(b *batch) []func() error {
		return []func() error{
			func() error { return g.read(s.ctx, b) },
			func() error { return g.decideBatch(b) },
			func() error {
				for _, t := range b.told {
					if err := g.tell(s.ctx, t.out, t.passed); err != nil {
						return err
					}
				}
				return nil
			},
		}
	})
}

// serve claims, settles and acknowledges, as the generator's handlers do. What they would try in place for ever is tried
// three times, then this generator ends and the next one goes on.
func (s *story) serve(queue string, most int, settle func(*batch) []func() error) {
	g := s.shop.generator
	own := s.hand(queue)
	if own == "" {
		return
	}
	b := &batch{poison: map[string]bool{}}
	stages := []func() error{func() (err error) {
		b.tasks, err = g.line.claim(s.ctx, g.leader.Epoch(), queue, own, most)
		return err
	}}
	stages = append(stages, settle(b)...)
	stages = append(stages, func() error {
		done, aside := g.settled(queue, own, b.tasks, b.poison)
		return g.line.acknowledge(s.ctx, g.leader.Epoch(), queue, own, done, aside, true)
	})
	for _, do := range stages {
		if !s.persist(do) {
			g.dead = true
			return
		}
	}
	if len(b.poison) > 0 {
		s.fail("the generator sets tasks aside")
	}
	s.handled(queue, own)
	if wrong := s.cacheBooks(); wrong != "" {
		s.fail("%s", wrong)
	}
}

func (s *story) persist(do func() error) bool {
	for range 3 {
		err := do()
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
			s.work(w.task)
			s.done(w)
		}
		lines := s.shop.rdb.LLen(s.ctx, listKey(queueReleases, "pending")).Val() + s.shop.rdb.LLen(s.ctx, listKey(queuePurchases, "pending")).Val()
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
