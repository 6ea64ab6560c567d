package views

import (
	"fmt"
	"strings"

	qr "github.com/piglig/go-qr"
)

// quietZone is the width, in modules, of the blank border that scanners need.
const quietZone = 4

// qrPath is a QR code as an SVG path with one unit per module, and its width including the quiet zone.
// Adjacent modules of a row are merged, so that the path stays small and shows no seams.
func qrPath(text string) (path string, width int, err error) {
	code, err := qr.EncodeText(text, qr.Medium)
	if err != nil {
		return "", 0, fmt.Errorf("qr: %w", err)
	}
	var b strings.Builder
	qrRuns(code, func(x, y, n int) {
		fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quietZone, y+quietZone, n, n)
	})
	return b.String(), code.Size() + 2*quietZone, nil
}

// qrRuns calls f for each horizontal run of dark modules.
func qrRuns(code *qr.QrCode, f func(x, y, n int)) {
	for y := range code.Size() {
		for x := 0; x < code.Size(); x++ {
			n := 0
			for x+n < code.Size() && code.Module(x+n, y) {
				n++
			}
			if n > 0 {
				f(x, y, n)
				x += n
			}
		}
	}
}
