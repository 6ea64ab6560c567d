package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	migrations "guiche/sql"
)

// What is said of a database whose schema is not this binary's.
var (
	// ErrOlderSchema says that files of this binary are not applied yet.
	ErrOlderSchema = errors.New("the database is not at the schema of this guiche yet: run guiche migrate")
	// ErrNewerSchema says that a newer release has migrated the database. Roles of this one go on beside it.
	ErrNewerSchema = errors.New("a newer release has migrated this database: nothing to do")
	// ErrOtherSchema says that the database was not made from the files of this binary.
	ErrOtherSchema = errors.New("this database was made by another version of guiche: use the release that made it, or start with an empty one")
)

const (
	// firstRecorded is the first version that writes schema_files.
	firstRecorded = 2
	// firstFingerprint is that of what 0001_schema.sql makes, by which a database that is older than schema_files is known.
	firstFingerprint = "11fe2bef07f409ec8005189c1ca19e37f2d1f41f83e7fc7d6500aa3b261850f9"
	// schemaHolds is how long CheckSchema believes what it found, as long as it was good.
	schemaHolds = time.Second
)

// CheckSchema says whether the database has the schema that this binary works on: ErrOlderSchema or ErrOtherSchema if
// not. A newer release may have added to it.
func (s *Store) CheckSchema(ctx context.Context) (err error) {
	defer wrap(&err, "check the schema")
	if checked := s.checked.Load(); checked != nil && time.Since(*checked) < schemaHolds {
		return nil
	}
	now := time.Now()
	if err := checkSchema(ctx, s.db); err != nil {
		return err
	}
	s.checked.Store(&now)
	return nil
}

// querier is a database or one connection of it.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// checkSchema is CheckSchema on any connection.
func checkSchema(ctx context.Context, q querier) error {
	if err := compareSchema(ctx, q); !errors.Is(err, ErrNewerSchema) {
		return err
	}
	return nil // it has only added to what this binary knows
}

// compareSchema compares the files that were applied with those of this binary.
func compareSchema(ctx context.Context, q querier) error {
	files, err := migrations.Files()
	if err != nil {
		return err
	}
	applied, err := appliedFiles(ctx, q)
	if err != nil {
		return err
	}
	for i, f := range files {
		if i == len(applied) {
			return ErrOlderSchema
		}
		if a := applied[i]; a.Version != f.Version || a.SHA256 != f.SHA256 {
			return fmt.Errorf("schema %d has other content: %w", f.Version, ErrOtherSchema)
		}
	}
	if len(applied) > len(files) {
		return ErrNewerSchema
	}
	return nil
}

// appliedFiles lists what the database remembers by version; nothing if it is older than schema_files.
func appliedFiles(ctx context.Context, q querier) (files []migrations.File, err error) {
	rows, err := q.QueryContext(ctx, `select version, name, sha256 from schema_files order by version`)
	if e, ok := errors.AsType[*pq.Error](err); ok && e.Code.Name() == "undefined_table" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var f migrations.File
		if err := rows.Scan(&f.Version, &f.Name, &f.SHA256); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, rows.Err()
}

// mayMigrate says whether this binary's files may be applied to the database: it is empty, or exactly what the first
// of them have made.
func mayMigrate(ctx context.Context, q querier) error {
	err := compareSchema(ctx, q)
	if !errors.Is(err, ErrOlderSchema) {
		return err
	}
	var recorded, known bool
	if err := q.QueryRowContext(ctx, `select to_regclass('schema_files') is not null, to_regclass('goose_db_version') is not null`).
		Scan(&recorded, &known); err != nil || recorded || !known {
		return err
	}
	var version int64
	if err := q.QueryRowContext(ctx, `select coalesce(max(version_id), 0) from goose_db_version`).Scan(&version); err != nil || version == 0 {
		return err
	}
	found, err := fingerprint(ctx, q)
	if err == nil && (version >= firstRecorded || found != firstFingerprint) {
		err = fmt.Errorf("schema %d has other content: %w", version, ErrOtherSchema)
	}
	return err
}

// fingerprint sums up what the catalog says of the schema, but for what goose and this check added. Objects of
// extensions are not ours.
func fingerprint(ctx context.Context, q querier) (string, error) {
	rows, err := q.QueryContext(ctx, `
		with here as (select oid, quote_ident(nspname) || '.' as prefix from pg_namespace where nspname = current_schema()),
		ours as (
			select c.oid, c.relname, c.relkind, here.prefix from pg_class c join here on c.relnamespace = here.oid
			where c.relname not in ('goose_db_version', 'schema_files')
				and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')),
		lines as (
			select concat_ws(' ', 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
				a.attgenerated, pg_get_expr(d.adbin, d.adrelid)) as line
			from ours c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
			left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
			where c.relkind in ('r', 'p', 'v', 'm')
			union all
			select concat_ws(' ', 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid))
			from ours c join pg_constraint k on k.conrelid = c.oid and k.contype in ('c', 'f', 'p', 'u', 'x')
			union all
			select replace(pg_get_indexdef(i.indexrelid), c.prefix, '') from ours c join pg_index i on i.indrelid = c.oid
			union all
			select replace(pg_get_triggerdef(t.oid), c.prefix, '') from ours c join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal
			union all
			select concat_ws(' ', 'function', p.proname, pg_get_function_arguments(p.oid), p.prosrc)
			from here join pg_proc p on p.pronamespace = here.oid
			where not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e'))
		select regexp_replace(line, '\s+', ' ', 'g') as line from lines order by line collate "C"`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	sum := sha256.New()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return "", err
		}
		fmt.Fprintln(sum, line)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), rows.Err()
}
