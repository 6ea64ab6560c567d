package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// bodyTime is how long a body may take to arrive: a form is small, and a slow sender holds a connection.
const bodyTime = 20 * time.Second

// maxBody is far more than any form of fans needs. The description of an event may be long, and each of its characters
// takes up to twelve in a form.
const (
	maxBody      = 64 << 10
	maxAdminBody = 256 << 10
)

// identify gives each request an id of its own, for the log and for the problem page. Echo's RequestID would take the
// visitor's word for it.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, uuid.NewString())
		return next(c)
	}
}

func requestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

const (
	// slowRequest is how long a request may take before it is logged in any case.
	slowRequest = 500 * time.Millisecond
	// requestSample is which share of the others is logged, one in so many: enough to see what people do.
	requestSample = 100
)

// observe counts the outcome of each request, and logs the slow ones and a sample. It names the route and not the path;
// handlers log the ids of the orders that they act on.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		err := next(c)
		if err != nil {
			if meant := s.meantPath(c, err); meant != "" {
				err = c.Redirect(http.StatusPermanentRedirect, meant)
			}
		}
		if err != nil {
			s.fail(err, c)
		}
		route := c.Path()
		if route == "" || c.Response().Status == http.StatusNotFound && route == "/*" {
			route = "none"
		}
		took := time.Since(start)
		s.metrics.request(c.Request().Method, route, c.Response().Status, took)
		level := slog.LevelDebug
		if took >= slowRequest && route != liveRoute || s.requests.Add(1)%requestSample == 1 {
			level = slog.LevelInfo
		}
		s.log(c).Log(c.Request().Context(), level, "request", "method", c.Request().Method, "route", route,
			"status", c.Response().Status, "ms", took.Milliseconds())
		return nil
	}
}

// mostStack is how much of a stack is logged.
const mostStack = 16 << 10

// recoverPanics makes a panic an error like any other, and logs where it happened.
func (s *Server) recoverPanics() echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{
		StackSize: mostStack, DisableStackAll: true, DisableErrorHandler: true,
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			s.log(c).Error("panic", "panic", err, "stack", string(stack))
			return fmt.Errorf("panic: %v", err) // not wrapped: whatever it was, it is our fault
		},
	})
}

// contentPolicy allows what the site serves itself and nothing else. To a payment page a plain link leads, no form.
const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; " +
	"form-action 'self'"

// protect sends what keeps browsers from being used against the site. Echo's Secure has one policy for all routes, and
// lets a header of the visitor say whether the site is reached by https.
func (s *Server) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderContentSecurityPolicy, contentPolicy)
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderReferrerPolicy, "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // but for what says otherwise
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if s.secure() {
			h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// options answers OPTIONS for every path alike: there is nothing to negotiate, and it tells of no page.
func options(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Method == http.MethodOptions {
			c.Response().Header().Set(echo.HeaderAllow, "GET, HEAD, POST, OPTIONS")
			return c.NoContent(http.StatusNoContent)
		}
		return next(c)
	}
}

// hideAdmin makes a wrong method for a page of admins what all of them are to everybody else: not found.
func hideAdmin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		path := c.Request().URL.Path
		if errors.Is(err, echo.ErrMethodNotAllowed) && (path == "/admin" || strings.HasPrefix(path, "/admin/")) {
			c.Response().Header().Del(echo.HeaderAllow)
			return notFound()
		}
		return err
	}
}

// limitBody bounds how long a body may be and take. Echo's BodyLimit would keep the connection of whoever sends more.
func limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength != 0 { // before anything is refused: the server reads on behind a refusal
			deadline := time.Now().Add(bodyTime)
			err := http.NewResponseController(c.Response()).SetReadDeadline(deadline)
			if err != nil && !errors.Is(err, http.ErrNotSupported) { // as for a recorder
				return err
			}
		}
		most := int64(maxBody)
		if strings.HasPrefix(c.Path(), "/admin/") {
			most = maxAdminBody
		}
		if r.ContentLength > most {
			return &problem{status: http.StatusRequestEntityTooLarge}
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, most)
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

// clientIP reads the visitor's address from the platform's header, and from no other that a visitor could send. Of a list,
// such as X-Forwarded-For, the last entry is what the platform saw; those before it are what it was told.
func (s *Server) clientIP() echo.IPExtractor {
	return func(r *http.Request) string {
		if s.ClientIPHeader != "" {
			list := strings.Join(r.Header.Values(s.ClientIPHeader), ",")
			if a, ok := parseHop(list[strings.LastIndexByte(list, ',')+1:]); ok {
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

// parseHop reads one entry of a list of addresses; some load balancers add the port.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a, true
	}
	a, err := netip.ParseAddrPort(text)
	return a.Addr(), err == nil
}
