package web

import (
	"guiche/jobs"
	"guiche/jobs/line"
	"guiche/store"
)

// orders serves fans in line: joining it, following an order, leaving.
type orders struct {
	*pages
	store  *store.Store
	line   *line.Line
	nudges *jobs.Nudges
	hints  *hints
	shop   *shop
	finder *orderFinder
	live   *live
	limits *limiter
	passes *passes
	ended  *endedSessions
	seats  *seats
	asks   *askLimits
}
