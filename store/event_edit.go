package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
)

// What an admin's form writes, by the names of the columns.
var (
	eventForm = columnsOf[Event]().only("currency", "form_id", "slug", "name", "description", "venue", "city", "time_zone", "starts_at",
		"sale_starts_at", "sale_ends_at", "per_person", "hold_seconds", "extend_seconds", "retry_seconds", "retry_most",
		"outage_most", "refund_days", "refund_hours", "refund_fee")
	typeForm = columnsOf[TicketType]().only("form_id", "name", "description", "position", "price_cents", "fee_cents")
)

// CreateEvent makes a draft, and logs that the admin did. A form that made one before finds that one, as it is now.
// ErrSlugTaken, ErrSaleWindow.
func (s *Store) CreateEvent(ctx context.Context, adminID int64, e Event) (_ Event, err error) {
	defer wrap(&err, "create event")
	form := e.FormID
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if err := getNamed(ctx, tx, &e, `insert into events `+eventForm.insert()+` returning `+eventColumns, e); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `insert into lines (event_id) values ($1)`, e.ID); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, "event.create", eventSubject(e.ID), e)
	})
	// The slug is that of the same form, too, so either may be met first.
	if constraint(err) == "events_form_once" || constraint(err) == "events_slug_key" && form.Valid {
		if made, failed := one(s.events(ctx, `where form_id = $1`, form)); failed == nil {
			return made, nil
		}
	}
	return e, eventRefused(err)
}

// eventRefused names what the schema has against an event.
func eventRefused(err error) error {
	switch constraint(err) {
	case "events_slug_key":
		return ErrSlugTaken
	case "events_sale_window":
		return ErrSaleWindow
	}
	return err
}

// UpdateEvent changes columns of what fans see and of the rules of later orders, as they are named, all if none is: accepted
// orders keep their rules. The currency is that of the prices, so only a draft's may change. ErrSlugTaken, ErrSaleWindow.
func (s *Store) UpdateEvent(ctx context.Context, adminID int64, e Event, names ...string) (err error) {
	columns := eventForm.except("form_id")
	if len(names) > 0 {
		columns = eventForm.only(names...)
	}
	defer wrap(&err, "update event %d", e.ID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if err := changed(tx.NamedExecContext(ctx, `update events set `+
			strings.Replace(columns.set(), "currency = :currency", draftsCurrency, 1)+` where id = :id`, e)); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, "event.update", eventSubject(e.ID), columns.values(e))
	})
	return eventRefused(err)
}

// draftsCurrency keeps the currency of an event that fans have seen.
const draftsCurrency = `currency = case when status = 'draft' then :currency else currency end`

// PublishEvent shows a draft to fans; ErrState if it is no draft or has no ticket type.
func (s *Store) PublishEvent(ctx context.Context, adminID, id int64) (err error) {
	defer wrap(&err, "publish event %d", id)
	return s.within(ctx, func(tx *sqlx.Tx) error {
		if err := changed(tx.ExecContext(ctx, `
			update events set status = 'published' where id = $1 and status = 'draft'
			and exists (select from ticket_types where event_id = $1)`, id)); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, "event.publish", eventSubject(id), nil)
	})
}

// PauseEvent pauses or resumes an event; ErrState if it is already so, or not published. Orders that come while it is
// paused are parked in order, and decided first afterwards.
func (s *Store) PauseEvent(ctx context.Context, adminID, id int64, paused bool) (err error) {
	defer wrap(&err, "pause event %d", id)
	action := "event.pause"
	if !paused {
		action = "event.resume"
	}
	return s.within(ctx, func(tx *sqlx.Tx) error {
		if err := changed(tx.ExecContext(ctx, `
			update events set paused = $2 where id = $1 and paused <> $2 and status = 'published'`, id, paused)); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, action, eventSubject(id), nil)
	})
}

// CreateTicketType adds a kind of ticket, without stock: its capacity is asked of the generator. It returns the type and
// the id of that capacity change, which is 0 if the form made the type before. ErrNameTaken.
func (s *Store) CreateTicketType(ctx context.Context, adminID int64, t TicketType) (_ TicketType, change int64, err error) {
	defer wrap(&err, "create ticket type")
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if err := getNamed(ctx, tx, &t.ID, `insert into ticket_types `+typeForm.insert("event_id")+` returning id`, t); err != nil {
			return err
		}
		if err := lookOnce(ctx, tx, t.EventID, t.ID, t.Name); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `insert into stock (ticket_type_id) values ($1)`, t.ID); err != nil {
			return err
		}
		if change, err = askCapacity(ctx, tx, adminID, t.ID, t.Capacity); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, "type.create", typeSubject(t.ID), t)
	})
	if constraint(err) == "ticket_types_form_once" || nameTaken(err) && t.FormID.Valid {
		var made TicketType
		if failed := s.db.GetContext(ctx, &made, `select id, event_id, name from ticket_types where form_id = $1 and event_id = $2`, t.FormID, t.EventID); failed == nil {
			return made, 0, nil
		}
	}
	if nameTaken(err) {
		return TicketType{}, 0, ErrNameTaken
	}
	return t, change, err
}

// nameTaken says that another ticket type of the event has the name, or one that looks the same.
func nameTaken(err error) bool {
	c := constraint(err)
	return errors.Is(err, ErrNameTaken) || c == "ticket_types_name_key" || c == "ticket_types_look_once"
}

// UpdateTicketType changes columns of a ticket type as they are named, all if none is; ErrNameTaken.
func (s *Store) UpdateTicketType(ctx context.Context, adminID int64, t TicketType, names ...string) (err error) {
	columns := typeForm.except("form_id")
	if len(names) > 0 {
		columns = typeForm.only(names...)
	}
	defer wrap(&err, "update ticket type %d", t.ID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if err := changed(tx.NamedExecContext(ctx, `update ticket_types set `+columns.set()+` where id = :id`, t)); err != nil {
			return err
		}
		if _, renamed := columns.values(t)["name"]; renamed {
			if err := lookOnce(ctx, tx, t.EventID, t.ID, t.Name); err != nil {
				return err
			}
		}
		return logAdmin(ctx, tx, adminID, "type.update", typeSubject(t.ID), columns.values(t))
	})
	if nameTaken(err) {
		return ErrNameTaken
	}
	return err
}

// AskCapacity asks the generator to change a capacity, which it does or refuses. It returns the id of the change.
func (s *Store) AskCapacity(ctx context.Context, adminID, typeID int64, capacity int) (change int64, err error) {
	defer wrap(&err, "ask capacity of type %d", typeID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		if change, err = askCapacity(ctx, tx, adminID, typeID, capacity); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, "type.capacity", typeSubject(typeID), map[string]int{"capacity": capacity})
	})
	if constraint(err) == "capacity_changes_ticket_type_id_fkey" {
		return 0, ErrNotFound
	}
	return change, err
}

func askCapacity(ctx context.Context, tx *sqlx.Tx, adminID, typeID int64, capacity int) (change int64, err error) {
	err = tx.GetContext(ctx, &change, `
		insert into capacity_changes (ticket_type_id, account_id, capacity) values ($1, nullif($2, 0), $3) returning id`,
		typeID, adminID, capacity)
	return change, err
}

// getNamed reads the one row that a statement with named parameters returns.
func getNamed(ctx context.Context, tx *sqlx.Tx, dest any, query string, arg any) error {
	query, args, err := tx.BindNamed(query, arg)
	if err != nil {
		return err
	}
	return tx.GetContext(ctx, dest, query, args...)
}

// changed turns "no row met the guard" into ErrState.
func changed(result interface{ RowsAffected() (int64, error) }, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return ErrState
}

// logAdmin writes one line of the admin log. Demo data, by admin 0, is not logged.
func logAdmin(ctx context.Context, tx *sqlx.Tx, adminID int64, action, subject string, detail any) error {
	if adminID == 0 {
		return nil
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `insert into admin_log (account_id, action, subject, detail) values ($1, $2, $3, $4)`,
		adminID, action, subject, text)
	return err
}

func eventSubject(id int64) string { return fmt.Sprintf("event %d", id) }
func typeSubject(id int64) string  { return fmt.Sprintf("type %d", id) }
