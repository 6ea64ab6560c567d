package store_test

import (
	"sync"
	"testing"

	"guiche/store"
)

func TestNamesThatLookTheSameAreTheSame(t *testing.T) {
	for _, same := range [][]string{
		{"Pista Premium", "pista premium", " PISTA\u00a0\u2003premium ", "Pista\u200b Pre\u00admium", "\u202ePista Premium\u202c", "Ｐｉｓｔａ Premium"},
		{"Área", "A\u0301rea", "ÁREA"},
		{"Straße", "STRASSE"},
		{"Mesa ½", "Mesa 1⁄2"},
	} {
		for _, name := range same[1:] {
			if store.Look(name) != store.Look(same[0]) {
				t.Errorf("%+q looks like %+q, %+q like %+q", name, store.Look(name), same[0], store.Look(same[0]))
			}
		}
	}
	if store.Look("Pista A") == store.Look("Pista B") || store.Look("Area") == store.Look("Área") {
		t.Error("names that differ look the same")
	}
}

func TestTicketTypesOfAnEventHaveNamesThatPeopleCanTellApart(t *testing.T) {
	w := newWorld(t, 10)
	create := func(name string) (store.TicketType, error) {
		made, _, err := w.DB.CreateTicketType(w.Ctx, w.Admin, store.TicketType{EventID: w.Event.ID, Name: name})
		return made, err
	}
	vip, err := create("Área VIP")
	w.Check(err)
	for _, name := range []string{"área vip", "A\u0301rea  VIP", "Área\u200b VIP"} {
		_, err := create(name)
		w.wantErr(err, store.ErrNameTaken)
	}
	other, err := create("Mezanino")
	w.Check(err)
	other.Name = "ÁREA vip"
	w.wantErr(w.DB.UpdateTicketType(w.Ctx, w.Admin, other), store.ErrNameTaken)
	vip.Name = "área Vip" // her own name, written otherwise
	w.Check(w.DB.UpdateTicketType(w.Ctx, w.Admin, vip, "name"))

	// The previous release writes names alone: its rows count, and what it renamed has let its old name go.
	w.Set(`insert into ticket_types (event_id, name, price_cents) values ($1, 'CAMAROTE', 0)`, w.Event.ID)
	_, err = create("Camarote")
	w.wantErr(err, store.ErrNameTaken)
	w.Set(`update ticket_types set name = 'Lounge' where id = $1`, vip.ID)
	_, err = create("Área VIP")
	w.Check(err)

	var failed sync.Map
	var all sync.WaitGroup
	for i, name := range []string{"Arena", "arena", "ARENA", "A\u200brena"} {
		all.Go(func() {
			if _, err := create(name); err != nil {
				failed.Store(i, err)
			}
		})
	}
	all.Wait()
	n := 0
	failed.Range(func(_, err any) bool { n++; w.wantErr(err.(error), store.ErrNameTaken); return true })
	if n != 3 {
		t.Errorf("%d of four names that look the same were refused", n)
	}
}
