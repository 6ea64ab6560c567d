package views_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"

	qr "github.com/piglig/go-qr"

	"guiche/views"
	"guiche/views/gallery"
)

// scan draws the QR code of a page as a camera would see it, and decodes it.
func scan(t *testing.T, page string) string {
	t.Helper()
	svg := regexp.MustCompile(`(?s)<svg class="qr".*?</svg>`).FindString(page)
	box := regexp.MustCompile(`viewBox="0 0 (\d+) \d+"`).FindStringSubmatch(svg)
	if box == nil {
		t.Fatalf("no QR code in the page")
	}
	width, err := strconv.Atoi(box[1])
	if err != nil {
		t.Fatal(err)
	}
	const scale = 8
	img := image.NewGray(image.Rect(0, 0, width*scale, width*scale))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`).FindAllStringSubmatch(svg, -1) {
		var n [3]int
		for i, s := range m[1:] {
			if n[i], err = strconv.Atoi(s); err != nil {
				t.Fatal(err)
			}
		}
		for y := n[1] * scale; y < (n[1]+1)*scale; y++ {
			for x := n[0] * scale; x < (n[0]+n[2])*scale; x++ {
				img.SetGray(x, y, color.Gray{})
			}
		}
	}
	text, err := qr.Decode(img)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTicketCodeCanBeRead(t *testing.T) {
	var page bytes.Buffer
	f := views.Frame{Language: views.Portuguese, Now: gallery.Now}
	if err := views.TicketPage(f, gallery.Ticket()).Render(context.Background(), &page); err != nil {
		t.Fatal(err)
	}
	if got := scan(t, page.String()); got != gallery.Code {
		t.Errorf("the code says %q, want %q", got, gallery.Code)
	}
}

func TestTicketThatOpensNoGateShowsNoCode(t *testing.T) {
	m := gallery.Ticket()
	m.Code = ""
	var page bytes.Buffer
	if err := views.TicketPage(views.Frame{Language: views.English, Now: gallery.Now}, m).Render(context.Background(), &page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), `class="qr"`) || strings.Contains(page.String(), ".pdf") {
		t.Error("a ticket without code still shows one")
	}
}

func TestTicketHidesMostOfTheCPF(t *testing.T) {
	var page bytes.Buffer
	m := gallery.Ticket()
	if err := views.TicketPage(views.Frame{Language: views.English, Now: gallery.Now}, m).Render(context.Background(), &page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), m.CPF) || !strings.Contains(page.String(), "•••.982.247-••") {
		t.Error("the CPF is not shown in part")
	}
}

func TestTicketPDF(t *testing.T) {
	for _, l := range views.Languages() {
		usual, long, used := gallery.Ticket(), gallery.Ticket(), gallery.Ticket()
		long.Event.Name = strings.Repeat("Noite de São João com ŁÓDŹ e Ωμέγα 🎉 ", 12)
		long.Holder = "Zoë 🎻 " + strings.Repeat("Ana ", 40)
		used.Code = ""
		sizes := map[string]int{}
		for name, m := range map[string]views.TicketModel{"usual": usual, "long": long, "used": used} {
			var b bytes.Buffer
			if err := views.TicketPDF(&b, l, m); err != nil {
				t.Fatalf("%s %s: %v", l, name, err)
			}
			if !bytes.HasPrefix(b.Bytes(), []byte("%PDF-1.")) || !bytes.Contains(b.Bytes(), []byte("/Count 1\n")) {
				t.Errorf("%s %s: not a PDF of one page", l, name)
			}
			if !bytes.Contains(b.Bytes(), []byte("/FontFile2")) {
				t.Errorf("%s %s: the fonts are not inside", l, name)
			}
			sizes[name] = b.Len()
		}
		if sizes["usual"] < 15_000 || sizes["usual"] > 100_000 {
			t.Errorf("%s: %d bytes", l, sizes["usual"])
		}
		if sizes["usual"] < sizes["used"]+1000 {
			t.Errorf("%s: the code takes only %d bytes", l, sizes["usual"]-sizes["used"])
		}
	}
}

func TestCodeTooLongIsAnError(t *testing.T) {
	m := gallery.Ticket()
	m.Code = strings.Repeat("x", 5000)
	var b bytes.Buffer
	if err := views.TicketPDF(&b, views.English, m); err == nil {
		t.Error("the PDF was written without its code")
	}
	if err := views.TicketPage(views.Frame{Language: views.English, Now: gallery.Now}, m).Render(context.Background(), &b); err == nil {
		t.Error("the page was written without its code")
	}
}
