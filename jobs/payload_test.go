package jobs

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestIDsOfARelease(t *testing.T) {
	var ids []uuid.UUID
	for n := 1; n <= 3; n++ {
		ids = append(ids, uuid.New())
		list := formatIDs(ids...)
		got, err := ParseIDs(list)
		if err != nil || !slices.Equal(got, ids) {
			t.Errorf("%s reads as %v, %v", list, got, err)
		}
		if CountIDs(list) != n {
			t.Errorf("%s has %d ids", list, CountIDs(list))
		}
	}
	for _, list := range []string{"", " ", "1", ids[0].String() + " ", ids[0].String() + "," + ids[1].String()} {
		if got, err := ParseIDs([]byte(list)); err == nil {
			t.Errorf("%q reads as %v", list, got)
		}
	}
	if CountIDs([]byte("12")) != 1 {
		t.Error("a number is one id")
	}
}
