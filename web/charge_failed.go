package web

import (
	"cmp"
	"errors"
	"slices"

	"guiche/payment"
)

// Why charges are not made, besides the reasons that gateways give.
const (
	failedAway    = "away" // it did not answer before, and was not asked
	failedBusy    = "busy"
	failedSilent  = "no_answer"
	failedRefused = "other" // a refusal for no reason that is known
)

// refusalReasons are those for which gateways refuse charges.
var refusalReasons = []payment.Reason{
	payment.ReasonAmount, payment.ReasonCurrency, payment.ReasonMethod, payment.ReasonTestUser, payment.ReasonSamePayer, payment.ReasonPayer,
}

// whyFailed is the reason for which a charge was not made, as the metric tells it.
func whyFailed(err error) string {
	switch {
	case errors.Is(err, payment.ErrAway):
		return failedAway
	case errors.Is(err, payment.ErrBusy):
		return failedBusy
	case !errors.Is(err, payment.ErrRefused):
		return failedSilent
	}
	reason := payment.ReasonOf(err)
	if !slices.Contains(refusalReasons, reason) {
		reason = ""
	}
	return cmp.Or(string(reason), failedRefused)
}

// chargesCanFail has the series of a gateway begin at 0, before anything fails.
func (m *metrics) chargesCanFail(gateway string) {
	for _, reason := range []string{failedAway, failedBusy, failedSilent, failedRefused} {
		m.chargesFailed.WithLabelValues(gateway, reason)
	}
	for _, reason := range refusalReasons {
		m.chargesFailed.WithLabelValues(gateway, string(reason))
	}
	m.gatewayAway.WithLabelValues(gateway)
}
