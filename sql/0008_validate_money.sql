-- +goose NO TRANSACTION
-- +goose Up

-- What the file before this one added is looked at without making anybody wait.
set lock_timeout = 0;
alter table refunds validate constraint refunds_status_check;
alter table refunds validate constraint refunds_settled;
alter table ledger validate constraint ledger_kind_check;
alter table ledger validate constraint ledger_refund;
alter table letters validate constraint letters_kind_check;
alter table letters validate constraint letters_status_check;
alter table letters validate constraint letters_ended;
reset lock_timeout;

-- +goose Down
