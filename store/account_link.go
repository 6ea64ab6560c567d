package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// How long the links in letters work.
const (
	ConfirmTime = 7 * 24 * time.Hour
	ResetTime   = time.Hour
)

// LinkPurpose is what a link in a letter is for.
type LinkPurpose string

// The purposes of links.
const (
	LinkConfirm LinkPurpose = "confirm" // the e-mail is hers
	LinkReset   LinkPurpose = "reset"   // to choose another password
)

// OweConfirmation owes an account another letter to confirm its e-mail. ErrState if it is confirmed already.
func (s *Store) OweConfirmation(ctx context.Context, accountID int64) (err error) {
	defer wrap(&err, "owe confirmation of account %d", accountID)
	return changed(s.db.ExecContext(ctx, `
		with link as (
			insert into account_links (account_id, purpose, expires_at)
			select id, 'confirm', now() + make_interval(secs => $2) from accounts where id = $1 and confirmed_at is null
			returning id, account_id)
		insert into letters (kind, subject, account_id) select 'confirm', id, account_id from link`,
		accountID, ConfirmTime.Seconds()))
}

// OweReset owes the owner of an e-mail a letter to choose another password. An e-mail without an account gets the same
// rows, so that the time it takes does not tell whether there is one.
func (s *Store) OweReset(ctx context.Context, email string) (err error) {
	defer wrap(&err, "owe reset")
	_, err = s.db.ExecContext(ctx, `
		with link as (
			insert into account_links (account_id, purpose, expires_at)
			values ((select id from accounts where email = lower($1)), 'reset', now() + make_interval(secs => $2))
			returning id, account_id)
		insert into letters (kind, subject, account_id, next_try_at) select 'reset', id, account_id, `+urgent+` from link`,
		email, ResetTime.Seconds())
	return err
}

// LinkAccount is the account of a link that still works for a purpose; ErrNotFound if it was used, has expired or never
// existed.
func (s *Store) LinkAccount(ctx context.Context, id uuid.UUID, purpose LinkPurpose) (accountID int64, err error) {
	defer wrap(&err, "link %s", id)
	err = s.db.GetContext(ctx, &accountID, `select account_id from account_links
		where id = $1 and purpose = $2 and used_at is null and expires_at > now() and account_id is not null`, id, purpose)
	return accountID, err
}

// ConfirmEmail uses a link to confirm an account's e-mail; ErrNotFound if it does not work any more.
func (s *Store) ConfirmEmail(ctx context.Context, link uuid.UUID) (a Account, err error) {
	defer wrap(&err, "confirm e-mail by link %s", link)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		id, err := useLink(ctx, tx, link, LinkConfirm)
		if err != nil {
			return err
		}
		return tx.GetContext(ctx, &a, `update accounts set confirmed_at = coalesce(confirmed_at, now()) where id = $1
			returning `+accountColumns, id)
	})
	return a, err
}

// ResetPassword uses a link to set an account's password; ErrNotFound if it does not work any more. It confirms the
// e-mail too, since the link was sent there.
func (s *Store) ResetPassword(ctx context.Context, link uuid.UUID, passwordHash string) (a Account, err error) {
	defer wrap(&err, "reset password by link %s", link)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		id, err := useLink(ctx, tx, link, LinkReset)
		if err != nil {
			return err
		}
		return tx.GetContext(ctx, &a, `
			update accounts set password_hash = $2, confirmed_at = coalesce(confirmed_at, now()) where id = $1
			returning `+accountColumns, id, passwordHash)
	})
	return a, err
}

// ChangePassword replaces an account's password. ErrState if it is no longer the one that was checked.
func (s *Store) ChangePassword(ctx context.Context, accountID int64, from, to string) (a Account, err error) {
	defer wrap(&err, "change password of account %d", accountID)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		var accounts []Account
		if err := tx.SelectContext(ctx, &accounts, `update accounts set password_hash = $3
			where id = $1 and password_hash = $2 returning `+accountColumns, accountID, from, to); err != nil {
			return err
		}
		if len(accounts) == 0 {
			return ErrState
		}
		a = accounts[0]
		return endLinks(ctx, tx, accountID, LinkReset)
	})
	return a, err
}

// useLink uses up a link and all others of its account for the same purpose. It locks the account first, so that two
// links of one account cannot deadlock.
func useLink(ctx context.Context, tx *sqlx.Tx, id uuid.UUID, purpose LinkPurpose) (accountID int64, err error) {
	if _, err := tx.ExecContext(ctx, `select from accounts where id = (select account_id from account_links where id = $1) for update`,
		id); err != nil {
		return 0, err
	}
	if err := tx.GetContext(ctx, &accountID, `
		update account_links set used_at = now()
		where id = $1 and purpose = $2 and used_at is null and expires_at > now() and account_id is not null
		returning account_id`, id, purpose); err != nil {
		return 0, err
	}
	return accountID, endLinks(ctx, tx, accountID, purpose)
}

func endLinks(ctx context.Context, tx *sqlx.Tx, accountID int64, purpose LinkPurpose) error {
	_, err := tx.ExecContext(ctx, `update account_links set used_at = now()
		where account_id = $1 and purpose = $2 and used_at is null`, accountID, purpose)
	return err
}
