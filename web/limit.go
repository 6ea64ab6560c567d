package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	"guiche/views"
)

// Limits are how many requests of a kind may be made per minute, unless they are off.
// Those per address are generous: a mobile carrier puts thousands of fans behind one.
type Limits struct {
	Off             bool
	Join            int // joining a line, per account
	Login           int // signing in, per e-mail and address, or device that has signed in before
	LoginAll        int // signing in, per e-mail from everywhere, or such a device, per hour
	LoginAddress    int // signing in, per address
	Register        int // registering, per e-mail or CPF and address
	RegisterAddress int // registering, per address
	RegisterTaken   int // being told that an e-mail or CPF is taken, per address, per hour
	Letter          int // asking for a letter, per account, and registering, per mailbox, per hour
	LetterAddress   int // asking for a letter, or registering, per address
	Address         int // everything, per address
}

// DefaultLimits apply where the setting says nothing else.
var DefaultLimits = Limits{
	Join: 20, Login: 10, LoginAll: 100, LoginAddress: 600, Register: 5, RegisterAddress: 300, RegisterTaken: 30,
	Letter: 5, LetterAddress: 120, Address: 12000,
}

// maxLimit keeps the arithmetic in Redis exact.
const maxLimit = 1_000_000

// ParseLimits reads the setting RATE_LIMIT: empty for the defaults, "off", or numbers per minute that replace defaults,
// such as "join=10,login=20". The names are join (per account), login (per e-mail and address, or known device), login_all
// (per e-mail from everywhere, per hour), login_address, register (per e-mail or CPF and address), register_address,
// register_taken (per address, per hour), letter (per account or mailbox, per hour: nobody's mailbox is filled by others),
// letter_address, and address for all requests of one address.
func ParseLimits(text string) (Limits, error) {
	l := DefaultLimits
	text = strings.TrimSpace(text)
	switch text {
	case "":
		return l, nil
	case "off":
		return Limits{Off: true}, nil
	}
	fields := map[string]*int{
		"join": &l.Join, "login": &l.Login, loginAllLimit: &l.LoginAll, "login_address": &l.LoginAddress,
		"register": &l.Register, "register_address": &l.RegisterAddress, takenLimit: &l.RegisterTaken,
		letterLimit: &l.Letter, "letter_address": &l.LetterAddress, "address": &l.Address,
	}
	for part := range strings.SplitSeq(text, ",") {
		name, number, found := strings.Cut(strings.TrimSpace(part), "=")
		field := fields[name]
		if !found || field == nil {
			return Limits{}, fmt.Errorf("%q is not a limit such as join=10, nor off", part)
		}
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > maxLimit {
			return Limits{}, fmt.Errorf("%s: %q is not a number per minute from 1 to %d", name, number, maxLimit)
		}
		*field = n
	}
	return l, nil
}

// limiter counts in Redis, so that all web processes count together.
type limiter struct {
	*pages
	Limits
	rate   *redis_rate.Limiter
	secret []byte
}

func newLimiter(p *pages, rdb *redis.Client, l Limits, secret []byte) *limiter {
	return &limiter{pages: p, Limits: l, rate: redis_rate.NewLimiter(rdb), secret: secret}
}

// allow counts one request of a kind by somebody. It returns how long to wait if that was one too many, else 0.
func (l *limiter) allow(ctx context.Context, kind string, perMinute int, who string) (wait time.Duration, err error) {
	if l.Off {
		return 0, nil
	}
	result, err := l.rate.Allow(ctx, kind+":"+l.alias(who), budget(kind, perMinute))
	if err != nil {
		return 0, fmt.Errorf("limit %s: %w", kind, err)
	}
	if result.Allowed > 0 {
		return 0, nil
	}
	return max(result.RetryAfter, time.Second), nil
}

// The kinds that are counted per hour.
const (
	letterLimit   = "letter"
	loginAllLimit = "login_all"
	takenLimit    = "register_taken"
)

// budget is how often something of a kind may be done.
func budget(kind string, most int) redis_rate.Limit {
	switch kind {
	case letterLimit, loginAllLimit, takenLimit:
		return redis_rate.PerHour(most)
	}
	return redis_rate.PerMinute(most)
}

// alias stands for an e-mail, a CPF or an address, so that no key in Redis holds personal data.
func (l *limiter) alias(who string) string {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte("guiche limit\x00" + who))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// neighbourhood is what counts as one address: of IPv6, one person has a whole /64.
func neighbourhood(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil || a.Unmap().Is4() {
		return ip
	}
	return prefixOf(a, 64)
}

// prefixOf is the network of an IPv6 address.
func prefixOf(a netip.Addr, bits int) string {
	p, _ := a.WithZone("").Prefix(bits) // fails for no number of bits that an address has
	return p.String()
}

// siteShare is how much more a whole /48, which one customer may have, is allowed than each /64 of it.
const siteShare = 4

// from are the attempts of a kind by an address: of IPv6 the site counts beside the home, or one line would be
// thousands of addresses.
func from(ip, kind string, perMinute int) []attempt {
	all := []attempt{{kind, perMinute, neighbourhood(ip)}}
	if a, err := netip.ParseAddr(ip); err == nil && !a.Unmap().Is4() {
		all = append(all, attempt{kind, siteShare * perMinute, prefixOf(a, 48)})
	}
	return all
}

// countTime is how long a request waits for its address to be counted.
const countTime = time.Second

// byAddress counts every request of an address. Without Redis it lets all pass: pages can still be read, and what needs
// Redis fails by itself.
func (l *limiter) byAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), countTime)
		defer cancel()
		for _, a := range from(c.RealIP(), "address", l.Address) {
			wait, err := l.allow(ctx, a.kind, a.perMinute, a.who)
			if err != nil {
				l.log(c).Warn("addresses are not limited", "error", err)
			}
			if wait > 0 {
				l.metrics.limited.WithLabelValues("address").Inc()
				return tooMany(wait)
			}
		}
		return next(c)
	}
}

// attempt is what is counted before a form acts.
type attempt struct {
	kind      string
	perMinute int
	who       string
}

// count counts attempts; the first that is one too many is an error for mustWait. Without Redis nothing that is limited
// can be done.
func (l *limiter) count(c echo.Context, attempts ...attempt) error {
	for _, a := range attempts {
		wait, err := l.allow(c.Request().Context(), a.kind, a.perMinute, a.who)
		if err != nil {
			return unavailable(err)
		}
		if wait > 0 {
			l.metrics.limited.WithLabelValues(a.kind).Inc()
			return tooMany(wait)
		}
	}
	return nil
}

// mustWait notes in a form that it came too soon, if that is what err says, and tells programs when to try again.
func mustWait(c echo.Context, form *views.Form, err error) bool {
	p, ok := errors.AsType[*problem](err)
	if !ok || p.status != http.StatusTooManyRequests {
		return false
	}
	retryAfter(c, p.wait)
	form.Fail("", views.SlowDown(p.wait))
	return true
}
