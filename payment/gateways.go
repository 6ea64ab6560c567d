package payment

import (
	"errors"
	"fmt"
)

// ErrNoGateway says that a charge was made by a gateway which the shop has no keys for any more.
var ErrNoGateway = errors.New("payment: gateway is not configured")

// Gateways are those that a shop has keys for. One takes the new charges; a shop that has changed its gateway still
// looks at the charges of the others, refunds them and hears their notices.
type Gateways struct {
	current Gateway
	byName  map[string]Gateway
}

// NewGateways takes the gateway for new charges and those that are left from earlier.
func NewGateways(current Gateway, earlier ...Gateway) Gateways {
	g := Gateways{current: current, byName: map[string]Gateway{current.Name(): current}}
	for _, e := range earlier {
		g.byName[e.Name()] = e
	}
	return g
}

// Cover puts something around each gateway; its name has to stay.
func (g Gateways) Cover(with func(Gateway) Gateway) Gateways {
	covered := Gateways{byName: map[string]Gateway{}}
	for name, gateway := range g.byName {
		covered.byName[name] = with(gateway)
	}
	if g.current != nil {
		covered.current = covered.byName[g.current.Name()]
	}
	return covered
}

// Current is the gateway for new charges.
func (g Gateways) Current() Gateway { return g.current }

// ByName is the gateway that a charge or a notice names; ErrNoGateway.
func (g Gateways) ByName(name string) (Gateway, error) {
	gateway, ok := g.byName[name]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrNoGateway, name)
	}
	return gateway, nil
}
