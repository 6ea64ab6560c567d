package store_test

import (
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

func TestEmailAndCPFAreOnePersons(t *testing.T) {
	w := newWorld(t, 1)
	ana := store.Account{Role: store.Fan, Name: "Ana", Email: "Ana@Guiche.test", CPF: "52998224725", PasswordHash: "-", Language: "pt-BR"}
	made, err := w.DB.CreateAccount(w.Ctx, ana)
	w.Check(err)
	_, err = w.DB.ConfirmEmail(w.Ctx, w.link(store.LinkConfirm))
	w.Check(err)
	if made.Email != "ana@guiche.test" || made.CPF != ana.CPF || made.Role != store.Fan {
		t.Errorf("made %+v", made)
	}
	_, err = w.DB.CreateAccount(w.Ctx, store.Account{Role: store.Fan, Name: "Bia", Email: "ANA@guiche.test", PasswordHash: "-", Language: "en"})
	w.wantErr(err, store.ErrEmailTaken)
	_, err = w.DB.CreateAccount(w.Ctx, store.Account{Role: store.Fan, Name: "Bia", Email: "bia@guiche.test", CPF: ana.CPF, PasswordHash: "-", Language: "en"})
	w.wantErr(err, store.ErrCPFTaken)
	found, err := w.DB.AccountByEmail(w.Ctx, "ANA@GUICHE.test")
	w.Check(err)
	if found.ID != made.ID {
		t.Errorf("found %+v", found)
	}
	_, err = w.DB.AccountByEmail(w.Ctx, "nobody@guiche.test")
	w.wantErr(err, store.ErrNotFound)
	_, err = w.DB.Account(w.Ctx, 1<<40)
	w.wantErr(err, store.ErrNotFound)
	// Many without a CPF are no clash.
	w.Fan()
	w.Fan()
}

func TestMakeAdminRaisesWhoIsThere(t *testing.T) {
	w := newWorld(t, 1)
	fan, err := w.DB.CreateAccount(w.Ctx, store.Account{Role: store.Fan, Name: "Ana", Email: "ana@guiche.test", PasswordHash: "old", Language: "en"})
	w.Check(err)
	admin, err := w.DB.MakeAdmin(w.Ctx, store.Account{Name: "Other", Email: "ANA@guiche.test", PasswordHash: "new", Language: "en"})
	w.Check(err)
	if admin.ID != fan.ID || admin.Role != store.Admin || admin.PasswordHash != "new" || admin.Name != "Ana" {
		t.Errorf("made %+v", admin)
	}
	w.Check(w.DB.SetLanguage(w.Ctx, fan.ID, "pt-BR"))
	people, err := w.DB.Accounts(w.Ctx, []int64{fan.ID, w.Admin, 1 << 40})
	w.Check(err)
	if len(people) != 2 || people[fan.ID].Language != "pt-BR" || people[w.Admin].Name != "Admin" {
		t.Errorf("accounts are %+v", people)
	}
}

func TestACPFIsAPersonsOnceHerEmailIsConfirmed(t *testing.T) {
	w := newWorld(t, 1)
	const cpf, other = "52998224725", "11144477735"
	register := func(email string) (store.Account, uuid.UUID) {
		a, err := w.DB.CreateAccount(w.Ctx, store.Account{Role: store.Fan, Name: "Ana", Email: email, CPF: cpf, PasswordHash: "-", Language: "en"})
		w.Check(err)
		return a, w.link(store.LinkConfirm)
	}
	stranger, strangers := register("ana@guiche.tst")
	ana, anas := register("ana@guiche.test")
	_, err := w.DB.ConfirmEmail(w.Ctx, anas)
	w.Check(err)
	_, err = w.DB.ConfirmEmail(w.Ctx, strangers)
	w.wantErr(err, store.ErrCPFTaken)
	// A password can be chosen nevertheless; the account stays unconfirmed.
	w.Check(w.DB.OweReset(w.Ctx, stranger.Email, "stranger"))
	a, err := w.DB.ResetPassword(w.Ctx, w.link(store.LinkReset), "new")
	w.Check(err)
	if !a.ConfirmedAt.IsZero() {
		t.Error("two confirmed accounts have one CPF")
	}
	w.wantErr(w.DB.CorrectAccount(w.Ctx, w.Fan(), "Eva", cpf), store.ErrCPFTaken)
	w.Check(w.DB.CorrectAccount(w.Ctx, stranger.ID, "Eva", other))
	a, err = w.DB.ConfirmEmail(w.Ctx, strangers)
	w.Check(err)
	if a.CPF != other || a.Name != "Eva" || a.ConfirmedAt.IsZero() {
		t.Errorf("corrected %+v", a)
	}
	w.wantErr(w.DB.CorrectAccount(w.Ctx, ana.ID, "Ana", other), store.ErrCPFTaken)
}

func TestAnEmailIsChangedByItsOwnLetter(t *testing.T) {
	w := newWorld(t, 1)
	ana, bia := w.account(w.Fan()), w.account(w.Fan())
	ask := func(email string) uuid.UUID {
		w.Check(w.DB.OweEmailChange(w.Ctx, ana.ID, email, email))
		return w.link(store.LinkEmail)
	}
	first := ask("New@guiche.test")
	if ask("New@guiche.test") != first {
		t.Error("asking twice makes two links")
	}
	w.wantLetters(first, store.LetterEmailAsked, store.LetterEmailNew)
	if email, was, err := w.DB.LinkEmails(w.Ctx, first); err != nil || email != "new@guiche.test" || was != ana.Email {
		t.Errorf("the link is of %q and %q, %v", email, was, err)
	}
	_, err := w.DB.ChangeEmail(w.Ctx, ask(bia.Email))
	w.wantErr(err, store.ErrEmailTaken)
	before := ask("third@guiche.test")
	w.Check(w.DB.OweReset(w.Ctx, ana.Email, "ana"))
	reset := w.link(store.LinkReset)
	a, err := w.DB.ChangeEmail(w.Ctx, first)
	w.Check(err)
	if a.Email != "new@guiche.test" || a.ConfirmedAt.IsZero() {
		t.Errorf("changed %+v", a)
	}
	_, err = w.DB.ChangeEmail(w.Ctx, before)
	w.wantGone("a link from before the change", err)
	_, err = w.DB.ResetPassword(w.Ctx, reset, "new")
	w.wantGone("a link that went to the old e-mail", err)
	late := ask("fourth@guiche.test")
	_, err = w.DB.ChangePassword(w.Ctx, ana.ID, "-", "new")
	w.Check(err)
	_, err = w.DB.ChangeEmail(w.Ctx, late)
	w.wantGone("a link from before the password was changed", err)
}
