package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// Line is the FIFO queue of orders: asynq's queue of purchases, with a number for each order and
// one open order per account and event. It lives in Redis.
type Line struct {
	rdb *redis.Client
}

// NewLine uses a Redis client that stays the caller's.
func NewLine(rdb *redis.Client) *Line { return &Line{rdb: rdb} }

// Place is an order that waits for its turn.
type Place struct {
	Order  store.QueuedOrder
	Before int64 // tickets of its type asked for before it
}

func lineKey(eventID int64) string     { return fmt.Sprintf("guiche:event:%d", eventID) }
func openKey(eventID int64) string     { return fmt.Sprintf("guiche:event:%d:open", eventID) }
func markKey(orderID uuid.UUID) string { return "guiche:order:" + orderID.String() }
func taskKey(queue, id string) string  { return fmt.Sprintf("asynq:{%s}:t:%s", queue, id) }
func listKey(queue, list string) string {
	return fmt.Sprintf("asynq:{%s}:%s", queue, list)
}

// Find reads an order that waits for its turn; store.ErrNotFound if none does under this id.
func (l *Line) Find(ctx context.Context, id uuid.UUID) (Place, error) {
	message, err := l.rdb.HGet(ctx, taskKey(queuePurchases, id.String()), "msg").Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return Place{}, store.ErrNotFound
	case err != nil:
		return Place{}, fmt.Errorf("find order %s in line: %w", id, err)
	}
	return readPlace(message)
}

func readPlace(message []byte) (Place, error) {
	_, payload, err := readMessage(message)
	if err != nil {
		return Place{}, err
	}
	p, err := decodePurchase(payload)
	return Place{Order: p.Order, Before: int64(p.Before)}, err
}

// findAll reads those of the orders that wait for their turn.
func (l *Line) findAll(ctx context.Context, ids []uuid.UUID) ([]Place, error) {
	pipe := l.rdb.Pipeline()
	messages := make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		messages[i] = pipe.HGet(ctx, taskKey(queuePurchases, id.String()), "msg")
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("find %d orders in line: %w", len(ids), err)
	}
	var places []Place
	for _, m := range messages {
		message, err := m.Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find orders in line: %w", err)
		}
		if p, err := readPlace(message); err == nil { // poison is nobody's place
			places = append(places, p)
		}
	}
	return places, nil
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
