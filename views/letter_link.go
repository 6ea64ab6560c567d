package views

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/google/uuid"
)

// linkMAC is how many bytes of a link's signature are kept: 128 bits, more than anybody can guess.
const linkMAC = 16

// Links writes and reads the links in letters that let their reader do something. A link carries the id of its row,
// signed: a letter that is sent again carries the same one, and the rows alone open nothing.
type Links struct {
	site string
	key  []byte
}

// NewLinks makes links to a site, signed with a key for this purpose alone.
func NewLinks(site string, secret []byte) (*Links, error) {
	if len(secret) == 0 {
		return nil, errors.New("SECRET_KEY is empty")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "guiche letter link", sha256.Size)
	return &Links{site, key}, err
}

// Confirm is the link that confirms an e-mail.
func (l *Links) Confirm(id uuid.UUID) string { return l.site + "/confirm/" + l.token(id) }

// Reset is the link to choose another password.
func (l *Links) Reset(id uuid.UUID) string { return l.site + "/password/" + l.token(id) }

func (l *Links) token(id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(append(id[:], l.mac(id)...))
}

func (l *Links) mac(id uuid.UUID) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(id[:])
	return mac.Sum(nil)[:linkMAC]
}

// Read tells which link a token names, if this shop signed it. Whether it still serves is another question.
func (l *Links) Read(token string) (id uuid.UUID, ok bool) {
	said, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(said) != len(id)+linkMAC {
		return uuid.Nil, false
	}
	copy(id[:], said)
	return id, hmac.Equal(said[len(id):], l.mac(id))
}
