-- +goose Up

-- Each attempt to send a refund's money. Its id is the idempotency key: an attempt whose outcome is unknown is asked for
-- again by the same key, one after a refusal by another. The first one has the refund's own id, by which earlier releases
-- ask. A refund that is tried again after a refusal stays refused until its attempt has an end.
create table refund_attempts (
  id        uuid primary key default gen_random_uuid(),
  refund_id uuid not null references refunds,
  began_at  timestamptz not null default clock_timestamp(),
  tries     int not null default 0, -- how often it was asked for
  result    text check (result in ('done', 'refused', 'failed', 'dropped')), -- null while nobody knows; failed: days after it was
                                                                              -- done; dropped: not needed any more
  reason    text not null default '', -- the last answer that was no success, in the gateway's words
  ended_at  timestamptz,
  constraint refund_attempts_ended check ((result is null) = (ended_at is null))
);
create unique index refund_attempts_one_open on refund_attempts (refund_id) where result is null;
create index refund_attempts_of_refund on refund_attempts (refund_id);

-- A refund whose money reached its fan outside the gateway.
alter table refunds add column settled_at timestamptz,
  drop constraint refunds_status_check,
  add constraint refunds_status_check check (status in ('owed', 'done', 'refused', 'settled')) not valid,
  add constraint refunds_settled check ((status = 'settled') = (settled_at is not null)) not valid;
alter table ledger drop constraint ledger_kind_check, drop constraint ledger_refund,
  add constraint ledger_kind_check check (kind in ('captured', 'fee', 'refund_owed', 'fee_returned', 'refund_sent', 'refund_outside')) not valid,
  add constraint ledger_refund check ((refund_id is not null) = (kind in ('refund_owed', 'fee_returned', 'refund_sent', 'refund_outside'))) not valid;

-- A release takes every letter that is owed, of kinds that it cannot write too, up to the one before this. So letters of
-- new kinds are due instead of owed until that one is gone. From now on a release takes only the kinds that it knows, and
-- those are listed there.
alter table letters drop constraint letters_kind_check, drop constraint letters_status_check, drop constraint letters_ended,
  add constraint letters_kind_check check (kind ~ '^[a-z_]+$') not valid,
  add constraint letters_status_check check (status in ('owed', 'due', 'sent', 'failed', 'moot')) not valid,
  add constraint letters_ended check ((status in ('owed', 'due')) = (ended_at is null)) not valid;
create index letters_open on letters (next_try_at) where status in ('owed', 'due'); -- the sweep

-- When a gateway's notices last came, and when one was last refused: a wrong secret has to be seen. Web processes write
-- a row every few seconds at most.
create table gateway_notices (
  gateway    text primary key,
  taken_at   timestamptz,
  refused_at timestamptz,
  reason     text not null default '' -- of the last refusal
);

-- +goose Down
drop table gateway_notices;
drop index letters_open;
drop table refund_attempts;
alter table refunds drop column settled_at;
