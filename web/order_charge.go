package web

import (
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/payment"
	"guiche/store"
	"guiche/views"
)

// dropTime is how long a person waits for an earlier charge to be cancelled before a new one is made.
const dropTime = 5 * time.Second

// methods are the ways to pay between which a fan chooses before the charge is made.
func methods(g payment.Gateways) (names []string) {
	for _, m := range g.Current().Methods() {
		names = append(names, string(m))
	}
	return names
}

// readMethod is how a fan wants to pay: the first method that is offered if she did not say, none if the payment page asks.
func (s *money) readMethod(c echo.Context, model views.OrderModel) (string, error) {
	form, err := readForm(c, "method")
	if err != nil {
		return "", badForm(err)
	}
	methods, chosen := model.Methods, form.Value("method")
	switch {
	case len(methods) == 0:
		return string(payment.AnyMethod), nil
	case chosen == "":
		return model.Offered()[0], nil
	case !slices.Contains(methods, chosen):
		return "", badForm(nil)
	}
	return chosen, nil
}

// startCharge writes a charge or finds the open one. An open one of another method, or one that expires before a hold
// that was extended, is cancelled first: at most one can be paid. If that takes too long, it is returned as it is.
func (s *money) startCharge(c echo.Context, o store.Order, method string) (store.Charge, error) {
	ctx, gateway := c.Request().Context(), s.gateways.Current().Name()
	one, stop := s.live.listen(o.EventID, o.ID)
	defer stop()
	wait := time.NewTimer(dropTime)
	defer wait.Stop()
	for asked := false; ; {
		charge, err := s.store.StartCharge(ctx, o.ID, o.AccountID, gateway, method)
		if err != nil {
			return store.Charge{}, err
		}
		suits := charge.Gateway == gateway && charge.Method == method && time.Now().Before(charge.ExpiresAt)
		if suits || charge.Pending {
			return charge, nil
		}
		if !asked {
			asked = true
			if err := s.nudges.DropCharge(ctx, charge.ID); err != nil {
				return store.Charge{}, unavailable(err)
			}
		}
		select {
		case <-one.order:
		case <-wait.C:
			return charge, nil
		case <-ctx.Done():
			return store.Charge{}, ctx.Err()
		}
	}
}
