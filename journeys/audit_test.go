package journeys

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"guiche/app"
	"guiche/journeys/world"
	"guiche/store"
)

// audit recomputes the books of the shop, as a command.
func (s *shop) audit() (told string, err error) {
	s.t.Helper()
	var out, log bytes.Buffer
	err = app.Run(s.t.Context(), []string{"audit"}, lines(s.settings), &out, &log)
	return out.String() + log.String(), err
}

// audited fails the test unless the books balance.
func (s *shop) audited() {
	s.t.Helper()
	if told, err := s.audit(); err != nil || told != "the books balance\n" {
		s.t.Errorf("the audit ends with %v:\n%s", err, told)
	}
}

func TestAuditShowsWhatDiffersAndFails(t *testing.T) {
	t.Parallel()
	s := newShop(t, nil)
	s.startGenerator()
	e := s.createEvent(store.Event{
		Slug: "show", Name: "Show", StartsAt: time.Now().AddDate(0, 1, 0), SaleStartsAt: time.Now().Add(-time.Hour),
		SaleEndsAt: time.Now().Add(time.Hour), PerPerson: 1,
		Types: []store.TicketType{{Name: "Pista", PriceCents: 1000, Capacity: 3}},
	})
	s.lineUp(e, 5)
	world.Eventually(t, "three tickets are held", func() bool { return s.book(e).Held == 3 })
	s.audited()
	db := s.raw()
	for _, wrong := range []string{
		`update tickets set status = 'valid' where number = 2`,
		`insert into tickets (event_id, order_id, ticket_type_id, account_id, number, status)
			select e.id, gen_random_uuid(), t.id, 1, n, 'void' from events e join ticket_types t on t.event_id = e.id, generate_series(10, 129) as n`,
	} {
		if _, err := db.Exec(wrong); err != nil {
			t.Fatal(err)
		}
	}
	told, err := s.audit()
	if !errors.Is(err, app.ErrUnbalanced) {
		t.Errorf("the audit ends with %v", err)
	}
	lines := map[string]int{}
	for line := range strings.Lines(told) {
		lines[strings.Fields(line)[0]]++
	}
	if lines["RULE"] != 1 || lines["order_tickets"] != 1 || lines["ticket_order"] != 101 || !strings.Contains(told, "and 20 more") {
		t.Errorf("%v in\n%s", lines, told)
	}
	if strings.Contains(told, "@guiche.test") {
		t.Errorf("people are named:\n%s", told)
	}
}
