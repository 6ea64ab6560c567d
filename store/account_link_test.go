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
	w.T.Helper()
	w.Check(w.Raw.QueryRow(`select id from account_links where purpose = $1 order by created_at desc limit 1`, purpose).Scan(&id))
	return id
}

func (w *world) account(id int64) store.Account {
	w.T.Helper()
	a, err := w.DB.Account(w.Ctx, id)
	w.Check(err)
	return a
}

func (w *world) wantGone(what string, err error) {
	w.T.Helper()
	if !errors.Is(err, store.ErrNotFound) {
		w.T.Errorf("%s: %v", what, err)
	}
}

func TestAnEmailIsConfirmedOnce(t *testing.T) {
	w := newWorld(t, 1)
	fan := w.Fan()
	first := w.link(store.LinkConfirm)
	w.Check(w.DB.OweConfirmation(w.Ctx, fan))
	second := w.link(store.LinkConfirm)
	w.wantLetters(first, store.LetterConfirm)
	w.wantLetters(second, store.LetterConfirm)
	if !w.account(fan).ConfirmedAt.IsZero() {
		t.Error("confirmed before anybody opened a link")
	}
	_, err := w.DB.ResetPassword(w.Ctx, first, "new")
	w.wantGone("a link for another purpose", err)
	a, err := w.DB.ConfirmEmail(w.Ctx, first)
	w.Check(err)
	if a.ID != fan || a.ConfirmedAt.IsZero() {
		t.Errorf("confirmed %+v", a)
	}
	for name, link := range map[string]uuid.UUID{"a used link": first, "its sister": second, "no link": uuid.New()} {
		_, err := w.DB.ConfirmEmail(w.Ctx, link)
		w.wantGone(name, err)
		_, err = w.DB.LinkAccount(w.Ctx, link, store.LinkConfirm)
		w.wantGone(name, err)
	}
	if err := w.DB.OweConfirmation(w.Ctx, fan); !errors.Is(err, store.ErrState) {
		t.Errorf("a confirmed account asks again: %v", err)
	}
	made, err := w.DB.CreateAccount(w.Ctx, store.Account{
		Role: store.Fan, Name: "Bia", Email: "bia@guiche.test", PasswordHash: "-", Language: "en", ConfirmedAt: a.ConfirmedAt,
	})
	w.Check(err)
	if !made.ConfirmedAt.Equal(a.ConfirmedAt) || w.link(store.LinkConfirm) != second {
		t.Errorf("an account that is confirmed from the start: %+v", made)
	}
}

func TestAPasswordIsResetOnce(t *testing.T) {
	w := newWorld(t, 1)
	fan := w.account(w.Fan())
	ask := func() uuid.UUID {
		w.Check(w.DB.OweReset(w.Ctx, fan.Email, uuid.NewString()))
		return w.link(store.LinkReset)
	}
	first, second := ask(), ask()
	if id, err := w.DB.LinkAccount(w.Ctx, first, store.LinkReset); id != fan.ID || err != nil {
		t.Errorf("the link is of account %d, %v", id, err)
	}
	var errs [2]error
	var both sync.WaitGroup
	for i, link := range []uuid.UUID{first, second} {
		both.Go(func() { _, errs[i] = w.DB.ResetPassword(w.Ctx, link, "new") })
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
	w.Set(`update account_links set expires_at = now() where id = $1`, late)
	_, err := w.DB.ResetPassword(w.Ctx, late, "late")
	w.wantGone("a link that is too old", err)
	before := ask()
	_, err = w.DB.ChangePassword(w.Ctx, fan.ID, "new", "newer")
	w.Check(err)
	_, err = w.DB.ResetPassword(w.Ctx, before, "older")
	w.wantGone("a link from before the password was changed", err)
	if _, err = w.DB.ChangePassword(w.Ctx, fan.ID, "new", "newest"); !errors.Is(err, store.ErrState) {
		t.Errorf("the old password was changed: %v", err)
	}
	if got := w.account(fan.ID).PasswordHash; got != "newer" {
		t.Errorf("the password is %s", got)
	}
}

func TestNobodysLettersAreForgotten(t *testing.T) {
	w := newWorld(t, 1)
	w.Check(w.DB.OweReset(w.Ctx, "nobody@guiche.test", "nobody"))
	link := w.link(store.LinkReset)
	w.wantLetters(link, store.LetterReset)
	_, err := w.DB.ResetPassword(w.Ctx, link, "new")
	w.wantGone("nobody's link", err)
	w.Check(w.DB.ForgetNobody(w.Ctx))
	w.wantLetters(link, store.LetterReset)
	w.Set(`update letters set owed_at = now() - interval '2 days'`)
	w.Set(`update account_links set created_at = now() - interval '2 days'`)
	w.Fan()
	w.Check(w.DB.ForgetNobody(w.Ctx))
	w.wantLetters(link)
	w.wantLetters(w.link(store.LinkConfirm), store.LetterConfirm)
}
