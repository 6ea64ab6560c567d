package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Role is what an account may do.
type Role string

// The roles.
const (
	Fan   Role = "fan"
	Staff Role = "staff" // works at the gate
	Admin Role = "admin"
)

// Account is a person who signed up.
type Account struct {
	ID           int64
	Role         Role
	Name         string
	Email        string // lower case
	CPF          string // 11 digits, or empty
	PasswordHash string
	Language     string    // BCP 47: "pt-BR" or "en"
	ConfirmedAt  time.Time // the e-mail is hers; zero until she has shown it
	CreatedAt    time.Time
	BouncedAt    time.Time // letters to the e-mail come back since; zero while they arrive
}

// PasswordShortest is how many characters a password has at least.
const PasswordShortest = 8

var accountColumns = columnsOf[Account]().read("cpf", "confirmed_at", "bounced_at")

// CreateAccount registers a person, and owes a fan whose e-mail is not confirmed yet a letter with the link to confirm
// it. ErrEmailTaken or ErrCPFTaken: a CPF is taken once an account with it is confirmed.
func (s *Store) CreateAccount(ctx context.Context, a Account) (_ Account, err error) {
	defer wrap(&err, "create account")
	err = s.db.GetContext(ctx, &a, `
		with account as (
			insert into accounts (role, name, email, cpf, password_hash, language, confirmed_at)
			select $1, $2, $3, nullif($4, ''), $5, $6, nullif($7::timestamptz, `+never+`)
			where not exists (select from accounts where cpf = $4 and confirmed_at is not null) returning *),
		link as (
			insert into account_links (account_id, purpose, expires_at)
			select id, 'confirm', now() + make_interval(secs => $8) from account where role = 'fan' and confirmed_at is null
			returning id, account_id),
		letter as (
			insert into letters (kind, subject, account_id) select 'confirm', id, account_id from link)
		select `+accountColumns+` from account`,
		a.Role, a.Name, strings.ToLower(a.Email), a.CPF, a.PasswordHash, a.Language, a.ConfirmedAt, ConfirmTime.Seconds())
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrCPFTaken
	}
	return a, taken(err)
}

// taken says whose e-mail or CPF it is that a statement wanted to give to somebody else.
func taken(err error) error {
	switch constraint(err) {
	case "accounts_email_key":
		return ErrEmailTaken
	case "accounts_cpf_key":
		return ErrCPFTaken
	}
	return err
}

// hasBought says that an account has held tickets: $1 account
const hasBought = `exists (select from orders where account_id = $1 and (paid_at is not null or status = 'reserved'))`

// HasBought says that tickets were given out to an account's name and CPF.
func (s *Store) HasBought(ctx context.Context, accountID int64) (bought bool, err error) {
	defer wrap(&err, "whether account %d has bought", accountID)
	err = s.db.GetContext(ctx, &bought, `select `+hasBought, accountID)
	return bought, err
}

// CorrectAccount replaces the name and the CPF of a person. ErrState if the CPF would change although she has bought;
// ErrCPFTaken if another confirmed account has it.
func (s *Store) CorrectAccount(ctx context.Context, accountID int64, name, cpf string) (err error) {
	defer wrap(&err, "correct account %d", accountID)
	return s.within(ctx, func(tx *sqlx.Tx) error {
		var changes bool
		if err := tx.GetContext(ctx, &changes, `select cpf is distinct from nullif($2, '') from accounts where id = $1 for update`,
			accountID, cpf); err != nil {
			return err
		}
		if changes {
			var bought, others bool
			if err := tx.QueryRowxContext(ctx, `select `+hasBought+`,
				exists (select from accounts where cpf = $2 and confirmed_at is not null and id <> $1)`, accountID, cpf).
				Scan(&bought, &others); err != nil {
				return err
			}
			if bought {
				return ErrState
			}
			if others {
				return ErrCPFTaken
			}
		}
		_, err := tx.ExecContext(ctx, `update accounts set name = $2, cpf = nullif($3, '') where id = $1`, accountID, name, cpf)
		return taken(err)
	})
}

// Account reads an account by its id.
func (s *Store) Account(ctx context.Context, id int64) (a Account, err error) {
	defer wrap(&err, "account %d", id)
	err = s.db.GetContext(ctx, &a, `select `+accountColumns+` from accounts where id = $1`, id)
	return a, err
}

// Accounts reads accounts by their ids.
func (s *Store) Accounts(ctx context.Context, ids []int64) (_ map[int64]Account, err error) {
	defer wrap(&err, "%d accounts", len(ids))
	var rows []Account
	if err := s.db.SelectContext(ctx, &rows,
		`select `+accountColumns+` from accounts where id = any($1)`, pq.Int64Array(ids)); err != nil {
		return nil, err
	}
	accounts := make(map[int64]Account, len(rows))
	for _, a := range rows {
		accounts[a.ID] = a
	}
	return accounts, nil
}

// AccountByEmail reads an account by its e-mail, in upper or lower case.
func (s *Store) AccountByEmail(ctx context.Context, email string) (a Account, err error) {
	defer wrap(&err, "account by e-mail")
	err = s.db.GetContext(ctx, &a, `select `+accountColumns+` from accounts where email = $1`, strings.ToLower(email))
	return a, err
}

// SetLanguage remembers the language that a person chose.
func (s *Store) SetLanguage(ctx context.Context, accountID int64, language string) (err error) {
	defer wrap(&err, "set language of account %d", accountID)
	_, err = s.db.ExecContext(ctx, `update accounts set language = $2 where id = $1`, accountID, language)
	return err
}

// MakeAdmin creates an admin or makes an existing account one, with a new password.
func (s *Store) MakeAdmin(ctx context.Context, a Account) (_ Account, err error) {
	defer wrap(&err, "make admin")
	err = s.db.GetContext(ctx, &a, `
		insert into accounts (role, name, email, password_hash, language) values ('admin', $1, $2, $3, $4)
		on conflict (email) do update set role = 'admin', password_hash = excluded.password_hash
		returning `+accountColumns, a.Name, strings.ToLower(a.Email), a.PasswordHash, a.Language)
	return a, err
}
