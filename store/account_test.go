package store_test

import (
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

func TestEmailAndCPFAreOnePersons(t *testing.T) {
	w := newWorld(t, 1)
	ana := store.Account{Role: store.Fan, Name: "Ana", Email: "Ana@Guiche.test", CPF: "52998224725", PasswordHash: "-", Language: "pt-BR"}
	made, err := w.db.CreateAccount(w.ctx, ana)
	w.check(err)
	_, err = w.db.ConfirmEmail(w.ctx, w.link(store.LinkConfirm))
	w.check(err)
	if made.Email != "ana@guiche.test" || made.CPF != ana.CPF || made.Role != store.Fan {
		t.Errorf("made %+v", made)
	}
	_, err = w.db.CreateAccount(w.ctx, store.Account{Role: store.Fan, Name: "Bia", Email: "ANA@guiche.test", PasswordHash: "-", Language: "en"})
	w.wantErr(err, store.ErrEmailTaken)
	_, err = w.db.CreateAccount(w.ctx, store.Account{Role: store.Fan, Name: "Bia", Email: "bia@guiche.test", CPF: ana.CPF, PasswordHash: "-", Language: "en"})
	w.wantErr(err, store.ErrCPFTaken)
	found, err := w.db.AccountByEmail(w.ctx, "ANA@GUICHE.test")
	w.check(err)
	if found.ID != made.ID {
		t.Errorf("found %+v", found)
	}
	_, err = w.db.AccountByEmail(w.ctx, "nobody@guiche.test")
	w.wantErr(err, store.ErrNotFound)
	_, err = w.db.Account(w.ctx, 1<<40)
	w.wantErr(err, store.ErrNotFound)
	// Many without a CPF are no clash.
	w.fan()
	w.fan()
}

func TestMakeAdminRaisesWhoIsThere(t *testing.T) {
	w := newWorld(t, 1)
	fan, err := w.db.CreateAccount(w.ctx, store.Account{Role: store.Fan, Name: "Ana", Email: "ana@guiche.test", PasswordHash: "old", Language: "en"})
	w.check(err)
	admin, err := w.db.MakeAdmin(w.ctx, store.Account{Name: "Other", Email: "ANA@guiche.test", PasswordHash: "new", Language: "en"})
	w.check(err)
	if admin.ID != fan.ID || admin.Role != store.Admin || admin.PasswordHash != "new" || admin.Name != "Ana" {
		t.Errorf("made %+v", admin)
	}
	w.check(w.db.SetLanguage(w.ctx, fan.ID, "pt-BR"))
	people, err := w.db.Accounts(w.ctx, []int64{fan.ID, w.admin, 1 << 40})
	w.check(err)
	if len(people) != 2 || people[fan.ID].Language != "pt-BR" || people[w.admin].Name != "Admin" {
		t.Errorf("accounts are %+v", people)
	}
}

func TestACPFIsAPersonsOnceHerEmailIsConfirmed(t *testing.T) {
	w := newWorld(t, 1)
	const cpf, other = "52998224725", "11144477735"
	register := func(email string) (store.Account, uuid.UUID) {
		a, err := w.db.CreateAccount(w.ctx, store.Account{Role: store.Fan, Name: "Ana", Email: email, CPF: cpf, PasswordHash: "-", Language: "en"})
		w.check(err)
		return a, w.link(store.LinkConfirm)
	}
	stranger, strangers := register("ana@guiche.tst")
	ana, anas := register("ana@guiche.test")
	_, err := w.db.ConfirmEmail(w.ctx, anas)
	w.check(err)
	_, err = w.db.ConfirmEmail(w.ctx, strangers)
	w.wantErr(err, store.ErrCPFTaken)
	// A password can be chosen nevertheless; the account stays unconfirmed.
	w.check(w.db.OweReset(w.ctx, stranger.Email, "stranger"))
	a, err := w.db.ResetPassword(w.ctx, w.link(store.LinkReset), "new")
	w.check(err)
	if !a.ConfirmedAt.IsZero() {
		t.Error("two confirmed accounts have one CPF")
	}
	w.wantErr(w.db.CorrectAccount(w.ctx, w.fan(), "Eva", cpf), store.ErrCPFTaken)
	w.check(w.db.CorrectAccount(w.ctx, stranger.ID, "Eva", other))
	a, err = w.db.ConfirmEmail(w.ctx, strangers)
	w.check(err)
	if a.CPF != other || a.Name != "Eva" || a.ConfirmedAt.IsZero() {
		t.Errorf("corrected %+v", a)
	}
	w.wantErr(w.db.CorrectAccount(w.ctx, ana.ID, "Ana", other), store.ErrCPFTaken)
}

func TestAnEmailIsChangedByItsOwnLetter(t *testing.T) {
	w := newWorld(t, 1)
	ana, bia := w.account(w.fan()), w.account(w.fan())
	ask := func(email string) uuid.UUID {
		w.check(w.db.OweEmailChange(w.ctx, ana.ID, email, email))
		return w.link(store.LinkEmail)
	}
	first := ask("New@guiche.test")
	if ask("New@guiche.test") != first {
		t.Error("asking twice makes two links")
	}
	w.wantLetters(first, store.LetterEmailAsked, store.LetterEmailNew)
	if email, was, err := w.db.LinkEmails(w.ctx, first); err != nil || email != "new@guiche.test" || was != ana.Email {
		t.Errorf("the link is of %q and %q, %v", email, was, err)
	}
	_, err := w.db.ChangeEmail(w.ctx, ask(bia.Email))
	w.wantErr(err, store.ErrEmailTaken)
	before := ask("third@guiche.test")
	w.check(w.db.OweReset(w.ctx, ana.Email, "ana"))
	reset := w.link(store.LinkReset)
	a, err := w.db.ChangeEmail(w.ctx, first)
	w.check(err)
	if a.Email != "new@guiche.test" || a.ConfirmedAt.IsZero() {
		t.Errorf("changed %+v", a)
	}
	_, err = w.db.ChangeEmail(w.ctx, before)
	w.wantGone("a link from before the change", err)
	_, err = w.db.ResetPassword(w.ctx, reset, "new")
	w.wantGone("a link that went to the old e-mail", err)
	late := ask("fourth@guiche.test")
	_, err = w.db.ChangePassword(w.ctx, ana.ID, "-", "new")
	w.check(err)
	_, err = w.db.ChangeEmail(w.ctx, late)
	w.wantGone("a link from before the password was changed", err)
}
