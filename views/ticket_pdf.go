package views

import (
	"context"
	_ "embed" // the fonts
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	qr "github.com/piglig/go-qr"
)

// The Go fonts cover the letters of all European languages and have tabular figures.
var (
	//go:embed font/Go-Regular.ttf
	fontRegular []byte
	//go:embed font/Go-Bold.ttf
	fontBold []byte
)

// The ticket on an A4 page, in millimetres.
const (
	cardX, cardY = 15.0, 20.0
	cardW, cardH = 180.0, 96.0
	stubW        = 62.0
	cardPad      = 8.0
	notch        = 4.0
	qrSide       = 46.0
)

type rgb struct{ r, g, b int }

var (
	inkRGB   = rgb{27, 30, 43}
	quietRGB = rgb{84, 88, 105}
	paperRGB = rgb{252, 249, 242}
	edgeRGB  = rgb{190, 184, 170}
	lampRGB  = rgb{200, 132, 42}
)

// TicketPDF writes tickets of one event, each on an A4 page to print: the same card as on screen, its QR code drawn as
// vectors.
func TicketPDF(w io.Writer, language string, tickets ...TicketModel) error {
	ctx := WithLanguage(context.Background(), language)
	p := newPaper(language)
	for i, m := range tickets {
		if i == 0 {
			p.SetTitle(printable(T(ctx, "ticket.title", "Number", ticketNumber(m.Ticket))+" · "+m.Event.Name), true)
		}
		p.AddPage()
		p.card()
		p.brand()
		p.words(ctx, m)
		if err := p.stub(ctx, m); err != nil {
			return err
		}
	}
	if err := p.Output(w); err != nil {
		return fmt.Errorf("ticket pdf: %w", err)
	}
	return nil
}

// paper is a page that ticket cards are drawn on.
type paper struct{ *fpdf.Fpdf }

func newPaper(language string) paper {
	p := paper{fpdf.New("P", "mm", "A4", "")}
	p.SetAutoPageBreak(false, 0)
	p.SetCellMargin(0)
	p.SetLang(language)
	p.SetProducer("Guichê", true)
	p.AddUTF8FontFromBytes("go", "", fontRegular)
	p.AddUTF8FontFromBytes("go", "B", fontBold)
	return p
}

func (p paper) fill(c rgb) { p.SetFillColor(c.r, c.g, c.b) }
func (p paper) draw(c rgb) { p.SetDrawColor(c.r, c.g, c.b) }

func (p paper) font(style string, size float64, c rgb) {
	p.SetFont("go", style, size)
	p.SetTextColor(c.r, c.g, c.b)
}

// card draws the paper with its two notches and the perforation between them.
func (p paper) card() {
	perforation := cardX + cardW - stubW
	p.fill(paperRGB)
	p.draw(edgeRGB)
	p.SetLineWidth(0.3)
	p.RoundedRect(cardX, cardY, cardW, cardH, 4, "1234", "FD")
	for _, y := range []float64{cardY, cardY + cardH} {
		p.SetFillColor(255, 255, 255)
		p.Circle(perforation, y, notch, "FD")
	}
	// Erase the halves of the notches that lie outside the card.
	p.Rect(perforation-notch-1, cardY-notch-1, 2*notch+2, notch+0.85, "F")
	p.Rect(perforation-notch-1, cardY+cardH+0.15, 2*notch+2, notch+0.85, "F")
	p.SetDashPattern([]float64{1, 1.6}, 0)
	p.SetLineWidth(0.5)
	p.Line(perforation, cardY+notch+2, perforation, cardY+cardH-notch-2)
	p.SetDashPattern(nil, 0)
}

// brand draws the mark, an arch with a slot, and the name.
func (p paper) brand() {
	x, y, s := cardX+cardPad, cardY+cardPad, 7.0/26
	p.fill(lampRGB)
	arch := func(left, top, right, bottom float64, style string) {
		p.MoveTo(x+left*s, y+bottom*s)
		r := (right - left) / 2
		p.LineTo(x+left*s, y+(top+r)*s)
		p.ArcTo(x+(left+r)*s, y+(top+r)*s, r*s, r*s, 0, 180, 0)
		p.LineTo(x+right*s, y+bottom*s)
		p.ClosePath()
		p.DrawPath(style)
	}
	arch(0, 0, 26, 27, "F")
	p.fill(paperRGB)
	arch(5, 5, 21, 18, "F")
	p.Rect(x+7*s, y+21*s, 12*s, 2*s, "F")
	p.font("B", 12, inkRGB)
	p.Text(x+10, y+5.6, "Guichê")
}

// words writes the event, the time, the place and the holder.
func (p paper) words(ctx context.Context, m TicketModel) {
	x, width := cardX+cardPad, cardW-stubW-2*cardPad
	p.SetXY(x, cardY+cardPad+11)
	size := 19.0
	name := printable(m.Event.Name)
	for p.font("B", size, inkRGB); len(p.SplitText(name, width)) > 2 && size > 9; p.font("B", size, inkRGB) {
		size--
	}
	p.MultiCell(width, size*0.45, name, "", "L", false)
	p.SetY(p.GetY() + 3)
	loc := m.Event.Location()
	holder := m.Holder
	if cpf := m.maskedCPF(); cpf != "" {
		holder += " · CPF " + cpf
	}
	for _, row := range [][2]string{
		{T(ctx, "ticket.when"), When(ctx, m.Event.StartsAt, loc) + " (" + zone(m.Event.StartsAt, loc) + ")"},
		{T(ctx, "ticket.where"), place(m.Event)},
		{T(ctx, "ticket.type"), m.Type.Name},
		{T(ctx, "ticket.holder"), holder},
	} {
		p.SetX(x)
		p.font("", 8, quietRGB)
		p.CellFormat(width, 4, row[0], "", 2, "L", false, 0, "")
		p.font("B", 10.5, inkRGB)
		p.MultiCell(width, 5, printable(row[1]), "", "L", false)
		p.SetY(p.GetY() + 1.6)
	}
}

// stub writes the number and draws the QR code on white, with its quiet zone.
func (p paper) stub(ctx context.Context, m TicketModel) error {
	x := cardX + cardW - stubW
	p.SetXY(x, cardY+cardPad)
	p.font("", 8, quietRGB)
	p.CellFormat(stubW, 4, T(ctx, "ticket.number"), "", 2, "C", false, 0, "")
	p.font("B", 26, inkRGB)
	p.CellFormat(stubW, 11, ticketNumber(m.Ticket), "", 2, "C", false, 0, "")
	if m.Code == "" {
		p.font("B", 12, inkRGB)
		p.MultiCell(stubW, 8, ticketState(ctx, m.Ticket), "", "C", false)
		return nil
	}
	code, err := qr.EncodeText(m.Code, qr.Medium)
	if err != nil {
		return fmt.Errorf("ticket pdf: qr: %w", err)
	}
	left, top := x+(stubW-qrSide)/2, p.GetY()+2
	unit := qrSide / float64(code.Size()+2*quietZone)
	p.SetFillColor(255, 255, 255)
	p.Rect(left, top, qrSide, qrSide, "F")
	p.SetFillColor(0, 0, 0)
	qrRuns(code, func(cx, cy, n int) {
		p.Rect(left+float64(cx+quietZone)*unit, top+float64(cy+quietZone)*unit, float64(n)*unit, unit, "F")
	})
	p.SetXY(x+4, top+qrSide+2)
	p.font("", 7.5, quietRGB)
	p.MultiCell(stubW-8, 3.4, T(ctx, "ticket.show"), "", "C", false)
	return nil
}

// printable drops characters outside the Basic Multilingual Plane, such as emoji, for which the fonts have no glyphs.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xFFFF {
			return -1
		}
		return r
	}, s)
}
