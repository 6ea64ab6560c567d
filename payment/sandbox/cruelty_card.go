package sandbox

import (
	"strings"
	"time"

	"guiche/payment"
)

// trick is what a magic card does. It is kept with the charge; the number is not.
type trick string

const (
	trickPaid           trick = "paid"
	trickFunds          trick = "insufficient_funds"
	trickIssuer         trick = "refused_by_issuer"
	trickPending        trick = "pending"
	trickPendingDecline trick = "pending_decline"
	trickLateMoney      trick = "late_money"
	trickLostNotice     trick = "lost_notice"
	trickLateNotice     trick = "late_notice"
	trickDuplicate      trick = "duplicate"
	trickReorder        trick = "reorder"
	trickSlowRefund     trick = "slow_refund"
	trickRefusedRefund  trick = "refused_refund"
	trickFailingRefund  trick = "failing_refund"
	trickLostRefund     trick = "lost_refund_answer"
)

// trickTime is how long a trick makes people wait.
const trickTime = 5 * time.Second

// magicCard is a card number that does a trick. No bank gives out numbers that begin with a nine.
type magicCard struct {
	Number string // in groups of four, as on a card
	Trick  trick
}

var magicCards = []magicCard{
	{"9000 0000 0000 0001", trickPaid},
	{"9000 0101 0000 0009", trickFunds},
	{"9000 0102 0000 0008", trickIssuer},
	{"9000 0201 0000 0008", trickPending},
	{"9000 0202 0000 0007", trickPendingDecline},
	{"9000 0301 0000 0007", trickLateMoney},
	{"9000 0401 0000 0006", trickLostNotice},
	{"9000 0402 0000 0005", trickLateNotice},
	{"9000 0403 0000 0004", trickDuplicate},
	{"9000 0404 0000 0003", trickReorder},
	{"9000 0501 0000 0005", trickSlowRefund},
	{"9000 0502 0000 0004", trickRefusedRefund},
	{"9000 0503 0000 0003", trickFailingRefund},
	{"9000 0504 0000 0002", trickLostRefund},
}

// cardTrick is the trick of a number as people type it.
func cardTrick(number string) (trick, bool) {
	plain := strings.NewReplacer(" ", "", "-", "")
	for _, c := range magicCards {
		if plain.Replace(c.Number) == plain.Replace(number) {
			return c.Trick, true
		}
	}
	return "", false
}

// fate of a payment by this card.
func (t trick) fate() fate {
	switch t {
	case trickFunds:
		return fate{to: payment.Declined, reason: insufficientFunds}
	case trickIssuer:
		return fate{to: payment.Declined, reason: refusedByIssuer}
	case trickPending, trickReorder:
		return fate{to: payment.Paid, flight: trickTime}
	case trickPendingDecline:
		return fate{to: payment.Declined, reason: refusedByIssuer, flight: trickTime}
	case trickLateMoney:
		return fate{to: payment.Paid, late: trickTime}
	}
	return fate{to: payment.Paid}
}

func (t trick) noticeFate(news noticeType) noticeFate {
	switch {
	case t == trickLostNotice:
		return noticeFate{lost: true}
	case t == trickLateNotice:
		return noticeFate{late: trickTime}
	case t == trickDuplicate:
		return noticeFate{twice: true}
	case t == trickReorder && news == chargePending:
		return noticeFate{late: 2 * trickTime} // by then the payment has landed, and that was told
	}
	return noticeFate{}
}

func (t trick) refundFate() refundFate {
	switch t {
	case trickSlowRefund:
		return refundFate{slow: trickTime}
	case trickRefusedRefund:
		return refundFate{refused: true}
	case trickFailingRefund:
		return refundFate{slow: trickTime, refused: true}
	case trickLostRefund:
		return refundFate{lostAnswer: true}
	}
	return refundFate{}
}
