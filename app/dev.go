package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guiche/store"
	"guiche/store/local"
)

// serverStop is how long the private servers may take to stop.
const serverStop = 30 * time.Second

// lastPort is how far behind PORT the ports of dev go: web, the sandbox, three private listeners and the outbox.
const lastPort = 5

// portTime is how long the ports may take to become free.
const portTime = 3 * time.Second

// runAll plays every role on this machine, on the servers that the settings name.
func runAll(ctx context.Context, a *app) error {
	if err := a.need("DATABASE_URL", "REDIS_URL", "SECRET_KEY"); err != nil {
		return err
	}
	if err := a.portsAreFree(ctx); err != nil {
		return err
	}
	if err := store.Migrate(ctx, a.DatabaseURL); err != nil {
		return err
	}
	return a.supervise(ctx)
}

// runDev shows the whole shop with nothing set: private servers, demo data, play money.
func runDev(ctx context.Context, a *app) error {
	if loopback, _ := isLoopback(a.BaseURL); !loopback { // readSettings has parsed it
		return errors.New("dev is for this machine; BASE_URL is not a loopback address")
	}
	a.log = newLog(a.stderr, "text", "dev")
	a.LogFormat, a.DevMode = "text", true
	folder, err := filepath.Abs(a.DataDir)
	if err != nil {
		return err
	}
	a.DataDir = folder
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	stop, err := a.startServers(ctx)
	defer stop()
	if err != nil {
		return err
	}
	if err := a.portsAreFree(ctx); err != nil {
		return err
	}
	if a.SMTPURL == "" {
		a.OutboxAddr = fmt.Sprintf("localhost:%d", a.Port+lastPort)
		a.SMTPURL = "smtp://" + a.OutboxAddr
	}
	if a.SecretKey == "" {
		if a.SecretKey, err = keptSecret(filepath.Join(folder, "secret")); err != nil {
			return err
		}
	}
	if err := store.Migrate(ctx, a.DatabaseURL); err != nil {
		return err
	}
	if err := seed(ctx, a); err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	letters := a.BaseURL + "/outbox"
	if a.OutboxAddr == "" {
		letters = "your own mail server"
	}
	fmt.Fprintf(a.stdout, `
  Guichê is open at   %s
  Demo accounts       %s / %s
                      %s / %s
  Play money at       %s
  Letters at          %s
  Data in             %s
  Ctrl-C stops everything.

`, a.BaseURL, demoFan.email, demoFan.password, demoAdmin.email, demoAdmin.password, a.SandboxURL, letters, a.DataDir)
	return a.supervise(ctx)
}

// startServers runs the private servers that the settings do not name. The returned function stops them.
func (a *app) startServers(ctx context.Context) (stop func(), err error) {
	var servers []*local.Server
	stop = func() {
		grace, cancel := context.WithTimeout(context.Background(), serverStop)
		defer cancel()
		for _, s := range servers {
			if err := s.Stop(grace); err != nil {
				a.log.Error("stop a private server", "error", err)
			}
		}
	}
	explain := func(err error) error {
		if errors.Is(err, local.ErrInUse) {
			return fmt.Errorf("another guiche dev runs on %s; stop it, or set DATA_DIR and PORT to run beside it", a.DataDir)
		}
		return err
	}
	if a.DatabaseURL == "" {
		s, err := local.StartPostgres(ctx, local.PostgresOptions{Folder: filepath.Join(a.DataDir, "postgres")})
		if err != nil {
			return stop, explain(err)
		}
		servers = append(servers, s)
		a.DatabaseURL = s.URL
	}
	if a.RedisURL == "" {
		s, err := local.StartRedis(ctx, local.RedisOptions{Folder: filepath.Join(a.DataDir, "redis")})
		if err != nil {
			return stop, explain(err)
		}
		servers = append(servers, s)
		a.RedisURL = s.URL
	}
	return stop, nil
}

// portsAreFree says once and clearly what the roles would say again and again: that somebody else has a port.
// The roles of a dev that was killed leave theirs in a moment.
func (a *app) portsAreFree(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, portTime)
	defer cancel()
	for n := a.Port; n <= a.Port+lastPort; n++ {
		var taken error
		if err := until(ctx, func() (bool, error) {
			l, err := net.Listen("tcp", fmt.Sprintf("localhost:%d", n))
			if taken = err; err != nil {
				return false, nil
			}
			return true, l.Close()
		}); err != nil {
			return fmt.Errorf("port %d is taken; set PORT to the first of six free ones: %w", n, cmp.Or(taken, err))
		}
	}
	return nil
}

// supervise runs the roles until ctx ends. The ports after PORT are the sandbox's, those of the private listeners and, in
// dev, the outbox's.
func (a *app) supervise(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	environ := append(slices.Clip(a.environ),
		"DATABASE_URL="+a.DatabaseURL, "REDIS_URL="+a.RedisURL, "SECRET_KEY="+a.SecretKey, "DATA_DIR="+a.DataDir,
		fmt.Sprintf("PORT=%d", a.Port), "BASE_URL="+a.BaseURL, "SANDBOX_URL="+a.SandboxURL, "LOG_FORMAT="+a.LogFormat,
		"SMTP_URL="+a.SMTPURL, "MAIL_FROM="+a.MailFrom, "GUICHE_OUTBOX="+a.OutboxAddr)
	if a.DevMode {
		environ = append(environ, "GUICHE_DEV=true", "DRAIN_TIME=0s") // no load balancer stands in front
	}
	var roles []child
	for i, role := range []string{"sandbox", "worker", "generator", "web"} {
		ops := fmt.Sprintf("OPS_ADDR=127.0.0.1:%d", a.Port+1+i) // the sandbox, first, has none
		roles = append(roles, child{role: role, env: append(slices.Clip(environ), ops)})
	}
	supervise(ctx, program, a.log, roles...)
	return nil
}

// keptSecret reads the secret of this data folder, or makes one on the first start.
func keptSecret(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text = []byte(rand.Text() + rand.Text())
		err = os.WriteFile(path, text, 0o600)
	}
	return strings.TrimSpace(string(text)), err
}
