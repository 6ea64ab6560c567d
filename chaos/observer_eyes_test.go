package chaos

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

// flawless is a sale in which everything is right: fans come one after the other, each for one of ten tickets.
func flawless(n int) (seen []sighting, came []outcome) {
	start := time.Now()
	for i := range n {
		id, at := uuid.New(), start.Add(time.Duration(i)*time.Second)
		seen = append(seen, sighting{order: id, kind: 1, quantity: 1, sent: at, acknowledged: at.Add(time.Millisecond)})
		o := outcome{order: id, kind: 1, quantity: 1, status: "reserved", number: int64(i + 1), decision: int64(i + 1)}
		if i < flawlessCapacity {
			o.tickets = []int64{int64(i + 1)}
		} else {
			o.status = "sold_out"
		}
		came = append(came, o)
	}
	return seen, came
}

const flawlessCapacity = 10

func TestTheObserverSeesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(seen []sighting, came []outcome) ([]sighting, []outcome)
		want  verdict
	}{
		{"all is right", func(s []sighting, c []outcome) ([]sighting, []outcome) { return s, c }, verdict{}},
		{"an order without an outcome", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			return s, c[:len(c)-1]
		}, verdict{lost: 1}},
		{"an order that is still queued", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[14].status = "queued"
			return s, c
		}, verdict{lost: 1}},
		{"an order that nobody was told of", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			return s[1:], c
		}, verdict{}},
		{"an order with two outcomes", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			return s, append(c, c[14])
		}, verdict{doubled: 1}},
		{"a ticket of two orders", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[9].tickets = []int64{9}
			return s, c
		}, verdict{doubled: 1, disordered: 1}},
		{"a ticket too many", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[9].tickets = []int64{10, 11}
			return s, c
		}, verdict{doubled: 1, oversold: 1}},
		{"an order that became another", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[14].quantity = 2
			return s, c
		}, verdict{doubled: 1}},
		{"decisions that changed places", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[3].decision, c[4].decision = 5, 4
			return s, c
		}, verdict{disordered: 1}},
		{"one order far behind its turn", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[3].number, c[3].decision, c[3].tickets = 99, 99, []int64{99}
			return s, c
		}, verdict{disordered: 11}},
		{"a number of two orders", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[14].number = 14
			s[14].sent = s[13].acknowledged
			return s, c
		}, verdict{doubled: 1}},
		{"an order with another number than its fan was shown", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			s[3].number, s[4].number = 4, 4
			return s, c
		}, verdict{doubled: 1}},
		{"sent together", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[3].decision, c[4].decision = 5, 4
			s[4].sent = s[3].acknowledged
			return s, c
		}, verdict{}},
		{"an order served after one that was refused", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[9].status, c[9].tickets = "sold_out", nil
			c[14].status, c[14].tickets = "reserved", []int64{10}
			return s, c
		}, verdict{disordered: 1}},
		{"a smaller order served after one that was refused", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[9].status, c[9].tickets, c[9].quantity, s[9].quantity = "sold_out", nil, 4, 4
			for i := 10; i < 15; i++ {
				c[i].status = "sold_out"
			}
			c[10].status, c[10].tickets = "reserved", []int64{10}
			return s, c
		}, verdict{}},
		{"an order served while an earlier one waits", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[9].status, c[9].tickets, c[9].decision, c[9].waited = "waiting", nil, 0, true
			c[10].status, c[10].tickets = "reserved", []int64{10}
			return s, c
		}, verdict{disordered: 1}},
		{"more tickets than there are", func(s []sighting, c []outcome) ([]sighting, []outcome) {
			c[10].status, c[10].tickets = "paid", []int64{11}
			return s, c
		}, verdict{oversold: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen, came := c.spoil(flawless(15))
			got := observe(seen, came, map[int64]int{1: flawlessCapacity})
			if got.String() != c.want.String() {
				t.Errorf("the observer sees %v, want %v: %q", got, c.want, got.why)
			}
		})
	}
}

func TestTheObserverRemembersWhatWasBeforeRedisWasEmptied(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(m *memory, seen []sighting, came []outcome) ([]sighting, []outcome)
		want  verdict
	}{
		{"all is right", func(_ *memory, s []sighting, c []outcome) ([]sighting, []outcome) { return s, c }, verdict{}},
		{"a hold that lapsed", func(_ *memory, s []sighting, c []outcome) ([]sighting, []outcome) {
			c[3].status = "expired"
			return s, c
		}, verdict{}},
		{"an order that waited and was served", func(m *memory, s []sighting, c []outcome) ([]sighting, []outcome) {
			was := c[10]
			was.status, was.decision = "waiting", 0
			m.decided[was.order] = was
			c[9].status, c[10].status, c[10].tickets = "expired", "reserved", []int64{11}
			return s, c
		}, verdict{}},
		{"a decided order that is missing", func(_ *memory, s []sighting, c []outcome) ([]sighting, []outcome) {
			return append(s[:11:11], s[12:]...), append(c[:11:11], c[12:]...)
		}, verdict{lost: 1}},
		{"a hold that became a refusal", func(_ *memory, s []sighting, c []outcome) ([]sighting, []outcome) {
			c[9].status, c[9].tickets = "sold_out", nil
			return s, c
		}, verdict{lost: 1}},
		{"a decided order that was decided anew", func(_ *memory, s []sighting, c []outcome) ([]sighting, []outcome) {
			c[14].number, c[14].decision = 1016, 16
			return s, c
		}, verdict{doubled: 1}},
		{"a hold with other tickets", func(_ *memory, s []sighting, c []outcome) ([]sighting, []outcome) {
			c[9].tickets = []int64{11}
			return s, c
		}, verdict{doubled: 1}},
		{"a number that a lost order had", func(m *memory, s []sighting, c []outcome) ([]sighting, []outcome) {
			delete(m.decided, s[12].order)
			m.gone = append(m.gone, sighting{order: s[12].order, number: 12})
			return s, c
		}, verdict{doubled: 1}},
		{"a lost order that came back beside the one in its place", func(m *memory, s []sighting, c []outcome) ([]sighting, []outcome) {
			m.gone = append(m.gone, sighting{order: s[12].order})
			return append(s[:12:12], s[13:]...), c
		}, verdict{doubled: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen, came := flawless(15)
			m := memory{decided: map[uuid.UUID]outcome{}}
			for _, o := range came {
				m.decided[o.order] = o
			}
			seen, came = c.spoil(&m, seen, came)
			got := observe(seen, came, map[int64]int{1: flawlessCapacity})
			got.recall(m, seen, came)
			if got.String() != c.want.String() {
				t.Errorf("the observer sees %v, want %v: %q", got, c.want, got.why)
			}
		})
	}
}
