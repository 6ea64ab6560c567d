package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/jobs"
	"guiche/store"
	"guiche/views"
)

// problem is an answer other than success. Nothing else about an error reaches the visitor.
type problem struct {
	status int
	wait   time.Duration // for 429 and 503
	back   string        // a path that helps the visitor on
	order  bool          // a 404 about an order, which may have been lost while it waited
	cause  error         // for the log
}

func (p *problem) Error() string {
	if p.cause == nil {
		return http.StatusText(p.status)
	}
	return fmt.Sprintf("%s: %v", http.StatusText(p.status), p.cause)
}

func (p *problem) Unwrap() error { return p.cause }

func notFound() error { return &problem{status: http.StatusNotFound} }
func badForm(cause error) error {
	return &problem{status: http.StatusUnprocessableEntity, cause: cause}
}

func unavailable(cause error) error {
	return &problem{status: http.StatusServiceUnavailable, wait: awayWait, cause: cause}
}

// fullWait is when to try again what there is no room for.
const fullWait = 10 * time.Second

// awayWait is when to try again what needs a server that is away.
const awayWait = 2 * time.Second

func closedSale(back string) error { return &problem{status: http.StatusConflict, back: back} }
func tooMany(wait time.Duration) error {
	return &problem{status: http.StatusTooManyRequests, wait: max(wait, time.Second)}
}

// asProblem turns any error into what a visitor may know. A server of ours that is away for a moment is no fault of the page;
// what is not ours is an internal error.
func asProblem(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		return &problem{status: h.Code, cause: err}
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &problem{status: http.StatusNotFound, cause: err}
	case errors.Is(err, context.Canceled):
		return &problem{status: statusClientGone, cause: err}
	case store.Away(err), jobs.RedisAway(err):
		return &problem{status: http.StatusServiceUnavailable, wait: awayWait, cause: err}
	}
	return &problem{status: http.StatusInternalServerError, cause: err}
}

// statusClientGone is nginx's status for a visitor who went away; it is only ever logged.
const statusClientGone = 499

// fail is the one place where an error becomes a page or JSON.
func (s *pages) fail(err error, c echo.Context) {
	p := asProblem(err)
	if errors.Is(c.Request().Context().Err(), context.Canceled) { // servers say in many ways that they were told to stop
		p = &problem{status: statusClientGone, cause: err}
	}
	if p.status >= http.StatusInternalServerError {
		s.log(c).Error("request failed", "status", p.status, "error", err)
	}
	if c.Response().Committed || p.status == statusClientGone {
		return
	}
	if p.wait > 0 {
		retryAfter(c, p.wait)
	}
	var sent error
	switch {
	case c.Request().Method == http.MethodHead:
		sent = c.NoContent(p.status)
	case wantsJSON(c):
		sent = c.JSON(p.status, map[string]string{"error": strings.ToLower(http.StatusText(p.status))})
	default:
		sent = s.render(c, p.status, views.Problem(s.frame(c), p.model(c)))
	}
	if sent != nil {
		s.log(c).Debug("problem page not sent", "error", sent)
	}
}

// model is the page of a problem. A page that failed can be asked for again; what was sent is sent again from its form.
func (p *problem) model(c echo.Context) views.ProblemModel {
	m := views.ProblemModel{Status: p.status, Wait: p.wait, Back: p.back, Order: p.order, RequestID: requestID(c)}
	temporary := p.wait > 0 || p.status >= http.StatusInternalServerError || p.status == http.StatusTooManyRequests
	switch {
	case m.Back != "":
	case reads(c) && temporary:
		m.Again = here(c)
	case !reads(c) || p.status == http.StatusMethodNotAllowed:
		m.Back = formPage(c)
	}
	return m
}

// retryAfter tells programs when to try again.
func retryAfter(c echo.Context, wait time.Duration) {
	c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}
