package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// routes is the site map: who may enter, and what each request passes on its way.
func (s *Server) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = s.clientIP()
	e.HTTPErrorHandler = s.fail
	e.Use(s.identify, s.observe, s.recoverPanics, s.secure, s.limitBody)

	// For the platform and the payment API: no session, no page.
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/static/*", s.staticFile)
	e.GET("/favicon.ico", s.favicon)
	e.POST("/webhooks/:gateway", s.noticeCreate)

	// For everybody.
	site := part{echo: e}.with("", s.sameOrigin, s.limitAddress, s.session)
	site.GET("/", s.home)
	site.GET("/events/:slug", s.eventShow)
	site.GET("/register", s.registerForm)
	site.POST("/register", s.register)
	site.GET("/login", s.loginForm)
	site.POST("/login", s.login)
	site.GET("/password", s.passwordForm)
	site.POST("/password", s.passwordAsk)
	site.GET("/password/new", s.passwordNewForm)
	site.POST("/password/new", s.passwordNew)
	site.GET("/password/:token", s.linkOpen("/password/new", "/password"))
	site.GET("/confirm", s.confirmForm)
	site.POST("/confirm", s.confirm)
	site.GET("/confirm/:token", s.linkOpen("/confirm", "/account"))
	site.POST("/language", s.languageSet)
	if s.Outbox != "" { // dev only
		site.GET("/outbox", s.outboxList)
		site.GET("/outbox/:id", s.outboxShow)
		site.GET("/outbox/:id/html", s.outboxHTML)
		site.GET("/outbox/:id/files/:n", s.outboxFile)
	}

	// For people who signed in; others are asked to, and come back.
	fan := site.with("", s.signedIn)
	fan.POST("/logout", s.logout)
	fan.POST("/events/:slug/orders", s.orderCreate)
	fan.GET("/account", s.accountShow)
	fan.POST("/account/confirm", s.accountConfirm)
	fan.POST("/account/password", s.accountPassword)
	fan.GET("/orders", s.orderList)
	fan.POST("/orders/:id/pay", s.orderPay)
	fan.POST("/orders/:id/extend", s.orderExtend)
	fan.POST("/orders/:id/leave", s.orderLeave)
	fan.GET("/orders/:id/refunds", s.refundForm)
	fan.POST("/orders/:id/refunds", s.refundCreate)
	fan.GET("/tickets", s.ticketList)
	fan.GET("/tickets/:id", s.ticketShow) // and /tickets/{id}.pdf

	// For those who wait, again and again: with a pass for the order, nothing is asked of Redis for each of them.
	waiting := part{echo: e}.with("", s.sameOrigin, s.byPass(s.limitAddress, s.session, s.signedIn))
	waiting.GET("/orders/:id", s.orderShow)
	waiting.GET("/orders/:id/events", s.orderEvents)

	// For admins; for everybody else these pages do not exist.
	admin := site.with("/admin", s.adminOnly)
	admin.GET("", s.adminEvents)
	admin.GET("/events/new", s.adminEventNew)
	admin.POST("/events", s.adminEventCreate)
	admin.GET("/events/:id", s.adminEventShow)
	admin.GET("/events/:id/edit", s.adminEventEdit)
	admin.POST("/events/:id", s.adminEventUpdate)
	admin.POST("/events/:id/publish", s.adminEventPublish)
	admin.POST("/events/:id/pause", s.adminEventPause)
	admin.POST("/events/:id/resume", s.adminEventResume)
	admin.GET("/events/:id/cancel", s.adminCancelForm)
	admin.POST("/events/:id/cancel", s.adminCancel)
	admin.GET("/events/:id/orders", s.adminOrders)
	admin.GET("/events/:id/ledger", s.adminLedger)
	admin.GET("/events/:id/ledger.csv", s.adminLedgerCSV)
	admin.POST("/events/:id/types", s.adminTypeCreate)
	admin.GET("/orders/:id", s.adminOrderShow)
	admin.POST("/orders/:id/refunds", s.adminRefundCreate)
	admin.POST("/refunds/:id/retry", s.adminRefundRetry)
	admin.POST("/types/:id", s.adminTypeUpdate)
	admin.POST("/types/:id/capacity", s.adminCapacity)
	return e
}

// part is a part of the site whose requests pass the same checks. Echo's own groups answer every unknown path and
// method as well, after those checks: nobody should have to sign in to learn that there is no such page.
type part struct {
	echo   *echo.Echo
	prefix string
	passes []echo.MiddlewareFunc
}

func (p part) with(prefix string, passes ...echo.MiddlewareFunc) part {
	return part{p.echo, p.prefix + prefix, slices.Concat(p.passes, passes)}
}

// GET answers HEAD too, with the same headers.
func (p part) GET(path string, h echo.HandlerFunc) {
	p.echo.Match([]string{http.MethodGet, http.MethodHead}, p.prefix+path, h, p.passes...)
}

// POST answers forms.
func (p part) POST(path string, h echo.HandlerFunc) { p.echo.POST(p.prefix+path, h, p.passes...) }
