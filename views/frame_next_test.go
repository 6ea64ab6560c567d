package views

import "testing"

func TestFromOneWayInToTheOtherTheWayOnIsKept(t *testing.T) {
	for path, want := range map[string]string{
		"/events/lua":                        "/register?next=%2Fevents%2Flua",
		"/login?next=%2Fevents%2Flua":        "/register?next=%2Fevents%2Flua",
		"/register?next=%2Fevents%2Flua&x=1": "/register?next=%2Fevents%2Flua",
		"/login":                             "/register?next=%2Flogin",
	} {
		if got := (Frame{Path: path}).Register(); got != want {
			t.Errorf("from %s to %s", path, got)
		}
	}
}
