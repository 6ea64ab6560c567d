package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// Cache is what is quick to know, in Redis: per event the tickets left, the total issued, the last ones,
// and how far the line has moved. The generator writes it after each commit; a missing key means "unknown".
type Cache struct {
	rdb *redis.Client
}

// NewCache uses a Redis client that stays the caller's.
func NewCache(rdb *redis.Client) *Cache { return &Cache{rdb: rdb} }

// newsChannel is where the generator says that something changed.
const newsChannel = "guiche:news"

func eventKey(id int64) string   { return fmt.Sprintf("guiche:event:%d", id) }
func leftKey(id int64) string    { return fmt.Sprintf("guiche:event:%d:left", id) }
func openKey(id int64) string    { return fmt.Sprintf("guiche:event:%d:open", id) } // as jobs.Line names it
func waitingKey(id int64) string { return fmt.Sprintf("guiche:event:%d:waiting", id) }

// Snapshot is what the cache knows of one event.
type Snapshot struct {
	EventID int64
	Known   bool            // false when the cache has lost the counts; the line's fields hold nevertheless
	Free    map[int64]int   // tickets left, by ticket type
	Issued  int64           // tickets given out, ever
	Last    []int64         // numbers of the last tickets given out, newest first
	Head    int64           // highest order number whose turn came
	Joined  int64           // highest order number given
	Asked   map[int64]int64 // tickets asked for since the line began, by ticket type
	Passed  map[int64]int64 // those of them whose turn came
	Waiting int64           // orders on the return list
	Waits   map[int64]int64 // tickets that they want, by ticket type
	Leavers []Standing      // left the line before their turn came, by number
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
// All who wait on the return list stand before it.
// before is how many tickets of its type had been asked for when it joined.
func (s Snapshot) Place(number, typeID, before int64) (place, ahead int64) {
	place, ahead = number-s.Head+s.Waiting, before-s.Passed[typeID]+s.Waits[typeID]
	for _, l := range s.Leavers {
		if l.Number > s.Head && l.Number < number {
			place--
			if l.TicketTypeID == typeID {
				ahead -= int64(l.Quantity)
			}
		}
	}
	return max(place, 1), max(ahead, 0)
}

// InLine is how many orders wait for their turn.
func (s Snapshot) InLine() int64 {
	n := s.Joined - s.Head
	for _, l := range s.Leavers {
		if l.Number > s.Head {
			n--
		}
	}
	return max(n, 0)
}

// InLineOf is how many tickets of a type are wanted by orders that wait for their turn.
func (s Snapshot) InLineOf(typeID int64) int64 {
	n := s.Asked[typeID] - s.Passed[typeID]
	for _, l := range s.Leavers {
		if l.Number > s.Head && l.TicketTypeID == typeID {
			n -= int64(l.Quantity)
		}
	}
	return max(n, 0)
}

// Snapshot reads what is known of one event.
func (c *Cache) Snapshot(ctx context.Context, eventID int64) (Snapshot, error) {
	pipe := c.rdb.Pipeline()
	hash, left := pipe.HGetAll(ctx, eventKey(eventID)), pipe.ZRange(ctx, leftKey(eventID), 0, -1)
	if _, err := pipe.Exec(ctx); err != nil {
		return Snapshot{}, fmt.Errorf("snapshot of event %d: %w", eventID, err)
	}
	s := Snapshot{EventID: eventID, Free: map[int64]int{}, Asked: map[int64]int64{}, Passed: map[int64]int64{}, Waits: map[int64]int64{}}
	for field, text := range hash.Val() {
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
			s.Waits[typeID] = n
		case "issued":
			s.Issued = n
		case "head":
			s.Head = n
		case "joined":
			s.Joined = n
		case "last":
			_ = json.Unmarshal([]byte(text), &s.Last) // only ever written by Put
		}
	}
	s.Leavers = standings(left.Val())
	return s, nil
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
func (c *Cache) ReturnList(ctx context.Context, eventID int64) ([]Standing, error) {
	members, err := c.rdb.ZRange(ctx, waitingKey(eventID), 0, -1).Result()
	if err != nil {
		return nil, fmt.Errorf("return list of event %d: %w", eventID, err)
	}
	return standings(members), nil
}

// News says that something changed: the line and stock of an event, and these orders.
type News struct {
	EventID int64       `json:"event"`
	Orders  []uuid.UUID `json:"orders"`
}

// Publish wakes the web processes; a hint that may get lost.
func (c *Cache) Publish(ctx context.Context, n News) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return c.rdb.Publish(ctx, newsChannel, text).Err()
}

// Listen calls heard for each piece of news and lost after each (re)connection, when news may have been missed,
// until ctx ends.
func (c *Cache) Listen(ctx context.Context, heard func(News), lost func()) {
	sub := c.rdb.Subscribe(ctx, newsChannel)
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	defer stop()
	for m := range sub.ChannelWithSubscriptions() {
		switch m := m.(type) {
		case *redis.Subscription:
			lost()
		case *redis.Message:
			var n News
			if err := json.Unmarshal([]byte(m.Payload), &n); err == nil {
				heard(n)
			}
		}
	}
}

// redisConnections are as many as a process may open: Redis writes to the disk once for all the commands that it finds
// waiting, so a rush needs more of them in flight than the client's default for few processors. pool_size in the URL
// wins.
const redisConnections = 128

// OpenRedis connects to Redis at a redis:// or unix:// URL and tries the connection.
func OpenRedis(ctx context.Context, redisURL string) (*redis.Client, error) {
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: %w", err)
	}
	if options.PoolSize == 0 {
		options.PoolSize = redisConnections
	}
	rdb := redis.NewClient(options)
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf("connect to Redis: %w", err)
	}
	return rdb, nil
}
