package store_test

import (
	"testing"

	"guiche/store"
)

func TestEmailAndCPFAreOnePersons(t *testing.T) {
	w := newWorld(t, 1)
	ana := store.Account{Role: store.Fan, Name: "Ana", Email: "Ana@Guiche.test", CPF: "52998224725", PasswordHash: "-", Language: "pt-BR"}
	made, err := w.DB.CreateAccount(w.Ctx, ana)
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
