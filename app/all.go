package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"time"
)

// lastPort is how far behind PORT the ports of dev go: web, the sandbox, three private listeners and the outbox.
const lastPort = 5

// How long the ports may take to become free, and how long until the next look.
const (
	portTime  = 3 * time.Second
	portPause = 10 * time.Millisecond
)

// runAll plays every role on this machine, on the servers that the settings name.
func runAll(ctx context.Context, a *app) error {
	if err := a.need("DATABASE_URL", "REDIS_URL", "SECRET_KEY"); err != nil {
		return err
	}
	if err := a.portsAreFree(ctx); err != nil {
		return err
	}
	if err := a.migrate(ctx); err != nil {
		return err
	}
	return a.supervise(ctx)
}

// portsAreFree says once and clearly what the roles would say again and again: that somebody else has a port.
// The roles of a dev that was killed leave theirs in a moment.
func (a *app) portsAreFree(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, portTime)
	defer cancel()
	for n := a.Port; n <= a.Port+lastPort; n++ {
		for {
			l, err := net.Listen("tcp", fmt.Sprintf("localhost:%d", n))
			if err == nil {
				_ = l.Close() // nobody has used it
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("port %d is taken; set PORT to the first of six free ones: %w", n, err)
			case <-time.After(portPause):
			}
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
		fmt.Sprintf("PORT=%d", a.Port), "BASE_URL="+a.BaseURL, "SANDBOX_URL="+a.SandboxURL, "LOG_FORMAT="+a.LogFormat, "LOG_LEVEL="+a.LogLevel,
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
