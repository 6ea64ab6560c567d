package store

import (
	"context"
	"strings"
	"time"

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
}

// PasswordShortest is how many characters a password has at least.
const PasswordShortest = 8

var accountColumns = columnsOf[Account]().read("cpf", "confirmed_at")

// CreateAccount registers a person, and owes a fan whose e-mail is not confirmed yet a letter with the link to confirm
// it. ErrEmailTaken or ErrCPFTaken.
func (s *Store) CreateAccount(ctx context.Context, a Account) (_ Account, err error) {
	defer wrap(&err, "create account")
	err = s.db.GetContext(ctx, &a, `
		with account as (
			insert into accounts (role, name, email, cpf, password_hash, language, confirmed_at)
			values ($1, $2, $3, nullif($4, ''), $5, $6, nullif($7::timestamptz, `+never+`)) returning *),
		link as (
			insert into account_links (account_id, purpose, expires_at)
			select id, 'confirm', now() + make_interval(secs => $8) from account where role = 'fan' and confirmed_at is null
			returning id, account_id),
		letter as (
			insert into letters (kind, subject, account_id) select 'confirm', id, account_id from link)
		select `+accountColumns+` from account`,
		a.Role, a.Name, strings.ToLower(a.Email), a.CPF, a.PasswordHash, a.Language, a.ConfirmedAt, ConfirmTime.Seconds())
	switch constraint(err) {
	case "accounts_email_key":
		return Account{}, ErrEmailTaken
	case "accounts_cpf_key":
		return Account{}, ErrCPFTaken
	}
	return a, err
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
