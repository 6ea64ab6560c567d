package line

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
)

// Queue is how a queue stands.
type Queue struct {
	Length int64         // tasks that wait or are in hand
	Age    time.Duration // how long the next one has waited
	Aside  int64         // tasks that are set aside now, because they can never be done
}

// Queues are how the queues stand, by name.
func (l *Line) Queues(ctx context.Context) (map[string]Queue, error) {
	pipe := l.rdb.Pipeline()
	type answers struct {
		pending, active, aside *redis.IntCmd
		next                   *redis.Cmd
	}
	asked, clock := map[string]answers{}, pipe.Time(ctx)
	for _, name := range jobs.Queues() {
		asked[name] = answers{
			pipe.LLen(ctx, jobs.ListKey(name, "pending")), pipe.LLen(ctx, jobs.ListKey(name, "active")),
			pipe.ZCard(ctx, jobs.ListKey(name, "archived")),
			pipe.Eval(ctx, nextSinceLua, []string{jobs.ListKey(name, "pending"), jobs.ListKey(name, "active")}, jobs.TaskKey(name, "")),
		}
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("queues: %w", err)
	}
	all := map[string]Queue{}
	for name, a := range asked {
		q := Queue{Length: a.pending.Val() + a.active.Val(), Aside: a.aside.Val()}
		if text, err := a.next.Text(); err == nil {
			if since, err := strconv.ParseInt(text, 10, 64); err == nil {
				q.Age = max(clock.Val().Sub(time.Unix(0, since)), 0)
			}
		}
		all[name] = q
	}
	return all, nil
}

// nextSinceLua is since when the next task waits; if none does, the oldest one in hand, on which nobody may be working.
//
// KEYS[1] pending, KEYS[2] active
// ARGV[1] prefix of task keys
const nextSinceLua = `
local id = redis.call('LINDEX', KEYS[1], -1) or redis.call('LINDEX', KEYS[2], -1)
return id and redis.call('HGET', ARGV[1] .. id, 'pending_since')`

// metricsTime is how long one scrape may wait for Redis.
const metricsTime = time.Second

// metrics are told by every role, so that somebody still tells them when the generators are gone. What is not known is NaN,
// never 0.
type metrics struct {
	line   *Line
	failed prometheus.Counter
}

// Metrics tell how the line and those who serve it are.
func Metrics(l *Line) prometheus.Collector {
	return &metrics{l, prometheus.NewCounter(prometheus.CounterOpts{
		Name: "guiche_line_unknown_total", Help: "Times that the state of the line could not be read from Redis.",
	})}
}

var (
	lineLength  = prometheus.NewDesc("guiche_line_length", "Orders that wait for their turn.", nil, nil)
	lineAge     = prometheus.NewDesc("guiche_line_head_age_seconds", "How long the next order has waited.", nil, nil)
	releases    = prometheus.NewDesc("guiche_releases_waiting", "Releases that wait for the generator.", nil, nil)
	queueLength = prometheus.NewDesc("guiche_queue_length", "Tasks that wait or are in hand.", []string{"queue"}, nil)
	queueAge    = prometheus.NewDesc("guiche_queue_head_age_seconds", "How long the next task has waited.", []string{"queue"}, nil)
	aside       = prometheus.NewDesc("guiche_tasks_set_aside", "Tasks that are set aside now, because they can never be done.", []string{"queue"}, nil)
	leaderEpoch = prometheus.NewDesc("guiche_leader_epoch", "Number of the newest leader's reign.", nil, nil)
	leaderAge   = prometheus.NewDesc("guiche_leader_beat_age_seconds", "Since the leader's last sign of life.", nil, nil)
	sweepAge    = prometheus.NewDesc("guiche_sweep_age_seconds", "Since a worker last swept everything.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, to) }

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), metricsTime)
	defer cancel()
	queues, err := m.line.Queues(ctx)
	beat, beatErr := m.line.Beat(ctx)
	if err != nil || beatErr != nil {
		m.failed.Inc()
	}
	tell := func(desc *prometheus.Desc, err error, value float64, labels ...string) {
		if err != nil {
			value = math.NaN()
		}
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	tell(lineLength, err, float64(queues[jobs.QueuePurchases].Length))
	tell(lineAge, err, queues[jobs.QueuePurchases].Age.Seconds())
	tell(releases, err, float64(queues[jobs.QueueReleases].Length))
	for _, name := range jobs.Queues() {
		tell(queueLength, err, float64(queues[name].Length), name)
		tell(queueAge, err, queues[name].Age.Seconds(), name)
		tell(aside, err, float64(queues[name].Aside), name)
	}
	tell(leaderEpoch, beatErr, float64(beat.Epoch))
	tell(leaderAge, beatErr, known(beat.Leader))
	tell(sweepAge, beatErr, known(beat.Sweep))
	m.failed.Collect(to)
}

// known is a time in seconds, NaN if there was none.
func known(age time.Duration) float64 {
	if age < 0 {
		return math.NaN()
	}
	return age.Seconds()
}
