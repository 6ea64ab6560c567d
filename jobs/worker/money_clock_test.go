package worker

import (
	"database/sql"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"guiche/journeys/world"
)

// clock is the time of the shop and of the payment provider: it stands still unless a test moves it. In Postgres it
// takes the place of now(), which is looked for in another schema first.
type clock struct {
	raw  *sql.DB
	time atomic.Pointer[time.Time] // the provider's timers read it too
}

const clockSchema = `
	create schema clock;
	create table clock.clock (at timestamptz not null);
	insert into clock.clock values (now());
	create function clock.now() returns timestamptz stable language plpgsql as $f$
		begin return (select at from clock.clock); end $f$;
	do $$
	declare d record;
	begin
		create temp table defaults on commit drop as
			select c.oid::regclass::text as rel, a.attname as col, pg_get_expr(f.adbin, f.adrelid) as expression
			from pg_attrdef f join pg_class c on c.oid = f.adrelid join pg_attribute a on a.attrelid = c.oid and a.attnum = f.adnum
			where c.relnamespace = 'public'::regnamespace and pg_get_expr(f.adbin, f.adrelid) ~ '^\(?now\(\)';
		perform set_config('search_path', 'clock,public,pg_catalog', true);
		for d in select * from defaults loop
			execute format('alter table %s alter %I set default %s', d.rel, d.col, d.expression);
		end loop;
	end $$`

// stopClock makes a database go by a clock of the test's, for sessions that come by the URL that it returns.
func stopClock(t *testing.T, databaseURL string) (*clock, string) {
	t.Helper()
	if _, err := world.Raw(t, databaseURL).Exec(clockSchema); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", "clock,public,pg_catalog")
	u.RawQuery = query.Encode()
	return &clock{raw: world.Raw(t, u.String())}, u.String()
}

func (c *clock) now() time.Time { return *c.time.Load() }

// set moves the hands.
func (c *clock) set(at time.Time) error {
	c.time.Store(&at)
	_, err := c.raw.Exec(`update clock.clock set at = $1`, at)
	return err
}

// tick lets so much time pass.
func (c *clock) tick(d time.Duration) error { return c.set(c.now().Add(d)) }
