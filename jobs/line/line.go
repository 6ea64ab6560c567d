// Package line is the line of orders in Redis: asynq's queue of purchases with a number for each order, one open order
// per account and event, how far each event's line has moved, what is left, and who waits for tickets to come back.
// All of its keys and scripts are here. Web processes join and read; only the leading generator claims and tells.
package line

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/store"
)

// Line is the FIFO line of each event, and a cache of its counts. A missing value means "unknown".
type Line struct {
	rdb *redis.Client
}

// New uses a Redis client that stays the caller's.
func New(rdb *redis.Client) *Line { return &Line{rdb: rdb} }

// Find reads an order that waits for its turn; store.ErrNotFound if none does under this id.
func (l *Line) Find(ctx context.Context, id uuid.UUID) (store.QueuedOrder, error) {
	message, err := l.rdb.HGet(ctx, jobs.TaskKey(jobs.QueuePurchases, id.String()), "msg").Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return store.QueuedOrder{}, store.ErrNotFound
	case err != nil:
		return store.QueuedOrder{}, fmt.Errorf("find order %s in line: %w", id, err)
	}
	return readOrder(message)
}

func readOrder(message []byte) (store.QueuedOrder, error) {
	t, err := readMessage(message)
	if err != nil {
		return store.QueuedOrder{}, err
	}
	return jobs.DecodePurchase(t.Payload)
}

// FindAll reads those of the orders that wait for their turn.
func (l *Line) FindAll(ctx context.Context, ids []uuid.UUID) ([]store.QueuedOrder, error) {
	pipe := l.rdb.Pipeline()
	messages := make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		messages[i] = pipe.HGet(ctx, jobs.TaskKey(jobs.QueuePurchases, id.String()), "msg")
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("find %d orders in line: %w", len(ids), err)
	}
	var orders []store.QueuedOrder
	for _, m := range messages {
		message, err := m.Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find orders in line: %w", err)
		}
		if o, err := readOrder(message); err == nil { // what cannot be read has no place in line
			orders = append(orders, o)
		}
	}
	return orders, nil
}

// Open finds an account's open order for an event; uuid.Nil if there is none.
func (l *Line) Open(ctx context.Context, eventID, accountID int64) (uuid.UUID, error) {
	text, err := l.rdb.HGet(ctx, openKey(eventID), fmt.Sprint(accountID)).Result()
	if errors.Is(err, redis.Nil) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("open order: %w", err)
	}
	return uuid.Parse(text)
}

// closeOrder frees an account's place if it is still this order's.
//
// KEYS[1] the event's open orders
// ARGV[1] account, ARGV[2] order id
var closeOrder = redis.NewScript(`
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0`)

// Close frees the account's place once its order is not open any more.
func (l *Line) Close(ctx context.Context, eventID, accountID int64, orderID uuid.UUID) error {
	return closeOrder.Run(ctx, l.rdb, []string{openKey(eventID)}, accountID, orderID.String()).Err()
}
