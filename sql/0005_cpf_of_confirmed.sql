-- +goose NO TRANSACTION
-- +goose Up

-- A CPF is one person's once her e-mail is confirmed. Until then it is only what somebody typed, and keeps nobody out.
set lock_timeout = 0;
drop index concurrently if exists accounts_cpf_confirmed;
create unique index concurrently accounts_cpf_confirmed on accounts (cpf) where confirmed_at is not null;
reset lock_timeout;

-- Code knows the rule by its name.
-- +goose StatementBegin
do $$
begin
  alter table accounts drop constraint if exists accounts_cpf_key;
  drop index if exists accounts_cpf_key;
  alter index accounts_cpf_confirmed rename to accounts_cpf_key;
end $$;
-- +goose StatementEnd

-- +goose Down
drop index concurrently if exists accounts_cpf_key;
alter table accounts add constraint accounts_cpf_key unique (cpf);
