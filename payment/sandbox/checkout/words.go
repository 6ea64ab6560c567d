// Package checkout is what the sandbox shows to somebody who pays: the words of its page, and Pix codes that lead nowhere.
package checkout

import (
	"fmt"
	"time"

	"guiche/payment/sandbox/cruelty"

	"golang.org/x/text/language"
)

// Words is all that the hosted page says in one language. Names with "Format" take one number.
type Words struct {
	Lang string // BCP 47

	Provider, Title, SandboxTitle, Sandbox   string
	Amount, For, NoOutcome                   string
	Pix, PixHow, PixCopy, PixCode, QRLabel   string
	Card, CardHow, Number, Holder, Expiry    string
	CVC, ExpiryHint, HolderHint              string
	PixPay, CardPay, BadCard                 string
	Cards, CardsHow                          string
	Choose, Approve, Decline, Abandon        string
	PendingTitle, Pending                    string
	Bank, Confirm, Refute                    string
	Back                                     string
	Afterwards, PanelRefund, Dispute         string
	DisputeWon, DisputeLost, RefundsFail     string
	PaidTitle, Paid, DeclinedTitle, Declined string
	OverTitle, Over, UnknownTitle, Unknown   string
	LeftSoon, LeftMinute, LeftMinutesFormat  string
	LeftHoursFormat, LeftDaysFormat          string

	Tricks  map[cruelty.Trick]string // what each magic card does
	Reasons map[cruelty.DeclineReason]string
}

// languages are those of the page. The first one is for people who read none of them.
var languages = []Words{portuguese, english}

var languageMatcher = func() language.Matcher {
	var tags []language.Tag
	for _, w := range languages {
		tags = append(tags, language.MustParse(w.Lang))
	}
	return language.NewMatcher(tags)
}()

// WordsFor reads a language tag, or a list of them as browsers send it.
func WordsFor(tags string) Words {
	_, i := language.MatchStrings(languageMatcher, tags)
	return languages[i]
}

// TimeLeft says in words how long the payer has, in the unit that matters.
func (w Words) TimeLeft(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	hours := int(d / time.Hour) // cut, not rounded: half an hour is too much to promise
	switch {
	case d < time.Minute:
		return w.LeftSoon
	case minutes == 1:
		return w.LeftMinute
	case minutes < 120:
		return fmt.Sprintf(w.LeftMinutesFormat, minutes)
	case hours < 48:
		return fmt.Sprintf(w.LeftHoursFormat, hours)
	}
	return fmt.Sprintf(w.LeftDaysFormat, hours/24)
}

var portuguese = Words{
	Lang:              "pt-BR",
	Provider:          "Caixa de testes",
	Title:             "Pagamento",
	SandboxTitle:      "Isto é um teste.",
	Sandbox:           "Nenhum dinheiro sai da sua conta. Não digite dados de um cartão de verdade.",
	Amount:            "Total",
	For:               "Referente a",
	NoOutcome:         "Não entendemos a sua escolha. Nada foi cobrado. Use um dos botões desta página.",
	Pix:               "Pix",
	PixHow:            "Num pagamento de verdade, você apontaria o app do seu banco para o código. Aqui ele tem a forma certa, mas não leva a lugar nenhum.",
	PixCopy:           "Pix copia e cola",
	PixCode:           "Toque no código para selecioná-lo inteiro.",
	QRLabel:           "QR code do Pix, o mesmo conteúdo do copia e cola abaixo",
	Card:              "Cartão",
	CardHow:           "Só funcionam os números de teste da lista abaixo. O número é lido uma vez e esquecido; o resto é só cenário e nem sai desta página.",
	Number:            "Número do cartão",
	Holder:            "Nome impresso no cartão",
	HolderHint:        "MARIA DA SILVA",
	Expiry:            "Validade",
	ExpiryHint:        "MM/AA",
	CVC:               "Código de segurança",
	PixPay:            "Pagar com Pix",
	CardPay:           "Pagar com este cartão",
	BadCard:           "Este não é um número de teste. Nada foi cobrado, e o que você digitou não foi guardado. Escolha um número da lista.",
	Cards:             "Números de teste",
	CardsHow:          "Toque num número para pagar com ele.",
	Choose:            "Como este pagamento deve terminar?",
	Approve:           "Pagar",
	Decline:           "Simular recusa",
	Abandon:           "Voltar sem pagar",
	Back:              "Voltar ao seu pedido",
	PendingTitle:      "Pagamento em análise",
	Pending:           "O banco ainda não deu a resposta. Você não precisa pagar de novo: o seu pedido espera por ela.",
	Bank:              "Quer responder no lugar do banco?",
	Confirm:           "O banco aprova",
	Refute:            "O banco recusa",
	Afterwards:        "O que acontece depois com o dinheiro?",
	PanelRefund:       "Devolver pelo painel",
	Dispute:           "O banco contesta",
	DisputeWon:        "A loja vence a contestação",
	DisputeLost:       "A loja perde a contestação",
	RefundsFail:       "Os reembolsos voltam",
	PaidTitle:         "Pagamento aprovado",
	Paid:              "Está tudo certo por aqui. O seu pedido já sabe, ou vai saber em instantes.",
	DeclinedTitle:     "Pagamento recusado",
	Declined:          "Nada foi cobrado. Volte ao seu pedido: se ainda houver tempo, você pode tentar de novo.",
	OverTitle:         "Esta cobrança foi encerrada",
	Over:              "O prazo passou ou o pedido foi cancelado. Nada foi cobrado. No seu pedido você vê o que ainda é possível.",
	UnknownTitle:      "Não encontramos esta cobrança",
	Unknown:           "O endereço pode ter sido copiado pela metade. Nada foi cobrado. Abra o pagamento outra vez a partir do seu pedido.",
	LeftSoon:          "Falta menos de um minuto para pagar",
	LeftMinute:        "Falta cerca de 1 minuto para pagar",
	LeftMinutesFormat: "Faltam cerca de %d minutos para pagar",
	LeftHoursFormat:   "Faltam cerca de %d horas para pagar",
	LeftDaysFormat:    "Faltam cerca de %d dias para pagar",
	Tricks: map[cruelty.Trick]string{
		cruelty.TrickPaid:           "O pagamento é aprovado na hora.",
		cruelty.TrickFunds:          "Recusado: o saldo não é suficiente.",
		cruelty.TrickIssuer:         "Recusado pelo banco que emitiu o cartão.",
		cruelty.TrickPending:        "Fica em análise por 5 segundos e é aprovado.",
		cruelty.TrickPendingDecline: "Fica em análise por 5 segundos e é recusado.",
		cruelty.TrickLateMoney:      "O dinheiro só chega 5 segundos depois de a cobrança acabar, por prazo ou por cancelamento.",
		cruelty.TrickLostNotice:     "Aprovado, mas o aviso à loja se perde.",
		cruelty.TrickLateNotice:     "Aprovado, mas o aviso à loja sai 5 segundos depois.",
		cruelty.TrickDuplicate:      "Aprovado, e a loja é avisada duas vezes.",
		cruelty.TrickReorder:        "Fica em análise por 5 segundos, é aprovado, e os dois avisos chegam trocados.",
		cruelty.TrickSlowRefund:     "Aprovado. Um reembolso leva 5 segundos.",
		cruelty.TrickRefusedRefund:  "Aprovado. Um reembolso é recusado na hora.",
		cruelty.TrickFailingRefund:  "Aprovado. Um reembolso parece a caminho e falha depois de 5 segundos.",
		cruelty.TrickLostRefund:     "Aprovado. O reembolso é feito, mas a resposta se perde.",
	},
	Reasons: map[cruelty.DeclineReason]string{
		cruelty.InsufficientFunds: "O banco disse que o saldo não é suficiente.",
		cruelty.RefusedByIssuer:   "O banco que emitiu o cartão recusou, sem dizer por quê.",
	},
}

var english = Words{
	Lang:              "en",
	Provider:          "Test checkout",
	Title:             "Payment",
	SandboxTitle:      "This is a test.",
	Sandbox:           "No money leaves your account. Do not type the details of a real card.",
	Amount:            "Total",
	For:               "For",
	NoOutcome:         "We did not understand your choice. Nothing was charged. Use one of the buttons on this page.",
	Pix:               "Pix",
	PixHow:            "In a real payment you would point your bank’s app at the code. This one has the right form, but leads nowhere.",
	PixCopy:           "Pix copy and paste",
	PixCode:           "Tap the code to select all of it.",
	QRLabel:           "Pix QR code, the same content as the copy-and-paste code below",
	Card:              "Card",
	CardHow:           "Only the test numbers in the list below work. The number is read once and forgotten; the rest is scenery and never leaves this page.",
	Number:            "Card number",
	Holder:            "Name on the card",
	HolderHint:        "MARY SMITH",
	Expiry:            "Expiry date",
	ExpiryHint:        "MM/YY",
	CVC:               "Security code",
	PixPay:            "Pay with Pix",
	CardPay:           "Pay with this card",
	BadCard:           "This is not a test number. Nothing was charged, and what you typed was not kept. Choose a number from the list.",
	Cards:             "Test numbers",
	CardsHow:          "Tap a number to pay with it.",
	Choose:            "How should this payment end?",
	Approve:           "Pay",
	Decline:           "Simulate a decline",
	Abandon:           "Go back without paying",
	Back:              "Back to your order",
	PendingTitle:      "Payment under review",
	Pending:           "The bank has not answered yet. There is no need to pay again: your order is waiting for the answer.",
	Bank:              "Do you want to answer for the bank?",
	Confirm:           "The bank approves",
	Refute:            "The bank declines",
	Afterwards:        "What becomes of the money afterwards?",
	PanelRefund:       "Refund it in the panel",
	Dispute:           "The bank disputes it",
	DisputeWon:        "The shop wins the dispute",
	DisputeLost:       "The shop loses the dispute",
	RefundsFail:       "The refunds come back",
	PaidTitle:         "Payment approved",
	Paid:              "All is well here. Your order knows already, or will in a moment.",
	DeclinedTitle:     "Payment declined",
	Declined:          "Nothing was charged. Go back to your order: if there is time left, you can try again.",
	OverTitle:         "This charge has ended",
	Over:              "Its deadline has passed or the order was cancelled. Nothing was charged. Your order shows what is still possible.",
	UnknownTitle:      "We found no such charge",
	Unknown:           "Perhaps only half of the address was copied. Nothing was charged. Open the payment again from your order.",
	LeftSoon:          "Less than a minute left to pay",
	LeftMinute:        "About 1 minute left to pay",
	LeftMinutesFormat: "About %d minutes left to pay",
	LeftHoursFormat:   "About %d hours left to pay",
	LeftDaysFormat:    "About %d days left to pay",
	Tricks: map[cruelty.Trick]string{
		cruelty.TrickPaid:           "The payment is approved at once.",
		cruelty.TrickFunds:          "Declined: insufficient funds.",
		cruelty.TrickIssuer:         "Declined by the bank that issued the card.",
		cruelty.TrickPending:        "Under review for 5 seconds, then approved.",
		cruelty.TrickPendingDecline: "Under review for 5 seconds, then declined.",
		cruelty.TrickLateMoney:      "The money comes 5 seconds after the charge has ended, by its deadline or cancelled.",
		cruelty.TrickLostNotice:     "Approved, but the notice to the shop gets lost.",
		cruelty.TrickLateNotice:     "Approved, but the notice to the shop leaves 5 seconds later.",
		cruelty.TrickDuplicate:      "Approved, and the shop is notified twice.",
		cruelty.TrickReorder:        "Under review for 5 seconds, then approved, and the two notices arrive in the wrong order.",
		cruelty.TrickSlowRefund:     "Approved. A refund takes 5 seconds.",
		cruelty.TrickRefusedRefund:  "Approved. A refund is refused at once.",
		cruelty.TrickFailingRefund:  "Approved. A refund seems to be on its way and fails after 5 seconds.",
		cruelty.TrickLostRefund:     "Approved. The refund is made, but the answer gets lost.",
	},
	Reasons: map[cruelty.DeclineReason]string{
		cruelty.InsufficientFunds: "The bank said that the funds are insufficient.",
		cruelty.RefusedByIssuer:   "The bank that issued the card declined without saying why.",
	},
}
