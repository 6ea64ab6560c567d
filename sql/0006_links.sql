-- +goose NO TRANSACTION
-- +goose Up

-- Links to sign in, and to change an e-mail.
alter table account_links
  add column if not exists asked text,     -- stands for the e-mail that was typed: who asks again soon gets no second letter
  add column if not exists email text,     -- the new one of a change
  add column if not exists email_was text, -- what it replaces
  drop constraint if exists account_links_purpose_check;
alter table account_links add constraint account_links_purpose_check
  check (purpose in ('confirm', 'reset', 'sign_in', 'email')) not valid;

-- Which kinds of letters there are is for the code to say: a worker of a release that does not know one leaves it for later.
alter table letters drop constraint if exists letters_kind_check;
alter table letters add constraint letters_kind_check check (kind ~ '^[a-z]+(_[a-z]+)*$') not valid;

set lock_timeout = 0;
alter table account_links validate constraint account_links_purpose_check;
alter table letters validate constraint letters_kind_check;
drop index concurrently if exists account_links_asked;
create index concurrently account_links_asked on account_links (asked, created_at) where asked is not null;
reset lock_timeout;

-- +goose Down
drop index concurrently if exists account_links_asked;
alter table letters drop constraint letters_kind_check;
alter table letters add constraint letters_kind_check check (kind in ('confirm', 'reset', 'hold_ending', 'given', 'paid',
  'late_paid', 'expired', 'surplus', 'refunded', 'cancelled')) not valid;
alter table account_links drop constraint account_links_purpose_check;
alter table account_links add constraint account_links_purpose_check check (purpose in ('confirm', 'reset')) not valid,
  drop column email_was, drop column email, drop column asked;
