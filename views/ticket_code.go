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

// ErrTicketCode says that a code was not made by this shop.
var ErrTicketCode = errors.New("not a ticket code of ours")

const (
	ticketCodeVersion = 1
	ticketCodeMAC     = 16 // bytes: 128 bits, more than anybody can guess at a gate
)

// ticketLetters writes a code in upper-case letters and digits, which a QR code packs tightest.
var ticketLetters = base32.StdEncoding.WithPadding(base32.NoPadding)

// TicketClaim is what the code of a ticket says.
type TicketClaim struct{ EventID, TicketID, Number int64 }

// TicketCoder signs and reads the codes of tickets.
type TicketCoder struct{ key []byte }

// NewTicketCoder derives a key for this purpose alone, so that a code proves nothing anywhere else.
func NewTicketCoder(secret []byte) (*TicketCoder, error) {
	if len(secret) == 0 {
		return nil, errors.New("SECRET_KEY is empty")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "guiche ticket code", sha256.Size)
	return &TicketCoder{key}, err
}

// Code is what the QR code of a ticket says: version, event, ticket, number and a MAC over them.
func (t *TicketCoder) Code(ticket store.Ticket) string {
	said := []byte{ticketCodeVersion}
	for _, n := range []int64{ticket.EventID, ticket.ID, ticket.Number} {
		said = binary.AppendUvarint(said, uint64(n))
	}
	mac := hmac.New(sha256.New, t.key)
	mac.Write(said)
	return ticketLetters.EncodeToString(append(said, mac.Sum(nil)[:ticketCodeMAC]...))
}

// Read tells which ticket a code names; ErrTicketCode if this shop did not sign it.
// That the ticket is still valid is another question.
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
	// The whole text is compared, so there is only one way to write a code.
	own := t.Code(store.Ticket{EventID: claim.EventID, ID: claim.TicketID, Number: claim.Number})
	if !hmac.Equal([]byte(own), []byte(code)) {
		return TicketClaim{}, ErrTicketCode
	}
	return claim, nil
}
