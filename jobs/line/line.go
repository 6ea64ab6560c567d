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

// Line is the line of each event, first in, first out, and a cache of its counts. A missing value means "unknown".
type Line struct {
	rdb *redis.Client
}

// New uses a Redis client that stays the caller's.
func New(rdb *redis.Client) *Line { return &Line{rdb: rdb} }

// ErrSetAside says that an order can never be decided: its turn has passed, and its account may join again.
var ErrSetAside = errors.New("the order was set aside")

// Find reads a queued order; store.ErrNotFound if there is none of this id, and the order with ErrSetAside if it was set
// aside.
func (l *Line) Find(ctx context.Context, id uuid.UUID) (store.QueuedOrder, error) {
	fields, err := l.rdb.HMGet(ctx, jobs.TaskKey(jobs.QueuePurchases, id.String()), "msg", "state").Result()
	if err != nil {
		return store.QueuedOrder{}, fmt.Errorf("find order %s in line: %w", id, err)
	}
	message, ok := fields[0].(string)
	if !ok {
		return store.QueuedOrder{}, store.ErrNotFound
	}
	o, err := readOrder([]byte(message))
	if err == nil && fields[1] == archived {
		err = ErrSetAside
	}
	return o, err
}

// archived is asynq's word for a task that was set aside.
const archived = "archived"

func readOrder(message []byte) (store.QueuedOrder, error) {
	t, err := readMessage(message)
	if err != nil {
		return store.QueuedOrder{}, err
	}
	return jobs.DecodePurchase(t.Payload)
}

// FindAll reads those of the orders that are still queued.
func (l *Line) FindAll(ctx context.Context, ids []uuid.UUID) ([]store.QueuedOrder, error) {
	pipe := l.rdb.Pipeline()
	tasks := make([]*redis.SliceCmd, len(ids))
	for i, id := range ids {
		tasks[i] = pipe.HMGet(ctx, jobs.TaskKey(jobs.QueuePurchases, id.String()), "msg", "state")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("find %d orders in line: %w", len(ids), err)
	}
	var orders []store.QueuedOrder
	for _, t := range tasks {
		fields := t.Val()
		message, ok := fields[0].(string)
		if !ok || fields[1] == archived {
			continue
		}
		if o, err := readOrder([]byte(message)); err == nil { // what cannot be read has no place in line
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
var closeOrder = redis.NewScript(servesLua + `
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0`)

// Close frees the account's place once its order is not open any more.
func (l *Line) Close(ctx context.Context, eventID, accountID int64, orderID uuid.UUID) error {
	return closeOrder.Run(ctx, l.rdb, []string{openKey(eventID)}, accountID, orderID.String()).Err()
}
