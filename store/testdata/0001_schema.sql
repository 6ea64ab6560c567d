-- +goose Up

-- People. Staff work at the gate, admins run events.
create table accounts (
  id            bigint generated always as identity primary key,
  role          text not null default 'fan' check (role in ('fan', 'staff', 'admin')),
  name          text not null check (name <> ''),
  email         text not null check (email = lower(email)),
  cpf           text check (cpf ~ '^[0-9]{11}$'), -- admins made on the command line have none
  password_hash text not null,
  language      text not null default 'pt-BR',
  confirmed_at  timestamptz, -- she opened the link in a letter to her e-mail; buying does not wait for it
  created_at    timestamptz not null default now(),
  constraint accounts_email_key unique (email),
  constraint accounts_cpf_key unique (cpf)
);

-- Shows. Rules that a fan relies on are copied into her order when it is accepted.
create table events (
  id             bigint generated always as identity primary key,
  slug           text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name           text not null check (name <> ''),
  description    text not null default '',
  venue          text not null default '',
  city           text not null default '',
  time_zone      text not null default 'America/Sao_Paulo',
  starts_at      timestamptz not null,
  sale_starts_at timestamptz not null,
  sale_ends_at   timestamptz not null,
  status         text not null default 'draft' check (status in ('draft', 'published', 'cancelled')),
  currency       text not null default 'BRL' check (currency ~ '^[A-Z]{3}$'),
  per_person     int not null default 4 check (per_person between 1 and 100),
  hold_seconds   int not null default 600 check (hold_seconds between 1 and 604800),
  extend_seconds int not null default 300 check (extend_seconds between 0 and 86400), -- a fan may lengthen her hold once
  retry_seconds  int not null default 120 check (retry_seconds between 0 and 86400),  -- left at least after a declined card
  retry_most     int not null default 600 check (retry_most between 0 and 86400),     -- added by declines in all, per hold
  outage_most    int not null default 900 check (outage_most between 0 and 86400),    -- added while the payment API is away
  refund_days    int not null default 7 check (refund_days between 0 and 3650),
  refund_hours   int not null default 48 check (refund_hours between 0 and 87600), -- at least so long before the show
  refund_fee     boolean not null default true,
  paused         boolean not null default false, -- orders are parked as they come
  cancelled_at   timestamptz, -- everybody gets everything back
  settled_at     timestamptz, -- the last order of a cancelled event was undone
  created_at     timestamptz not null default now(),
  constraint events_slug_key unique (slug),
  constraint events_cancelled check ((status = 'cancelled') = (cancelled_at is not null)),
  constraint events_sale_window check (sale_ends_at > sale_starts_at)
);

-- One row per event that only the generator writes: what was given out last.
create table lines (
  event_id      bigint primary key references events,
  last_number   bigint not null default 0 check (last_number >= 0),   -- highest order number that was decided
  last_decision bigint not null default 0 check (last_decision >= 0),
  last_ticket   bigint not null default 0 check (last_ticket >= 0),
  opened        boolean not null default false, -- fans may have joined: a lost Redis may have given numbers
  unsettled     boolean not null default false  -- stock came back while the event was paused: those who wait come first
);

-- Numbers that a lost Redis may have given to orders that nobody knows any more.
create table lost_numbers (
  event_id bigint not null references events,
  first    bigint not null,
  last     bigint not null,
  at       timestamptz not null default now(),
  primary key (event_id, first),
  check (first <= last)
);

create table ticket_types (
  id          bigint generated always as identity primary key,
  event_id    bigint not null references events,
  name        text not null check (name <> ''),
  description text not null default '',
  position    int not null default 0,
  price_cents bigint not null check (price_cents between 0 and 100000000),
  fee_cents   bigint not null default 0 check (fee_cents between 0 and 100000000),
  created_at  timestamptz not null default now(),
  constraint ticket_types_name_key unique (event_id, name),
  constraint ticket_types_of_event unique (id, event_id)
);

-- Promise 1: held + sold never passes the capacity. Only the generator writes these rows.
create table stock (
  ticket_type_id bigint primary key references ticket_types,
  capacity       int not null default 0,
  taken          int not null default 0, -- held or sold
  constraint stock_never_oversold check (taken >= 0 and taken <= capacity)
);

-- A wish to change a capacity: the generator's to-do, and its answer.
create table capacity_changes (
  id             bigint generated always as identity primary key,
  ticket_type_id bigint not null references ticket_types,
  account_id     bigint references accounts, -- null for demo data
  capacity       int not null check (capacity between 0 and 10000000),
  outcome        text not null default 'asked' check (outcome in ('asked', 'done', 'refused')),
  asked_at       timestamptz not null default now(),
  settled_at     timestamptz
);
create index capacity_changes_asked on capacity_changes (id) where outcome = 'asked'; -- the sweep

-- The two tables that a rush writes. Each index has its reason beside it; an account is not referenced, because the
-- check would lock and write a row of accounts for every order: accounts are never deleted, and the audit looks.
create table orders (
  id             uuid primary key, -- from the form; promise 4
  event_id       bigint not null,
  ticket_type_id bigint not null,
  account_id     bigint not null,
  number         bigint not null check (number > 0),
  before         bigint not null default 0, -- tickets of the type asked for before it in the line
  quantity       int not null check (quantity between 1 and 100),
  returned       int not null default 0, -- tickets refunded whose stock has come back
  status         text not null check (status in ('queued', 'waiting', 'reserved', 'paid', 'refunded',
                   'sold_out', 'over_limit', 'left', 'expired', 'cancelled')),
  decision       bigint, -- taken from the locked row of lines
  price_cents    bigint not null check (price_cents >= 0), -- per ticket
  fee_cents      bigint not null check (fee_cents >= 0),   -- per ticket
  amount_cents   bigint not null generated always as (quantity * (price_cents + fee_cents)) stored,
  currency       text not null,
  per_person     int not null,
  hold_seconds   int not null,
  refund_days    int not null,
  refund_hours   int not null,
  refund_fee     boolean not null,
  keep           boolean not null default false, -- wants what comes back even when all is sold
  accepted_at    timestamptz not null,
  waited_at      timestamptz, -- came to the return list
  decided_at     timestamptz,
  reserved_until timestamptz,
  extended       boolean not null default false,                        -- the fan took her one extension
  retry_extra    int not null default 0 check (retry_extra >= 0),       -- seconds that declined cards have added
  outage_extra   int not null default 0 check (outage_extra >= 0),      -- seconds that outages have added
  late_at        timestamptz, -- its money came after the hold had ended, and its tickets were still free
  paid_at        timestamptz,
  ended_at       timestamptz, -- expired, left or refunded
  foreign key (ticket_type_id, event_id) references ticket_types (id, event_id),
  constraint orders_number_once unique (event_id, number),     -- promise 2; grows at its end only, so it costs little
  constraint orders_decision_once unique (event_id, decision), -- promise 2, likewise
  constraint orders_returned check (returned between 0 and quantity),
  constraint orders_hold_has_deadline check (status <> 'reserved' or reserved_until is not null),
  constraint orders_paid_has_time check (status not in ('paid', 'refunded') or paid_at is not null)
);
-- Promise 5: one open order per account and event.
create unique index orders_one_open on orders (account_id, event_id) where status in ('queued', 'waiting', 'reserved');
create index orders_of_account on orders (account_id, event_id);                           -- "my orders", the limit
create index orders_holds on orders (ticket_type_id, reserved_until) where status = 'reserved'; -- deadlines; is any hold left?
create index orders_waiting on orders (ticket_type_id, number) where status = 'waiting';        -- the return list
create index orders_parked on orders (event_id, number) where status = 'queued';                -- of a paused event

-- Written with its order in one transaction by the only code that writes tickets, so that order is not looked up again.
create table tickets (
  id             bigint generated always as identity primary key,
  event_id       bigint not null,
  order_id       uuid not null,
  ticket_type_id bigint not null,
  account_id     bigint not null,
  number         bigint not null check (number > 0),
  status         text not null check (status in ('reserved', 'valid', 'used', 'void')),
  refund_id      uuid, -- the one refund that took it back; foreign key below
  constraint tickets_number_once unique (event_id, number)
);
create index tickets_of_order on tickets (order_id); -- an order's page, its payment and its release
create index tickets_of_account on tickets (account_id) where status in ('valid', 'used'); -- "my tickets"

-- What the payment API is asked for. The id is our reference there and the idempotency key; written before the call.
create table charges (
  id           uuid primary key default gen_random_uuid(),
  order_id     uuid not null references orders,
  gateway      text not null,
  method       text not null default '', -- that the fan chose; empty where the gateway's own page asks
  gateway_id   text,
  status       text not null default 'new' check (status in ('new', 'open', 'captured', 'late', 'surplus', 'failed', 'cancelled', 'abandoned')),
  amount_cents bigint not null check (amount_cents > 0), -- asked for
  currency     text not null,
  pending      boolean not null default false, -- the fan has done her part, the gateway is not sure yet
  paid_cents   bigint check (paid_cents > 0),            -- taken
  pay_url      text not null default '',
  pix_code     text not null default '',
  expires_at   timestamptz not null,
  created_at   timestamptz not null default now(),
  looks        int not null default 0,   -- how often the poll has asked
  next_look_at timestamptz not null default now() + interval '30 seconds',
  settled_at   timestamptz,
  constraint charges_gateway_id_once unique (gateway, gateway_id),
  constraint charges_paid check ((status in ('captured', 'late', 'surplus')) = (paid_cents is not null))
);
-- Promise 4: at most one open and one captured charge per order. A late one was paid after its hold had ended: the
-- generator gives it the tickets if it can. A surplus charge was paid but gives no ticket: it is refunded.
-- An abandoned one was given up without the gateway's word, which is still asked for.
create unique index charges_one_open on charges (order_id) where status in ('new', 'open');
create unique index charges_one_captured on charges (order_id) where status = 'captured';
create index charges_of_order on charges (order_id);
-- The poll. A charge that ended without money is looked at a few times more: banks have sent money after that.
create index charges_unsettled on charges (next_look_at)
  where status in ('new', 'open', 'abandoned') or status in ('failed', 'cancelled') and looks < 5;
create index charges_late on charges (settled_at) where status = 'late';                              -- the sweep

-- A debt to a fan until the payment API has confirmed it. The id is the idempotency key.
create table refunds (
  id           uuid primary key default gen_random_uuid(),
  order_id     uuid not null references orders,
  charge_id    uuid references charges, -- null when nothing was paid
  reason       text not null check (reason in ('fan', 'admin', 'surplus', 'cancelled')),
  account_id   bigint references accounts, -- the admin who did it
  note         text not null default '',   -- why, in the admin's words
  quantity     int not null check (quantity between 0 and 100), -- tickets taken back
  amount_cents bigint not null check (amount_cents >= 0),
  fee_cents    bigint not null default 0 check (fee_cents between 0 and amount_cents), -- the part of it that was fee
  status       text not null default 'owed' check (status in ('owed', 'done', 'refused')), -- refused: a person has to look
  asked_at     timestamptz not null default now(),
  released_at  timestamptz, -- the generator took the stock back
  attempts     int not null default 0,
  next_try_at  timestamptz not null default now(),
  done_at      timestamptz,
  gateway_id   text,
  constraint refunds_owed_has_charge check (amount_cents = 0 or charge_id is not null)
);
create unique index refunds_one_per_surplus on refunds (charge_id) where reason = 'surplus';
create unique index refunds_one_per_cancel on refunds (order_id) where reason = 'cancelled';
create index refunds_of_order on refunds (order_id);
create index refunds_owed on refunds (next_try_at) where status = 'owed';           -- the sweep
create index refunds_unreleased on refunds (asked_at) where released_at is null;    -- the sweep
alter table tickets add constraint tickets_refund foreign key (refund_id) references refunds;
create index tickets_of_refund on tickets (refund_id) where refund_id is not null;

-- Notices from the payment API, each stored once; they are hints to look. One may name nothing but the gateway's own id
-- of a charge that no row has yet: the worker asks the gateway whose it is.
create table notices (
  gateway     text not null,
  event_id    text not null,
  charge_id   uuid,
  gateway_id  text, -- of the charge
  received_at timestamptz not null default now(),
  handled_at  timestamptz,
  primary key (gateway, event_id),
  constraint notices_name_a_charge check (charge_id is not null or gateway_id is not null)
);
create index notices_unhandled on notices (received_at) where handled_at is null; -- the sweep

-- Every movement of money, written in the transaction that moves it and never changed.
create table ledger (
  id           bigint generated always as identity primary key,
  at           timestamptz not null default now(),
  event_id     bigint not null references events,
  order_id     uuid not null references orders,
  gateway      text not null,
  charge_id    uuid not null references charges,
  refund_id    uuid references refunds,
  kind         text not null check (kind in ('captured', 'fee', 'refund_owed', 'fee_returned', 'refund_sent')),
  amount_cents bigint not null check (amount_cents > 0),
  currency     text not null,
  constraint ledger_refund check ((refund_id is not null) = (kind in ('refund_owed', 'fee_returned', 'refund_sent')))
);
create unique index ledger_once_per_charge on ledger (charge_id, kind) where refund_id is null;
create unique index ledger_once_per_refund on ledger (refund_id, kind) where refund_id is not null;
create index ledger_of_event on ledger (event_id, id); -- the admin's page
create index ledger_of_order on ledger (order_id);
-- +goose StatementBegin
create function ledger_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is only written at its end';
end $$;
-- +goose StatementEnd
create trigger ledger_is_kept before update or delete or truncate on ledger for each statement execute function ledger_is_kept();

-- When the payment API did not answer; at most one outage of a gateway goes on.
create table outages (
  id       bigint generated always as identity primary key,
  gateway  text not null,
  began_at timestamptz not null default now(),
  ended_at timestamptz check (ended_at >= began_at)
);
create unique index outages_one_open on outages (gateway) where ended_at is null;

-- The leading generator raises the epoch; every transaction of its own asserts it.
create table generator (
  single boolean primary key default true check (single),
  epoch  bigint not null default 0,
  since  timestamptz not null default now()
);
insert into generator default values;

-- What admins did.
create table admin_log (
  id         bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  action     text not null,
  subject    text not null,
  detail     jsonb not null default '{}',
  at         timestamptz not null default now()
);

-- Links in letters. What a link says is its id, signed with the shop's key: who reads these rows can open none.
create table account_links (
  id         uuid primary key default gen_random_uuid(),
  account_id bigint references accounts, -- null when nobody has the e-mail that was typed: both are answered alike
  purpose    text not null check (purpose in ('confirm', 'reset')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at    timestamptz
);
create index account_links_unused on account_links (account_id) where used_at is null; -- one use ends the others
create index account_links_nobody on account_links (created_at) where account_id is null; -- the sweep

-- The debt of one letter each, written in the transaction that makes the news. No address and no words: both are read
-- when it is sent. An account is not referenced, for the reason given at orders.
create table letters (
  id          uuid primary key default gen_random_uuid(), -- names the message, so that a repeated one is recognised
  kind        text not null check (kind in ('confirm', 'reset', 'hold_ending', 'given', 'paid', 'late_paid', 'expired',
                'surplus', 'refunded', 'cancelled')),
  subject     uuid not null, -- the link, order or refund that it is about
  account_id  bigint,        -- null when nobody has the e-mail that was typed
  status      text not null default 'owed' check (status in ('owed', 'sent', 'failed', 'moot')),
  attempts    int not null default 0,
  owed_at     timestamptz not null default now(),
  next_try_at timestamptz not null default now(), -- later while a worker has it in hand
  ended_at    timestamptz,
  constraint letters_once unique (kind, subject), -- promise 4
  constraint letters_ended check ((status = 'owed') = (ended_at is null))
);
create index letters_due on letters (next_try_at) where status = 'owed';     -- the sweep
create index letters_nobody on letters (owed_at) where account_id is null; -- the sweep

-- +goose Down
drop table letters, account_links, admin_log, generator, outages, ledger, notices, tickets, refunds, charges, orders, capacity_changes, stock, ticket_types, lost_numbers, lines, events, accounts;
drop function ledger_is_kept;
