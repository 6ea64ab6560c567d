-- +goose Up

-- The form that made an event or a ticket type: sending it again finds what it made.
alter table events add column form_id uuid, add constraint events_form_once unique (form_id);
alter table ticket_types add column form_id uuid, add constraint ticket_types_form_once unique (form_id);

-- +goose Down
alter table ticket_types drop column form_id;
alter table events drop column form_id;
