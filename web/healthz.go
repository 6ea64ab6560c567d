package web

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// readyTime is how long Postgres and Redis may take to answer.
const readyTime = 1500 * time.Millisecond

// healthz says that this process serves.
func (s *Server) healthz(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether this process can do its work, and if not, who does not answer or is of another
// version. One that is stopping is not ready.
func (s *Server) readyz(c echo.Context) error {
	if s.draining.Load() {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "stopping"})
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTime)
	defer cancel()
	redis := make(chan error, 1)
	go func() { redis <- s.Redis.Ping(ctx).Err() }()
	status, words := http.StatusOK, map[string]string{"status": "ok", "postgres": "ok", "redis": "ok", "schema": "ok"}
	missing := func(who string, err error) {
		if err == nil {
			return
		}
		s.log(c).Warn("not ready", "missing", who, "error", err)
		status, words["status"], words[who] = http.StatusServiceUnavailable, "unavailable", "unavailable"
	}
	missing("postgres", s.Store.Ping(ctx))
	missing("schema", s.Store.CheckSchema(ctx))
	missing("redis", <-redis)
	return c.JSON(status, words)
}
