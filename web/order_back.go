package web

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/payment"
	"guiche/store"
	"guiche/views"
)

const (
	// backParam marks the way back to an order's page. A process of another release shows the page as ever.
	backParam = "back"
	// backTime is how long a fan who comes back from paying waits for the gateway's word.
	backTime = 3 * time.Second
	// backPause is how long the gateway is left in peace after that.
	backPause = 2 * time.Second
)

// back comes before an order's page when the payment page leads a fan there. What she did, only the gateway knows; it is
// asked here and not only by a worker, so that nobody who has paid is asked for the money again while the worker is away.
// The worker settles the charge.
func (s *money) back(show echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.QueryParam(backParam) == "" || wantsJSON(c) || wantsPart(c) {
			return show(c)
		}
		m, err := s.finder.own(c)
		if err != nil {
			return show(c) // which says what happened to it
		}
		return s.backFromPaying(c, m)
	}
}

func (s *money) backFromPaying(c echo.Context, m views.OrderModel) error {
	charge := m.Order.Charge
	if m.Order.Status == store.Reserved && charge != nil && charge.Status == store.ChargeOpen && !charge.Pending {
		if err := s.askWhatSheDid(c, m.Order, *charge); err != nil {
			s.log(c).Warn("a fan is back from paying, and the payment API does not say what she did",
				"order", m.Order.ID, "charge", charge.ID, "error", err)
			s.flash(c, views.PaymentUnsure)
		}
	}
	return seeOther(c, orderPath(m.Order.ID))
}

// askWhatSheDid notes that money is on its way, if it is.
func (s *money) askWhatSheDid(c echo.Context, o store.Order, charge store.Charge) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), backTime)
	defer cancel()
	first, err := s.hints.redis.SetNX(ctx, "guiche:back:"+charge.ID.String(), 1, backPause).Result()
	if err != nil || !first {
		return err
	}
	gateway, err := s.gateways.ByName(charge.Gateway)
	if err != nil {
		return err
	}
	said, err := gateway.Get(ctx, charge.GatewayID)
	if err != nil || said.Status != payment.Paid && said.Status != payment.Pending {
		return err
	}
	news, err := s.store.MarkPending(ctx, charge.ID, said.ID)
	if news {
		s.hints.orderNews(c, o.EventID, o.ID)
	}
	return err
}
