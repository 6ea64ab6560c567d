package views_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"guiche/store"
	"guiche/views"
	"guiche/views/gallery"
)

// said is what each letter has to say in the languages that this test reads: its subject, then what its text and its HTML contain.
var said = map[string]map[string][]string{
	"letter-confirm": {
		views.Portuguese: {"Confirme seu e-mail", "7 dias", "uma vez só", "https://ingressos.example/x/"},
		views.English:    {"Confirm your e-mail", "7 days", "works once", "https://ingressos.example/x/"},
	},
	"letter-reset": {
		views.Portuguese: {"Escolha uma nova senha", "60 minutos", "a senha continua a mesma", "https://ingressos.example/x/"},
		views.English:    {"Choose a new password", "60 minutes", "the password stays as it is", "https://ingressos.example/x/"},
	},
	"letter-hold-ending": {
		views.Portuguese: {"Falta pouco para pagar: Lua Cheia no Parque", "Seus 2 ingressos estão reservados até 12h13 (GMT−3)", "Pagar R$ 330,00"},
		views.English:    {"Little time left to pay: Lua Cheia no Parque", "Your 2 tickets are reserved until 12:13 pm (GMT−3)", "Pay R$330.00"},
	},
	"letter-given": {
		views.Portuguese: {"Chegou a sua vez: Lua Cheia no Parque", "Um ingresso voltou", "12h13", "Pagar R$ 165,00"},
		views.English:    {"Your turn has come: Lua Cheia no Parque", "A ticket came back", "12:13 pm", "Pay R$165.00"},
	},
	"letter-paid": {
		views.Portuguese: {
			"Ingressos: Lua Cheia no Parque", "Seus 2 ingressos estão prontos", "2 × Pista", "0267, 0268", "sáb., 12 de dez. de 2026, 21h (GMT−3)", "R$ 330,00",
			"Preço: 2 × R$ 150,00", "Taxa: 2 × R$ 15,00", "Pago em: ter., 1 de dez. de 2026, 12h04", "Meio de pagamento: Pix", "Dá para devolver até: ter., 8 de dez. de 2026, 23h59 (GMT−3)",
			"Vendido por Lua Cheia Produções Ltda., CNPJ 12.345.678/1000-90.", "escreva para ajuda@ingressos.example",
		},
		views.English: {
			"Tickets: Lua Cheia no Parque", "Your 2 tickets are ready", "2 × Pista", "0267, 0268", "Sat, Dec 12, 2026, 9 pm (GMT−3)", "R$330.00",
			"Price: 2 × R$150.00", "Fee: 2 × R$15.00", "Paid: Tue, Dec 1, 2026, 12:04 pm", "Paid by: Pix", "Can be given back until: Tue, Dec 8, 2026, 11:59 pm (GMT−3)",
			"Sold by Lua Cheia Produções Ltda., CNPJ 12.345.678/1000-90.", "write to ajuda@ingressos.example",
		},
	},
	"letter-paid-free": {
		views.Portuguese: {"Ingressos: Lua Cheia no Parque", "Seu ingresso está pronto", "Grátis"},
		views.English:    {"Tickets: Lua Cheia no Parque", "Your ticket is ready", "Free"},
	},
	"letter-late-paid": {
		views.Portuguese: {"Pagamento recebido: Lua Cheia no Parque", "os 2 ingressos são seus", "depois que a reserva tinha acabado", "0267, 0268"},
		views.English:    {"Payment received: Lua Cheia no Parque", "the 2 tickets are yours", "after the reservation had ended", "0267, 0268"},
	},
	"letter-expired": {
		views.Portuguese: {"Reserva encerrada: Lua Cheia no Parque", "de 12h03 até 12h13 (GMT−3)", "https://ingressos.example/events/lua-cheia"},
		views.English:    {"Reservation ended: Lua Cheia no Parque", "from 12:03 pm until 12:13 pm (GMT−3)", "https://ingressos.example/events/lua-cheia"},
	},
	"letter-expired-next-day": {
		views.Portuguese: {"Reserva encerrada: Lua Cheia no Parque", "ter., 1 de dez. de 2026, 12h03", "qua., 2 de dez. de 2026, 18h04"},
		views.English:    {"Reservation ended: Lua Cheia no Parque", "Tue, Dec 1, 2026, 12:03 pm", "Wed, Dec 2, 2026, 6:04 pm"},
	},
	"letter-surplus": {
		views.Portuguese: {"Seu dinheiro está voltando: Lua Cheia no Parque", "Recebemos R$ 330,00 depois que a reserva tinha acabado"},
		views.English:    {"Your money is coming back: Lua Cheia no Parque", "We received R$330.00 after the reservation had ended"},
	},
	"letter-surplus-twice": {
		views.Portuguese: {"Seu dinheiro está voltando: Lua Cheia no Parque", "não correspondem ao que faltava pagar"},
		views.English:    {"Your money is coming back: Lua Cheia no Parque", "not what was left to pay"},
	},
	"letter-sign-in": {
		views.Portuguese: {"Entre na sua conta por este link", "abre a conta sem a senha", "ninguém entrou na sua conta"},
		views.English:    {"Sign in with this link", "without the password", "nobody has signed in"},
	},
	"letter-email-new": {
		views.Portuguese: {"Confirme seu novo e-mail", "pediu para usar este e-mail", "vale por 60 minutos"},
		views.English:    {"Confirm your new e-mail", "asked to use this e-mail", "good for 60 minutes"},
	},
	"letter-email-asked": {
		views.Portuguese: {"Pedido para trocar o seu e-mail", "a•••@example.com", "troque a sua senha agora"},
		views.English:    {"A request to change your e-mail", "a•••@example.com", "change your password now"},
	},
	"letter-password-changed": {
		views.Portuguese: {"A sua senha foi trocada", "acabou de ser trocada", "Não fui eu"},
		views.English:    {"Your password was changed", "was just changed", "It was not me"},
	},
	"letter-refunded": {
		views.Portuguese: {"Devolução feita: Lua Cheia no Parque", "R$ 330,00 voltaram"},
		views.English:    {"Refund made: Lua Cheia no Parque", "R$330.00 went back"},
	},
	"letter-given-back": {
		views.Portuguese: {"Devolução recebida: Lua Cheia no Parque", "O ingresso que você devolveu não vale mais", "R$ 165,00 voltam", "Não valem mais nº: 0267", "Continuam valendo nº: 0268", "Por quê: Pedida por você"},
		views.English:    {"Tickets given back: Lua Cheia no Parque", "The ticket that you gave back is not valid any more", "R$165.00 goes back", "Not valid any more: 0267", "Still valid: 0268", "Why: Asked for by you"},
	},
	"letter-given-back-free": {
		views.Portuguese: {"Devolução recebida: Lua Cheia no Parque", "Nada foi cobrado"},
		views.English:    {"Tickets given back: Lua Cheia no Parque", "Nothing was charged"},
	},
	"letter-given-back-nothing-left": {
		views.Portuguese: {"Devolução recebida: Lua Cheia no Parque", "Tudo o que você pagou por este pedido já foi devolvido antes"},
		views.English:    {"Tickets given back: Lua Cheia no Parque", "All that you paid for this order was given back before"},
	},
	"letter-taken-back": {
		views.Portuguese: {"Mudança no seu pedido: Lua Cheia no Parque", "Um ingresso deste pedido não vale mais", "Por quê: O setor foi fechado", "Não há dinheiro a devolver"},
		views.English:    {"A change to your order: Lua Cheia no Parque", "A ticket of this order is not valid any more", "Why: O setor foi fechado", "No money comes back"},
	},
	"letter-taken-back-money": {
		views.Portuguese: {"Mudança no seu pedido: Lua Cheia no Parque", "Parte do que você pagou volta", "R$ 20,00 voltam", "Por quê: O som falhou", "0267, 0268"},
		views.English:    {"A change to your order: Lua Cheia no Parque", "A part of what you paid comes back", "R$20.00 goes back", "Why: O som falhou", "0267, 0268"},
	},
	"letter-refund-refused": {
		views.Portuguese: {"Sua devolução está demorando: Lua Cheia no Parque", "não conseguiu devolver R$ 165,00", "não precisa fazer nada"},
		views.English:    {"Your refund takes longer: Lua Cheia no Parque", "could not give R$165.00 back", "nothing for you to do"},
	},
	"letter-refund-settled": {
		views.Portuguese: {"Devolução feita: Lua Cheia no Parque", "R$ 165,00 voltaram para você por outro caminho"},
		views.English:    {"Refund made: Lua Cheia no Parque", "R$165.00 came back to you another way"},
	},
	"letter-cpf-given": {
		views.Portuguese: {"O CPF agora está na sua conta", "agora ele está na sua", "O motivo: O documento com foto que recebemos"},
		views.English:    {"The CPF is in your account now", "it is in yours now", "The reason: O documento com foto que recebemos"},
	},
	"letter-cpf-taken": {
		views.Portuguese: {"O CPF saiu da sua conta", "agora ele está na dela", "seus ingressos continuam", "O motivo: O documento com foto que recebemos"},
		views.English:    {"The CPF left your account", "it is in hers now", "your tickets stay", "The reason: O documento com foto que recebemos"},
	},
	"letter-cpf-refused": {
		views.Portuguese: {"O CPF fica na outra conta", "Nada mudou na sua", "O motivo: O documento com foto que recebemos", "cópia do seu documento"},
		views.English:    {"The CPF stays in the other account", "Nothing changed in yours", "The reason: O documento com foto que recebemos", "copy of your document"},
	},
	"letter-cpf-kept": {
		views.Portuguese: {"Seu CPF fica na sua conta", "ele continua sendo seu", "O motivo: O documento com foto que recebemos"},
		views.English:    {"Your CPF stays in your account", "it stays yours", "The reason: O documento com foto que recebemos"},
	},
	"letter-cancelled": {
		views.Portuguese: {"Evento cancelado: Lua Cheia no Parque", "não valem mais", "taxas incluídas"},
		views.English:    {"Event cancelled: Lua Cheia no Parque", "not valid any more", "fees included"},
	},
	"letter-cancelled-unpaid": {
		views.Portuguese: {"Evento cancelado: Lua Cheia no Parque", "nada foi cobrado"},
		views.English:    {"Event cancelled: Lua Cheia no Parque", "nothing was charged"},
	},
}

func TestLettersSayTheirNewsInBothLanguages(t *testing.T) {
	kinds := store.LetterKinds()
	for _, l := range gallery.Letters() {
		kinds = slices.DeleteFunc(kinds, func(k store.LetterKind) bool { return k == l.Model.Kind })
		for _, language := range []string{views.Portuguese, views.English} {
			t.Run(l.Name+"/"+language, func(t *testing.T) {
				want := said[l.Name][language]
				if len(want) == 0 {
					t.Fatal("nobody says what is in it")
				}
				paper, err := views.WriteLetter(language, l.Model)
				if err != nil {
					t.Fatal(err)
				}
				if paper.Subject != want[0] || utf8.RuneCountInString(paper.Subject) > 90 {
					t.Errorf("the subject is %q", paper.Subject)
				}
				read := readHTML(t, paper.HTML, language)
				if long := regexp.MustCompile(`\S{60}`).FindString(read); long != "" {
					t.Errorf("the HTML shows the link %q in full", long)
				}
				for _, words := range want[1:] {
					if strings.HasPrefix(words, "https://") {
						read += paper.HTML // a link is not shown, it is followed
					}
					for kind, text := range map[string]string{"text": paper.Text, "HTML": read} {
						if !strings.Contains(plain(text), plain(words)) {
							t.Errorf("the %s does not say %q:\n%s", kind, words, text)
						}
					}
				}
				for _, odd := range []string{"<no value>", "%!", "letter.", "{{", "0001"} {
					if strings.Contains(paper.Text+read, odd) {
						t.Errorf("the letter says %q", odd)
					}
				}
			})
		}
	}
	if len(kinds) > 0 {
		t.Errorf("letters of no kind %v", kinds)
	}
}

// plain makes spaces comparable: money is written with a non-breaking one. The colons of facts are of the plain text.
func plain(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), ": ", " ")
}

// readHTML is the visible text of a letter. It fails the test if the letter would load anything.
func readHTML(t *testing.T, body, language string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		switch {
		case n.Type == html.TextNode && n.Parent.Data != "style":
			b.WriteString(n.Data + " ")
		case n.Type != html.ElementNode:
		case slices.Contains([]string{"img", "script", "link", "iframe", "form"}, n.Data):
			t.Errorf("there is a <%s>", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "lang" && a.Val != language:
				t.Errorf("the language is %q", a.Val)
			case a.Key == "href" && !strings.HasPrefix(a.Val, "https://ingressos.example/"):
				t.Errorf("a link leads to %q", a.Val)
			case strings.Contains(a.Val, "url("):
				t.Errorf("something is loaded by %q", a.Val)
			}
		}
	}
	return b.String()
}

func TestALongNameIsShortenedInTheSubject(t *testing.T) {
	m := gallery.Letters()[4].Model
	m.Event.Name = strings.Repeat("É", 200)
	paper, err := views.WriteLetter(views.Portuguese, m)
	if err != nil {
		t.Fatal(err)
	}
	if n := utf8.RuneCountInString(paper.Subject); n > 80 || !strings.HasSuffix(paper.Subject, "…") {
		t.Errorf("the subject is %q", paper.Subject)
	}
	if !strings.Contains(paper.Text, m.Event.Name) {
		t.Error("the letter does not say the whole name")
	}
}

func TestLettersKeepWhatTheyQuoteInItsPlace(t *testing.T) {
	m := gallery.Letters()[4].Model
	m.Event.Name = `<b onmouseover="x">Show</b>`
	paper, err := views.WriteLetter(views.English, m)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(paper.HTML, "<b ") || !strings.Contains(paper.HTML, "&lt;b ") {
		t.Error("the name of an event is taken for HTML")
	}
}

func testLinks(t *testing.T, secret string) *views.Links {
	t.Helper()
	links, err := views.NewLinks("https://ingressos.example", []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return links
}

func TestLinksReadBackWhatTheySigned(t *testing.T) {
	links, id := testLinks(t, "a secret of this shop"), uuid.New()
	for prefix, link := range map[string]string{"/confirm/": links.Confirm(id), "/password/": links.Reset(id)} {
		token, ok := strings.CutPrefix(link, "https://ingressos.example"+prefix)
		if !ok {
			t.Errorf("the link is %q", link)
		}
		if got, ok := links.Read(token); !ok || got != id {
			t.Errorf("read %s, %v", got, ok)
		}
		for i := range len(token) {
			for _, letter := range "Aa_" {
				forged := token[:i] + string(letter) + token[i+1:]
				if _, ok := links.Read(forged); ok && forged != token {
					t.Errorf("letter %d changed, and it was read", i)
				}
			}
		}
		other := testLinks(t, "a secret of another shop").Confirm(id)
		for _, forged := range []string{"", token[1:], token + "A", token + "=", id.String(), strings.TrimPrefix(other, "https://ingressos.example/confirm/")} {
			if _, ok := links.Read(forged); ok {
				t.Errorf("%q was read", forged)
			}
		}
	}
	if _, err := views.NewLinks("https://ingressos.example", nil); err == nil {
		t.Error("links would be signed with a key that everybody knows")
	}
}
