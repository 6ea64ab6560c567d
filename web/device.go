package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/store"
)

// A browser remembers, signed, which accounts have signed in on it. Wrong passwords that strangers try are counted apart
// from hers there, so that nobody who knows an e-mail keeps its owner out.
const (
	deviceTime  = 365 * 24 * time.Hour
	deviceNonce = 12
	deviceMAC   = 16
	mostDevices = 6 // people who share a browser
)

// devices signs and reads what browsers remember.
type devices struct {
	*pages
	key    []byte
	name   string // of the cookie
	admins string // of the cookie that knows an admin's browser
}

func newDevices(site *pages, secret []byte) (*devices, error) {
	d := &devices{pages: site, name: "guiche-device", admins: "guiche-admin"}
	if d.secure() {
		d.name, d.admins = "__Host-guiche-device", "__Host-guiche-admin"
	}
	var err error
	d.key, err = hkdf.Key(sha256.New, secret, nil, "guiche device", sha256.Size)
	return d, err
}

// sign is of one password: with it, what somebody else's browser remembers is forgotten.
func (d *devices) sign(nonce []byte, a store.Account) string {
	mac := hmac.New(sha256.New, d.key)
	mac.Write(nonce)
	mac.Write([]byte(strconv.FormatInt(a.ID, 10) + " " + PasswordMark(a)))
	return base64.RawURLEncoding.EncodeToString(append(slices.Clone(nonce), mac.Sum(nil)[:deviceMAC]...))
}

func (d *devices) kept(c echo.Context) []string {
	cookie, err := c.Cookie(d.name)
	if err != nil {
		return nil
	}
	all := strings.Split(cookie.Value, ".")
	return all[:min(len(all), mostDevices)]
}

// known is what this browser remembers of an account; empty for nothing.
func (d *devices) known(c echo.Context, a store.Account) string {
	for _, text := range d.kept(c) {
		said, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil && a.ID != 0 && len(said) == deviceNonce+deviceMAC &&
			hmac.Equal([]byte(text), []byte(d.sign(said[:deviceNonce], a))) {
			return text
		}
	}
	return ""
}

// remember has this browser remember an account that has signed in.
func (d *devices) remember(c echo.Context, a store.Account) {
	kept, known := d.kept(c), d.known(c, a)
	if known == "" {
		nonce := make([]byte, deviceNonce)
		_, _ = rand.Read(nonce) // never fails
		known = d.sign(nonce, a)
	}
	kept = slices.DeleteFunc(kept, func(text string) bool { return text == known })
	kept = append([]string{known}, kept[:min(len(kept), mostDevices-1)]...)
	d.setCookie(c, d.name, strings.Join(kept, "."), deviceTime)
}

// rememberAdmin has this browser remember that an admin has signed in on it: when her sign-in ends, she is asked for it,
// while the pages of admins do not exist for anybody else. It lets nobody in, and is of one password.
func (d *devices) rememberAdmin(c echo.Context, a store.Account) {
	id := strconv.FormatInt(a.ID, 10)
	d.setCookie(c, d.admins, id+"."+d.signAdmin(a), deviceTime)
}

// adminSaid is the number of the admin whom this browser says to remember; 0 for none.
func (d *devices) adminSaid(c echo.Context) int64 {
	cookie, err := c.Cookie(d.admins)
	if err != nil {
		return 0
	}
	id, _, _ := strings.Cut(cookie.Value, ".")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// knowsAdmin says that this browser remembers an admin.
func (d *devices) knowsAdmin(c echo.Context, a store.Account) bool {
	cookie, err := c.Cookie(d.admins)
	if err != nil {
		return false
	}
	_, mac, _ := strings.Cut(cookie.Value, ".")
	return hmac.Equal([]byte(mac), []byte(d.signAdmin(a)))
}

func (d *devices) signAdmin(a store.Account) string {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte("admin " + strconv.FormatInt(a.ID, 10) + " " + PasswordMark(a)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:deviceMAC])
}
