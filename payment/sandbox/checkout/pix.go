package checkout

import (
	"fmt"
	"strings"

	go_qr "github.com/piglig/go-qr"
)

// PixCode is the "copia e cola" text of a charge in reais: a BR Code of the Central Bank's manual, which is
// EMV's merchant-presented QR code (id, two digits of length, value) for a charge that is read from an address.
// The address lies in .invalid, so that a real bank's app finds a well-formed code and no one to pay.
// Other currencies have no Pix.
func PixCode(id string, amountCents int64, currency string) string {
	if currency != "BRL" {
		return ""
	}
	var b strings.Builder
	b.WriteString(emv("00", "01")) // version of the payload
	b.WriteString(emv("01", "12")) // to be paid once
	b.WriteString(emv("26", emv("00", "br.gov.bcb.pix")+emv("25", "sandbox.invalid/pix/"+id)))
	b.WriteString(emv("52", "0000")) // no merchant category
	b.WriteString(emv("53", "986"))  // BRL in ISO 4217
	b.WriteString(emv("54", fmt.Sprintf("%d.%02d", amountCents/100, amountCents%100)))
	b.WriteString(emv("58", "BR"))
	b.WriteString(emv("59", "CAIXA DE TESTES"))
	b.WriteString(emv("60", "SAO PAULO"))
	b.WriteString(emv("62", emv("05", "***"))) // the address knows which transaction it is
	b.WriteString("6304")                      // the checksum covers its own head
	return b.String() + fmt.Sprintf("%04X", crc16([]byte(b.String())))
}

func emv(id, value string) string { return fmt.Sprintf("%s%02d%s", id, len(value), value) }

// crc16 is CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF), as EMV asks.
func crc16(data []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, b := range data {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

// qrQuiet is the white border, in modules, that a scanner needs.
const qrQuiet = 4

// QR is a QR code as an SVG path of unit squares, quiet zone included.
type QR struct {
	Size int
	Path string
}

func DrawQR(text string) (QR, error) {
	code, err := go_qr.EncodeText(text, go_qr.Medium)
	if err != nil {
		return QR{}, fmt.Errorf("payment: qr: %w", err)
	}
	var path strings.Builder
	for y := range code.Size() {
		for x := range code.Size() {
			if code.Module(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+qrQuiet, y+qrQuiet)
			}
		}
	}
	return QR{Size: code.Size() + 2*qrQuiet, Path: path.String()}, nil
}
