package views

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/google/uuid"
)

// linkMAC is the length of a link's signature in bytes: 128 bits, more than anybody can guess.
const linkMAC = 16

// Links signs and reads the links in letters that authorise their reader to do something. A link carries the id of its
// row, signed: a letter that is sent again carries the same link, and knowing the rows is not enough to make one.
type Links struct {
	site string
	key  []byte
}

// NewLinks makes links to a site, signed with a key derived for this purpose alone.
func NewLinks(site string, secret []byte) (*Links, error) {
	if len(secret) == 0 {
		return nil, errors.New("SECRET_KEY is empty")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "guiche letter link", sha256.Size)
	return &Links{site, key}, err
}

// Confirm is the link that confirms an e-mail.
func (l *Links) Confirm(id uuid.UUID) string { return l.site + "/confirm/" + l.token(id) }

// SignIn is the link to sign in without a password.
func (l *Links) SignIn(id uuid.UUID) string { return l.site + "/login/" + l.token(id) }

// Email is the link to take another e-mail.
func (l *Links) Email(id uuid.UUID) string { return l.site + "/email/" + l.token(id) }

// Reset is the link to choose a new password.
func (l *Links) Reset(id uuid.UUID) string { return l.site + "/password/" + l.token(id) }

func (l *Links) token(id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(id[:], l.mac(id)...))
}

func (l *Links) mac(id uuid.UUID) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(id[:])
	return mac.Sum(nil)[:linkMAC]
}

// Read returns the id that a token carries, if this shop signed it. It does not know whether the link was used already.
func (l *Links) Read(token string) (id uuid.UUID, ok bool) {
	said, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(said) != len(id)+linkMAC {
		return uuid.Nil, false
	}
	copy(id[:], said)
	return id, hmac.Equal(said[len(id):], l.mac(id))
}
