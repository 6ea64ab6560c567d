package local_test

import (
	"testing"

	"guiche/store/local"
)

func TestNewDatabaseIsMigratedAndAlone(t *testing.T) {
	for range 2 {
		db := openPostgres(t, local.NewDatabase(t))
		var accounts int
		if err := db.QueryRow("select count(*) from accounts").Scan(&accounts); err != nil {
			t.Fatal(err)
		}
		if accounts != 0 {
			t.Errorf("a fresh database has %d accounts", accounts)
		}
		if _, err := db.Exec("insert into accounts (name, email, password_hash) values ('Ana', 'ana@guiche.test', '')"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNewDatabaseKnowsPortugueseLetters(t *testing.T) {
	var lower string
	if err := openPostgres(t, local.NewDatabase(t)).QueryRow("select lower('SÃO JOÃO')").Scan(&lower); err != nil {
		t.Fatal(err)
	}
	if lower != "são joão" {
		t.Errorf("lower('SÃO JOÃO') = %q", lower)
	}
}

func TestNewRedisIsEmptyAndAlone(t *testing.T) {
	for range 2 {
		client := openRedis(t, local.NewRedis(t))
		size, err := client.DBSize(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		if size != 0 {
			t.Errorf("a fresh Redis has %d keys", size)
		}
		if err := client.Set(t.Context(), "key", "value", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
}
