package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
)

// A crowd that waits polls its places. A pass is a signed cookie that lets a browser poll one order without its session
// being read and its address being counted in Redis, so that the answer comes from memory. It shows nothing but that
// order, opens no form, expires soon, and ends with its session, which alone gives another.
const (
	passTime  = 10 * time.Minute
	passBytes = 16 + 8 + 8 + sha256.Size // order, account, expiry in seconds, session
)

// pass is what a pass says.
type pass struct {
	order   uuid.UUID
	account int64
	end     time.Time
	session string // as sessionID names it
}

// passes signs and reads passes.
type passes struct {
	*pages
	key   []byte
	name  string // of the cookie
	ended *endedSessions
}

func newPasses(site *pages, secret []byte, ended *endedSessions) (*passes, error) {
	p := &passes{pages: site, name: "guiche-order", ended: ended}
	if p.secure() {
		p.name = "__Host-guiche-order"
	}
	var err error
	p.key, err = hkdf.Key(sha256.New, secret, nil, "guiche order pass", sha256.Size)
	return p, err
}

func (p *passes) sign(of pass) string {
	said := binary.BigEndian.AppendUint64(slices.Clone(of.order[:]), uint64(of.account))
	said = binary.BigEndian.AppendUint64(said, uint64(of.end.Unix()))
	session := make([]byte, sha256.Size)
	_, _ = base64.RawURLEncoding.Decode(session, []byte(of.session)) // sessionID has encoded it
	said = append(said, session...)
	return base64.RawURLEncoding.EncodeToString(append(said, p.mac(said)...))
}

func (p *passes) mac(said []byte) []byte {
	mac := hmac.New(sha256.New, p.key)
	mac.Write(said)
	return mac.Sum(nil)
}

// read is what a pass says that this shop signed.
func (p *passes) read(text string) (said pass, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != passBytes+sha256.Size || !hmac.Equal(p.mac(b[:passBytes]), b[passBytes:]) {
		return pass{}, false
	}
	return pass{
		order:   uuid.UUID(b[:16]),
		account: int64(binary.BigEndian.Uint64(b[16:])),
		end:     time.Unix(int64(binary.BigEndian.Uint64(b[24:])), 0),
		session: base64.RawURLEncoding.EncodeToString(b[32:passBytes]),
	}, true
}

// pass is the pass that opens the order of this request; ok is false if none does.
func (p *passes) pass(c echo.Context) (said pass, ok bool) {
	cookie, err := c.Cookie(p.name)
	if err != nil {
		return pass{}, false
	}
	said, ok = p.read(cookie.Value)
	return said, ok && said.order.String() == c.Param("id") && time.Now().Before(said.end) && !p.ended.has(said.session)
}

// give lets the browser of a signed-in fan take the short way from now on. Who came the short way gets nothing: a copy
// of a pass must not live on by being used.
func (p *passes) give(c echo.Context, o store.Order) {
	session := sessionOf(c)
	if now, ok := p.pass(c); c.Get(shortWay) != nil ||
		ok && now.account == o.AccountID && now.session == session && time.Until(now.end) > passTime/2 {
		return
	}
	p.setCookie(c, p.name, p.sign(pass{o.ID, o.AccountID, time.Now().Add(passTime), session}), passTime)
}

// shortWay marks a request that came by a pass.
const shortWay = "pass"

// drop ends the pass of a browser that signs out.
func (p *passes) drop(c echo.Context) { p.dropCookie(c, p.name) }

// byPass lets a request with a pass through unless it wants a whole page; any other one goes the long way.
func (s *orders) byPass(long ...echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		longWay := next
		for _, step := range slices.Backward(long) {
			longWay = step(longWay)
		}
		return func(c echo.Context) error {
			said, ok := s.passes.pass(c)
			wholePage := c.Path() == "/orders/:id" && !wantsJSON(c) && !wantsPart(c)
			if !ok || wholePage {
				return longWay(c)
			}
			if !s.limits.Off && !s.asks.allow(said.order) {
				s.metrics.limited.WithLabelValues("order").Inc()
				return tooMany(time.Second)
			}
			c.Set(accountKey, &store.Account{ID: said.account})
			c.Set(sessionKey, said.session)
			c.Set(shortWay, true)
			return next(c)
		}
	}
}
