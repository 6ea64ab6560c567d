package local_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/redis/go-redis/v9"

	"guiche/store/local"
)

func TestNewDatabaseIsMigratedAndAlone(t *testing.T) {
	for range 2 {
		db, err := sql.Open("postgres", local.NewDatabase(t))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var events int
		if err := db.QueryRow("select count(*) from events").Scan(&events); err != nil {
			t.Fatal(err)
		}
		if events != 0 {
			t.Errorf("a fresh database has %d events", events)
		}
		if _, err := db.Exec(`insert into events (slug, name, starts_at, sale_starts_at, sale_ends_at)
			values ('a', 'A', now(), now(), now() + interval '1 hour')`); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNewRedisIsEmptyAndAlone(t *testing.T) {
	for range 2 {
		options, err := redis.ParseURL(local.NewRedis(t))
		if err != nil {
			t.Fatal(err)
		}
		client := redis.NewClient(options)
		defer client.Close()
		size, err := client.DBSize(context.Background()).Result()
		if err != nil {
			t.Fatal(err)
		}
		if size != 0 {
			t.Errorf("a fresh Redis has %d keys", size)
		}
		if err := client.Set(context.Background(), "key", "value", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
}
