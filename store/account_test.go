package store_test

import (
	"testing"

	"guiche/store"
)

func TestEmailAndCPFAreOnePersons(t *testing.T) {
	w := newWorld(t, 1)
	ana := store.Account{Role: store.Fan, Name: "Ana", Email: "Ana@Guiche.test", CPF: "52998224725", PasswordHash: "-", Language: "pt-BR"}
	made, err := w.db.CreateAccount(w.ctx, ana)
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
