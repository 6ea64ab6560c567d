package checkout

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func TestCRC16(t *testing.T) {
	for _, row := range []struct {
		text string
		want uint16
	}{
		{"123456789", 0x29B1}, // the check value that catalogues of CRCs give
		// The static example of the Central Bank's Pix manual.
		{"00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***6304", 0x1D3D},
	} {
		if got := crc16([]byte(row.text)); got != row.want {
			t.Errorf("%q: %04X, want %04X", row.text, got, row.want)
		}
	}
}

func TestPixCodeIsWellFormed(t *testing.T) {
	code := PixCode("ch_ABCDEFGHIJKLMNOPQRSTUVWXYZ", 123_405, "BRL")
	head, crc := code[:len(code)-4], code[len(code)-4:]
	if fmt.Sprintf("%04X", crc16([]byte(head))) != crc {
		t.Errorf("checksum %s of %s", crc, head)
	}
	fields, order := readEMV(t, code)
	if order[0] != "00" || order[len(order)-1] != "63" {
		t.Errorf("fields in the order %v", order)
	}
	for id, want := range map[string]string{"00": "01", "01": "12", "53": "986", "54": "1234.05", "58": "BR"} {
		if fields[id] != want {
			t.Errorf("field %s is %q, want %q", id, fields[id], want)
		}
	}
	if len(fields["59"]) > 25 || len(fields["60"]) > 15 {
		t.Errorf("name %q or city %q is too long", fields["59"], fields["60"])
	}
	account, _ := readEMV(t, fields["26"])
	if account["00"] != "br.gov.bcb.pix" || !strings.HasPrefix(account["25"], "sandbox.invalid/") || len(account["25"]) > 77 {
		t.Errorf("account %v", account)
	}
	if extra, _ := readEMV(t, fields["62"]); extra["05"] != "***" {
		t.Errorf("extra %v", extra)
	}
	if got := PixCode("ch_1", 1, "USD"); got != "" {
		t.Errorf("Pix in dollars: %q", got)
	}
}

// readEMV reads id, length and value until the text ends.
func readEMV(t *testing.T, text string) (fields map[string]string, order []string) {
	t.Helper()
	fields = map[string]string{}
	for text != "" {
		if len(text) < 4 {
			t.Fatalf("a rest of %q", text)
		}
		n, err := strconv.Atoi(text[2:4])
		if err != nil || len(text) < 4+n {
			t.Fatalf("field %q: %v", text, err)
		}
		fields[text[:2]], order = text[4:4+n], append(order, text[:2])
		text = text[4+n:]
	}
	return fields, order
}
