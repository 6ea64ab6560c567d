package web

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/store"
)

// csvRows is how many movements one query reads.
const csvRows = 2000

// ledgerCSV sends all movements of an event, the oldest first. It names nobody.
func (s *admin) ledgerCSV(c echo.Context) error {
	event, err := s.event(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	rows, err := s.store.MovementsBehind(ctx, event.ID, 0, csvRows)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	h.Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="guiche-%s-ledger.csv"`, event.Slug))
	h.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(http.StatusOK)
	out := csv.NewWriter(c.Response())
	out.UseCRLF = true
	_ = out.Write([]string{"id", "at", "kind", "amount", "amount_cents", "currency", "gateway", "order", "order_number", "charge", "refund"})
	control := http.NewResponseController(c.Response())
	for len(rows) > 0 {
		if err := control.SetWriteDeadline(time.Now().Add(writeTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		for _, r := range rows {
			_ = out.Write(movementCells(r))
		}
		out.Flush() // Error covers all that was written before
		if out.Error() != nil {
			return nil // the browser went away
		}
		if rows, err = s.store.MovementsBehind(ctx, event.ID, rows[len(rows)-1].ID, csvRows); err != nil {
			s.log(c).Error("the export of a ledger broke off", "event", event.ID, "error", err)
			panic(http.ErrAbortHandler) // a broken connection, so that nobody takes it for the whole file
		}
	}
	out.Flush()
	return nil
}

// movementCells is one row of the file.
func movementCells(r store.Movement) []string {
	refund := ""
	if r.RefundID.Valid {
		refund = r.RefundID.UUID.String()
	}
	cells := []string{
		strconv.FormatInt(r.ID, 10), r.At.UTC().Format(time.RFC3339Nano), string(r.Kind),
		fmt.Sprintf("%d.%02d", r.AmountCents/100, r.AmountCents%100), strconv.FormatInt(r.AmountCents, 10), r.Currency, r.Gateway,
		r.OrderID.String(), strconv.FormatInt(r.OrderNumber, 10), r.ChargeID.String(), refund,
	}
	for i, cell := range cells {
		cells[i] = plainCell(cell)
	}
	return cells
}

// plainCell keeps spreadsheets from taking a text for a formula.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
