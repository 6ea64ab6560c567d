package views

import (
	"time"

	"guiche/store"
)

// What can be wrong with a field.
var (
	NameMissing       = Message{Key: "wrong.name_missing"}
	NameUnreadable    = Message{Key: "wrong.name_unreadable"} // letters under a pile of marks
	EmailBad          = Message{Key: "wrong.email"}
	EmailTaken        = Message{Key: "wrong.email_taken"}
	EmailSame         = Message{Key: "wrong.email_same"}
	CPFBad            = Message{Key: "wrong.cpf"}
	CPFTaken          = Message{Key: "wrong.cpf_taken"}
	CPFSold           = Message{Key: "wrong.cpf_sold"} // tickets were given out to the old one
	PasswordLong      = Message{Key: "wrong.password_long"}
	PasswordCommon    = Message{Key: "wrong.password_common"}   // among those that are tried first
	PasswordPersonal  = Message{Key: "wrong.password_personal"} // holds her name or e-mail, or the shop's name
	SignInWrong       = Message{Key: "wrong.sign_in"}           // the same whether the e-mail or the password is wrong
	SignInByLetter    = Message{Key: "wrong.sign_in_letter", Tone: Calm}
	RegisterElsewhere = Message{Key: "wrong.register_often"} // tells neither what is taken nor whether anything is
	PasswordNotThis   = Message{Key: "wrong.password_current"}
	TypeMissing       = Message{Key: "wrong.type_missing"}
	OrderIDBad        = Message{Key: "wrong.order_id"}
	Missing           = Message{Key: "wrong.missing"}
	TooLong           = Message{Key: "wrong.too_long"}
	NotANumber        = Message{Key: "wrong.number"}
	OutOfRange        = Message{Key: "wrong.range"}
	MoneyBad          = Message{Key: "wrong.money"}
	TimeBad           = Message{Key: "wrong.time"}
	TimeSkipped       = Message{Key: "wrong.time_skipped"} // clocks go forward over that hour
	TimeTwice         = Message{Key: "wrong.time_twice"}   // clocks go back, and show that hour twice
	TimeZoneBad       = Message{Key: "wrong.time_zone"}
	TimeZoneMoves     = Message{Key: "wrong.time_zone_moves"}
	ChangedMeanwhile  = Message{Key: "wrong.changed_meanwhile"} // by somebody else, since the form was opened
	CurrencyBad       = Message{Key: "wrong.currency"}
	SlugBad           = Message{Key: "wrong.slug"}
	SlugTaken         = Message{Key: "wrong.slug_taken"}
	TypeNameTaken     = Message{Key: "wrong.type_name_taken"}
	SaleEndsTooEarly  = Message{Key: "wrong.sale_ends"}
	SaleAfterShow     = Message{Key: "wrong.sale_after_show"}
	TicketNotYours    = Message{Key: "wrong.ticket"}
	TicketNone        = Message{Key: "wrong.ticket_none"}
	FormUnreadable    = Message{Key: "wrong.unreadable"}
	RefundUsed        = Message{Key: "wrong.refund_used"}               // a chosen ticket was used at the gate
	RefundChoose      = Message{Key: "wrong.refund_nothing"}            // neither tickets nor an amount
	NothingSaved      = Message{Key: "wrong.nothing_saved", Tone: Calm} // the form was sent without a sign-in
	EventNameBad      = Message{Key: "wrong.event_name"}
	PaymentDown       = Message{Key: "wrong.payment"} // the payment API did not answer
)

// CurrencyNotTaken says that nobody could pay in the event's currency.
var CurrencyNotTaken = Message{Key: "wrong.currency_not_taken"}

// PriceTooSmall says what a ticket has to cost at least, if it is not free.
func PriceTooSmall(cents int64, currency string) Message {
	return Message{Key: "wrong.price_small", Cents: cents, Unit: currency}
}

// PaymentRefused says that the gateway refused a charge, and what helps: another account, another way to pay, or the shop.
func PaymentRefused(reason string, anotherWay bool) Message {
	switch {
	case reason == "same_payer" || reason == "payer" || reason == "test_user":
		return Message{Key: "wrong.payment_payer"}
	case anotherWay:
		return Message{Key: "wrong.payment_method"}
	}
	return Message{Key: "wrong.payment_refused"}
}

// PasswordShort asks for a password of at least n characters.
func PasswordShort(n int) Message { return Message{Key: "wrong.password_short", Count: n} }

// QuantityBad asks for a quantity from one to most.
func QuantityBad(most int) Message { return Message{Key: "wrong.quantity", Count: most} }

// SlowDown says how long to wait before trying again.
func SlowDown(wait time.Duration) Message {
	return Message{Key: "wrong.slow_down", Wait: max(wait, time.Second)}
}

// Why tickets cannot be refunded.
var (
	RefundTooLate = Message{Key: "refund.no.days"}             // too long after paying
	RefundTooNear = Message{Key: "refund.no.hours"}            // too near the show
	RefundNothing = Message{Key: "refund.no.nothing"}          // no valid ticket left in the order
	RefundByShop  = Message{Key: "refund.no.shop", Tone: Calm} // the event was cancelled: everything is refunded automatically
)

// What is shown once after an action.
var (
	Welcome         = Message{Key: "flash.welcome", Tone: Good} // registered
	SignedIn        = Message{Key: "flash.signed_in", Tone: Good}
	SignedOut       = Message{Key: "flash.signed_out", Tone: Good}
	PasswordAsked   = Message{Key: "flash.password_asked", Wait: store.ResetTime, Tone: Calm} // the same whether or not there is an account
	PasswordChanged = Message{Key: "flash.password_changed", Tone: Good}
	EmailAsked      = Message{Key: "flash.email_asked", Tone: Calm} // the same whether or not somebody else has it
	EmailChanged    = Message{Key: "flash.email_changed", Tone: Good}
	DetailsSaved    = Message{Key: "flash.details_saved", Tone: Good}
	EmailConfirmed  = Message{Key: "flash.email_confirmed", Tone: Good}
	LetterSent      = Message{Key: "flash.letter_sent", Tone: Good}
	LanguageChanged = Message{Key: "flash.language", Tone: Good}
	LeftLine        = Message{Key: "flash.left", Tone: Calm}
	NotPossible     = Message{Key: "flash.not_possible", Tone: Calm} // the order's state changed in the meantime
	PaymentDeclined = Message{Key: "flash.declined"}
	OpenOrder       = Message{Key: "flash.open_order", Tone: Calm}     // a second wish, while the first order is open
	RefundSettled   = Message{Key: "flash.refund_settled", Tone: Good} // outside the gateway
	PaymentUnsure   = Message{Key: "flash.unsure", Tone: Calm}         // the payment API did not say what became of the charge
	HoldLonger      = Message{Key: "flash.longer", Tone: Good}
	PleaseSignIn    = Message{Key: "flash.please_sign_in", Tone: Calm}
	ClaimAsked      = Message{Key: "flash.claim_asked", Tone: Good}
	ClaimFree       = Message{Key: "flash.claim_free", Tone: Calm} // nobody has the CPF any more
	ClaimDecided    = Message{Key: "flash.claim_decided", Tone: Good}
	FormKept        = Message{Key: "flash.form_kept", Tone: Calm}
	FormGone        = Message{Key: "flash.form_gone", Tone: Calm}
	FormSent        = Message{Key: "flash.form_sent", Tone: Calm}
	ShowPast        = Message{Key: "flash.show_past"}
	EventSaved      = Message{Key: "flash.event_saved", Tone: Good}
	EventPaused     = Message{Key: "flash.event_paused", Tone: Good}
	EventResumed    = Message{Key: "flash.event_resumed", Tone: Good}
	EventPublished  = Message{Key: "flash.event_published", Tone: Good}
	RefundSaved     = Message{Key: "flash.refund_saved", Tone: Good} // of no money
	RefundRetried   = Message{Key: "flash.refund_retried", Tone: Good}
	EventUndone     = Message{Key: "flash.event_cancelled", Tone: Calm}
	TypeSaved       = Message{Key: "flash.type_saved", Tone: Good}
	CapacityAsked   = Message{Key: "flash.capacity_asked", Tone: Good}
)

// TermsChanged says that the buy form showed what is not true any more.
var TermsChanged = Message{Key: "event.changed"}

// SalePaused says that the line does not move for now.
var SalePaused = Message{Key: "event.paused", Tone: Calm}

// RefundTooMuch says how much can still be refunded.
func RefundTooMuch(cents int64, currency string) Message {
	return Message{Key: "wrong.refund_much", Cents: cents, Unit: currency}
}

// RefundChanged says that the page showed another sum than the one that would be refunded now.
func RefundChanged(shownCents int64, currency string) Message {
	return Message{Key: "refund.changed", Cents: shownCents, Unit: currency}
}

// RefundAsked says that money is on its way back.
func RefundAsked(cents int64, currency string) Message {
	return Message{Key: "flash.refund", Cents: cents, Unit: currency, Tone: Good}
}
