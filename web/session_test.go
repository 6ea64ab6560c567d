package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"guiche/store"
)

func TestARestoredDatabaseSignsNobodyInAsSomebodyElse(t *testing.T) {
	w := newWorld(t)
	ana := w.fan()
	id := ana.join(w.createEvent(nil), 1)
	ana.await(id, store.Reserved)
	// The backup is from before she registered, and the sequence gives her number to the next person.
	w.set(`delete from account_links`)
	w.set(`delete from accounts where id = $1`, ana.account.ID)
	ana.get("/orders").leadsTo("/login?next=%2Forders")
	ana.post("/events/x/orders", nil).want(http.StatusSeeOther)
	w.set(`insert into accounts (id, name, email, password_hash) overriding system value values ($1, 'Bia', $2, $3)`,
		ana.account.ID, uuid.NewString()+"@guiche.test", "$argon2id$another")
	for _, path := range []string{"/orders", "/tickets", "/account", "/orders/" + id.String()} {
		if at := ana.get(path).silent("Bia").want(http.StatusSeeOther).header.Get("Location"); !strings.HasPrefix(at, "/login") {
			t.Errorf("%s leads to %s", path, at)
		}
	}
	ana.get("/").want(http.StatusOK).silent("Bia")
}

func TestASessionEndsWithItsPasswordWhateverRedisKeeps(t *testing.T) {
	w := newWorld(t)
	ana := w.fan()
	ana.get("/orders").want(http.StatusOK)
	w.set(`update accounts set password_hash = 'another' where id = $1`, ana.account.ID)
	ana.get("/orders").leadsTo("/login?next=%2Forders")
}

func TestSessionsAreBelievedWhilePostgresIsAway(t *testing.T) {
	w := newWorld(t)
	ana := w.fan()
	if err := w.DB.Close(); err != nil {
		t.Fatal(err)
	}
	ana.get("/login").leadsTo("/") // she is signed in
}
