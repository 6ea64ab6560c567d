package chaos

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/journeys/world"
	"guiche/store"
)

// buyer is a fan who wants tickets of one show. She presses a button again until it has worked, as people do.
type buyer struct {
	shop  *shop
	t     *testing.T
	show  store.Event
	order store.QueuedOrder
}

func (s *shop) newBuyer(t *testing.T, show store.Event, quantity int) *buyer {
	t.Helper()
	account := s.account.Add(1)
	if err := s.fans.mint(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	return &buyer{shop: s, t: t, show: show, order: store.QueuedOrder{
		ID: uuid.New(), EventID: show.ID, TicketTypeID: show.Types[0].ID, AccountID: account, Quantity: quantity,
	}}
}

// press tries until it works, with a pause after each time.
func (b *buyer) press(what string, try func(ctx context.Context) bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), world.Patience)
	defer cancel()
	pause := time.NewTicker(nextTry)
	defer pause.Stop()
	for !try(ctx) {
		select {
		case <-ctx.Done():
			b.t.Fatalf("a fan cannot %s; she has\n%s", what, b.shop.ending(b.t, b.show))
		case <-pause.C:
		}
	}
}

// until waits for what becomes true without her, while she looks at her page now and then.
func (b *buyer) until(what, condition string) {
	b.t.Helper()
	b.press("see that "+what, func(ctx context.Context) bool {
		short, cancel := context.WithTimeout(ctx, reload)
		defer cancel()
		if world.Until(short, func() bool { return b.is(condition) }) == nil {
			return true
		}
		_, _ = b.shop.fans.look(ctx, b.order) // the next look may find the page again
		b.shop.minutesPass(b.t, b.show)
		return false
	})
}

// reload is how long people look at a page before they load it again.
const reload = 2 * time.Second

// is asks about her order, o in the condition.
func (b *buyer) is(condition string) bool {
	return b.shop.number(`select count(*) from orders o where id = $1 and (`+condition+`)`, b.order.ID) == 1
}

// post sends a form and returns where it leads; empty if that failed.
func (b *buyer) post(ctx context.Context, path string, form url.Values) string {
	r, err := b.shop.fans.request(ctx, http.MethodPost, path, b.order.AccountID, form)
	if err != nil {
		return ""
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusSeeOther {
		return ""
	}
	return r.Header.Get("Location")
}

func (b *buyer) path() string { return "/orders/" + b.order.ID.String() }

// join gets in line and waits until her turn has come.
func (b *buyer) join() {
	b.t.Helper()
	b.press("join", func(ctx context.Context) bool {
		return b.shop.fans.through(b.show.Slug)(ctx, b.order) == nil
	})
	b.until("her turn comes", `status <> 'queued'`)
}

// toPay goes to the page where her order is paid.
func (b *buyer) toPay() (page string) {
	b.t.Helper()
	b.press("get to the payment page", func(ctx context.Context) bool {
		page = b.post(ctx, b.path()+"/pay", nil)
		return strings.Contains(page, "/pay/")
	})
	return page
}

// lateCard is paid with at the provider even though the charge has ended.
const lateCard = "9000 0301 0000 0007"

// choose presses a button of the payment page, and is led back to her order.
func (b *buyer) choose(page, outcome string) {
	b.t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		b.t.Fatal(err)
	}
	b.press(outcome, func(ctx context.Context) bool {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.shop.pages+u.Path, strings.NewReader(url.Values{"outcome": {outcome}, "card": {lateCard}}.Encode()))
		if err != nil {
			b.t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := b.shop.fans.client.Do(r)
		if err != nil {
			return false
		}
		_ = answer.Body.Close() // nothing in it is wanted
		return answer.StatusCode == http.StatusSeeOther
	})
	b.look()
}

// look looks at her order's page until it says what became of her order.
func (b *buyer) look() {
	b.t.Helper()
	b.press("see her order", func(ctx context.Context) bool {
		told, err := b.shop.fans.look(ctx, b.order)
		return err == nil && told.order == b.order.ID
	})
}

// pageSays compares her order's page with its row.
func (b *buyer) pageSays() {
	b.t.Helper()
	b.press("see what her order came to", func(ctx context.Context) bool {
		told, err := b.shop.fans.look(ctx, b.order)
		return err == nil && b.is("status = '"+told.status+"'")
	})
}

// leave gives her hold up.
func (b *buyer) leave() {
	b.t.Helper()
	b.press("leave", func(ctx context.Context) bool {
		b.post(ctx, b.path()+"/leave", nil)
		return b.is(`status = 'left'`)
	})
}

// giveBack returns one of her tickets.
func (b *buyer) giveBack() {
	b.t.Helper()
	ticket := b.shop.number(`select min(id) from tickets where order_id = $1`, b.order.ID)
	b.press("give a ticket back", func(ctx context.Context) bool {
		return b.post(ctx, b.path()+"/refunds", url.Values{"ticket": {strconv.FormatInt(ticket, 10)}}) != ""
	})
}

// lapse lets the time to pay be over.
func (b *buyer) lapse() {
	b.t.Helper()
	if _, err := b.shop.raw.Exec(`update orders set reserved_until = now() where id = $1 and status = 'reserved'`, b.order.ID); err != nil {
		b.t.Fatal(err)
	}
	if err := b.shop.nudges.Overdue(b.t.Context(), time.Now()); err != nil {
		b.t.Fatal(err)
	}
}
