package views

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"

	"guiche/store"
)

// ErrTicketCode means that a code was not signed by this shop.
var ErrTicketCode = errors.New("not a ticket code of ours")

const (
	ticketCodeVersion = 1
	ticketCodeMAC     = 16 // bytes: 128 bits, more than anybody can guess at a gate
)

// ticketLetters encodes a code in upper-case letters and digits, for which QR codes have a compact mode.
var ticketLetters = base32.StdEncoding.WithPadding(base32.NoPadding)

// TicketClaim is the content of a ticket's code.
type TicketClaim struct{ EventID, TicketID, Number int64 }

// TicketCoder signs and verifies the codes of tickets.
type TicketCoder struct{ key []byte }

// NewTicketCoder derives a key for this purpose alone, so that a code is worthless anywhere else.
func NewTicketCoder(secret []byte) (*TicketCoder, error) {
	if len(secret) == 0 {
		return nil, errors.New("SECRET_KEY is empty")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "guiche ticket code", sha256.Size)
	return &TicketCoder{key}, err
}

// Code is the content of a ticket's QR code: version, event, ticket, number and a MAC over them.
func (t *TicketCoder) Code(ticket store.Ticket) string {
	said := []byte{ticketCodeVersion}
	for _, n := range []int64{ticket.EventID, ticket.ID, ticket.Number} {
		said = binary.AppendUvarint(said, uint64(n))
	}
	mac := hmac.New(sha256.New, t.key)
	mac.Write(said)
	return ticketLetters.EncodeToString(append(said, mac.Sum(nil)[:ticketCodeMAC]...))
}

// Read returns what a code claims, or ErrTicketCode if this shop did not sign it.
// It does not know whether the ticket is still valid.
func (t *TicketCoder) Read(code string) (TicketClaim, error) {
	said, err := ticketLetters.DecodeString(code)
	if err != nil || len(said) < 1+ticketCodeMAC || said[0] != ticketCodeVersion {
		return TicketClaim{}, ErrTicketCode
	}
	var claim TicketClaim
	rest := said[1 : len(said)-ticketCodeMAC]
	for _, n := range []*int64{&claim.EventID, &claim.TicketID, &claim.Number} {
		v, length := binary.Uvarint(rest)
		if length <= 0 {
			return TicketClaim{}, ErrTicketCode
		}
		*n, rest = int64(v), rest[length:]
	}
	// The whole text is compared, so that each ticket has exactly one code.
	own := t.Code(store.Ticket{EventID: claim.EventID, ID: claim.TicketID, Number: claim.Number})
	if !hmac.Equal([]byte(own), []byte(code)) {
		return TicketClaim{}, ErrTicketCode
	}
	return claim, nil
}
