package line

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/jobs"
)

// contractTime is how long asynq may take to deliver and to finish a task, contractPoll how often the check looks.
const (
	contractTime = 10 * time.Second
	contractPoll = 5 * time.Millisecond
)

// CheckClaim proves, on a queue of its own, that a task from asynq can be claimed together with those behind it, oldest
// first, and that asynq misses nothing when it ends that task after the others were acknowledged.
func (l *Line) CheckClaim(ctx context.Context, epoch int64) error {
	client, inspector := asynq.NewClientFromRedisClient(l.rdb), asynq.NewInspectorFromRedisClient(l.rdb)
	queue := "contract-" + uuid.NewString()
	defer l.forgetQueue(inspector, queue)
	ids := []string{queue + "-1", queue + "-2", queue + "-3"}
	for _, id := range ids {
		if _, err := client.EnqueueContext(ctx, jobs.NewTask(jobs.KindPurchase, []byte(id)), asynq.Queue(queue), asynq.TaskID(id),
			asynq.MaxRetry(jobs.ManyTries), asynq.Deadline(jobs.FarAway)); err != nil {
			return fmt.Errorf("%w: %w", errContract, err)
		}
	}
	handled := make(chan error, len(ids))
	mux := asynq.NewServeMux()
	mux.HandleFunc(jobs.KindPurchase, func(context.Context, *asynq.Task) error {
		err := l.claimContract(ctx, epoch, queue, ids)
		handled <- err
		return err
	})
	server := asynq.NewServerFromRedisClient(l.rdb, asynq.Config{
		Concurrency: 1, Queues: map[string]int{queue: 1}, TaskCheckInterval: contractPoll,
		Logger: jobs.Log(slog.New(slog.DiscardHandler)), LogLevel: asynq.FatalLevel,
	})
	if err := server.Start(mux); err != nil {
		return fmt.Errorf("%w: %w", errContract, err)
	}
	defer server.Shutdown()
	select {
	case err := <-handled:
		if err != nil {
			return err
		}
	case <-time.After(contractTime):
		return fmt.Errorf("%w: asynq delivers nothing", errContract)
	}
	return l.emptied(ctx, inspector, queue)
}

// claimContract does what the generator does, once, on the queue of the check.
func (l *Line) claimContract(ctx context.Context, epoch int64, queue string, ids []string) error {
	lease, err := l.rdb.ZScore(ctx, jobs.ListKey(queue, "lease"), ids[0]).Result()
	if err != nil || lease < float64(time.Now().Unix()) {
		return fmt.Errorf("%w: lease", errContract)
	}
	tasks, err := l.Claim(ctx, epoch, queue, ids[0], len(ids))
	if err != nil {
		return err
	}
	if len(tasks) != len(ids) {
		return fmt.Errorf("%w: %d tasks claimed of %d", errContract, len(tasks), len(ids))
	}
	for i, t := range tasks {
		if t.ID != ids[i] || t.Kind != jobs.KindPurchase || string(t.Payload) != ids[i] {
			return fmt.Errorf("%w: order of tasks", errContract)
		}
	}
	return l.Acknowledge(ctx, epoch, queue, ids[0], Fates{Done: ids[1:]}, true)
}

// emptied waits until nothing is left of a queue.
func (l *Line) emptied(ctx context.Context, inspector *asynq.Inspector, queue string) error {
	ctx, cancel := context.WithTimeout(ctx, contractTime)
	defer cancel()
	tick := time.NewTicker(contractPoll)
	defer tick.Stop()
	for {
		info, err := inspector.GetQueueInfo(queue)
		if err != nil {
			return err
		}
		if info.Size == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %d tasks are left, %d of them to be tried again", errContract, info.Size, info.Retry)
		case <-tick.C:
		}
	}
}
