package store

import (
	"context"
	"strings"
	"unicode"

	"github.com/jmoiron/sqlx"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Look is what a name looks like to people: two names that they cannot tell apart have the same look, whatever their case,
// their spaces, and the characters in them that show nothing.
func Look(name string) string { return inSight(cases.Fold().String(norm.NFKC.String(name))) }

// inSight is a name without what shows nothing.
func inSight(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(name) {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point), r == '\u2800':
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// lookOnce writes the look of a ticket type's name; ErrNameTaken if another type of its event has it. Names of earlier
// releases have no look in their rows, and one that such a release has changed has an old one.
func lookOnce(ctx context.Context, tx *sqlx.Tx, eventID, typeID int64, name string) error {
	var lock int
	if err := tx.GetContext(ctx, &lock, `select 1 from events where id = $1 for no key update`, eventID); err != nil {
		return err
	}
	var others []string
	if err := tx.SelectContext(ctx, &others, `select name from ticket_types where event_id = $1 and id <> $2`, eventID, typeID); err != nil {
		return err
	}
	look := Look(name)
	for _, other := range others {
		if Look(other) == look {
			return ErrNameTaken
		}
	}
	_, err := tx.ExecContext(ctx, `update ticket_types set look = null where event_id = $1 and look = $3 and id <> $2`, eventID, typeID, look)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `update ticket_types set look = $2 where id = $1`, typeID, look)
	return err
}
