package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// routes is the site map: who may enter, and what every request goes through.
func (s *Server) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = s.clientIP()
	e.HTTPErrorHandler = s.fail
	e.Use(identify, s.observe, s.recoverPanics(), s.protect, options, hideAdmin, limitBody)

	// For the platform and the payment API: no session, no page.
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	e.GET("/static/*", staticFile)
	e.GET("/favicon.ico", favicon)
	e.POST("/webhooks/:gateway", s.money.noticeCreate)
	e.GET("/.well-known/change-password", changePassword)

	// For everybody.
	site := part{echo: e}.with("", sameOrigin(), s.limits.byAddress, s.sessions.load)
	site.GET("/", s.shop.home)
	site.GET("/events/:slug", s.shop.eventShow)
	site.GET("/register", s.people.registerForm)
	site.POST("/register", s.people.register)
	site.GET("/login", s.people.loginForm)
	site.POST("/login", s.people.login)
	site.GET("/password", s.people.passwordForm)
	site.POST("/password", s.people.passwordAsk)
	site.GET("/password/new", s.people.passwordNewForm)
	site.POST("/password/new", s.people.passwordNew)
	site.GET("/password/:token", s.people.linkOpen("/password/new", "/password"))
	site.GET("/confirm", s.people.confirmForm)
	site.POST("/confirm", s.people.confirm)
	site.GET("/confirm/:token", s.people.linkOpen("/confirm", "/account"))
	site.POST("/logout", s.people.logout)
	site.GET("/login/link", s.people.signInForm)
	site.POST("/login/link", s.people.signInByLink)
	site.GET("/login/:token", s.people.linkOpen("/login/link", "/login"))
	site.GET("/email", s.people.emailForm)
	site.POST("/email", s.people.emailChange)
	site.GET("/email/:token", s.people.linkOpen("/email", "/account"))
	site.POST("/account/password", s.people.accountPassword) // asks for itself: see passwordAgain
	site.POST("/language", s.people.languageSet)
	if s.Outbox != "" { // dev only
		mail := &mailbox{s.pages, s.Outbox}
		site.GET("/outbox", mail.list)
		site.GET("/outbox/:id", mail.show)
		site.GET("/outbox/:id/html", mail.html)
		site.GET("/outbox/:id/files/:n", mail.file)
	}

	// For people who are signed in; others are asked to sign in, and come back.
	fan := site.with("", s.sessions.signedIn)
	fan.POST("/events/:slug/orders", s.orders.create)
	fan.GET("/account", s.people.accountShow)
	fan.POST("/account/confirm", s.people.accountConfirm)
	fan.POST("/account/details", s.people.accountDetails)
	fan.POST("/account/claim", s.people.accountClaim)
	fan.POST("/account/email", s.people.accountEmail)
	fan.GET(keptPath, s.formShow)
	fan.GET("/orders", s.orders.list)
	fan.POST("/orders/:id/pay", s.money.pay)
	fan.POST("/orders/:id/extend", s.money.extend)
	fan.POST("/orders/:id/leave", s.orders.leave)
	fan.GET("/orders/:id/refunds", s.money.refundForm)
	fan.POST("/orders/:id/refunds", s.money.refundCreate)
	fan.GET("/tickets", s.tickets.list)
	fan.GET("/tickets/:id/gate", s.tickets.gate)
	fan.GET("/tickets/:id", s.tickets.show) // and /tickets/{id}.pdf

	// For those who wait and poll: with a pass for the order, a request costs nothing in Redis.
	waiting := part{echo: e}.with("", sameOrigin(), s.orders.byPass(s.limits.byAddress, s.sessions.load, s.sessions.signedIn))
	waiting.GET("/orders/:id", s.money.back(s.orders.show))
	waiting.GET("/orders/:id/events", s.orders.events)

	// For admins; for everybody else these pages do not exist.
	admin := site.with("/admin", s.sessions.adminOnly)
	admin.GET("", s.admin.eventList)
	admin.GET("/events/new", s.admin.eventNew)
	admin.POST("/events", s.admin.eventCreate)
	admin.GET("/events/:id", s.admin.eventShow)
	admin.GET("/events/:id/edit", s.admin.eventEdit)
	admin.POST("/events/:id", s.admin.eventUpdate)
	admin.POST("/events/:id/publish", s.admin.eventPublish)
	admin.POST("/events/:id/pause", s.admin.eventPause)
	admin.POST("/events/:id/resume", s.admin.eventResume)
	admin.GET("/events/:id/cancel", s.admin.cancelForm)
	admin.POST("/events/:id/cancel", s.admin.cancel)
	admin.GET("/events/:id/orders", s.admin.orderList)
	admin.GET("/events/:id/ledger", s.admin.ledger)
	admin.GET("/events/:id/ledger.csv", s.admin.ledgerCSV)
	admin.POST("/events/:id/types", s.admin.typeCreate)
	admin.GET("/orders/:id", s.admin.orderShow)
	admin.POST("/orders/:id/refunds", s.admin.refundCreate)
	admin.POST("/refunds/:id/retry", s.admin.refundRetry)
	admin.POST("/refunds/:id/settle", s.admin.refundSettle)
	admin.GET("/claims", s.admin.claimList)
	admin.POST("/claims/:id", s.admin.claimDecide)
	admin.POST("/types/:id", s.admin.typeUpdate)
	admin.POST("/types/:id/capacity", s.admin.capacity)
	return e
}

// part is a part of the site whose requests go through the same checks. Echo's own groups also run them for unknown
// paths and methods: nobody should have to sign in to learn that there is no such page.
type part struct {
	echo   *echo.Echo
	prefix string
	checks []echo.MiddlewareFunc
}

func (p part) with(prefix string, checks ...echo.MiddlewareFunc) part {
	return part{p.echo, p.prefix + prefix, slices.Concat(p.checks, checks)}
}

// GET answers HEAD too, with the same headers.
func (p part) GET(path string, h echo.HandlerFunc) {
	p.echo.Match([]string{http.MethodGet, http.MethodHead}, p.prefix+path, h, p.checks...)
}

// POST answers forms.
func (p part) POST(path string, h echo.HandlerFunc) { p.echo.POST(p.prefix+path, h, p.checks...) }
