-- +goose NO TRANSACTION
-- +goose Up

-- Ticket types of one event whose names people cannot tell apart are one. The look of a name is written with it; rows of
-- earlier releases have none, and theirs are compared when a name is written. Each statement can be repeated.

alter table ticket_types add column if not exists look text;
alter table ticket_types drop constraint if exists ticket_types_name_plain;
alter table ticket_types add constraint ticket_types_name_plain check (look is null or name !~ '[[:cntrl:]]') not valid;
alter table ticket_types validate constraint ticket_types_name_plain;

set lock_timeout = 0;
drop index concurrently if exists ticket_types_look_once;
create unique index concurrently ticket_types_look_once on ticket_types (event_id, look);
reset lock_timeout;

-- +goose Down
drop index ticket_types_look_once;
alter table ticket_types drop constraint ticket_types_name_plain, drop column look;
