package web

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/payment"
	"guiche/store"
)

// noticeCreate stores a signed notice of the payment API, once, and answers at once: the notice is a hint, and the
// worker asks the gateway what is true. A machine reads the answer, so it is a status without a page.
func (s *money) noticeCreate(c echo.Context) error {
	gateway, err := s.gateways.ByName(c.Param("gateway"))
	if err != nil {
		return c.NoContent(http.StatusNotFound)
	}
	body, err := io.ReadAll(c.Request().Body)
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return c.NoContent(http.StatusRequestEntityTooLarge)
	}
	if err != nil {
		return c.NoContent(http.StatusBadRequest)
	}
	said, err := gateway.ParseNotice(payment.Delivery{
		Header: c.Request().Header, Query: c.QueryParams(), Body: body,
	})
	if errors.Is(err, payment.ErrSignature) {
		s.notices.refused(c, gateway.Name(), noticeUnsigned)
		return c.NoContent(http.StatusUnauthorized)
	}
	if errors.Is(err, payment.ErrOtherNotice) {
		s.notices.taken(c, gateway.Name())
		return c.NoContent(http.StatusOK)
	}
	if err != nil {
		s.log(c).Warn("a signed notice makes no sense", "error", err)
		s.notices.refused(c, gateway.Name(), noticeMalformed)
		return c.NoContent(http.StatusBadRequest)
	}
	notice, ok := storable(gateway.Name(), said)
	if !ok {
		s.notices.refused(c, gateway.Name(), noticeMalformed)
		return c.NoContent(http.StatusBadRequest)
	}
	s.notices.taken(c, gateway.Name())
	chargeID, fresh, err := s.store.SaveNotice(c.Request().Context(), notice)
	if err != nil {
		return err // the gateway sends it again
	}
	switch {
	case fresh && chargeID.Valid:
		s.hints.pollCharge(c, chargeID.UUID)
		orderID, eventID, err := s.store.ChargeOrder(c.Request().Context(), chargeID.UUID)
		if s.hints.check(c, err, "an order's page finds its news by itself", "charge", chargeID.UUID); err == nil {
			s.hints.orderNews(c, eventID, orderID)
		}
	case fresh:
		s.hints.notice(c, notice)
	}
	return c.NoContent(http.StatusOK)
}

// storable is a notice as the store keeps it; ok is false if it cannot name any charge. Another program may share our
// account at the gateway, so a foreign reference is no fault while the gateway's own id is there.
func storable(gateway string, said payment.Notice) (n store.Notice, ok bool) {
	n = store.Notice{Gateway: gateway, EventID: said.ID, GatewayID: said.ChargeID}
	if id, err := uuid.Parse(said.Reference); err == nil {
		n.ChargeID = uuid.NullUUID{UUID: id, Valid: true}
	}
	for _, text := range []string{n.EventID, n.GatewayID} {
		if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
			return n, false
		}
	}
	return n, n.ChargeID.Valid || n.GatewayID != ""
}
