package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"guiche/jobs"
	"guiche/payment/sandbox/cruelty"
	"guiche/store"
	"guiche/web"
)

// settings are everything that the environment decides.
type settings struct {
	DatabaseURL    string        `env:"DATABASE_URL"`
	RedisURL       string        `env:"REDIS_URL"`
	Port           int           `env:"PORT" envDefault:"8080"`
	BaseURL        string        `env:"BASE_URL"` // http://localhost:PORT if empty
	SecretKey      string        `env:"SECRET_KEY"`
	PaymentGateway string        `env:"PAYMENT_GATEWAY" envDefault:"sandbox"`
	SandboxURL     string        `env:"SANDBOX_URL"` // http://localhost:PORT+1 if empty
	SandboxCruelty string        `env:"SANDBOX_CRUELTY"`
	SMTPURL        string        `env:"SMTP_URL"`       // letters are not sent if empty
	MailFrom       string        `env:"MAIL_FROM"`      // an address of this machine if empty
	SellerName     string        `env:"SELLER_NAME"`    // whom letters name
	SellerID       string        `env:"SELLER_ID"`      // CNPJ
	SellerContact  string        `env:"SELLER_CONTACT"` // an e-mail that answers to letters go to
	OutboxAddr     string        `env:"GUICHE_OUTBOX"`  // where dev's own mail server listens
	OpsAddr        string        `env:"OPS_ADDR"`       // none if empty
	DataDir        string        `env:"DATA_DIR" envDefault:".data"`
	RateLimit      string        `env:"RATE_LIMIT"`
	ClientIPHeader string        `env:"CLIENT_IP_HEADER"`
	DrainTime      time.Duration `env:"DRAIN_TIME" envDefault:"5s"`
	LogFormat      string        `env:"LOG_FORMAT" envDefault:"json"`
	LogLevel       string        `env:"LOG_LEVEL" envDefault:"info"`
	DevMode        bool          `env:"GUICHE_DEV"` // set by dev for the roles that it starts

	StripeSecretKey          string `env:"STRIPE_SECRET_KEY"`
	StripeWebhookSecret      string `env:"STRIPE_WEBHOOK_SECRET"`
	MercadoPagoAccessToken   string `env:"MERCADOPAGO_ACCESS_TOKEN"`
	MercadoPagoWebhookSecret string `env:"MERCADOPAGO_WEBHOOK_SECRET"`

	limits  web.Limits
	cruelty cruelty.Cruelty
	level   slog.Level
}

// longestDrain leaves the platform's patience (kill_timeout in fly.toml) for what is in hand.
const longestDrain = 30 * time.Second

// secretLength is the least length of SECRET_KEY.
const secretLength = 32

// readSettings reads them all and reports everything that is wrong at once.
func readSettings(environment map[string]string) (settings, error) {
	var s settings
	err := env.ParseWithOptions(&s, env.Options{Environment: environment})
	var wrong []error
	if err != nil {
		wrong = append(wrong, err)
	}
	if s.Port < 1 || s.Port > 65000 {
		wrong = append(wrong, errors.New("PORT: must be between 1 and 65000"))
	}
	if s.BaseURL == "" {
		s.BaseURL = fmt.Sprintf("http://localhost:%d", s.Port)
	}
	if s.SandboxURL == "" {
		s.SandboxURL = fmt.Sprintf("http://localhost:%d", s.Port+1)
	}
	s.BaseURL, s.SandboxURL = strings.TrimRight(s.BaseURL, "/"), strings.TrimRight(s.SandboxURL, "/")
	if s.DatabaseURL != "" {
		if _, err := store.ParseURL(s.DatabaseURL); err != nil {
			wrong = append(wrong, err)
		}
	}
	if s.RedisURL != "" {
		if _, err := jobs.RedisOptions(s.RedisURL); err != nil {
			wrong = append(wrong, err)
		}
	}
	loopback, err := isLoopback(s.BaseURL)
	if err != nil {
		wrong = append(wrong, fmt.Errorf("BASE_URL: %w", err))
	}
	if _, err := isLoopback(s.SandboxURL); err != nil {
		wrong = append(wrong, fmt.Errorf("SANDBOX_URL: %w", err))
	}
	if s.cruelty, err = cruelty.Parse(s.SandboxCruelty); err != nil {
		wrong = append(wrong, fmt.Errorf("SANDBOX_CRUELTY: %w", err))
	}
	if s.limits, err = web.ParseLimits(s.RateLimit); err != nil {
		wrong = append(wrong, fmt.Errorf("RATE_LIMIT: %w", err))
	}
	if !loopback && strings.TrimSpace(s.RateLimit) == "off" {
		wrong = append(wrong, errors.New("RATE_LIMIT: off is for a shop on this machine; BASE_URL is not a loopback address"))
	}
	if err := s.checkPayment(loopback); err != nil {
		wrong = append(wrong, err)
	}
	if err := s.checkMail(loopback); err != nil {
		wrong = append(wrong, err)
	}
	if s.DrainTime < 0 || s.DrainTime > longestDrain {
		wrong = append(wrong, fmt.Errorf("DRAIN_TIME: between 0s and %s", longestDrain))
	}
	if s.LogFormat != "json" && s.LogFormat != "text" {
		wrong = append(wrong, errors.New("LOG_FORMAT: json or text"))
	}
	if err := s.level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		wrong = append(wrong, errors.New("LOG_LEVEL: debug, info, warn or error"))
	}
	if s.SecretKey != "" && len(s.SecretKey) < secretLength {
		wrong = append(wrong, fmt.Errorf("SECRET_KEY: at least %d characters", secretLength))
	}
	return s, errors.Join(wrong...)
}

// need reports every setting that a role cannot do without.
func (s settings) need(names ...string) error {
	values := map[string]string{"DATABASE_URL": s.DatabaseURL, "REDIS_URL": s.RedisURL, "SECRET_KEY": s.SecretKey}
	var missing []error
	for _, name := range names {
		if values[name] == "" {
			missing = append(missing, fmt.Errorf("%s is not set", name))
		}
	}
	return errors.Join(missing...)
}

// sandboxSecret is what the sandbox provider and its client share.
func (s settings) sandboxSecret() string { return "sandbox:" + s.SecretKey }

func isLoopback(address string) (bool, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.Path != "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false, errors.New("must be no more than a scheme and a host, such as https://tickets.example")
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback(), nil
}
