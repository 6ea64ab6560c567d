package line

import (
	"context"
	"fmt"

	"guiche/jobs"
	"guiche/store"
)

// AsideRule names the rule of the audit that no task is set aside.
const AsideRule = "set_aside"

// mostAside bounds how many tasks set aside are listed of one queue.
const mostAside = 100

// SetAside lists the tasks that are set aside, for the audit: each is something that somebody was promised and that can never
// be done as it stands.
func (l *Line) SetAside(ctx context.Context) (findings []store.Finding, err error) {
	total := 0
	for _, queue := range jobs.Queues() {
		pipe := l.rdb.Pipeline()
		count, ids := pipe.ZCard(ctx, jobs.ListKey(queue, archived)), pipe.ZRange(ctx, jobs.ListKey(queue, archived), 0, mostAside-1)
		if _, err := pipe.Exec(ctx); err != nil {
			return nil, fmt.Errorf("tasks set aside: %w", err)
		}
		total += int(count.Val())
		for _, id := range ids.Val() {
			findings = append(findings, store.Finding{
				Rule: AsideRule, Place: fmt.Sprintf("queue %s, task %s", queue, id), Expected: "done", Actual: "set aside",
			})
		}
	}
	for i := range findings {
		findings[i].Total = total
	}
	return findings, nil
}
