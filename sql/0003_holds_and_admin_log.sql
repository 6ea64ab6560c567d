-- +goose NO TRANSACTION
-- +goose Up

-- Each statement is a transaction of its own, and may be repeated: the check is added without looking at old rows, which
-- takes a lock for a moment only, and looks at them afterwards without making anybody wait.
alter table orders
  drop constraint if exists orders_hold_seconds_check,
  add constraint orders_hold_seconds_check check (hold_seconds >= 0) not valid;

set lock_timeout = 0;
alter table orders validate constraint orders_hold_seconds_check;
drop index concurrently if exists admin_log_of_account;
create index concurrently admin_log_of_account on admin_log (account_id, at); -- what one admin did
reset lock_timeout;

-- +goose Down
alter table orders drop constraint if exists orders_hold_seconds_check;
drop index concurrently if exists admin_log_of_account;
