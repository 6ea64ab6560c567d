package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
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
	LinkSignIn  LinkPurpose = "sign_in" // to sign in without a password
	LinkEmail   LinkPurpose = "email"   // to take another e-mail
)

// linkFresh is for how long a link is young: whoever asks again for one of the same purpose gets no other letter.
const linkFresh = `interval '10 minutes'`

// confirmedNow is confirmed_at of an account whose owner has just shown that its e-mail is hers. It stays as it is while
// another confirmed account has the CPF: then one of the two has to be corrected first.
const confirmedNow = `case when exists (select from accounts o where o.cpf = accounts.cpf and o.confirmed_at is not null and o.id <> accounts.id)
	then confirmed_at else coalesce(confirmed_at, now()) end`

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

// OweReset owes the owner of an e-mail a letter to choose another password, unless an unused link of the last minutes is
// there. An e-mail without an account gets the same rows, so that the time it takes does not tell whether there is one;
// asked stands for the e-mail.
func (s *Store) OweReset(ctx context.Context, email, asked string) (err error) {
	defer wrap(&err, "owe reset")
	return s.oweLink(ctx, LinkReset, LetterReset, email, asked)
}

// OweSignIn owes the owner of an e-mail a letter to sign in without her password, as OweReset does.
func (s *Store) OweSignIn(ctx context.Context, email, asked string) (err error) {
	defer wrap(&err, "owe sign-in")
	return s.oweLink(ctx, LinkSignIn, LetterSignIn, email, asked)
}

func (s *Store) oweLink(ctx context.Context, purpose LinkPurpose, kind LetterKind, email, asked string) error {
	return s.within(ctx, func(tx *sqlx.Tx) error {
		if err := oneAtATime(ctx, tx, asked); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			with link as (
				insert into account_links (account_id, purpose, expires_at, asked)
				select (select id from accounts where email = lower($1)), $2, now() + make_interval(secs => $3), $4
				where not exists (select from account_links where asked = $4 and purpose = $2 and used_at is null
					and created_at > now() - `+linkFresh+`)
				returning id, account_id)
			insert into letters (kind, subject, account_id, next_try_at) select $5, id, account_id, `+urgent+` from link`,
			email, purpose, ResetTime.Seconds(), asked, kind)
		return err
	})
}

// oneAtATime has those who ask with the same e-mail wait for each other until the transaction ends.
func oneAtATime(ctx context.Context, tx *sqlx.Tx, asked string) error {
	_, err := tx.ExecContext(ctx, `select pg_advisory_xact_lock(1, hashtext($1))`, asked)
	return err
}

// OweEmailChange owes letters to a person's old and new e-mail: the new one is taken when the link in its letter is used.
// Nothing is owed while an unused link of the last minutes for the same e-mail is there. asked stands for the new e-mail.
func (s *Store) OweEmailChange(ctx context.Context, accountID int64, email, asked string) (err error) {
	defer wrap(&err, "owe change of e-mail of account %d", accountID)
	return s.within(ctx, func(tx *sqlx.Tx) error {
		if err := oneAtATime(ctx, tx, asked); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			with link as (
				insert into account_links (account_id, purpose, expires_at, asked, email, email_was)
				select id, 'email', now() + make_interval(secs => $3), $4, lower($2), email from accounts
				where id = $1 and not exists (select from account_links where account_id = $1 and asked = $4 and purpose = 'email'
					and used_at is null and created_at > now() - `+linkFresh+`)
				returning id, account_id)
			insert into letters (kind, subject, account_id, next_try_at)
			select kind, id, account_id, `+urgent+` from link, unnest($5::text[]) kind`,
			accountID, email, ResetTime.Seconds(), asked, pq.StringArray{string(LetterEmailNew), string(LetterEmailAsked)})
		return err
	})
}

// LinkEmails are the new and the old e-mail of a link to change it.
func (s *Store) LinkEmails(ctx context.Context, id uuid.UUID) (email, was string, err error) {
	defer wrap(&err, "e-mails of link %s", id)
	err = s.db.QueryRowxContext(ctx, `select email, email_was from account_links where id = $1 and purpose = 'email'`, id).Scan(&email, &was)
	return email, was, err
}

// LinkUsed is the account of a link that was used a moment ago, for whoever presses the button once more; ErrNotFound.
func (s *Store) LinkUsed(ctx context.Context, id uuid.UUID, purpose LinkPurpose, ago time.Duration) (a Account, err error) {
	defer wrap(&err, "used link %s", id)
	err = s.db.GetContext(ctx, &a, `select `+accountColumns+` from accounts where id = (select account_id from account_links
		where id = $1 and purpose = $2 and used_at > now() - make_interval(secs => $3))`, id, purpose, ago.Seconds())
	return a, err
}

// ChangeEmail uses a link to give an account another e-mail, which is confirmed by that. ErrNotFound if the link does not
// work any more; ErrEmailTaken. Links in letters to the old e-mail work no more.
func (s *Store) ChangeEmail(ctx context.Context, link uuid.UUID) (a Account, err error) {
	defer wrap(&err, "change e-mail by link %s", link)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		id, err := useLink(ctx, tx, link, LinkEmail)
		if err != nil {
			return err
		}
		for _, purpose := range []LinkPurpose{LinkConfirm, LinkReset, LinkSignIn} {
			if err := endLinks(ctx, tx, id, purpose); err != nil {
				return err
			}
		}
		return taken(tx.GetContext(ctx, &a, `update accounts set confirmed_at = `+confirmedNow+`, bounced_at = null,
				email = (select l.email from account_links l where l.id = $2)
			where id = $1 and email = (select email_was from account_links l where l.id = $2)
			returning `+accountColumns, id, link))
	})
	return a, err
}

// SignInByLink uses a link to sign in; ErrNotFound if it does not work any more. It confirms the e-mail too, since the
// link was sent there.
func (s *Store) SignInByLink(ctx context.Context, link uuid.UUID) (a Account, err error) {
	defer wrap(&err, "sign in by link %s", link)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		id, err := useLink(ctx, tx, link, LinkSignIn)
		if err != nil {
			return err
		}
		return tx.GetContext(ctx, &a, `update accounts set confirmed_at = `+confirmedNow+` where id = $1 returning `+accountColumns, id)
	})
	return a, err
}

// LinkAccount is the account of a link that still works for a purpose; ErrNotFound if it was used, has expired or never
// existed.
func (s *Store) LinkAccount(ctx context.Context, id uuid.UUID, purpose LinkPurpose) (accountID int64, err error) {
	defer wrap(&err, "link %s", id)
	err = s.db.GetContext(ctx, &accountID, `select account_id from account_links
		where id = $1 and purpose = $2 and used_at is null and expires_at > now() and account_id is not null`, id, purpose)
	return accountID, err
}

// ConfirmEmail uses a link to confirm an account's e-mail; ErrNotFound if it does not work any more, ErrCPFTaken if another
// confirmed account has the CPF.
func (s *Store) ConfirmEmail(ctx context.Context, link uuid.UUID) (a Account, err error) {
	defer wrap(&err, "confirm e-mail by link %s", link)
	err = s.within(ctx, func(tx *sqlx.Tx) error {
		id, err := useLink(ctx, tx, link, LinkConfirm)
		if err != nil {
			return err
		}
		return taken(tx.GetContext(ctx, &a, `update accounts set confirmed_at = coalesce(confirmed_at, now()) where id = $1
			returning `+accountColumns, id))
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
		if err := tx.GetContext(ctx, &a, `
			update accounts set password_hash = $2, confirmed_at = `+confirmedNow+` where id = $1
			returning `+accountColumns, id, passwordHash); err != nil {
			return err
		}
		return passwordChanged(ctx, tx, id)
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
		return passwordChanged(ctx, tx, accountID)
	})
	return a, err
}

// passwordChanged ends the links that open or change an account without the new password, and tells its owner.
func passwordChanged(ctx context.Context, tx *sqlx.Tx, accountID int64) error {
	for _, purpose := range []LinkPurpose{LinkReset, LinkSignIn, LinkEmail} {
		if err := endLinks(ctx, tx, accountID, purpose); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `insert into letters (kind, subject, account_id, next_try_at) values ($1, gen_random_uuid(), $2, `+urgent+`)`,
		LetterPasswordChanged, accountID)
	return err
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
