package web

import (
	"guiche/jobs"
	"guiche/payment"
	"guiche/store"
)

// money serves fans who pay or want their money back, and takes the notices of the payment API.
type money struct {
	*pages
	store    *store.Store
	gateways payment.Gateways
	nudges   *jobs.Nudges
	hints    *hints
	finder   *orderFinder
	live     *live
	notices  *noticeWatch
}
