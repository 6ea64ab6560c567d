-- +goose NO TRANSACTION
-- +goose Up

-- What becomes of money after it was taken, without our doing: refunds in the gateway's own panel, disputes of payers'
-- banks, refunds that come back. Each statement can be repeated.

alter table charges
  add column if not exists payment_id      text,   -- the gateway's, of what took the money, if that has an id of its own
  add column if not exists refusal         text,   -- why the gateway did not make it
  add column if not exists elsewhere_cents bigint not null default 0, -- sent back without us
  add column if not exists dispute         text   not null default '',
  add column if not exists disputed_cents  bigint not null default 0, -- that the payer's bank holds or has taken
  add column if not exists left_cents      bigint, -- that the gateway still has of it, as it said last
  add column if not exists left_at         timestamptz; -- when it was asked
alter table charges drop constraint if exists charges_gone;
alter table charges add constraint charges_gone check (elsewhere_cents >= 0 and disputed_cents >= 0
  and dispute in ('', 'open', 'won', 'lost')) not valid;
alter table charges validate constraint charges_gone;

alter table tickets add column if not exists blocked_at timestamptz; -- its money is gone: no entry until it is back

alter table refunds
  add column if not exists covered_cents bigint not null default 0; -- of the amount: had gone back without us
alter table refunds drop constraint if exists refunds_covered;
alter table refunds add constraint refunds_covered check (covered_cents between 0 and amount_cents) not valid;
alter table refunds validate constraint refunds_covered;

-- Of a charge: elsewhere and disputed are money that left the gateway without us, elsewhere_back and dispute_won came
-- back. Of a refund: so much of what was sent had gone back before (refund_covered), and did not after all
-- (refund_uncovered); it came back to the gateway (refund_failed).
alter table ledger drop constraint if exists ledger_kind_check;
alter table ledger add constraint ledger_kind_check check (kind in ('captured', 'fee', 'refund_owed', 'fee_returned', 'refund_sent',
  'refund_outside', 'elsewhere', 'elsewhere_back', 'disputed', 'dispute_won', 'refund_covered', 'refund_uncovered', 'refund_failed')) not valid;
alter table ledger validate constraint ledger_kind_check;
alter table ledger drop constraint if exists ledger_refund;
alter table ledger add constraint ledger_refund check ((refund_id is not null) = (kind in ('refund_owed', 'fee_returned', 'refund_sent',
  'refund_outside', 'refund_covered', 'refund_uncovered', 'refund_failed'))) not valid;
alter table ledger validate constraint ledger_refund;

set lock_timeout = 0;
-- What happens once to a charge or refund. The rest may happen again; the rows that it belongs to are locked then.
drop index concurrently if exists ledger_taken_once;
create unique index concurrently ledger_taken_once on ledger (charge_id, kind) where kind in ('captured', 'fee');
drop index concurrently if exists ledger_owed_once;
create unique index concurrently ledger_owed_once on ledger (refund_id, kind) where kind in ('refund_owed', 'fee_returned', 'refund_outside');
drop index concurrently if exists ledger_once_per_charge;
drop index concurrently if exists ledger_once_per_refund;
drop index concurrently if exists ledger_of_refund;
create index concurrently ledger_of_refund on ledger (refund_id) where refund_id is not null; -- its refund's key
drop index concurrently if exists charges_settled;
create index concurrently charges_settled on charges (next_look_at) where status in ('captured', 'surplus') and looks < 6; -- the poll
drop index concurrently if exists charges_gone_money;
create index concurrently charges_gone_money on charges (settled_at) where elsewhere_cents > 0 or dispute <> ''; -- the admin's page
drop index concurrently if exists charges_refused;
create index concurrently charges_refused on charges (created_at) where refusal is not null; -- the admin's page
reset lock_timeout;

-- +goose Down
drop index charges_refused, charges_gone_money, charges_settled, ledger_of_refund, ledger_owed_once, ledger_taken_once;
create unique index ledger_once_per_charge on ledger (charge_id, kind) where refund_id is null;
create unique index ledger_once_per_refund on ledger (refund_id, kind) where refund_id is not null;
alter table ledger drop constraint ledger_refund, drop constraint ledger_kind_check,
  add constraint ledger_kind_check check (kind in ('captured', 'fee', 'refund_owed', 'fee_returned', 'refund_sent', 'refund_outside')),
  add constraint ledger_refund check ((refund_id is not null) = (kind in ('refund_owed', 'fee_returned', 'refund_sent', 'refund_outside')));
alter table refunds drop column covered_cents;
alter table tickets drop column blocked_at;
alter table charges drop column left_at, drop column left_cents, drop column disputed_cents, drop column dispute,
  drop column elsewhere_cents, drop column refusal, drop column payment_id;
