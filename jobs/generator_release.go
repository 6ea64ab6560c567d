package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"

	"guiche/store"
)

// expire undoes a hold whose deadline passed without money.
func (g *Generator) expire(ctx context.Context, payload []byte) error {
	return g.release(ctx, payload, g.leader.Expire)
}

// giveBack takes the stock of a refund back.
func (g *Generator) giveBack(ctx context.Context, payload []byte) error {
	return g.release(ctx, payload, g.leader.Return)
}

func (g *Generator) release(ctx context.Context, payload []byte, write func([]uuid.UUID) (store.Outcome, error)) error {
	id, err := parseID(payload)
	if err != nil {
		return err
	}
	out, err := write([]uuid.UUID{id})
	if err != nil {
		return err
	}
	return g.tell(ctx, out)
}

// leave lets a fan out: of the line if her turn has not come, else out of her hold.
func (g *Generator) leave(ctx context.Context, payload []byte) error {
	id, err := parseID(payload)
	if err != nil {
		return err
	}
	place, err := g.line.Find(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return g.release(ctx, payload, g.leader.Leave)
	case err != nil:
		return err
	}
	out, err := g.leader.LeaveLine(place.Order)
	if err != nil {
		return err
	}
	if err := g.cache.AddLeaver(ctx, place.Order); err != nil {
		return err
	}
	return g.tell(ctx, out)
}

// capacity carries an admin's change of a ticket type's capacity out.
func (g *Generator) capacity(ctx context.Context, payload []byte) error {
	id, err := strconv.ParseInt(string(payload), 10, 64)
	if err != nil {
		return fmt.Errorf("%w: %w", errPoison, err)
	}
	out, err := g.leader.SetCapacity([]int64{id})
	if err != nil {
		return err
	}
	return g.tell(ctx, out)
}

func parseID(payload []byte) (uuid.UUID, error) {
	id, err := uuid.ParseBytes(payload)
	if err != nil {
		return uuid.Nil, fmt.Errorf("%w: %w", errPoison, err)
	}
	return id, nil
}
