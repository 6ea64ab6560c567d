package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"guiche/store"
	"guiche/views"
)

// shownVersion is the version of what a buy form carries. A form of another version cannot be read, and is sent back.
const shownVersion = 1

// shown is what a buy form showed when its page was made. The form carries it back, signed, so that nobody joins under
// terms that she has not seen.
type shown struct {
	Version     int    `json:"version"`
	EventID     int64  `json:"event"`
	Currency    string `json:"currency"`
	PerPerson   int    `json:"per_person"`
	HoldSeconds int    `json:"hold_seconds"`
	store.RefundPolicy
	Types map[int64]shownType `json:"types"`
}

// shownType is what it showed of a ticket type.
type shownType struct {
	PriceCents int64 `json:"price"`
	FeeCents   int64 `json:"fee"`
	Gone       bool  `json:"gone,omitempty"` // the form led to the return list
}

func newShown(e store.Event, left views.Left) shown {
	s := shown{
		Version: shownVersion, EventID: e.ID, Currency: e.Currency, PerPerson: e.PerPerson, HoldSeconds: e.HoldSeconds,
		RefundPolicy: e.RefundPolicy, Types: make(map[int64]shownType, len(e.Types)),
	}
	for _, t := range e.Types {
		n, known := left[t.ID]
		s.Types[t.ID] = shownType{t.PriceCents, t.FeeCents, known && n <= 0}
	}
	return s
}

// terms are those that were shown of a ticket type.
func (s shown) terms(t shownType) views.Terms {
	return views.Terms{
		PriceCents: t.PriceCents, FeeCents: t.FeeCents, Currency: s.Currency, PerPerson: s.PerPerson, HoldSeconds: s.HoldSeconds,
		RefundPolicy: s.RefundPolicy.BeyondLaw(),
	}
}

// shownSigner signs what buy forms carry.
type shownSigner struct{ key []byte }

func newShownSigner(secret []byte) (shownSigner, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "guiche shown terms", sha256.Size)
	return shownSigner{key}, err
}

func (s shownSigner) mac(text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s shownSigner) sign(what shown) (string, error) {
	text, err := json.Marshal(what)
	if err != nil {
		return "", err
	}
	said := base64.RawURLEncoding.EncodeToString(text)
	return said + "." + s.mac(said), nil
}

// read is what was signed for an event; ok is false for anything else.
func (s shownSigner) read(signed string, eventID int64) (what shown, ok bool) {
	said, mac, _ := strings.Cut(signed, ".")
	if !hmac.Equal([]byte(mac), []byte(s.mac(said))) {
		return what, false
	}
	text, err := base64.RawURLEncoding.DecodeString(said)
	if err != nil || json.Unmarshal(text, &what) != nil {
		return what, false
	}
	return what, what.Version == shownVersion && what.EventID == eventID
}
