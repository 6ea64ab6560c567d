package store

import "context"

// Owned is how many tickets of an event an account holds or has bought, less those that it gave back: what counts against
// the limit per person.
func (s *Store) Owned(ctx context.Context, eventID, accountID int64) (tickets int, err error) {
	defer wrap(&err, "tickets of account %d for event %d", accountID, eventID)
	err = s.db.GetContext(ctx, &tickets, `
		select coalesce(sum(quantity - returned), 0) from orders
		where account_id = $1 and event_id = $2 and status in ('reserved', 'paid')`, accountID, eventID)
	return tickets, err
}
