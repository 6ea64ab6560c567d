package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// LetterKind says what a letter is about.
type LetterKind string

// The kinds of letters, each with what its subject is.
const (
	LetterConfirm    LetterKind = "confirm"     // a link; an account was made, or asked for the letter again
	LetterReset      LetterKind = "reset"       // a link to choose another password
	LetterSignIn     LetterKind = "sign_in"     // a link to sign in without the password
	LetterEmailNew   LetterKind = "email_new"   // a link to take another e-mail; goes to the new one
	LetterEmailAsked LetterKind = "email_asked" // the same link, which this letter does not carry; goes to the old one
	LetterHoldEnding LetterKind = "hold_ending" // an order; little time to pay is left
	LetterGiven      LetterKind = "given"       // an order from the return list that got tickets
	LetterPaid       LetterKind = "paid"        // an order
	LetterLatePaid   LetterKind = "late_paid"   // an order whose money came late and whose tickets were still free
	LetterExpired    LetterKind = "expired"     // an order
	LetterSurplus    LetterKind = "surplus"     // a refund of money that gives no tickets
	LetterRefunded   LetterKind = "refunded"    // a refund that the gateway has confirmed
	LetterCancelled  LetterKind = "cancelled"   // an order of an event that was cancelled

	LetterPasswordChanged LetterKind = "password_changed" // nothing but itself
	LetterGivenBack       LetterKind = "given_back"       // a refund of tickets that their fan gave back
	LetterTakenBack       LetterKind = "taken_back"       // a refund by an admin
	LetterRefundRefused   LetterKind = "refund_refused"   // a refund that the gateway refused
	LetterRefundSettled   LetterKind = "refund_settled"   // a refund whose money came outside the gateway

	LetterCPFGiven   LetterKind = "cpf_given"   // a claim to a CPF: to who asked and got it
	LetterCPFTaken   LetterKind = "cpf_taken"   // to who had it
	LetterCPFRefused LetterKind = "cpf_refused" // to who asked in vain
	LetterCPFKept    LetterKind = "cpf_kept"    // to who has it still
)

// LetterKinds are all kinds.
func LetterKinds() []LetterKind {
	return []LetterKind{
		LetterConfirm, LetterReset, LetterHoldEnding, LetterGiven, LetterPaid, LetterLatePaid, LetterExpired,
		LetterSurplus, LetterRefunded, LetterCancelled, LetterSignIn, LetterEmailNew, LetterEmailAsked, LetterPasswordChanged,
		LetterGivenBack, LetterTakenBack, LetterRefundRefused, LetterRefundSettled,
		LetterCPFGiven, LetterCPFTaken, LetterCPFRefused, LetterCPFKept,
	}
}

// knownLetters are all kinds, as a parameter. Letters of others are left to the release that knows them.
func knownLetters() (kinds pq.StringArray) {
	for _, k := range LetterKinds() {
		kinds = append(kinds, string(k))
	}
	return kinds
}

// AboutRefund says that the subject of letters of a kind is a refund.
func (k LetterKind) AboutRefund() bool {
	switch k {
	case LetterSurplus, LetterRefunded, LetterGivenBack, LetterTakenBack, LetterRefundRefused, LetterRefundSettled:
		return true
	}
	return false
}

// Letter is an e-mail that is owed.
type Letter struct {
	ID        uuid.UUID // names the message, so that a repeated one is recognised
	Kind      LetterKind
	Subject   uuid.UUID // of the link, order or refund
	AccountID int64     // 0 if nobody has the e-mail that was typed
	Attempts  int
	OwedAt    time.Time
}

var letterColumns = columnsOf[Letter]().read("account_id")

const (
	// letterLease is how long a worker may take over a letter; if it dies, another takes the letter after that.
	letterLease = `interval '3 minutes'`
	// letterPatience is for how long a letter is tried.
	letterPatience = `interval '3 days'`
	// urgent puts a letter ahead of those that can wait, of which there may be many.
	urgent = `now() - interval '1 day'`
	// refusedAttempts is how often a letter is tried although the mail server refuses it for good: relays are wrong at times.
	refusedAttempts = 6
	// letterIsOpen says that a letter is owed. Those of kinds that the first release did not know are "due": it would take
	// whatever is "owed".
	letterIsOpen = `status in ('owed', 'due')`
)

// oweLetters owes a letter about each of some orders. $1 kind, $2 ids of orders
const oweLetters = `
	insert into letters (kind, subject, account_id, next_try_at)
	select $1, id, account_id, case when $1 = 'given' then ` + urgent + ` else now() end
	from orders where id = any($2::uuid[]) order by id
	on conflict do nothing`

// oweLetters owes a letter about each of the orders that has a status.
func (t *leaderTx) oweLetters(kind LetterKind, orders []Order, status OrderStatus) error {
	var ids pq.StringArray
	for _, o := range orders {
		if o.Status == status {
			ids = append(ids, o.ID.String())
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return t.exec(oweLetters, kind, ids)
}

// ClaimLetter leases the letter that has been due the longest for a few minutes. ErrNotFound if none is due.
func (s *Store) ClaimLetter(ctx context.Context) (l Letter, err error) {
	defer wrap(&err, "claim letter")
	err = s.db.GetContext(ctx, &l, `
		update letters set attempts = attempts + 1, next_try_at = now() + `+letterLease+`
		where id = (select id from letters where `+letterIsOpen+` and next_try_at <= now() and kind = any($1)
			order by next_try_at limit 1 for update skip locked)
		returning `+letterColumns, knownLetters())
	return l, err
}

// LettersDue says whether a letter is due.
func (s *Store) LettersDue(ctx context.Context) (due bool, err error) {
	defer wrap(&err, "letters due")
	err = s.db.GetContext(ctx, &due, `select exists (select from letters where `+letterIsOpen+` and next_try_at <= now() and kind = any($1))`, knownLetters())
	return due, err
}

// LetterSent notes that the mail server took a letter.
func (s *Store) LetterSent(ctx context.Context, id uuid.UUID) (err error) {
	defer wrap(&err, "letter %s sent", id)
	_, err = s.db.ExecContext(ctx, `
		with sent as (update letters set status = 'sent', ended_at = now() where id = $1 and `+letterIsOpen+` returning account_id, kind)
		update accounts set bounced_at = null from sent
		where accounts.id = sent.account_id and bounced_at is not null and `+letterToAccount, id)
	return err
}

// letterToAccount says that a letter went to its account's own e-mail.
const letterToAccount = `kind not in ('email_new', 'email_asked')`

// LetterMoot ends a letter whose news is no longer true.
func (s *Store) LetterMoot(ctx context.Context, id uuid.UUID) (err error) {
	defer wrap(&err, "letter %s moot", id)
	return s.endLetter(ctx, id, "moot")
}

func (s *Store) endLetter(ctx context.Context, id uuid.UUID, status string) error {
	_, err := s.db.ExecContext(ctx, `update letters set status = $2, ended_at = now() where id = $1 and `+letterIsOpen, id, status)
	return err
}

// LetterFailed backs off before the next try of a letter, twice as long each time, up to four hours. After days, or sooner
// if the mail server refuses it for good, the letter is given up; then its reader is asked for another e-mail.
func (s *Store) LetterFailed(ctx context.Context, id uuid.UUID, refused bool) (givenUp bool, err error) {
	defer wrap(&err, "letter %s failed", id)
	var ended []bool
	if err := s.db.SelectContext(ctx, &ended, `
		with late as (update letters set
			next_try_at = now() + least(interval '4 hours', interval '15 seconds' * power(2, least(attempts, 10))),
			status = case when over then 'failed' else status end, ended_at = case when over then now() end
		from (select id as late, owed_at < now() - `+letterPatience+` or $2 and attempts >= $3 as over from letters where id = $1) l
		where id = late and `+letterIsOpen+` returning over, account_id, kind),
		bounced as (update accounts set bounced_at = coalesce(bounced_at, now()) from late
			where accounts.id = late.account_id and over and $2 and `+letterToAccount+`)
		select over from late`, id, refused, refusedAttempts); err != nil {
		return false, err
	}
	return len(ended) > 0 && ended[0], nil
}

// LetterOrder reads the order that a letter is about. Letters about a link have none.
func (s *Store) LetterOrder(ctx context.Context, l Letter) (o Order, err error) {
	id := l.Subject
	if l.Kind.AboutRefund() {
		if err := s.db.GetContext(ctx, &id, `select order_id from refunds where id = $1`, l.Subject); err != nil {
			wrap(&err, "order of letter %s", l.ID)
			return o, err
		}
	}
	return s.Order(ctx, id)
}

// OweHoldEndings owes letters about holds that are about to end and that nobody has paid for yet: a batch of the most
// urgent ones. It returns how many there were.
func (s *Store) OweHoldEndings(ctx context.Context, limit int) (owed int, err error) {
	defer wrap(&err, "owe letters of holds about to end")
	result, err := s.db.ExecContext(ctx, heldTypes+`
		insert into letters (kind, subject, account_id, next_try_at)
		select 'hold_ending', o.id, o.account_id, `+urgent+`
		from held cross join lateral (
			select id, account_id, reserved_until from orders where ticket_type_id = held.type and status = 'reserved'
				and `+holdIsEnding+`
				and not exists (select from letters where kind = 'hold_ending' and subject = orders.id)
				and not exists (select from charges where order_id = orders.id and (pending or status = 'captured'))
			order by reserved_until limit $1) o
		order by o.reserved_until limit $1
		on conflict do nothing`, limit)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// ForgetNobody deletes letters and links that were asked for with an e-mail that no account has.
func (s *Store) ForgetNobody(ctx context.Context) (err error) {
	defer wrap(&err, "forget nobody")
	_, err = s.db.ExecContext(ctx, `
		with l as (delete from letters where account_id is null and owed_at < now() - interval '1 day')
		delete from account_links where account_id is null and created_at < now() - interval '1 day'`)
	return err
}
