package local

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// postgresFolders are where PostgreSQL's programs are when they are not in PATH.
var postgresFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/libexec/postgresql*",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
}

var redisFolders = []string{"/opt/homebrew/bin", "/usr/local/bin", "/home/linuxbrew/.linuxbrew/bin"}

// findPostgres returns the folder of the newest initdb and postgres, or of those of the given major version: a cluster
// can only be opened by the version that made it.
func findPostgres(version string) (string, error) {
	type found struct {
		folder string
		major  int
	}
	var all []found
	for _, folder := range search(postgresFolders) {
		if !executable(filepath.Join(folder, "initdb")) {
			continue
		}
		major, ok := postgresVersion(filepath.Join(folder, "postgres"))
		if ok && (version == "" || version == strconv.Itoa(major)) {
			all = append(all, found{folder, major})
		}
	}
	if len(all) > 0 {
		return slices.MaxFunc(all, func(a, b found) int { return cmp.Compare(a.major, b.major) }).folder, nil
	}
	server := "PostgreSQL"
	if version != "" {
		server += " " + version + ", which made this data folder,"
	}
	return "", &MissingError{
		Server: server,
		Install: "install its server (Debian and Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; " +
			"Alpine: apk add postgresql; macOS: brew install postgresql@17)",
		Variable: "DATABASE_URL",
	}
}

var majorVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func postgresVersion(program string) (int, bool) {
	if !executable(program) {
		return 0, false
	}
	out, err := exec.Command(program, "--version").Output()
	if err != nil {
		return 0, false
	}
	match := majorVersion.FindSubmatch(out)
	if match == nil {
		return 0, false
	}
	major, err := strconv.Atoi(string(match[1]))
	return major, err == nil
}

// findRedis returns a program that is a Redis server when it is called by the name redis-server. Debian's package
// redis-tools holds the whole server as redis-check-rdb, without the service of the package redis-server.
func findRedis() (string, error) {
	for _, name := range []string{"redis-server", "valkey-server", "redis-check-rdb"} {
		for _, folder := range search(redisFolders) {
			if program := filepath.Join(folder, name); executable(program) {
				return program, nil
			}
		}
	}
	return "", &MissingError{
		Server: "Redis",
		Install: "install its server (Debian and Ubuntu: apt-get install redis-tools; Fedora: dnf install redis; " +
			"Alpine: apk add redis; macOS: brew install redis)",
		Variable: "REDIS_URL",
	}
}

// search lists the folders of PATH, and those that the patterns name.
func search(patterns []string) []string {
	folders := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range patterns {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			panic(fmt.Sprintf("local: bad pattern %s", pattern))
		}
		folders = append(folders, matches...)
	}
	return slices.DeleteFunc(folders, func(f string) bool { return !strings.HasPrefix(f, "/") })
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
