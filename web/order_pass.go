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
// order, opens no form, and expires soon.
const (
	passTime  = 10 * time.Minute
	passBytes = 16 + 8 + 8 // order, account, expiry in seconds
)

// passes signs and reads passes.
type passes struct {
	*pages
	key  []byte
	name string // of the cookie
}

func newPasses(site *pages, secret []byte) (*passes, error) {
	p := &passes{pages: site, name: "guiche-order"}
	if p.secure() {
		p.name = "__Host-guiche-order"
	}
	var err error
	p.key, err = hkdf.Key(sha256.New, secret, nil, "guiche order pass", sha256.Size)
	return p, err
}

func (p *passes) sign(orderID uuid.UUID, accountID int64, end time.Time) string {
	said := binary.BigEndian.AppendUint64(slices.Clone(orderID[:]), uint64(accountID))
	said = binary.BigEndian.AppendUint64(said, uint64(end.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(said, p.mac(said)...))
}

func (p *passes) mac(said []byte) []byte {
	mac := hmac.New(sha256.New, p.key)
	mac.Write(said)
	return mac.Sum(nil)
}

// read is the order and the account that a pass was signed for, and until when.
func (p *passes) read(pass string) (orderID uuid.UUID, accountID int64, end time.Time, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(pass)
	if err != nil || len(b) != passBytes+sha256.Size || !hmac.Equal(p.mac(b[:passBytes]), b[passBytes:]) {
		return uuid.Nil, 0, time.Time{}, false
	}
	orderID = uuid.UUID(b[:16])
	accountID = int64(binary.BigEndian.Uint64(b[16:]))
	return orderID, accountID, time.Unix(int64(binary.BigEndian.Uint64(b[24:])), 0), true
}

// pass is the account that may poll the order of this request, and until when; 0 for none.
func (p *passes) pass(c echo.Context) (accountID int64, end time.Time) {
	cookie, err := c.Cookie(p.name)
	if err != nil {
		return 0, time.Time{}
	}
	id, accountID, end, ok := p.read(cookie.Value)
	if !ok || id.String() != c.Param("id") || !time.Now().Before(end) {
		return 0, time.Time{}
	}
	return accountID, end
}

// give lets the browser of a signed-in fan take the short way from now on.
func (p *passes) give(c echo.Context, o store.Order) {
	if who, end := p.pass(c); who == o.AccountID && time.Until(end) > passTime/2 {
		return
	}
	p.setCookie(c, p.name, p.sign(o.ID, o.AccountID, time.Now().Add(passTime)), passTime)
}

// drop ends the pass of a browser that signs out.
func (p *passes) drop(c echo.Context) { p.dropCookie(c, p.name) }

// byPass lets a request with a pass through unless it wants a whole page; any other one goes the long way.
func (s *orders) byPass(long ...echo.MiddlewareFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		longWay := next
		for _, pass := range slices.Backward(long) {
			longWay = pass(longWay)
		}
		return func(c echo.Context) error {
			who, _ := s.passes.pass(c)
			wholePage := c.Path() == "/orders/:id" && !wantsJSON(c) && !wantsPart(c)
			if who == 0 || wholePage {
				return longWay(c)
			}
			if !s.limits.Off && !s.asks.allow(uuid.MustParse(c.Param("id"))) { // the pass names it, so it is one
				s.metrics.limited.WithLabelValues("order").Inc()
				return tooMany(time.Second)
			}
			c.Set(accountKey, &store.Account{ID: who})
			return next(c)
		}
	}
}
