package web

import (
	"context"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"guiche/jobs/mail"
	"guiche/jobs/worker"
	"guiche/outbox"
	"guiche/store"
)

// startMail gives the world a mail server, which keeps letters where its outbox looks if it has one, and a worker that
// sends letters to it.
func (w *world) startMail() outbox.Folder {
	w.T.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.T.Fatal(err)
	}
	folder := w.server.Outbox
	if folder == "" {
		folder = outbox.Folder(w.T.TempDir())
	}
	w.Role("mail server", func(ctx context.Context) error { return outbox.Serve(ctx, listener, folder, quiet) })
	sender, err := mail.New(mail.Config{URL: "smtp://" + listener.Addr().String(), From: "Guichê <no-reply@guiche.test>", Host: "localhost"})
	if err != nil {
		w.T.Fatal(err)
	}
	letters, err := worker.NewLetters(sender, w.url, []byte(testSecret))
	if err != nil {
		w.T.Fatal(err)
	}
	w.stopWorker()
	w.letters = letters
	w.startWorker()
	return folder
}

// letter waits for the newest letter to an address with a word in its subject.
func (w *world) letter(from outbox.Folder, to, subject string) (found outbox.Letter) {
	w.T.Helper()
	w.Eventually("a letter about "+subject, func() bool {
		letters, err := from.Letters()
		if err != nil {
			w.T.Fatal(err)
		}
		for _, l := range letters {
			if l.To == "<"+to+">" && strings.Contains(l.Subject, subject) {
				found = l
				return true
			}
		}
		return false
	})
	return found
}

var linkOf = regexp.MustCompile(`/(?:password|confirm|login|email)/[A-Za-z0-9_-]{43}`)

// linkIn is the path of a letter's link, the same in both of its versions.
func linkIn(t *testing.T, l outbox.Letter) string {
	t.Helper()
	path := linkOf.FindString(l.Text)
	if path == "" || linkOf.FindString(l.HTML) != path {
		t.Fatalf("links %q and %q", path, linkOf.FindString(l.HTML))
	}
	return path
}

func TestAPaidOrderComesByMailWithItsTickets(t *testing.T) {
	w := newWorld(t)
	folder := w.startMail()
	e := w.createEvent(nil)
	v := w.fan()
	id := v.join(e, 2)
	v.await(id, store.Reserved)
	c, err := w.DB.StartCharge(t.Context(), id, v.account.ID, "sandbox", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.DB.SettleCharge(t.Context(), c.ID, store.Verdict{
		Status: store.ChargeCaptured, GatewayID: "ch_1", AmountCents: c.AmountCents, Currency: c.Currency,
	}); err != nil {
		t.Fatal(err)
	}
	l := w.letter(folder, v.account.Email, "Ingressos: "+e.Name)
	if a := l.Attachments; len(a) != 2 || a[0].Name != "guiche-"+e.Slug+".pdf" || a[0].Type != "application/pdf" ||
		a[1].Name != "guiche-"+e.Slug+".ics" || !strings.HasPrefix(string(a[1].Body), "BEGIN:VCALENDAR") {
		t.Fatalf("attachments: %d", len(a))
	}
	pdf := string(l.Attachments[0].Body)
	if pages := strings.Count(pdf, "/Type /Page\n"); !strings.HasPrefix(pdf, "%PDF-") || pages != 2 {
		t.Errorf("a PDF of %d pages", pages)
	}
	if !strings.Contains(l.Text, w.url+"/orders/"+id.String()) {
		t.Errorf("the letter leads nowhere: %s", l.Text)
	}
	if strings.Contains(l.Text+l.HTML, v.account.Email) || strings.Contains(l.Text+l.HTML, v.account.CPF) && v.account.CPF != "" {
		t.Error("the letter tells who gets it")
	}
}

func TestTheOutboxShowsWhatWasSent(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.DevMode, c.Outbox = true, outbox.Folder(t.TempDir()) })
	v := w.visitor()
	v.get("/outbox").want(http.StatusOK).says("Nenhum e-mail ainda")
	kept := w.startMail()
	a := w.account(store.Fan)
	l := w.letter(kept, a.Email, "Confirme")
	v.get("/").says(`href="/outbox"`)
	v.get("/outbox").want(http.StatusOK).says(a.Email).says(`href="/outbox/` + l.ID + `"`)
	v.get("/outbox/" + l.ID).want(http.StatusOK).says(l.Subject).says(`sandbox="allow-top-navigation-by-user-activation"`)
	body := v.get("/outbox/" + l.ID + "/html").want(http.StatusOK).says(`<base target="_top">`).says(linkIn(t, l))
	if csp := body.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") {
		t.Errorf("the letter may do %q", csp)
	}
	for _, path := range []string{"/outbox/x", "/outbox/..%2Fx/html", "/outbox/" + l.ID + "/files/0", "/outbox/" + l.ID + "/files/x"} {
		v.get(path).want(http.StatusNotFound)
	}
}

func TestThereIsNoOutboxOutsideOfDev(t *testing.T) {
	w := newWorld(t)
	w.visitor().get("/outbox").want(http.StatusNotFound)
	w.visitor().get("/").silent("/outbox")
}

// set changes rows as no method of the store would.
func (w *world) set(statement string, args ...any) {
	w.T.Helper()
	if _, err := w.Raw.ExecContext(w.T.Context(), statement, args...); err != nil {
		w.T.Fatal(err)
	}
}

// value reads one text behind the store's back.
func (w *world) value(query string, args ...any) (text string) {
	w.T.Helper()
	if err := w.Raw.QueryRowContext(w.T.Context(), query, args...).Scan(&text); err != nil {
		w.T.Fatal(err)
	}
	return text
}
