package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// eventShow is the page that everybody reloads while the sale opens: until tickets are taken it makes no query of its own.
func (s *shop) eventShow(c echo.Context) error {
	e, err := s.shownEvent(c)
	if err != nil {
		return err
	}
	chosen := map[string]string{} // chosen before signing in
	for _, name := range wishFields {
		chosen[name] = c.QueryParam(name)
	}
	return s.eventPage(c, http.StatusOK, views.EventModel{Event: e, Form: views.NewForm(chosen), OrderID: store.NewID()})
}

// eventPage adds to an event what everybody sees of its line, and what the reader has to do with it.
func (s *shop) eventPage(c echo.Context, status int, m views.EventModel) (err error) {
	ctx, e := c.Request().Context(), m.Event
	m.Left, m.Asked = s.left(ctx, e), s.asked(ctx, e)
	if m.Shown, err = s.signer.sign(newShown(e, m.Left)); err != nil {
		return err
	}
	if who := account(c); who != nil && e.Sale(time.Now()) == store.SaleOpen {
		s.addReader(c, &m, who.ID)
	}
	return s.render(c, status, views.EventPage(s.frame(c), m))
}

// addReader adds a reader's open order, or else the tickets that count against her limit. Joining and deciding look again,
// so that a page without either is only less helpful.
func (s *shop) addReader(c echo.Context, m *views.EventModel, accountID int64) {
	ctx, e := c.Request().Context(), m.Event
	if m.Form.OK() {
		open, err := s.finder.open(ctx, e.ID, accountID)
		if err != nil {
			s.log(c).Warn("open order not known", "error", err)
		} else if open != uuid.Nil {
			m.Mine = &store.Order{QueuedOrder: store.QueuedOrder{ID: open}}
			return
		}
	}
	if !anyTaken(e, m.Left) {
		return // as when a crowd reloads around the opening: nobody has tickets
	}
	ctx, cancel := context.WithTimeout(ctx, ownedTime)
	defer cancel()
	var err error
	if m.Owned, err = s.store.Owned(ctx, e.ID, accountID); err != nil {
		s.log(c).Warn("tickets of the reader not known", "error", err)
	}
}

// ownedTime is how long a page waits to know how many tickets its reader has.
const ownedTime = time.Second

func anyTaken(e store.Event, left views.Left) bool {
	return slices.ContainsFunc(e.Types, func(t store.TicketType) bool { return left[t.ID] < t.Capacity })
}

// shownEvent is the event of the path; admins preview drafts.
func (s *shop) shownEvent(c echo.Context) (store.Event, error) {
	ctx, slug := c.Request().Context(), c.Param("slug")
	e, err := s.catalog.bySlug(ctx, slug)
	if !errors.Is(err, store.ErrNotFound) || !slugForm.MatchString(slug) {
		return e, err
	}
	if _, err := s.sessions.admin(c); err != nil {
		return e, err
	}
	return s.store.EventBySlug(ctx, slug)
}
