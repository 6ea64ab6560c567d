package web

import (
	"guiche/store"
	"guiche/views"
)

// tickets shows fans the tickets that they hold.
type tickets struct {
	*pages
	store   *store.Store
	catalog *catalog
	coder   *views.TicketCoder
}
