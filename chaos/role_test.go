package chaos

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one running process of a role.
type process struct {
	cmd  *exec.Cmd
	gone chan struct{}
	err  error // after gone

	mu      sync.Mutex
	rest    []byte   // of a line that is not whole yet
	last    [][]byte // lines, for a test that failed
	standby bool     // waits for the lead
	leading bool
	panics  bool
}

// lastLines is how much of a process's log is kept.
const lastLines = 30

// Write reads the log for what the process says of itself.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, b...)
	for {
		line, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole {
			return len(b), nil
		}
		p.standby = p.standby || bytes.Contains(line, []byte(`"msg":"waiting for the lead"`))
		p.leading = p.leading || bytes.Contains(line, []byte(`"msg":"leading the line"`))
		p.panics = p.panics || bytes.HasPrefix(line, []byte("panic:")) || bytes.HasPrefix(line, []byte("fatal error:"))
		p.last = append(p.last, bytes.Clone(line))
		p.last = p.last[max(0, len(p.last)-lastLines):]
		p.rest = bytes.Clone(rest)
	}
}

// is tells whether a running process leads, and whether it stands by instead.
func (p *process) is() (leading, standby bool) {
	select {
	case <-p.gone:
		return false, false
	default:
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.leading, p.standby && !p.leading
}

// signal sends a signal; the process may be gone, which gone tells.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// kill ends the process as a power cut would.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.gone
}

// role is a process that is started again whenever it ends, as a platform does.
type role struct {
	name  string
	env   []string
	stop  context.CancelFunc
	ended chan struct{}

	mu  sync.Mutex
	now *process
	all []*process
	bad error
}

const (
	// restartPause keeps a role that cannot start, since a server is away, from taking the processor.
	restartPause = 50 * time.Millisecond
	mostStarts   = 5000
)

// keep runs a role, played by this test binary, until the test ends or it is stopped.
func keep(t *testing.T, name string, settings map[string]string) *role {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &role{name: name, env: []string{asRole + "=yes"}, stop: stop, ended: make(chan struct{})}
	for k, v := range settings {
		r.env = append(r.env, k+"="+v)
	}
	started := make(chan struct{})
	go r.run(ctx, started)
	<-started
	t.Cleanup(func() {
		r.end()
		if r.bad != nil {
			t.Errorf("%s: %v", name, r.bad)
		}
		for _, p := range r.all {
			if p.panics {
				t.Errorf("%s panicked:\n%s", name, bytes.Join(p.last, []byte("\n")))
			}
		}
		if t.Failed() {
			r.tell(t)
		}
	})
	return r
}

func (r *role) run(ctx context.Context, started chan struct{}) {
	defer close(r.ended)
	pause := time.NewTicker(restartPause)
	defer pause.Stop()
	for n := 0; n < mostStarts && ctx.Err() == nil; n++ {
		p := &process{cmd: exec.Command(os.Args[0], r.name), gone: make(chan struct{})}
		p.cmd.Env, p.cmd.Stderr = r.env, p
		if r.bad = p.cmd.Start(); r.bad == nil {
			r.mu.Lock()
			r.now, r.all = p, append(r.all, p)
			r.mu.Unlock()
		}
		if n == 0 {
			close(started)
		}
		if r.bad != nil {
			return
		}
		go func() {
			p.err = p.cmd.Wait()
			close(p.gone)
		}()
		select {
		case <-p.gone:
		case <-ctx.Done():
			p.kill()
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
	}
}

// end kills the process and starts no other one.
func (r *role) end() {
	r.stop()
	<-r.ended
}

// current is the newest process of the role.
func (r *role) current() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// tell shows the end of what the newest processes said.
func (r *role) tell(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.all[max(0, len(r.all)-3):] {
		p.mu.Lock()
		t.Logf("%s ended with %v:\n%s", r.name, p.err, bytes.Join(p.last, []byte("\n")))
		p.mu.Unlock()
	}
}

// with is a copy of settings with some changed.
func with(settings, changes map[string]string) map[string]string {
	own := map[string]string{}
	maps.Copy(own, settings)
	maps.Copy(own, changes)
	return own
}

// inherited is what a process needs of our environment.
func inherited() map[string]string {
	return map[string]string{"PATH": os.Getenv("PATH"), "HOME": os.Getenv("HOME")}
}

// median of some durations, with the least and the most.
func median(d []time.Duration) (least, middle, most time.Duration) {
	if len(d) == 0 {
		return 0, 0, 0
	}
	d = slices.Sorted(slices.Values(d))
	return d[0], d[len(d)/2], d[len(d)-1]
}
