package cruelty

import (
	"strings"
	"time"

	"guiche/payment"
	"guiche/payment/sandbox"
)

// Trick is what a magic card does. It is kept with the charge; the number is not.
type Trick string

const (
	TrickPaid           Trick = "paid"
	TrickFunds          Trick = "insufficient_funds"
	TrickIssuer         Trick = "refused_by_issuer"
	TrickPending        Trick = "pending"
	TrickPendingDecline Trick = "pending_decline"
	TrickLateMoney      Trick = "late_money"
	TrickLostNotice     Trick = "lost_notice"
	TrickLateNotice     Trick = "late_notice"
	TrickDuplicate      Trick = "duplicate"
	TrickReorder        Trick = "reorder"
	TrickSlowRefund     Trick = "slow_refund"
	TrickRefusedRefund  Trick = "refused_refund"
	TrickFailingRefund  Trick = "failing_refund"
	TrickLostRefund     Trick = "lost_refund_answer"
)

// TrickTime is how long a trick makes people wait.
const TrickTime = 5 * time.Second

// MagicCard is a card number that does a trick. No bank gives out numbers that begin with a nine.
type MagicCard struct {
	Number string // in groups of four, as on a card
	Trick  Trick
}

var MagicCards = []MagicCard{
	{"9000 0000 0000 0001", TrickPaid},
	{"9000 0101 0000 0009", TrickFunds},
	{"9000 0102 0000 0008", TrickIssuer},
	{"9000 0201 0000 0008", TrickPending},
	{"9000 0202 0000 0007", TrickPendingDecline},
	{"9000 0301 0000 0007", TrickLateMoney},
	{"9000 0401 0000 0006", TrickLostNotice},
	{"9000 0402 0000 0005", TrickLateNotice},
	{"9000 0403 0000 0004", TrickDuplicate},
	{"9000 0404 0000 0003", TrickReorder},
	{"9000 0501 0000 0005", TrickSlowRefund},
	{"9000 0502 0000 0004", TrickRefusedRefund},
	{"9000 0503 0000 0003", TrickFailingRefund},
	{"9000 0504 0000 0002", TrickLostRefund},
}

// CardTrick is the trick of a number as people type it.
func CardTrick(number string) (Trick, bool) {
	plain := strings.NewReplacer(" ", "", "-", "")
	for _, c := range MagicCards {
		if plain.Replace(c.Number) == plain.Replace(number) {
			return c.Trick, true
		}
	}
	return "", false
}

// Fate of a payment by this card.
func (t Trick) Fate() Fate {
	switch t {
	case TrickFunds:
		return Fate{To: payment.Declined, Reason: InsufficientFunds}
	case TrickIssuer:
		return Fate{To: payment.Declined, Reason: RefusedByIssuer}
	case TrickPending, TrickReorder:
		return Fate{To: payment.Paid, Flight: TrickTime}
	case TrickPendingDecline:
		return Fate{To: payment.Declined, Reason: RefusedByIssuer, Flight: TrickTime}
	case TrickLateMoney:
		return Fate{To: payment.Paid, Late: TrickTime}
	}
	return Fate{To: payment.Paid}
}

func (t Trick) NoticeFate(news sandbox.NoticeType) NoticeFate {
	switch {
	case t == TrickLostNotice:
		return NoticeFate{Lost: true}
	case t == TrickLateNotice:
		return NoticeFate{Late: TrickTime}
	case t == TrickDuplicate:
		return NoticeFate{Twice: true}
	case t == TrickReorder && news == sandbox.ChargePending:
		return NoticeFate{Late: 2 * TrickTime} // by then the payment has landed, and that was told
	}
	return NoticeFate{}
}

func (t Trick) RefundFate() RefundFate {
	switch t {
	case TrickSlowRefund:
		return RefundFate{Slow: TrickTime}
	case TrickRefusedRefund:
		return RefundFate{Refused: true}
	case TrickFailingRefund:
		return RefundFate{Slow: TrickTime, Refused: true}
	case TrickLostRefund:
		return RefundFate{LostAnswer: true}
	}
	return RefundFate{}
}
