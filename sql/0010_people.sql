-- +goose NO TRANSACTION
-- +goose Up

-- Ticket types of one event whose names people cannot tell apart are one. The look of a name is written with it; rows of
-- earlier releases have none, and theirs are compared when a name is written. Each statement can be repeated.

alter table ticket_types add column if not exists look text;
alter table ticket_types drop constraint if exists ticket_types_name_plain;
alter table ticket_types add constraint ticket_types_name_plain check (look is null or name !~ '[[:cntrl:]]') not valid;
alter table ticket_types validate constraint ticket_types_name_plain;

alter table accounts add column if not exists bounced_at timestamptz; -- the mail server refuses her e-mail for good

-- Who says that a CPF is hers which another account has. An admin decides.
create table if not exists cpf_claims (
  id         uuid        primary key,
  account_id bigint      not null references accounts, -- asks
  holder_id  bigint      not null references accounts, -- has it
  cpf        text        not null check (cpf ~ '^[0-9]{11}$'),
  asked_at   timestamptz not null default now(),
  decided_at timestamptz,
  admin_id   bigint      references accounts,
  given      boolean,
  reason     text,
  constraint cpf_claims_decided check ((decided_at is null) = (admin_id is null) and (decided_at is null) = (given is null)
    and (decided_at is null) = (reason is null))
);
create unique index if not exists cpf_claims_open on cpf_claims (account_id) where decided_at is null;

set lock_timeout = 0;
drop index concurrently if exists accounts_bounced;
create index concurrently accounts_bounced on accounts (bounced_at) where bounced_at is not null; -- the admin's number
drop index concurrently if exists ticket_types_look_once;
create unique index concurrently ticket_types_look_once on ticket_types (event_id, look);
reset lock_timeout;

-- +goose Down
drop table cpf_claims;
drop index accounts_bounced, ticket_types_look_once;
alter table accounts drop column bounced_at;
alter table ticket_types drop constraint ticket_types_name_plain, drop column look;
