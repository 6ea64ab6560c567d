-- +goose Up

-- What each applied file of this folder said, so that a database that another version of it made is recognised.
create table schema_files (
  version    bigint primary key,
  name       text not null,
  sha256     text not null check (sha256 ~ '^[0-9a-f]{64}$'), -- of the file's content
  applied_at timestamptz not null default now()
);

-- +goose Down
drop table schema_files;
