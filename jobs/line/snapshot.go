package line

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Snapshot is what the cache in Redis knows of one event.
type Snapshot struct {
	EventID        int64
	Known          bool            // false if the counts are missing; the fields of the line hold nevertheless
	Free           map[int64]int   // tickets left, by ticket type
	Issued         int64           // tickets given out, ever
	Last           []int64         // numbers of the last tickets given out, newest first
	Head           int64           // highest order number whose turn came
	Joined         int64           // highest order number given
	Asked          map[int64]int64 // tickets asked for since the line began, by ticket type
	Passed         map[int64]int64 // those of them whose turn came
	Waiting        int64           // orders on the return list
	WaitingTickets map[int64]int64 // tickets that they want, by ticket type
	Leavers        []Standing      // left the line before their turn came, by number
	Silent         bool            // no generator has been heard for a while: nobody decides
}

// Standing is an order as the line knows it.
type Standing struct {
	Number       int64
	TicketTypeID int64
	Quantity     int
}

// Gone are the ticket types that are known to have nothing left.
func (s Snapshot) Gone() map[int64]bool {
	gone := map[int64]bool{}
	for id, free := range s.Free {
		if free <= 0 {
			gone[id] = true
		}
	}
	return gone
}

// Place tells where a queued order stands: 1 is next; ahead is how many tickets of its type those before it want.
// Everybody on the return list stands before it.
// before is how many tickets of its type were asked for before it joined.
func (s Snapshot) Place(number, typeID, before int64) (place, ahead int64) {
	place, ahead = number-s.Head+s.Waiting, before-s.Passed[typeID]+s.WaitingTickets[typeID]
	for _, gone := range s.Leavers {
		if gone.Number > s.Head && gone.Number < number {
			place--
			if gone.TicketTypeID == typeID {
				ahead -= int64(gone.Quantity)
			}
		}
	}
	return max(place, 1), max(ahead, 0)
}

// InLine is how many orders are queued.
func (s Snapshot) InLine() int64 {
	n := s.Joined - s.Head
	for _, gone := range s.Leavers {
		if gone.Number > s.Head {
			n--
		}
	}
	return max(n, 0)
}

// InLineOf is how many tickets of a type queued orders want.
func (s Snapshot) InLineOf(typeID int64) int64 {
	n := s.Asked[typeID] - s.Passed[typeID]
	for _, gone := range s.Leavers {
		if gone.Number > s.Head && gone.TicketTypeID == typeID {
			n -= int64(gone.Quantity)
		}
	}
	return max(n, 0)
}

// Snapshot reads what is known of one event.
func (l *Line) Snapshot(ctx context.Context, eventID int64) (Snapshot, error) {
	all, err := l.Snapshots(ctx, eventID)
	if err != nil {
		return Snapshot{}, err
	}
	return all[0], nil
}

// Snapshots reads what is known of several events, in one round trip.
func (l *Line) Snapshots(ctx context.Context, eventIDs ...int64) ([]Snapshot, error) {
	pipe := l.rdb.Pipeline()
	hashes, lefts := make([]*redis.MapStringStringCmd, len(eventIDs)), make([]*redis.StringSliceCmd, len(eventIDs))
	for i, id := range eventIDs {
		hashes[i], lefts[i] = pipe.HGetAll(ctx, eventKey(id)), pipe.ZRange(ctx, leftKey(id), 0, -1)
	}
	beat := askBeat(ctx, pipe)
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("snapshots of events %d: %w", eventIDs, err)
	}
	all := make([]Snapshot, len(eventIDs))
	for i, id := range eventIDs {
		all[i] = readSnapshot(id, hashes[i].Val(), lefts[i].Val())
		all[i].Silent = beat().Silent()
	}
	return all, nil
}

func readSnapshot(eventID int64, hash map[string]string, left []string) Snapshot {
	s := Snapshot{EventID: eventID, Free: map[int64]int{}, Asked: map[int64]int64{}, Passed: map[int64]int64{}, WaitingTickets: map[int64]int64{}}
	for field, text := range hash {
		name, id, _ := strings.Cut(field, ":")
		typeID, _ := strconv.ParseInt(id, 10, 64)
		n, _ := strconv.ParseInt(text, 10, 64)
		switch name {
		case "epoch":
			s.Known = true
		case "free":
			s.Free[typeID] = int(n)
		case "asked":
			s.Asked[typeID] = n
		case "passed":
			s.Passed[typeID] = n
		case "waiting":
			s.Waiting = n
		case "waits":
			s.WaitingTickets[typeID] = n
		case "issued":
			s.Issued = n
		case "head":
			s.Head = n
		case "joined":
			s.Joined = n
		case "last":
			_ = json.Unmarshal([]byte(text), &s.Last) // only ever written by Tell
		}
	}
	s.Leavers = standings(left)
	return s
}

func standings(members []string) (all []Standing) {
	for _, member := range members {
		var l Standing
		if _, err := fmt.Sscanf(member, "%d:%d:%d", &l.Number, &l.TicketTypeID, &l.Quantity); err == nil {
			all = append(all, l)
		}
	}
	return all
}

// ReturnList reads the orders that wait for tickets to come back, by number.
func (l *Line) ReturnList(ctx context.Context, eventID int64) ([]Standing, error) {
	members, err := l.rdb.ZRange(ctx, waitingKey(eventID), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("return list of event %d: %w", eventID, err)
	}
	return standings(members), nil
}
