package views

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"guiche/store"
)

func TestTicketCodeReadsBack(t *testing.T) {
	coder := testCoder(t, "a secret of this shop")
	for _, ticket := range []store.Ticket{
		{EventID: 1, ID: 1, Number: 1},
		{EventID: 7, ID: 300, Number: 20},
		{EventID: 1 << 40, ID: 1 << 50, Number: 1<<63 - 1},
	} {
		code := coder.Code(ticket)
		if !regexp.MustCompile(`^[A-Z2-7]{30,70}$`).MatchString(code) {
			t.Errorf("code %q is not compact upper-case letters and digits", code)
		}
		claim, err := coder.Read(code)
		if err != nil {
			t.Fatal(err)
		}
		if want := (TicketClaim{ticket.EventID, ticket.ID, ticket.Number}); claim != want {
			t.Errorf("read %+v, want %+v", claim, want)
		}
	}
}

func TestTicketCodeRefusesWhatItDidNotSign(t *testing.T) {
	coder := testCoder(t, "a secret of this shop")
	code := coder.Code(store.Ticket{EventID: 7, ID: 300, Number: 20})
	for i := range len(code) {
		for _, letter := range "A7" {
			forged := code[:i] + string(letter) + code[i+1:]
			if forged == code {
				continue
			}
			if claim, err := coder.Read(forged); !errors.Is(err, ErrTicketCode) {
				t.Errorf("letter %d changed: read %+v, %v", i, claim, err)
			}
		}
	}
	raw, err := ticketLetters.DecodeString(code)
	if err != nil {
		t.Fatal(err)
	}
	later := bytes.Clone(raw)
	later[0]++
	for name, forged := range map[string]string{
		"empty": "", "cut": code[:len(code)-2], "longer": code + "AA", "lower case": strings.ToLower(code),
		"spaces": " " + code, "another version": ticketLetters.EncodeToString(later),
		"no MAC":      ticketLetters.EncodeToString(raw[:len(raw)-ticketCodeMAC]),
		"another key": testCoder(t, "a secret of another shop").Code(store.Ticket{EventID: 7, ID: 300, Number: 20}),
		"not letters": "👋👋👋",
	} {
		if claim, err := coder.Read(forged); !errors.Is(err, ErrTicketCode) {
			t.Errorf("%s: read %+v, %v", name, claim, err)
		}
	}
}

func TestTicketCodeNeedsASecret(t *testing.T) {
	if _, err := NewTicketCoder(nil); err == nil {
		t.Error("codes would be signed with a key that everybody knows")
	}
}

func FuzzReadTicketCode(f *testing.F) {
	coder, err := NewTicketCoder([]byte("a secret of this shop"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(coder.Code(store.Ticket{EventID: 7, ID: 300, Number: 20}))
	f.Fuzz(func(t *testing.T, code string) {
		claim, err := coder.Read(code)
		if err != nil {
			return
		}
		ticket := store.Ticket{EventID: claim.EventID, ID: claim.TicketID, Number: claim.Number}
		if own := coder.Code(ticket); own != code {
			t.Errorf("%q was read, but the code of this ticket is %q", code, own)
		}
	})
}

func testCoder(t *testing.T, secret string) *TicketCoder {
	t.Helper()
	coder, err := NewTicketCoder([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return coder
}
