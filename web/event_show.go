package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

// eventShow is the page that everybody reloads while the sale opens: it makes no query of its own.
func (s *shop) eventShow(c echo.Context) error {
	e, err := s.shownEvent(c)
	if err != nil {
		return err
	}
	chosen := map[string]string{} // chosen before signing in
	for _, name := range []string{"ticket_type", "quantity"} {
		chosen[name] = c.QueryParam(name)
	}
	return s.eventPage(c, http.StatusOK, e, views.NewForm(chosen), store.NewID())
}

func (s *shop) eventPage(c echo.Context, status int, e store.Event, form views.Form, id uuid.UUID) error {
	ctx := c.Request().Context()
	m := views.EventModel{Event: e, Left: s.left(ctx, e), OrderID: id, Form: form}
	if who := account(c); who != nil && form.OK() && e.Sale(time.Now()) == store.SaleOpen {
		open, err := s.finder.open(ctx, e.ID, who.ID)
		if err != nil {
			s.log(c).Warn("open order not known", "error", err) // joining finds it anyway
		} else if open != uuid.Nil {
			m.Mine = &store.Order{QueuedOrder: store.QueuedOrder{ID: open}}
		}
	}
	return s.render(c, status, views.EventPage(s.frame(c), m))
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
