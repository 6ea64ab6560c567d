package journeys

import (
	"bytes"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"guiche/app"
	"guiche/journeys/world"
	"guiche/store/local"
)

// A release that was taken back finds a newer schema: its release command does nothing, says so, and its roles start.
func TestOlderReleaseLeavesANewerDatabaseAlone(t *testing.T) {
	t.Parallel()
	s := newShop(t, nil)
	raw := s.raw()
	if _, err := raw.Exec(`insert into schema_files (version, name, sha256) values (9999, '9999_later.sql', repeat('0', 64))`); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if err := app.Run(t.Context(), []string{"migrate"}, lines(s.settings), &said, &said); err != nil || !strings.Contains(said.String(), "newer release") {
		t.Errorf("migrate ends with %v and says %s", err, &said)
	}
	s.startWeb(0) // until it is ready
	if _, err := raw.Exec(`update schema_files set sha256 = repeat('0', 64) where version = 1`); err != nil {
		t.Fatal(err)
	}
	world.Eventually(t, "the web process is not ready", func() bool { return status(t, s.url("/readyz")) == http.StatusServiceUnavailable })
}

func TestDevSaysWhatToDoWithDataOfAnotherVersion(t *testing.T) {
	t.Parallel()
	folder := local.NewFolder(t)
	server, err := local.StartPostgres(t.Context(), local.PostgresOptions{Folder: filepath.Join(folder, "postgres"), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("postgres", server.URL)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, raw, os.DirFS("../store/testdata")) // two edits before it was frozen
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	err = app.Run(t.Context(), []string{"dev"}, lines(map[string]string{"DATA_DIR": folder, "PORT": fmt.Sprint(freePorts(t, 5))}), &said, &said)
	if err == nil || !strings.Contains(err.Error(), "move or delete that folder") || !strings.Contains(err.Error(), folder) {
		t.Errorf("dev ends with %v", err)
	}
}

// What cannot be parsed is not shown: it holds a password.
func TestNoCommandShowsThePasswordOfTheDatabase(t *testing.T) {
	t.Parallel()
	redisURL := local.NewRedis(t)
	for _, databaseURL := range []string{"postgres://guiche:opensesame@localhost:port/shop", "postgres://guiche:opensesame%zz@localhost/shop", "opensesame"} {
		settings := map[string]string{
			"DATABASE_URL": databaseURL, "REDIS_URL": redisURL, "SECRET_KEY": strings.Repeat("s", 32),
			"PORT": fmt.Sprint(freePorts(t, 5)), "DATA_DIR": t.TempDir(),
		}
		for _, args := range [][]string{{"dev"}, {"all"}, {"web"}, {"generator"}, {"worker"}, {"migrate"}, {"admin", "create", "root@guiche.test"}, {"audit"}} {
			p := startReading(t, settings, "long-enough-password\n", args...)
			<-p.gone
			if said := p.output.String(); p.err == nil || strings.Contains(said, "opensesame") || !strings.Contains(said, "DATABASE_URL") {
				t.Errorf("%s ends with %v and says %s", args[0], p.err, said)
			}
		}
	}
}

// status is how an address answers.
func status(t *testing.T, address string) int {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
