package journeys

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"guiche/jobs/line"
	"guiche/journeys/world"
	migrations "guiche/sql"
	"guiche/store"
	"guiche/views"
)

// writeDump keeps this release's shop for later ones: see docs/migrations.md.
var writeDump = flag.Bool("write-dump", false, "write the populated shop of this release to testdata/dumps")

// dumps holds a populated shop of each release, named by its schema's version.
const dumps = "../testdata/dumps"

// TestShopsOfEveryReleaseAreServed fills a shop, and restores and migrates those that earlier releases filled. The books
// of each balance, its people sign in and see their orders and tickets, and admins see all of it.
func TestShopsOfEveryReleaseAreServed(t *testing.T) {
	if testing.Short() {
		t.Skip("the shop of each release is slow")
	}
	t.Parallel()
	t.Run("this one", func(t *testing.T) {
		t.Parallel()
		s := newShop(t, nil)
		populate(s)
		s.has(newSituations)
		s.isServed()
		if *writeDump {
			s.dump()
		}
	})
	kept, err := filepath.Glob(filepath.Join(dumps, "*.sql"))
	if err != nil || len(kept) == 0 {
		t.Fatalf("no dump in %s: %v", dumps, err)
	}
	for _, name := range kept {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			s := newShop(t, nil)
			s.restore(name)
			s.startGenerator()
			world.Eventually(t, "the line goes on", func() bool {
				ready, err := line.New(s.redis).Ready(t.Context())
				return err == nil && ready
			})
			s.isServed()
		})
	}
}

// restore puts a dump in the place of the shop's database and brings it to the newest schema.
func (s *shop) restore(name string) {
	s.t.Helper()
	text, err := os.ReadFile(name)
	s.check(err)
	s.set(`drop schema public cascade; create schema public`)
	s.set(string(text))
	s.check(store.Migrate(s.t.Context(), s.settings["DATABASE_URL"]))
}

// notRestored are lines of pg_dump that are its client's or set what a server of another version may not know.
var notRestored = regexp.MustCompile(`(?m)^(SET |\\|--|SELECT pg_catalog\.set_config|CREATE SCHEMA|$).*\n`)

// dump writes the shop's database as SQL that any client can execute.
func (s *shop) dump() {
	s.t.Helper()
	files, err := migrations.Files()
	s.check(err)
	text, err := exec.Command("pg_dump", "--no-owner", "--no-privileges", "--inserts", "--rows-per-insert=1000", s.settings["DATABASE_URL"]).Output()
	s.check(err)
	s.check(os.WriteFile(filepath.Join(dumps, fmt.Sprintf("%04d.sql", files[len(files)-1].Version)), notRestored.ReplaceAll(text, nil), 0o644))
}

// everySituation counts what a populated shop has one of at least, and how many there are to have.
var everySituation = map[string]int{
	`select count(distinct status) from orders`:                                10,
	`select count(distinct status) from charges`:                               8,
	`select count(distinct status) from tickets`:                               4,
	`select count(distinct status) from refunds`:                               3,
	`select count(distinct reason) from refunds`:                               4,
	`select count(distinct kind) from ledger`:                                  5,
	`select count(distinct status) from letters`:                               4,
	`select count(distinct status) + count(distinct paused) from events`:       5,
	`select count(distinct outcome) from capacity_changes`:                     3,
	`select count(distinct handled_at is null) from notices`:                   2,
	`select count(distinct ended_at is null) from outages`:                     2,
	`select count(distinct used_at is null) from account_links`:                2,
	`select count(distinct role) from accounts`:                                2,
	`select least(count(*), 1) from lost_numbers`:                              1,
	`select least(count(*), 1) from admin_log where action = 'order.refund'`:   1,
	`select least(count(*), 1) from orders where keep and status = 'waiting'`:  1,
	`select least(count(*), 1) from orders where late_at is not null`:          1,
	`select least(count(*), 1) from orders where retry_extra > 0`:              1,
	`select least(count(*), 1) from orders where outage_extra > 0`:             1,
	`select least(count(*), 1) from charges where pending and status = 'open'`: 1,
}

// newSituations are those that the shops of earlier releases cannot have.
var newSituations = map[string]int{
	`select count(distinct status) from refunds`:                              4,
	`select count(distinct kind) from ledger`:                                 6,
	`select count(distinct status) from letters`:                              5,
	`select count(distinct coalesce(result, '')) from refund_attempts`:        2,
	`select least(count(*), 1) from admin_log where action = 'refund.settle'`: 1,
}

func (s *shop) has(situations map[string]int) {
	s.t.Helper()
	for query, want := range situations {
		if n := s.count(query); n < want {
			s.t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
}

// isServed audits the shop and looks at every page of it that is about a row.
func (s *shop) isServed() {
	s.t.Helper()
	s.has(everySituation)
	s.audited()
	s.startWeb(0)
	rows, err := s.raw().Query(`select a.email, o.id, o.status, array_to_json(array(
			select id from tickets where order_id = o.id and status in ('valid', 'used') order by id))
		from orders o join accounts a on a.id = o.account_id`)
	s.check(err)
	defer rows.Close()
	admin := s.signedIn("admin@guiche.test")
	for rows.Next() {
		var email, id, status string
		var list []byte
		s.check(rows.Scan(&email, &id, &status, &list))
		var tickets []int64
		s.check(json.Unmarshal(list, &tickets))
		fan := s.signedIn(email)
		s.sees(fan, "/orders", views.T(views.WithLanguage(s.t.Context(), views.English), "status."+status))
		s.sees(fan, "/orders/"+id, fmt.Sprintf(`class="order order-%s"`, status))
		s.sees(admin, "/admin/orders/"+id, email)
		s.sees(fan, "/tickets", "")
		for _, ticket := range tickets {
			s.sees(fan, fmt.Sprintf("/tickets/%d", ticket), "")
		}
	}
	s.check(rows.Err())
	events, err := s.db.AllEvents(s.t.Context())
	s.check(err)
	for _, e := range events {
		if e.Status == store.Published {
			s.sees(admin, "/events/"+e.Slug, e.Name)
		}
		for _, page := range []string{"", "/edit", "/orders", "/ledger", "/ledger.csv"} {
			s.sees(admin, fmt.Sprintf("/admin/events/%d%s", e.ID, page), "")
		}
	}
	s.sees(admin, "/admin", "")
	s.audited()
}

// signedIn is a browser of somebody with fanPassword.
func (s *shop) signedIn(email string) *http.Client {
	s.t.Helper()
	jar, _ := cookiejar.New(nil) // never fails
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(s.url("/login"), url.Values{"email": {email}, "password": {fanPassword}})
	s.check(err)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		s.t.Errorf("%s cannot sign in: %d", email, response.StatusCode)
	}
	return client
}

// sees fails the test unless a page is there and says something.
func (s *shop) sees(client *http.Client, path, text string) {
	s.t.Helper()
	body, err := get(client, s.url(path), "text/html")
	if err != nil || !bytes.Contains(body, []byte(text)) {
		s.t.Errorf("%s does not say %q: %v\n%s", path, text, err, body)
	}
}

// raw looks behind the store's back.
func (s *shop) raw() *sql.DB {
	s.t.Helper()
	if s.behind == nil {
		s.behind = world.Raw(s.t, s.settings["DATABASE_URL"])
	}
	return s.behind
}

// set changes rows as no method of the store would.
func (s *shop) set(statement string, args ...any) {
	s.t.Helper()
	_, err := s.raw().Exec(statement, args...)
	s.check(err)
}

// count reads one number.
func (s *shop) count(query string) (n int) {
	s.t.Helper()
	s.check(s.raw().QueryRow(query).Scan(&n))
	return n
}
