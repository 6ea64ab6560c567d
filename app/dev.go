package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"guiche/app/demo"
	"guiche/store"
	"guiche/store/local"
)

// serverStop is how long the private servers may take to stop.
const serverStop = 30 * time.Second

// runDev shows the whole shop with nothing set: private servers, demo data, play money. Ctrl-C is no error, however far it
// has come by then.
func runDev(ctx context.Context, a *app) error {
	err := openDev(ctx, a)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func openDev(ctx context.Context, a *app) error {
	if loopback, _ := isLoopback(a.BaseURL); !loopback { // readSettings has parsed it
		return errors.New("dev is for this machine; BASE_URL is not a loopback address")
	}
	a.log = newLog(a.stderr, "text", a.level, "dev")
	a.LogFormat, a.DevMode = "text", true
	folder, err := filepath.Abs(a.DataDir)
	if err != nil {
		return err
	}
	a.DataDir = folder
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	ownDatabase := a.DatabaseURL == ""
	empty := ownDatabase && a.RedisURL == "" // what somebody else has set up may be a real shop, still empty
	servers, err := a.startServers(ctx)
	defer a.stopServers(servers)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	for _, s := range servers {
		go func() {
			<-s.Done()
			end(fmt.Errorf("%s has ended by itself (%w); its log is in %s. Start guiche dev again", s.Name(), cmp.Or(s.Err(), errors.New("without an error")), s.Folder))
		}()
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
	if err := a.migrate(ctx); err != nil {
		if ownDatabase && errors.Is(err, store.ErrOtherSchema) {
			return fmt.Errorf("the demo shop in %s was made by another version of guiche: move or delete that folder to start anew, or set DATA_DIR", a.DataDir)
		}
		return err
	}
	accounts := ""
	if empty {
		if err := a.fill(ctx); err != nil {
			return fmt.Errorf("demo data: %w", err)
		}
		accounts = fmt.Sprintf(`
  Demo accounts       %s / %s
                      %s / %s`, demo.Fan.Email, demo.Fan.Password, demo.Admin.Email, demo.Admin.Password)
	} else {
		a.log.Info("no demo data and no demo accounts on servers that are not dev's own; guiche admin create makes an admin")
	}
	letters := a.BaseURL + "/outbox"
	if a.OutboxAddr == "" {
		letters = "your own mail server"
	}
	fmt.Fprintf(a.stdout, `
  Guichê is open at   %s%s
  Play money at       %s
  Letters at          %s
  Data in             %s
  Ctrl-C stops everything.

`, a.BaseURL, accounts, a.SandboxURL, letters, a.DataDir)
	if err := a.supervise(ctx); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// fill puts the demo data into a new shop.
func (a *app) fill(ctx context.Context) error {
	db, rdb, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	defer rdb.Close()
	return demo.Fill(ctx, db, rdb, a.DatabaseURL)
}

// stopServers stops those that startServers has started, and that have not ended by themselves.
func (a *app) stopServers(servers []*local.Server) {
	grace, cancel := context.WithTimeout(context.Background(), serverStop)
	defer cancel()
	for _, s := range servers {
		select {
		case <-s.Done():
			continue
		default:
		}
		if err := s.Stop(grace); err != nil {
			a.log.Error("stop a private server", "error", err)
		}
	}
}

// startServers runs the private servers that the settings do not name.
func (a *app) startServers(ctx context.Context) (servers []*local.Server, err error) {
	explain := func(err error) error {
		if errors.Is(err, local.ErrInUse) {
			return fmt.Errorf("another guiche dev runs on %s; stop it, or set DATA_DIR and PORT to run beside it", a.DataDir)
		}
		return err
	}
	if a.DatabaseURL == "" {
		s, err := local.StartPostgres(ctx, local.PostgresOptions{Folder: filepath.Join(a.DataDir, "postgres")})
		if err != nil {
			return servers, explain(err)
		}
		servers = append(servers, s)
		a.DatabaseURL = s.URL
	}
	if a.RedisURL == "" {
		s, err := local.StartRedis(ctx, local.RedisOptions{Folder: filepath.Join(a.DataDir, "redis")})
		if err != nil {
			return servers, explain(err)
		}
		servers = append(servers, s)
		a.RedisURL = s.URL
	}
	return servers, nil
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
