package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

func TestAnAdminSettlesWhoseACPFIs(t *testing.T) {
	w := newWorld(t)
	const cpf, typed = "52998224725", "529.982.247-25"
	holder, asker, admin := w.fan(), w.fan(), w.signedIn(w.admin)
	if _, err := w.Raw.Exec(`update accounts set confirmed_at = now(), cpf = case when id = $1 then $2 end where id in ($1, $3)`,
		holder.account.ID, cpf, asker.account.ID); err != nil {
		t.Fatal(err)
	}
	cpfOf := func(v *visitor) string {
		a, err := w.DB.Account(t.Context(), v.account.ID)
		if err != nil {
			t.Fatal(err)
		}
		return a.CPF
	}
	details := url.Values{"name": {"Ana"}, "cpf": {typed}}
	asker.post("/account/details", details).want(http.StatusUnprocessableEntity).says(`action="/account/claim"`)
	for range 2 { // a second press asks once
		asker.post("/account/claim", url.Values{"cpf": {typed}}).leadsTo("/account")
	}
	asker.get("/account", "Accept-Language", "en").says("You asked for a CPF")
	holder.post("/account/claim", url.Values{"cpf": {typed}}).leadsTo("/account") // it is hers: nothing to ask
	admin.get("/admin", "Accept-Language", "en").says("1 claim to a CPF waits")
	page := admin.get("/admin/claims").want(http.StatusOK).says(typed).says(holder.account.Email).says(asker.account.Email)
	paths := regexp.MustCompile(`action="(/admin/claims/[^"]+)"`).FindAllStringSubmatch(page.body, -1)
	if len(paths) != 1 {
		t.Fatalf("%d claims on the page", len(paths))
	}
	path := paths[0][1]
	admin.post(path, url.Values{"decision": {"give"}}).want(http.StatusUnprocessableEntity)
	admin.post(path, url.Values{"note": {"Her document says so."}}).want(http.StatusUnprocessableEntity).says("Her document says so.")
	holder.post(path, url.Values{"decision": {"keep"}, "note": {"mine"}}).want(http.StatusNotFound)
	admin.post("/admin/claims/"+store.NewID().String(), url.Values{"decision": {"give"}, "note": {"x"}}).want(http.StatusNotFound)
	if cpfOf(holder) != cpf || cpfOf(asker) != "" {
		t.Fatal("the CPF moved before anybody decided")
	}
	for range 2 {
		admin.post(path, url.Values{"decision": {"give"}, "note": {"Her document says so."}}).leadsTo("/admin/claims")
	}
	if cpfOf(holder) != "" || cpfOf(asker) != cpf {
		t.Fatalf("the holder has %q, who asked has %q", cpfOf(holder), cpfOf(asker))
	}
	if n := w.count(`select count(*) from admin_log where action = 'cpf.decide' and account_id = $1 and detail->>'reason' = 'Her document says so.'`, w.admin.ID); n != 1 {
		t.Errorf("%d lines in the log", n)
	}
	if n := w.count(`select count(*) from letters where status = 'due' and (kind = 'cpf_given' and account_id = $1 or kind = 'cpf_taken' and account_id = $2)`,
		asker.account.ID, holder.account.ID); n != 2 {
		t.Errorf("%d letters", n)
	}
	asker.get("/account", "Accept-Language", "en").silent("You asked for a CPF")

	// The other way round: who lost it asks, and it stays.
	holder.post("/account/claim", url.Values{"cpf": {typed}}).leadsTo("/account")
	back := regexp.MustCompile(`action="(/admin/claims/[^"]+)"`).FindStringSubmatch(admin.get("/admin/claims").body)[1]
	admin.post(back, url.Values{"decision": {"keep"}, "note": {"No document came."}}).leadsTo("/admin/claims")
	if cpfOf(asker) != cpf {
		t.Error("the CPF moved although it was to stay")
	}
	if n := w.count(`select count(*) from letters where kind = 'cpf_refused' and account_id = $1 or kind = 'cpf_kept' and account_id = $2`,
		holder.account.ID, asker.account.ID); n != 2 {
		t.Errorf("%d letters about what stays", n)
	}
	admin.get("/admin/claims").silent(`action="/admin/claims/`)
}

func TestWhoseLettersComeBackIsAskedForAnotherAddress(t *testing.T) {
	w := newWorld(t)
	fan, admin := w.fan(), w.signedIn(w.admin)
	const words = "give us another address"
	fan.get("/", "Accept-Language", "en").silent(words)
	letter := func() (id string) {
		return w.value(`insert into letters (kind, subject, account_id, attempts, status) values ('password_changed', gen_random_uuid(), $1, 6, 'owed')
			returning id::text`, fan.account.ID)
	}
	if _, err := w.DB.LetterFailed(t.Context(), uuid.MustParse(letter()), false); err != nil {
		t.Fatal(err)
	}
	fan.get("/orders", "Accept-Language", "en").silent(words)
	if _, err := w.DB.LetterFailed(t.Context(), uuid.MustParse(letter()), true); err != nil {
		t.Fatal(err)
	}
	w.Eventually("her pages ask for another address", func() bool {
		return strings.Contains(fan.get("/orders", "Accept-Language", "en").body, words)
	})
	fan.get("/").says(fan.account.Email)
	admin.get("/admin", "Accept-Language", "en").says("E-mails to 1 person come back").silent(words)
	if err := w.DB.LetterSent(t.Context(), uuid.MustParse(letter())); err != nil { // the mailbox was full, and is not any more
		t.Fatal(err)
	}
	if a, err := w.DB.Account(t.Context(), fan.account.ID); err != nil || !a.BouncedAt.Equal(time.Time{}) {
		t.Errorf("letters come back since %v, %v", a.BouncedAt, err)
	}
}
