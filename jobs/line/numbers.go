package line

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/store"
)

// numbersAtOnce is how many tasks are read in one round trip, so that a long line does not hold Redis up.
const numbersAtOnce = 500

// Numbers lists the numbers of all orders that are in Redis: those queued, those in hand and those set aside.
// An order may have its row already. For the audit: a number without a row that is not among them is lost.
func (l *Line) Numbers(ctx context.Context) (numbers []store.LineNumber, err error) {
	ids, err := l.everywhere(ctx, jobs.QueuePurchases)
	if err != nil {
		return nil, fmt.Errorf("numbers in line: %w", err)
	}
	for start := 0; start < len(ids); start += numbersAtOnce {
		pipe := l.rdb.Pipeline()
		var messages []*redis.StringCmd
		for _, id := range ids[start:min(start+numbersAtOnce, len(ids))] {
			messages = append(messages, pipe.HGet(ctx, jobs.TaskKey(jobs.QueuePurchases, id), "msg"))
		}
		if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("numbers in line: %w", err)
		}
		for _, m := range messages {
			if n, ok := numberIn(m.Val()); ok {
				numbers = append(numbers, n)
			}
		}
	}
	return numbers, nil
}

// everywhere lists the ids of a queue's tasks at one moment: a task that moves from list to list must not be missed.
func (l *Line) everywhere(ctx context.Context, queue string) (ids []string, err error) {
	pipe := l.rdb.TxPipeline()
	pending, active := pipe.LRange(ctx, jobs.ListKey(queue, "pending"), 0, -1), pipe.LRange(ctx, jobs.ListKey(queue, "active"), 0, -1)
	retry, archived := pipe.ZRange(ctx, jobs.ListKey(queue, "retry"), 0, -1), pipe.ZRange(ctx, jobs.ListKey(queue, "archived"), 0, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	for _, list := range [][]string{pending.Val(), active.Val(), retry.Val(), archived.Val()} {
		ids = append(ids, list...)
	}
	return ids, nil
}

// Both are looked for in the bytes, as the scripts do: what was set aside may be no order that can be decoded.
var (
	numberField = regexp.MustCompile(`"number":"(\d+)"`)
	eventField  = regexp.MustCompile(`"EventID":(\d+)`)
)

func numberIn(message string) (n store.LineNumber, ok bool) {
	number, event := numberField.FindStringSubmatch(message), eventField.FindStringSubmatch(message)
	if number == nil || event == nil {
		return n, false
	}
	var err [2]error
	n.Number, err[0] = strconv.ParseInt(number[1], 10, 64)
	n.EventID, err[1] = strconv.ParseInt(event[1], 10, 64)
	return n, errors.Join(err[:]...) == nil
}
