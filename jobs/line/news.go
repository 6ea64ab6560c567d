package line

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// News says that something changed: the line and stock of an event, and these orders.
type News struct {
	EventID int64       `json:"event"`
	Orders  []uuid.UUID `json:"orders"`
}

// Publish wakes the web processes; a hint that may get lost.
func (l *Line) Publish(ctx context.Context, n News) error { return publish(ctx, l.rdb, n) }

// publish sends news, or adds them to a pipeline.
func publish(ctx context.Context, to redis.Cmdable, n News) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return to.Publish(ctx, newsChannel, text).Err()
}

// Listen calls heard for each piece of news and lost after each (re)connection, when news may have been missed,
// until ctx ends.
func (l *Line) Listen(ctx context.Context, heard func(News), lost func()) {
	sub := l.rdb.Subscribe(ctx, newsChannel)
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	defer stop()
	for m := range sub.ChannelWithSubscriptions() {
		switch m := m.(type) {
		case *redis.Subscription:
			lost()
		case *redis.Message:
			var n News
			if err := json.Unmarshal([]byte(m.Payload), &n); err == nil {
				heard(n)
			}
		}
	}
}
