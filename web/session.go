package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/redisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/redis/go-redis/v9"

	"guiche/store"
)

// sessionLife is long so that nobody has to sign in during the rush.
const sessionLife = 30 * 24 * time.Hour

// accountTime is how long a page waits for the account of its session.
const accountTime = time.Second

// A session holds identity and nothing else. The last write wins, and only signing in and out write. It is of one password
// of one account: numbers of accounts are given again by a database that was restored from a backup, salted passwords
// never are.
const (
	sessionAccount = "account"
	sessionName    = "name"
	sessionRole    = "role"
	sessionMark    = "password" // PasswordMark at sign-in
)

// newSessions keeps sessions in Redis, on connections of their own: redisstore uses redigo.
func newSessions(redisURL string, secure bool) (*scs.SessionManager, error) {
	pool, err := newSessionPool(redisURL)
	if err != nil {
		return nil, err
	}
	m := scs.New()
	m.Store = redisstore.New(pool)
	m.Lifetime = sessionLife
	m.HashTokenInStore = true
	m.Cookie.Name = "guiche"
	if secure {
		m.Cookie.Name = "__Host-guiche"
	}
	m.Cookie.Secure = secure
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	return m, nil
}

// sessions knows who is here.
type sessions struct {
	*pages
	manager *scs.SessionManager
	store   *store.Store
	redis   *redis.Client // for the lists of each account's sessions
	rows    *accountReader
	ended   *endedSessions
	devices *devices
	forms   *forms
}

// load finds out who is here. It reads only if the browser has a token, and never writes.
func (s *sessions) load(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Add(echo.HeaderVary, "Cookie")
		cookie, err := c.Cookie(s.manager.Cookie.Name)
		if errors.Is(err, http.ErrNoCookie) {
			return next(c)
		}
		ctx, err := s.manager.Load(c.Request().Context(), cookie.Value)
		if err != nil {
			return unavailable(err)
		}
		c.SetRequest(c.Request().WithContext(ctx))
		c.Set(sessionKey, sessionID(cookie.Value))
		if who := s.who(c); who != nil {
			c.Set(accountKey, who)
		}
		return next(c)
	}
}

// who is the account of the session; nil if there is none, or none whose password is still the one that was typed.
// While Postgres does not answer, the session is believed: nothing opens then but what memory and the line know.
func (s *sessions) who(c echo.Context) *store.Account {
	ctx := c.Request().Context()
	id := s.manager.GetInt64(ctx, sessionAccount)
	if id == 0 {
		return nil
	}
	wait, cancel := context.WithTimeout(ctx, accountTime)
	defer cancel()
	a, err := s.rows.read(wait, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		s.log(c).Warn("a session is believed unseen", "account", id, "error", err)
		return &store.Account{
			ID: id, Name: s.manager.GetString(ctx, sessionName), Role: store.Role(s.manager.GetString(ctx, sessionRole)),
		}
	case s.manager.GetString(ctx, sessionMark) != PasswordMark(a):
		return nil
	}
	return &store.Account{ID: id, Name: a.Name, Role: a.Role, Email: a.Email, BouncedAt: a.BouncedAt}
}

const (
	accountKey = "account"
	sessionKey = "session"
)

// sessionOf is the id of the session of a request, also of one that comes by a pass.
func sessionOf(c echo.Context) string {
	id, _ := c.Get(sessionKey).(string)
	return id
}

// account is who is signed in (id, name, role); nil for nobody.
func account(c echo.Context) *store.Account {
	a, _ := c.Get(accountKey).(*store.Account)
	return a
}

// signIn starts a session under a new token, so that one planted before is worthless.
func (s *sessions) signIn(c echo.Context, a store.Account) error {
	ctx, err := s.sessionContext(c)
	if err != nil {
		return err
	}
	if err := s.manager.RenewToken(ctx); err != nil {
		return unavailable(err)
	}
	s.manager.Put(ctx, sessionAccount, a.ID)
	s.manager.Put(ctx, sessionName, a.Name)
	s.manager.Put(ctx, sessionRole, string(a.Role))
	s.manager.Put(ctx, sessionMark, PasswordMark(a))
	if err := s.listSession(ctx, a.ID, s.manager.Token(ctx)); err != nil {
		return err
	}
	token, expiry, err := s.manager.Commit(ctx)
	if err != nil {
		return unavailable(err)
	}
	// Whoever replaced the password at this moment may have ended the sessions before this one was listed.
	now, err := s.store.Account(ctx, a.ID)
	if err != nil {
		return err
	}
	if now.PasswordHash != a.PasswordHash {
		return unavailable(errors.Join(errPasswordReplaced, s.manager.Destroy(ctx)))
	}
	s.manager.WriteSessionCookie(ctx, c.Response(), token, expiry)
	return nil
}

// errPasswordReplaced says that the password changed while its owner signed in with the old one.
var errPasswordReplaced = errors.New("the password was replaced at this moment")

// signOut ends the session.
func (s *sessions) signOut(c echo.Context) error {
	ctx, err := s.sessionContext(c)
	if err != nil {
		return err
	}
	if err := s.manager.Destroy(ctx); err != nil {
		return unavailable(err)
	}
	if id := sessionOf(c); id != "" {
		if err := s.endSession(ctx, id); err != nil {
			return err
		}
	}
	s.manager.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
	return nil
}

// sessionContext is the request's session, a new one if it had none.
func (s *sessions) sessionContext(c echo.Context) (context.Context, error) {
	var token string
	if cookie, err := c.Cookie(s.manager.Cookie.Name); err == nil {
		token = cookie.Value
	}
	ctx, err := s.manager.Load(c.Request().Context(), token)
	if err != nil {
		return nil, unavailable(err)
	}
	return ctx, nil
}

// signedIn sends people who are not signed in to the sign-in page; they come back to the page that they wanted.
func (s *sessions) signedIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if account(c) == nil {
			return s.askToSignIn(c, false)
		}
		s.forms.done(c)
		return next(c)
	}
}

// adminOnly lets admins in. To everybody else the page does not exist; an admin whose sign-in ended is asked to sign in.
func (s *sessions) adminOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		a, err := s.admin(c)
		if p := asProblem(err); err != nil && p.status == http.StatusNotFound && account(c) == nil {
			known, err := s.adminBefore(c)
			if err != nil {
				return err
			}
			if known {
				return s.askToSignIn(c, true)
			}
		}
		if err != nil {
			return err
		}
		c.Set(accountKey, &a)
		if !s.devices.knowsAdmin(c, a) {
			s.devices.rememberAdmin(c, a)
		}
		s.forms.done(c)
		return next(c)
	}
}

// adminBefore says whether somebody who still is an admin has signed in with this browser before.
func (s *sessions) adminBefore(c echo.Context) (bool, error) {
	id := s.devices.adminSaid(c)
	if id == 0 {
		return false, nil
	}
	a, err := s.store.Account(c.Request().Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && a.Role == store.Admin && s.devices.knowsAdmin(c, a), err
}

// admin is the admin who is here; not found for everybody else. It asks Postgres anew, since
// what load knows may be the session's own word.
func (s *sessions) admin(c echo.Context) (store.Account, error) {
	who := account(c)
	if who == nil || who.Role != store.Admin {
		return store.Account{}, notFound()
	}
	ctx := c.Request().Context()
	a, err := s.store.Account(ctx, who.ID)
	if err != nil {
		return store.Account{}, err
	}
	if a.Role != store.Admin || s.manager.GetString(ctx, sessionMark) != PasswordMark(a) {
		return store.Account{}, notFound()
	}
	return a, nil
}

// PasswordMark tells one password of an account from the next, and is of no use to anybody who reads it.
func PasswordMark(a store.Account) string {
	sum := sha256.Sum256([]byte(a.PasswordHash))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
