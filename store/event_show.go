package store

import (
	"context"

	"github.com/lib/pq"
)

var (
	eventColumns = columnsOf[Event]().read("cancelled_at", "settled_at")
	typeColumns  = columnsOf[TicketType]().read()
)

// PublishedEvents lists what fans may see, the next show first.
func (s *Store) PublishedEvents(ctx context.Context) (_ []Event, err error) {
	defer wrap(&err, "published events")
	return s.events(ctx, `where status <> 'draft' order by starts_at, id`)
}

// AllEvents lists every event, the newest first.
func (s *Store) AllEvents(ctx context.Context) (_ []Event, err error) {
	defer wrap(&err, "all events")
	return s.events(ctx, `order by id desc`)
}

// EventBySlug reads an event, drafts too.
func (s *Store) EventBySlug(ctx context.Context, slug string) (_ Event, err error) {
	defer wrap(&err, "event by slug")
	return one(s.events(ctx, `where slug = $1`, slug))
}

// Event reads an event by its id, drafts too.
func (s *Store) Event(ctx context.Context, id int64) (_ Event, err error) {
	defer wrap(&err, "event %d", id)
	return one(s.events(ctx, `where id = $1`, id))
}

// EventOfType reads the event that a ticket type belongs to.
func (s *Store) EventOfType(ctx context.Context, typeID int64) (_ Event, err error) {
	defer wrap(&err, "event of type %d", typeID)
	return one(s.events(ctx, `where id = (select event_id from ticket_types where id = $1)`, typeID))
}

func one[T any](rows []T, err error) (zero T, _ error) {
	switch {
	case err != nil:
		return zero, err
	case len(rows) == 0:
		return zero, ErrNotFound
	}
	return rows[0], nil
}

// events reads events and, in a second query, all their types.
func (s *Store) events(ctx context.Context, where string, args ...any) ([]Event, error) {
	var events []Event
	if err := s.db.SelectContext(ctx, &events, `select `+eventColumns+` from events `+where, args...); err != nil {
		return nil, err
	}
	at := make(map[int64]int, len(events))
	ids := make(pq.Int64Array, len(events))
	for i, e := range events {
		at[e.ID], ids[i] = i, e.ID
	}
	var types []TicketType
	if err := s.db.SelectContext(ctx, &types, `
		select `+typeColumns+` from ticket_types t join stock s on s.ticket_type_id = t.id
		where t.event_id = any($1) order by t.position, t.id`, ids); err != nil {
		return nil, err
	}
	for _, t := range types {
		e := &events[at[t.EventID]]
		e.Types = append(e.Types, t)
	}
	return events, nil
}
