package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/redisstore"
	"github.com/alexedwards/scs/v2"
	redigo "github.com/gomodule/redigo/redis"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
	"guiche/web"
)

// way is how a fan's wish comes to the line; nil says that it was accepted.
type way func(ctx context.Context, o store.QueuedOrder) error

// directly joins as a web process does, through a Redis client of its own.
func directly(rdb *redis.Client) way {
	line := line.New(rdb)
	return func(ctx context.Context, o store.QueuedOrder) error {
		j, err := line.Join(ctx, o)
		if err == nil && j.OrderID != o.ID {
			err = fmt.Errorf("joining led to order %s", j.OrderID)
		}
		return err
	}
}

// crowd are fans of one event, each with an account of her own and one order.
type crowd struct {
	stage        *stage
	event        store.Event
	way          way
	seen         []sighting
	wishes       []store.QueuedOrder
	may          chan struct{} // one for each fan who may send now
	released     int
	acknowledged atomic.Int64
	sending      sync.WaitGroup
}

const (
	senders = 16
	// mostQuantity is how many tickets a fan wants at most, and meanQuantity how many they want on average.
	mostQuantity = 4
	meanQuantity = 2.5
	// attemptTime is how long a fan waits for an answer before she sends the same form again.
	attemptTime = 3 * time.Second
)

// gather lets n fans stand ready.
func (s *stage) gather(e store.Event, n int, by way) *crowd {
	s.t.Helper()
	c := &crowd{stage: s, event: e, way: by, may: make(chan struct{}, n), seen: make([]sighting, n)}
	chance := rand.New(rand.NewPCG(uint64(e.ID), uint64(n)))
	for i := range n {
		kind := e.Types[chance.IntN(len(e.Types))]
		o := world.Order(e, kind, int64(i+1), 1+chance.IntN(mostQuantity))
		c.wishes = append(c.wishes, o)
		c.seen[i] = sighting{order: o.ID, kind: kind.ID, quantity: o.Quantity}
	}
	var next atomic.Int64
	for range senders {
		c.sending.Go(func() {
			for range c.may {
				c.send(int(next.Add(1)) - 1)
			}
		})
	}
	return c
}

// send is one fan's turn to join.
func (c *crowd) send(i int) {
	if c.join(i) {
		c.acknowledged.Add(1)
	}
}

// join is one fan's doing: she sends her form, and the same form again until she is told that she is in line.
func (c *crowd) join(i int) bool {
	o, last := c.wishes[i], errors.New("not sent")
	ctx, cancel := context.WithTimeout(context.Background(), world.Patience)
	defer cancel()
	c.seen[i].sent = time.Now()
	o.AcceptedAt = c.seen[i].sent
	if err := world.Until(ctx, func() bool {
		attempt, cancel := context.WithTimeout(ctx, attemptTime)
		defer cancel()
		last = c.way(attempt, o)
		return last == nil
	}); err != nil {
		c.stage.t.Errorf("fan %d never heard that she is in line: %v", i, last)
		return false
	}
	c.seen[i].acknowledged = time.Now()
	return true
}

// release lets n more fans send.
func (c *crowd) release(n int) {
	c.released += n
	for range n {
		c.may <- struct{}{}
	}
}

// sent waits until every fan who was released has her answer, and returns those who were told that they are in line.
func (c *crowd) sent() []sighting {
	close(c.may)
	c.sending.Wait()
	return slices.DeleteFunc(slices.Clone(c.seen), func(s sighting) bool { return s.acknowledged.IsZero() })
}

// browsers are fans with sessions who go through two web processes, to the other one when one does not answer.
type browsers struct {
	hosts    []string
	client   *http.Client
	sessions *scs.SessionManager
	tokens   []atomic.Value // by account, from 1
	turn     atomic.Int64
}

// signIn signs n accounts in.
func (s *stage) signIn(n int) *browsers {
	s.t.Helper()
	options, err := redis.ParseURL(s.redis.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	pool := &redigo.Pool{MaxIdle: senders, Dial: func() (redigo.Conn, error) { return redigo.Dial(options.Network, options.Addr) }}
	s.t.Cleanup(func() { _ = pool.Close() })
	b := &browsers{hosts: s.hosts, sessions: scs.New(), tokens: make([]atomic.Value, n), client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: senders},
	}}
	b.sessions.Store, b.sessions.HashTokenInStore = redisstore.New(pool), true
	for account := range n {
		if err := b.mint(s.t.Context(), int64(account+1)); err != nil {
			s.t.Fatal(err)
		}
	}
	return b
}

// mint makes a session as web does at sign-in, without the time that hashing takes.
func (b *browsers) mint(ctx context.Context, account int64) error {
	ctx, err := b.sessions.Load(ctx, "")
	if err != nil {
		return err
	}
	b.sessions.Put(ctx, "account", account)
	b.sessions.Put(ctx, "name", "Fan")
	b.sessions.Put(ctx, "role", string(store.Fan))
	b.sessions.Put(ctx, "password", web.PasswordMark(store.Account{PasswordHash: "-"})) // as the stage makes accounts
	token, _, err := b.sessions.Commit(ctx)
	b.tokens[account-1].Store(token)
	return err
}

// through posts the form of an event's page.
func (b *browsers) through(slug string) way {
	return func(ctx context.Context, o store.QueuedOrder) error {
		form := url.Values{
			"order_id": {o.ID.String()}, "ticket_type": {strconv.FormatInt(o.TicketTypeID, 10)}, "quantity": {strconv.Itoa(o.Quantity)},
		}
		r, err := b.request(ctx, http.MethodPost, "/events/"+slug+"/orders", o.AccountID, form)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if to := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || to != "/orders/"+o.ID.String() {
			return fmt.Errorf("answered %d, to %q", r.StatusCode, to)
		}
		return nil
	}
}

// errSignedOut says that the session was not known any more and that the account is signed in again.
var errSignedOut = errors.New("signed out")

func (b *browsers) request(ctx context.Context, method, path string, account int64, form url.Values) (*http.Response, error) {
	host := b.hosts[int(b.turn.Add(1))%len(b.hosts)]
	r, err := http.NewRequestWithContext(ctx, method, "http://"+host+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	r.AddCookie(&http.Cookie{Name: "guiche", Value: b.tokens[account-1].Load().(string)})
	answer, err := b.client.Do(r)
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		return answer, err
	}
	_ = answer.Body.Close() // nothing in it is wanted
	return nil, errors.Join(errSignedOut, b.mint(ctx, account))
}

// errUnknown is what a page says of an order that was lost: the fan is told to join again.
var errUnknown = errors.New("the order is not known")

// look is what a fan's page says of her order.
func (b *browsers) look(ctx context.Context, o store.QueuedOrder) (told outcome, err error) {
	r, err := b.request(ctx, http.MethodGet, "/orders/"+o.ID.String(), o.AccountID, nil)
	if err != nil {
		return told, err
	}
	defer r.Body.Close()
	if r.StatusCode == http.StatusNotFound {
		return told, errUnknown
	}
	var page struct {
		ID         uuid.UUID
		TicketType int64 `json:"ticket_type"`
		Quantity   int
		Status     string
		Number     int64
		Decision   int64 // stays 0 for null
		Tickets    []struct{ Number int64 }
	}
	if err := json.NewDecoder(r.Body).Decode(&page); err != nil || r.StatusCode != http.StatusOK {
		return told, fmt.Errorf("answered %d, %w", r.StatusCode, err)
	}
	told = outcome{
		order: page.ID, kind: page.TicketType, quantity: page.Quantity, status: page.Status, number: page.Number, decision: page.Decision,
	}
	for _, ticket := range page.Tickets {
		told.tickets = append(told.tickets, ticket.Number)
	}
	slices.Sort(told.tickets)
	return told, nil
}
