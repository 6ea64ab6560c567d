package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"guiche/store/local"
)

// keeperFolder makes this test binary a process that runs both servers in the folder until it is killed.
const keeperFolder = "GUICHE_TEST_KEEPER_FOLDER"

type running struct{ Postgres, Redis *local.Server }

func TestMain(m *testing.M) {
	folder := os.Getenv(keeperFolder)
	if folder == "" {
		os.Exit(m.Run())
	}
	if err := keeper(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func keeper(folder string) error {
	p, err := local.StartPostgres(context.Background(), postgresIn(folder))
	if err != nil {
		return err
	}
	r, err := local.StartRedis(context.Background(), redisIn(folder))
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(running{p, r}); err != nil {
		return err
	}
	<-p.Done()
	<-r.Done()
	return nil
}

func TestDataSurvivesAKill(t *testing.T) {
	for _, victims := range []string{"process", "process and servers"} {
		t.Run(victims, func(t *testing.T) {
			t.Parallel()
			folder := local.NewFolder(t)
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), keeperFolder+"="+folder)
			cmd.Stderr = os.Stderr
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var servers running
			if err := json.NewDecoder(stdout).Decode(&servers); err != nil {
				t.Fatal(err)
			}
			keep(t, servers.Postgres.URL, servers.Redis.URL)
			pids := []int{cmd.Process.Pid}
			if victims != "process" {
				pids = append(pids, pidIn(t, servers.Postgres, "postmaster.pid"), pidIn(t, servers.Redis, "redis.pid"))
			}
			for _, pid := range pids {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			if err := cmd.Wait(); err == nil {
				t.Fatal("the process was not killed")
			}
			p, r := startBoth(t, folder)
			expectKept(t, p.URL, r.URL)
		})
	}
}

func pidIn(t *testing.T, s *local.Server, note string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.Folder, "data", note))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
