package store_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

// link is the newest link of a purpose, of anybody.
func (w *world) link(purpose store.LinkPurpose) (id uuid.UUID) {
	w.t.Helper()
	w.check(w.raw.QueryRow(`select id from account_links where purpose = $1 order by created_at desc limit 1`, purpose).Scan(&id))
	return id
}

func (w *world) account(id int64) store.Account {
	w.t.Helper()
	a, err := w.db.Account(w.ctx, id)
	w.check(err)
	return a
}

func (w *world) wantGone(what string, err error) {
	w.t.Helper()
	if !errors.Is(err, store.ErrNotFound) {
		w.t.Errorf("%s: %v", what, err)
	}
}

func TestAnEmailIsConfirmedOnce(t *testing.T) {
	w := newWorld(t, 1)
	fan := w.fan()
	first := w.link(store.LinkConfirm)
	w.check(w.db.OweConfirmation(w.ctx, fan))
	second := w.link(store.LinkConfirm)
	w.wantLetters(first, store.LetterConfirm)
	w.wantLetters(second, store.LetterConfirm)
	if !w.account(fan).ConfirmedAt.IsZero() {
		t.Error("confirmed before anybody opened a link")
	}
	_, err := w.db.ResetPassword(w.ctx, first, "new")
	w.wantGone("a link for another purpose", err)
	a, err := w.db.ConfirmEmail(w.ctx, first)
	w.check(err)
	if a.ID != fan || a.ConfirmedAt.IsZero() {
		t.Errorf("confirmed %+v", a)
	}
	for name, link := range map[string]uuid.UUID{"a used link": first, "its sister": second, "no link": uuid.New()} {
		_, err := w.db.ConfirmEmail(w.ctx, link)
		w.wantGone(name, err)
		_, err = w.db.LinkAccount(w.ctx, link, store.LinkConfirm)
		w.wantGone(name, err)
	}
	if err := w.db.OweConfirmation(w.ctx, fan); !errors.Is(err, store.ErrState) {
		t.Errorf("a confirmed account asks again: %v", err)
	}
	made, err := w.db.CreateAccount(w.ctx, store.Account{
		Role: store.Fan, Name: "Bia", Email: "bia@guiche.test", PasswordHash: "-", Language: "en", ConfirmedAt: a.ConfirmedAt,
	})
	w.check(err)
	if !made.ConfirmedAt.Equal(a.ConfirmedAt) || w.link(store.LinkConfirm) != second {
		t.Errorf("an account that is confirmed from the start: %+v", made)
	}
}

func TestAPasswordIsResetOnce(t *testing.T) {
	w := newWorld(t, 1)
	fan := w.account(w.fan())
	ask := func() uuid.UUID {
		w.check(w.db.OweReset(w.ctx, fan.Email, uuid.NewString()))
		return w.link(store.LinkReset)
	}
	first, second := ask(), ask()
	if id, err := w.db.LinkAccount(w.ctx, first, store.LinkReset); id != fan.ID || err != nil {
		t.Errorf("the link is of account %d, %v", id, err)
	}
	var errs [2]error
	var both sync.WaitGroup
	for i, link := range []uuid.UUID{first, second} {
		both.Go(func() { _, errs[i] = w.db.ResetPassword(w.ctx, link, "new") })
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("two links at once: %v and %v", errs[0], errs[1])
	}
	a := w.account(fan.ID)
	if a.PasswordHash != "new" || a.ConfirmedAt.IsZero() {
		t.Errorf("the account is %+v", a)
	}
	late := ask()
	w.set(`update account_links set expires_at = now() where id = $1`, late)
	_, err := w.db.ResetPassword(w.ctx, late, "late")
	w.wantGone("a link that is too old", err)
	before := ask()
	_, err = w.db.ChangePassword(w.ctx, fan.ID, "new", "newer")
	w.check(err)
	_, err = w.db.ResetPassword(w.ctx, before, "older")
	w.wantGone("a link from before the password was changed", err)
	if _, err = w.db.ChangePassword(w.ctx, fan.ID, "new", "newest"); !errors.Is(err, store.ErrState) {
		t.Errorf("the old password was changed: %v", err)
	}
	if got := w.account(fan.ID).PasswordHash; got != "newer" {
		t.Errorf("the password is %s", got)
	}
}

func TestNobodysLettersAreForgotten(t *testing.T) {
	w := newWorld(t, 1)
	w.check(w.db.OweReset(w.ctx, "nobody@guiche.test", "nobody"))
	link := w.link(store.LinkReset)
	w.wantLetters(link, store.LetterReset)
	_, err := w.db.ResetPassword(w.ctx, link, "new")
	w.wantGone("nobody's link", err)
	w.check(w.db.ForgetNobody(w.ctx))
	w.wantLetters(link, store.LetterReset)
	w.set(`update letters set owed_at = now() - interval '2 days'`)
	w.set(`update account_links set created_at = now() - interval '2 days'`)
	w.fan()
	w.check(w.db.ForgetNobody(w.ctx))
	w.wantLetters(link)
	w.wantLetters(w.link(store.LinkConfirm), store.LetterConfirm)
}
