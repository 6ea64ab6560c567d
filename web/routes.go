package web

import (
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
	site := e.Group("", s.sameOrigin, s.limitAddress, s.session)
	site.GET("/", s.home)
	site.GET("/events/:slug", s.eventShow)
	site.GET("/register", s.registerForm)
	site.POST("/register", s.register)
	site.GET("/login", s.loginForm)
	site.POST("/login", s.login)
	site.POST("/language", s.languageSet)

	// For people who signed in; others are asked to, and come back.
	fan := site.Group("", s.signedIn)
	fan.POST("/logout", s.logout)
	fan.POST("/events/:slug/orders", s.orderCreate)
	fan.GET("/orders", s.orderList)
	fan.GET("/orders/:id", s.orderShow)
	fan.GET("/orders/:id/events", s.orderEvents)
	fan.POST("/orders/:id/pay", s.orderPay)
	fan.POST("/orders/:id/leave", s.orderLeave)
	fan.GET("/orders/:id/refunds", s.refundForm)
	fan.POST("/orders/:id/refunds", s.refundCreate)
	fan.GET("/tickets", s.ticketList)
	fan.GET("/tickets/:id", s.ticketShow) // and /tickets/{id}.pdf

	// For admins; for everybody else these pages do not exist.
	admin := site.Group("/admin", s.adminOnly)
	admin.GET("", s.adminEvents)
	admin.GET("/events/new", s.adminEventNew)
	admin.POST("/events", s.adminEventCreate)
	admin.GET("/events/:id", s.adminEventShow)
	admin.GET("/events/:id/edit", s.adminEventEdit)
	admin.POST("/events/:id", s.adminEventUpdate)
	admin.POST("/events/:id/publish", s.adminEventPublish)
	admin.GET("/events/:id/orders", s.adminOrders)
	admin.POST("/events/:id/types", s.adminTypeCreate)
	admin.POST("/types/:id", s.adminTypeUpdate)
	admin.POST("/types/:id/capacity", s.adminCapacity)
	return e
}
