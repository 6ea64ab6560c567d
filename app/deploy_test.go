package app

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

// flyFile is what fly.toml may hold, of the keys in https://fly.io/docs/reference/configuration/ those that a shop can need.
type flyFile struct {
	App            string            `toml:"app"`
	PrimaryRegion  string            `toml:"primary_region"`
	KillSignal     string            `toml:"kill_signal"`
	KillTimeout    string            `toml:"kill_timeout"`
	SwapSizeMB     int               `toml:"swap_size_mb"`
	ConsoleCommand string            `toml:"console_command"`
	Env            map[string]string `toml:"env"`
	Processes      map[string]string `toml:"processes"`
	Build          struct {
		Dockerfile string            `toml:"dockerfile"`
		Target     string            `toml:"build-target"`
		Args       map[string]string `toml:"args"`
	} `toml:"build"`
	Deploy struct {
		ReleaseCommand        string  `toml:"release_command"`
		ReleaseCommandTimeout string  `toml:"release_command_timeout"`
		Strategy              string  `toml:"strategy"`
		MaxUnavailable        float64 `toml:"max_unavailable"`
		WaitTimeout           string  `toml:"wait_timeout"`
	} `toml:"deploy"`
	Restart []struct {
		Policy    string   `toml:"policy"`
		Retries   int      `toml:"retries"`
		Processes []string `toml:"processes"`
	} `toml:"restart"`
	HTTPService struct {
		InternalPort       int      `toml:"internal_port"`
		ForceHTTPS         bool     `toml:"force_https"`
		AutoStopMachines   string   `toml:"auto_stop_machines"`
		AutoStartMachines  bool     `toml:"auto_start_machines"`
		MinMachinesRunning int      `toml:"min_machines_running"`
		Processes          []string `toml:"processes"`
		Concurrency        struct {
			Type      string `toml:"type"`
			SoftLimit int    `toml:"soft_limit"`
			HardLimit int    `toml:"hard_limit"`
		} `toml:"concurrency"`
		Checks []struct {
			Method        string            `toml:"method"`
			Path          string            `toml:"path"`
			Protocol      string            `toml:"protocol"`
			Interval      string            `toml:"interval"`
			Timeout       string            `toml:"timeout"`
			GracePeriod   string            `toml:"grace_period"`
			TLSSkipVerify bool              `toml:"tls_skip_verify"`
			Headers       map[string]string `toml:"headers"`
		} `toml:"checks"`
	} `toml:"http_service"`
	Checks map[string]struct {
		Type        string   `toml:"type"`
		Port        int      `toml:"port"`
		Method      string   `toml:"method"`
		Path        string   `toml:"path"`
		Interval    string   `toml:"interval"`
		Timeout     string   `toml:"timeout"`
		GracePeriod string   `toml:"grace_period"`
		Processes   []string `toml:"processes"`
	} `toml:"checks"`
	Metrics []struct {
		Port      int      `toml:"port"`
		Path      string   `toml:"path"`
		HTTPS     bool     `toml:"https"`
		Processes []string `toml:"processes"`
	} `toml:"metrics"`
	VM []struct {
		Size      string   `toml:"size"`
		Memory    string   `toml:"memory"`
		CPUKind   string   `toml:"cpu_kind"`
		CPUs      int      `toml:"cpus"`
		Processes []string `toml:"processes"`
	} `toml:"vm"`
}

func readFly(t *testing.T) (flyFile, toml.MetaData) {
	t.Helper()
	var fly flyFile
	meta, err := toml.DecodeFile("../fly.toml", &fly)
	if err != nil {
		t.Fatal(err)
	}
	return fly, meta
}

func TestFlyKeysAreKnown(t *testing.T) {
	_, meta := readFly(t)
	for _, key := range meta.Undecoded() {
		t.Errorf("fly.toml: unknown key %s", key)
	}
}

func TestFlyRunsWhatTheBinaryHas(t *testing.T) {
	fly, _ := readFly(t)
	for group, command := range fly.Processes {
		expectCommand(t, "fly.toml, process "+group, command)
	}
	expectCommand(t, "fly.toml, release_command", fly.Deploy.ReleaseCommand)
}

func TestFlyNamesItsProcesses(t *testing.T) {
	fly, _ := readFly(t)
	for _, role := range []string{"web", "generator", "worker"} {
		if fly.Processes[role] != role {
			t.Errorf("process %s runs %q", role, fly.Processes[role])
		}
	}
	named := slices.Clone(fly.HTTPService.Processes)
	sized := []string{}
	for _, m := range fly.Metrics {
		named = append(named, m.Processes...)
	}
	for _, r := range fly.Restart {
		named = append(named, r.Processes...)
	}
	for _, vm := range fly.VM {
		sized = append(sized, vm.Processes...)
	}
	for _, group := range append(named, sized...) {
		if _, ok := fly.Processes[group]; !ok {
			t.Errorf("there is no process %q", group)
		}
	}
	for group := range fly.Processes {
		if !slices.Contains(sized, group) {
			t.Errorf("process %s has no size", group)
		}
	}
}

func TestFlyPortsAreTheSettings(t *testing.T) {
	fly, _ := readFly(t)
	if got, want := fly.Env["PORT"], strconv.Itoa(fly.HTTPService.InternalPort); got != want {
		t.Errorf("PORT = %s, and the service leads to %s", got, want)
	}
	if len(fly.Metrics) == 0 {
		t.Fatal("no metrics")
	}
	if got, want := fly.Env["OPS_ADDR"], ":"+strconv.Itoa(fly.Metrics[0].Port); got != want {
		t.Errorf("OPS_ADDR = %s, and metrics are read at %s", got, want)
	}
}

func TestFlySetsWhatIsRead(t *testing.T) {
	fly, _ := readFly(t)
	known := map[string]bool{}
	for field := range reflect.TypeFor[settings]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		known[name] = true
	}
	for name := range fly.Env {
		if !known[name] {
			t.Errorf("fly.toml: nobody reads %s", name)
		}
	}
}

func TestEveryProcessIsAskedWhetherItCanWork(t *testing.T) {
	fly, _ := readFly(t)
	asked := map[string]bool{}
	for name, check := range fly.Checks {
		if check.Path != "/readyz" || ":"+strconv.Itoa(check.Port) != fly.Env["OPS_ADDR"] {
			t.Errorf("check %s asks %d%s; OPS_ADDR is %s", name, check.Port, check.Path, fly.Env["OPS_ADDR"])
		}
		for _, process := range check.Processes {
			asked[process] = true
		}
	}
	if len(fly.HTTPService.Checks) > 0 {
		for _, process := range fly.HTTPService.Processes {
			asked[process] = true
		}
	}
	for process := range fly.Processes {
		if !asked[process] {
			t.Errorf("nobody asks whether %s can work", process)
		}
	}
}

func TestTheImageKnowsItsVersion(t *testing.T) {
	docker := readText(t, "../Dockerfile")
	for _, words := range []string{"ARG VERSION", "-X guiche/app.builtVersion=$VERSION"} {
		if !strings.Contains(docker, words) {
			t.Errorf("the Dockerfile lacks %s", words)
		}
	}
}

func TestProcfileRunsWhatTheBinaryHas(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(readText(t, "../Procfile")), "\n")
	for _, line := range lines {
		name, command, ok := strings.Cut(line, ": ./guiche ")
		if !ok {
			t.Errorf("Procfile: %q does not run ./guiche", line)
			continue
		}
		expectCommand(t, "Procfile, process "+name, command)
	}
}

func TestImageRunsWhatTheBinaryHas(t *testing.T) {
	words := map[string][]string{}
	for line := range strings.Lines(readText(t, "../Dockerfile")) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if instruction != "ENTRYPOINT" && instruction != "CMD" {
			continue
		}
		var list []string
		if err := json.Unmarshal([]byte(rest), &list); err != nil {
			t.Fatalf("%s: %v", instruction, err)
		}
		words[instruction] = list
	}
	if !slices.Equal(words["ENTRYPOINT"], []string{"/guiche"}) {
		t.Errorf("ENTRYPOINT %q: fly's processes and release_command follow it", words["ENTRYPOINT"])
	}
	expectCommand(t, "Dockerfile, CMD", strings.Join(words["CMD"], " "))
}

func expectCommand(t *testing.T, where, line string) {
	t.Helper()
	word, _, _ := strings.Cut(line, " ")
	if !slices.ContainsFunc(commands(), func(c command) bool { return c.name == word }) {
		t.Errorf("%s: guiche has no command %q", where, word)
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
