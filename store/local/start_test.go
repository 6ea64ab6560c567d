package local_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	redigo "github.com/gomodule/redigo/redis"
	"github.com/redis/go-redis/v9"

	"guiche/store/local"
)

func TestDataSurvivesAStop(t *testing.T) {
	t.Parallel()
	folder := local.NewFolder(t)
	p, r := startBoth(t, folder)
	keep(t, p.URL, r.URL)
	for _, s := range []*local.Server{p, r} {
		if err := s.Stop(t.Context()); err != nil {
			t.Errorf("stop %s: %v", s.URL, err)
		}
	}
	p, r = startBoth(t, folder)
	expectKept(t, p.URL, r.URL)
}

func TestSecondStartOnAFolderIsRefused(t *testing.T) {
	t.Parallel()
	folder := local.NewFolder(t)
	p, r := startBoth(t, folder)
	if _, err := local.StartPostgres(t.Context(), postgresIn(folder)); !errors.Is(err, local.ErrInUse) {
		t.Errorf("a second Postgres: %v", err)
	}
	if _, err := local.StartRedis(t.Context(), redisIn(folder)); !errors.Is(err, local.ErrInUse) {
		t.Errorf("a second Redis: %v", err)
	}
	keep(t, p.URL, r.URL) // the first ones still work
}

func TestRedisKeepsWhatItPromised(t *testing.T) {
	client := openRedis(t, local.NewRedis(t))
	for name, want := range map[string]string{"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction", "port": "0"} {
		got, err := client.ConfigGet(t.Context(), name).Result()
		if err != nil || got[name] != want {
			t.Errorf("%s = %q, %v; want %q", name, got[name], err, want)
		}
	}
}

func TestPostgresListensOnNoPort(t *testing.T) {
	var addresses string
	if err := openPostgres(t, local.NewDatabase(t)).QueryRow("show listen_addresses").Scan(&addresses); err != nil || addresses != "" {
		t.Errorf("listen_addresses = %q, %v", addresses, err)
	}
}

func TestRedigoReachesRedis(t *testing.T) {
	options, err := redis.ParseURL(local.NewRedis(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := redigo.Dial(options.Network, options.Addr, redigo.DialDatabase(options.DB))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if answer, err := redigo.String(conn.Do("PING")); err != nil || answer != "PONG" {
		t.Errorf("PING: %q, %v", answer, err)
	}
}

func TestFolderMayLieTooDeepForASocket(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(local.NewFolder(t), strings.Repeat("deep ground ", 8))
	p, r := startBoth(t, folder)
	keep(t, p.URL, r.URL)
}

// For root this is a folder that the servers' user cannot reach.
func TestFolderMayBePrivate(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "private")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	p, r := startBoth(t, folder)
	keep(t, p.URL, r.URL)
	p.Kill()
	r.Kill()
	real := []string{p.Folder, r.Folder}
	p, r = startBoth(t, folder)
	expectKept(t, p.URL, r.URL)
	t.Cleanup(func() {
		for _, path := range real {
			for _, path := range []string{path, path + ".link"} {
				if err := os.RemoveAll(path); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func TestNoteOfAnotherProcessIsIgnored(t *testing.T) {
	t.Parallel()
	folder := local.NewFolder(t)
	p, r := startBoth(t, folder)
	keep(t, p.URL, r.URL)
	p.Kill()
	r.Kill()
	if p.Err() == nil || r.Err() == nil {
		t.Error("a killed server says that it ended in good order")
	}
	// After a reboot the number can be anybody's: ours, for one.
	note := filepath.Join(p.Folder, "data", "postmaster.pid")
	content, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "\n")
	if err := os.WriteFile(note, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	p, r = startBoth(t, folder)
	expectKept(t, p.URL, r.URL)
}

func postgresIn(folder string) local.PostgresOptions {
	return local.PostgresOptions{Folder: filepath.Join(folder, "postgres")}
}

func redisIn(folder string) local.RedisOptions {
	return local.RedisOptions{Folder: filepath.Join(folder, "redis")}
}

func startBoth(t *testing.T, folder string) (p, r *local.Server) {
	t.Helper()
	if testing.Short() {
		t.Skip("a new Postgres for each test is slow")
	}
	p, err := local.StartPostgres(t.Context(), postgresIn(folder))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	r, err = local.StartRedis(t.Context(), redisIn(folder))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Kill)
	return p, r
}

func openPostgres(t *testing.T, databaseURL string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func openRedis(t *testing.T, redisURL string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	return client
}

// keep stores one thing in each server; when it returns both have promised to keep it.
func keep(t *testing.T, databaseURL, redisURL string) {
	t.Helper()
	if _, err := openPostgres(t, databaseURL).Exec("create table kept as select 'kept' as word"); err != nil {
		t.Fatal(err)
	}
	if err := openRedis(t, redisURL).Set(t.Context(), "word", "kept", 0).Err(); err != nil {
		t.Fatal(err)
	}
}

func expectKept(t *testing.T, databaseURL, redisURL string) {
	t.Helper()
	var word string
	if err := openPostgres(t, databaseURL).QueryRow("select word from kept").Scan(&word); err != nil || word != "kept" {
		t.Errorf("Postgres kept %q, %v", word, err)
	}
	if word, err := openRedis(t, redisURL).Get(t.Context(), "word").Result(); err != nil || word != "kept" {
		t.Errorf("Redis kept %q, %v", word, err)
	}
}
