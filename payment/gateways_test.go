package payment

import (
	"errors"
	"testing"
)

func TestEarlierGatewaysAreStillThere(t *testing.T) {
	current, earlier := named{name: "new"}, named{name: "old"}
	g := NewGateways(current, earlier)
	if g.Current() != current {
		t.Errorf("new charges go to %q", g.Current().Name())
	}
	for _, want := range []Gateway{current, earlier} {
		if got, err := g.ByName(want.Name()); err != nil || got != want {
			t.Errorf("%q is %v, %v", want.Name(), got, err)
		}
	}
	if got, err := g.ByName("gone"); !errors.Is(err, ErrNoGateway) || got != nil {
		t.Errorf("a gateway without keys is %v, %v", got, err)
	}
}

// named is a gateway that has nothing but a name.
type named struct {
	Gateway
	name string
}

func (n named) Name() string { return n.name }
