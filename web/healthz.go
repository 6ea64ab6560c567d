package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/store"
)

// readyTime is how long Postgres may take to say which schema it has.
const readyTime = time.Second

// healthz says that this process serves.
func (s *Server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether this process can work: see Ready.
func (s *Server) readyz(c echo.Context) error {
	if err := s.Ready(c.Request().Context()); err != nil {
		s.log(c).Warn("not ready", "error", err)
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": err.Error()})
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// errStopping says that this process takes no new requests.
var errStopping = errors.New("stopping")

// Ready says what keeps this process from working: it is stopping, or the database is not the one that it knows. It has
// connected to every server when it started. One that is away since then is away for all web processes: they are all that can
// still show a calm page, so none of them is taken out of the load balancer for it. Ops tells of the servers.
func (s *Server) Ready(ctx context.Context) error {
	if s.draining.Load() {
		return errStopping
	}
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	err := s.Store.CheckSchema(ctx)
	if errors.Is(err, store.ErrOlderSchema) || errors.Is(err, store.ErrOtherSchema) {
		return err
	}
	return nil
}
