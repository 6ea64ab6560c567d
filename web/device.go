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
	key  []byte
	name string // of the cookie
}

func newDevices(site *pages, secret []byte) (*devices, error) {
	d := &devices{pages: site, name: "guiche-device"}
	if d.secure() {
		d.name = "__Host-guiche-device"
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
