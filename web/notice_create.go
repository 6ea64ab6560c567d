package web

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/payment"
)

// noticeCreate takes a signed notice of the payment API, once, and answers at once: it is a hint, and the worker
// asks the gateway what is true. Machines read the answer, so it is a status without a page.
func (s *Server) noticeCreate(c echo.Context) error {
	if c.Param("gateway") != s.Gateway.Name() {
		return c.NoContent(http.StatusNotFound)
	}
	body, err := io.ReadAll(c.Request().Body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return c.NoContent(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return c.NoContent(http.StatusBadRequest)
	}
	notice, err := s.Gateway.ParseNotice(c.Request().Header, body)
	if errors.Is(err, payment.ErrSignature) {
		return c.NoContent(http.StatusUnauthorized)
	}
	if err != nil {
		s.log(c).Warn("a signed notice makes no sense", "error", err)
		return c.NoContent(http.StatusBadRequest)
	}
	chargeID, err := uuid.Parse(notice.Reference)
	if err != nil || strings.ContainsRune(notice.ID, 0) {
		return c.NoContent(http.StatusBadRequest)
	}
	fresh, err := s.Store.SaveNotice(c.Request().Context(), s.Gateway.Name(), notice.ID, chargeID)
	if err != nil {
		return err // the gateway sends it again
	}
	if fresh {
		s.look(c, chargeID)
	}
	return c.NoContent(http.StatusOK)
}
