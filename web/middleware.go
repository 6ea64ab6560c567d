package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// bodyTime is how long a body may take to arrive: a form is small, and whoever drips holds a connection.
const bodyTime = 20 * time.Second

// maxBody is far more than any form of ours needs.
const maxBody = 64 << 10

const requestKey = "request"

// identify gives each request an id of its own, for the log and for the problem page.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := uuid.NewString()
		c.Set(requestKey, id)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

func requestID(c echo.Context) string {
	id, _ := c.Get(requestKey).(string)
	return id
}

// observe logs and counts what became of a request. The route stands for the path: no address holds personal data,
// and ids of orders are told by the handlers that mean them.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		err := next(c)
		if err != nil {
			s.fail(err, c)
		}
		route := c.Path()
		if route == "" || c.Response().Status == http.StatusNotFound && route == "/*" {
			route = "none"
		}
		s.metrics.request(c.Request().Method, route, c.Response().Status, time.Since(start))
		s.log(c).Debug("request", "method", c.Request().Method, "route", route,
			"status", c.Response().Status, "ms", time.Since(start).Milliseconds())
		return nil
	}
}

func (s *Server) recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.log(c).Error("panic", "panic", p, "stack", string(debug.Stack()))
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return next(c)
	}
}

// contentPolicy allows what the site serves itself and nothing else.
const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; " +
	"form-action 'self'"

// policy is the content policy of a route. Only an order's page may send a form on to the payment page:
// browsers hold the answer to a form to form-action too.
func (s *Server) policy(route string) string {
	if strings.HasPrefix(route, "/orders/:id") && len(s.PaymentOrigins) > 0 {
		return contentPolicy + " " + strings.Join(s.PaymentOrigins, " ")
	}
	return contentPolicy
}

func (s *Server) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderContentSecurityPolicy, s.policy(c.Path()))
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderReferrerPolicy, "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if s.secure() {
			h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength > maxBody {
			return &problem{status: http.StatusRequestEntityTooLarge}
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxBody)
		if r.ContentLength != 0 {
			deadline := time.Now().Add(bodyTime)
			err := http.NewResponseController(c.Response()).SetReadDeadline(deadline)
			if err != nil && !errors.Is(err, http.ErrNotSupported) { // as for a recorder
				return err
			}
		}
		return next(c)
	}
}

// sameOrigin refuses unsafe requests that another site's page sent.
func sameOrigin() echo.MiddlewareFunc {
	origin := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := origin.Check(c.Request()); err != nil {
				return &problem{status: http.StatusForbidden, cause: err}
			}
			return next(c)
		}
	}
}

// clientIP reads the visitor's address from the platform's header, and from no other that a visitor could send.
func (s *Server) clientIP() echo.IPExtractor {
	return func(r *http.Request) string {
		if s.ClientIPHeader != "" {
			if a, err := netip.ParseAddr(strings.TrimSpace(r.Header.Get(s.ClientIPHeader))); err == nil {
				return a.String()
			}
		}
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			return r.RemoteAddr
		}
		return host
	}
}
