package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// CPFClaim is somebody's word that a CPF is hers which another account has.
type CPFClaim struct {
	ID        uuid.UUID
	AccountID int64 // asks
	HolderID  int64 // has it
	CPF       string
	AskedAt   time.Time
	DecidedAt time.Time // zero while nobody has
	Given     bool      // to who asked
	Reason    string
}

var claimColumns = columnsOf[CPFClaim]().read("decided_at", "given", "reason")

// ClaimCPF asks an admin to give a CPF to an account that another one has. An account has one open claim: asking again
// changes it. ErrState if nobody else has the CPF: then it can be taken as it is.
func (s *Store) ClaimCPF(ctx context.Context, accountID int64, cpf string) (err error) {
	defer wrap(&err, "claim a CPF for account %d", accountID)
	return changed(s.db.ExecContext(ctx, `
		insert into cpf_claims (id, account_id, holder_id, cpf)
		select $3, $1, id, $2 from accounts where cpf = $2 and confirmed_at is not null and id <> $1
		on conflict (account_id) where decided_at is null do update set cpf = excluded.cpf, holder_id = excluded.holder_id,
			asked_at = case when cpf_claims.cpf = excluded.cpf then cpf_claims.asked_at else now() end`,
		accountID, cpf, NewID()))
}

// OpenClaims lists the claims to a CPF that nobody has decided, the oldest first.
func (s *Store) OpenClaims(ctx context.Context, limit int) (claims []CPFClaim, err error) {
	defer wrap(&err, "open claims")
	err = s.db.SelectContext(ctx, &claims, `select `+claimColumns+` from cpf_claims where decided_at is null order by asked_at limit $1`, limit)
	return claims, err
}

// Claim reads a claim to a CPF.
func (s *Store) Claim(ctx context.Context, id uuid.UUID) (c CPFClaim, err error) {
	defer wrap(&err, "claim %s", id)
	err = s.db.GetContext(ctx, &c, `select `+claimColumns+` from cpf_claims where id = $1`, id)
	return c, err
}

// HasOpenClaim says that an account waits for an admin to decide.
func (s *Store) HasOpenClaim(ctx context.Context, accountID int64) (open bool, err error) {
	defer wrap(&err, "claim of account %d", accountID)
	err = s.db.GetContext(ctx, &open, `select exists (select from cpf_claims where account_id = $1 and decided_at is null)`, accountID)
	return open, err
}

// DecideClaim gives a CPF to who claims it, or leaves it where it is, and tells both by letter. ErrState if it was decided
// already; ErrCPFTaken if a third account has the CPF by now.
func (s *Store) DecideClaim(ctx context.Context, adminID int64, id uuid.UUID, given bool, reason string) (err error) {
	defer wrap(&err, "decide claim %s", id)
	return s.within(ctx, func(tx *sqlx.Tx) error {
		var c CPFClaim
		if err := tx.GetContext(ctx, &c, `select `+claimColumns+` from cpf_claims where id = $1 for update`, id); err != nil {
			return err
		}
		if !c.DecidedAt.IsZero() {
			return ErrState
		}
		asks, has := LetterCPFRefused, LetterCPFKept
		if given {
			asks, has = LetterCPFGiven, LetterCPFTaken
			if err := giveCPF(ctx, tx, c); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `update cpf_claims set decided_at = now(), admin_id = $2, given = $3, reason = $4 where id = $1`,
			id, adminID, given, reason); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `insert into letters (kind, subject, account_id, status) values ($1, $3, $4, 'due'), ($2, $3, $5, 'due')`,
			asks, has, id, c.AccountID, c.HolderID); err != nil {
			return err
		}
		return logAdmin(ctx, tx, adminID, "cpf.decide", "claim "+id.String(), map[string]any{
			"asks": c.AccountID, "had": c.HolderID, "given": given, "reason": reason,
		})
	})
}

// giveCPF moves a CPF from one account to another. The accounts are locked in one order.
func giveCPF(ctx context.Context, tx *sqlx.Tx, c CPFClaim) error {
	if _, err := tx.ExecContext(ctx, `select from accounts where id in ($1, $2) order by id for update`, c.AccountID, c.HolderID); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `update accounts set cpf = null where id = $1 and cpf = $2`, c.HolderID, c.CPF); err != nil {
		return err
	}
	var others bool
	if err := tx.GetContext(ctx, &others, `select exists (select from accounts where cpf = $2 and confirmed_at is not null and id <> $1)`,
		c.AccountID, c.CPF); err != nil {
		return err
	}
	if others {
		return ErrCPFTaken
	}
	_, err := tx.ExecContext(ctx, `update accounts set cpf = $2 where id = $1`, c.AccountID, c.CPF)
	return taken(err)
}

// Bounced counts the people whose letters come back.
func (s *Store) Bounced(ctx context.Context) (people int, err error) {
	defer wrap(&err, "bounced e-mails")
	err = s.db.GetContext(ctx, &people, `select count(*) from accounts where bounced_at is not null`)
	return people, err
}
