package web

import (
	"guiche/store"
	"guiche/views"
)

// people serves the pages on which somebody signs up, in and out, and looks after her account.
type people struct {
	*pages
	store    *store.Store
	sessions *sessions
	passes   *passes
	limits   *limiter
	devices  *devices
	hashing  *hasher
	links    *views.Links
	hints    *hints
}
