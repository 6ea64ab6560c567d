package journeys

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	_ "time/tzdata" // as main has it

	"guiche/app"
	"guiche/journeys/world"
)

// asProgram makes this test binary behave as guiche itself, so that tests start real processes of what they test.
const asProgram = "GUICHE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := app.Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "guiche:", err)
		os.Exit(1)
	}
}

// process is one running role.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	output *lockedBuffer
	gone   chan struct{}
	err    error // after gone
}

// start runs guiche with arguments and settings, and nothing else of our environment but what programs are found by.
func start(t *testing.T, settings map[string]string, args ...string) *process {
	t.Helper()
	return startReading(t, settings, "", args...)
}

// startReading is start with something on standard input.
func startReading(t *testing.T, settings map[string]string, input string, args ...string) *process {
	t.Helper()
	return startProgram(t, os.Args[0], settings, input, args...)
}

// startProgram is startReading for any program that plays guiche's roles.
func startProgram(t *testing.T, program string, settings map[string]string, input string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(program, args...), output: &lockedBuffer{}, gone: make(chan struct{})}
	p.cmd.Env = append(lines(settings), "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"), asProgram+"=yes")
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = strings.NewReader(input), p.output, p.output
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.gone)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%v:\n%s", args, p.output)
		}
	})
	return p
}

// lines are settings in the form of os.Environ.
func lines(settings map[string]string) []string {
	var all []string
	for name, value := range settings {
		all = append(all, name+"="+value)
	}
	return all
}

// stop asks the process to end and waits; ending with an error fails the test.
func (p *process) stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone, which the wait tells
	select {
	case <-p.gone:
		if p.err != nil {
			p.t.Errorf("%v ended with %v", p.cmd.Args[1:], p.err)
		}
	case <-time.After(60 * time.Second):
		p.t.Fatalf("%v does not stop", p.cmd.Args[1:])
	}
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be gone already
	<-p.gone
}

// signal stops a process in the middle of everything, or lets it go on.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// answers waits until a page of the process is there.
func (p *process) answers(url string) {
	p.t.Helper()
	world.Eventually(p.t, url+" answers", func() bool {
		select {
		case <-p.gone:
			p.t.Fatalf("%v ended with %v:\n%s", p.cmd.Args[1:], p.err, p.output)
		default:
		}
		r, err := http.Get(url)
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// nextPort is where the search for free ports goes on: tests that run together must not be given the same ones.
var (
	portLock sync.Mutex
	nextPort = 20000 + os.Getpid()%12000
)

// freePorts finds a port with n free ones behind it, since a shop takes its PORT and some after it.
// They end below those that systems give to outgoing connections.
func freePorts(t *testing.T, n int) int {
	t.Helper()
	portLock.Lock()
	defer portLock.Unlock()
search:
	for nextPort < 32768-n {
		first := nextPort
		nextPort += n + 1
		for p := first; p <= first+n; p++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p))
			if err != nil {
				continue search
			}
			_ = l.Close()
		}
		return first
	}
	t.Fatal("no free ports")
	return 0
}

// lockedBuffer is written by a process and read by a test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
