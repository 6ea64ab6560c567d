package payment

import (
	"fmt"
	"strings"
	"time"
)

// words is all that the hosted page says in one language. Names with "Format" take one number.
type words struct {
	Lang string // BCP 47

	Provider, Title, SandboxTitle, Sandbox   string
	Amount, For, NoOutcome                   string
	Pix, PixHow, PixCopy, PixCode, QRLabel   string
	Card, CardHow, Number, Holder, Expiry    string
	CVC, ExpiryHint, HolderHint              string
	Choose, Approve, Decline, Abandon        string
	Back                                     string
	PaidTitle, Paid, DeclinedTitle, Declined string
	OverTitle, Over, UnknownTitle, Unknown   string
	LeftSoon, LeftMinute, LeftMinutesFormat  string
	LeftHoursFormat, LeftDaysFormat          string
}

// wordsFor reads a language tag, or a list of them as browsers send it. What is not English is Portuguese.
func wordsFor(tags string) words {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(tags)), "en") {
		return english
	}
	return portuguese
}

// timeLeft says in words how long the payer has, in the unit that matters.
func (w words) timeLeft(d time.Duration) string {
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

var portuguese = words{
	Lang:              "pt-BR",
	Provider:          "Caixa de testes",
	Title:             "Pagamento",
	SandboxTitle:      "Isto é um teste.",
	Sandbox:           "Nenhum dinheiro sai da sua conta. Não digite dados de um cartão de verdade.",
	Amount:            "Total",
	For:               "Referente a",
	NoOutcome:         "Não entendemos a sua escolha. Nada foi cobrado. Use um dos três botões no fim da página.",
	Pix:               "Pix",
	PixHow:            "Num pagamento de verdade, você apontaria o app do seu banco para o código. Aqui ele tem a forma certa, mas não leva a lugar nenhum.",
	PixCopy:           "Pix copia e cola",
	PixCode:           "Toque no código para selecioná-lo inteiro.",
	QRLabel:           "QR code do Pix, o mesmo conteúdo do copia e cola abaixo",
	Card:              "Cartão",
	CardHow:           "Os campos são só cenário: o que você digitar não é enviado nem guardado.",
	Number:            "Número do cartão",
	Holder:            "Nome impresso no cartão",
	HolderHint:        "MARIA DA SILVA",
	Expiry:            "Validade",
	ExpiryHint:        "MM/AA",
	CVC:               "Código de segurança",
	Choose:            "Como este pagamento deve terminar?",
	Approve:           "Pagar",
	Decline:           "Simular recusa",
	Abandon:           "Voltar sem pagar",
	Back:              "Voltar ao seu pedido",
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
}

var english = words{
	Lang:              "en",
	Provider:          "Test checkout",
	Title:             "Payment",
	SandboxTitle:      "This is a test.",
	Sandbox:           "No money leaves your account. Do not type the details of a real card.",
	Amount:            "Total",
	For:               "For",
	NoOutcome:         "We did not understand your choice. Nothing was charged. Use one of the three buttons at the end of the page.",
	Pix:               "Pix",
	PixHow:            "In a real payment you would point your bank’s app at the code. This one has the right form, but leads nowhere.",
	PixCopy:           "Pix copy and paste",
	PixCode:           "Tap the code to select all of it.",
	QRLabel:           "Pix QR code, the same content as the copy-and-paste code below",
	Card:              "Card",
	CardHow:           "The fields are scenery: what you type is neither sent nor stored.",
	Number:            "Card number",
	Holder:            "Name on the card",
	HolderHint:        "MARY SMITH",
	Expiry:            "Expiry date",
	ExpiryHint:        "MM/YY",
	CVC:               "Security code",
	Choose:            "How should this payment end?",
	Approve:           "Pay",
	Decline:           "Simulate a decline",
	Abandon:           "Go back without paying",
	Back:              "Back to your order",
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
}
