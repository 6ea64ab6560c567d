package local

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindPostgres(t *testing.T) {
	old, new, client := fakePostgres(t, "15.18"), fakePostgres(t, "17.2"), t.TempDir()
	writeProgram(t, filepath.Join(client, "initdb"), "exit 0")
	swap(t, &postgresFolders, []string{old, new, client})
	t.Setenv("PATH", "")
	for version, want := range map[string]string{"": new, "15": old, "17": new} {
		if got, err := findPostgres(version); err != nil || got != want {
			t.Errorf("findPostgres(%q) = %s, %v; want %s", version, got, err, want)
		}
	}
	var missing *MissingError
	if _, err := findPostgres("16"); !errors.As(err, &missing) || !strings.Contains(missing.Error(), "PostgreSQL 16") {
		t.Errorf("findPostgres(16): %v", err)
	}
}

func TestFindNothing(t *testing.T) {
	swap(t, &postgresFolders, nil)
	swap(t, &redisFolders, nil)
	t.Setenv("PATH", t.TempDir())
	var missing *MissingError
	if _, err := findPostgres(""); !errors.As(err, &missing) || !strings.Contains(missing.Error(), "apt-get install postgresql;") {
		t.Errorf("findPostgres: %v", err)
	}
	if _, err := findRedis(); !errors.As(err, &missing) || !strings.Contains(missing.Error(), "apt-get install redis-tools;") {
		t.Errorf("findRedis: %v", err)
	}
	if _, err := StartPostgres(t.Context(), PostgresOptions{Folder: NewFolder(t)}); !errors.As(err, &missing) {
		t.Errorf("StartPostgres: %v", err)
	}
	if _, err := StartRedis(t.Context(), RedisOptions{Folder: NewFolder(t)}); !errors.As(err, &missing) {
		t.Errorf("StartRedis: %v", err)
	}
}

func fakePostgres(t *testing.T, version string) string {
	folder := t.TempDir()
	writeProgram(t, filepath.Join(folder, "initdb"), "exit 0")
	writeProgram(t, filepath.Join(folder, "postgres"), "echo 'postgres (PostgreSQL) "+version+" (Debian)'")
	return folder
}

func writeProgram(t *testing.T, path, script string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func swap(t *testing.T, folders *[]string, with []string) {
	was := *folders
	*folders = with
	t.Cleanup(func() { *folders = was })
}
