package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// firstDo is the first thing that a problem page offers.
var firstDo = regexp.MustCompile(`<a class="do" href="([^"]*)">([^<]*)</a>`)

// offers fails the test unless the first thing offered leads to a path under some words, and the code comes last.
func (a answer) offers(path, words string) {
	a.t.Helper()
	found := firstDo.FindStringSubmatch(a.body)
	if found == nil || found[1] != path || found[2] != words {
		a.t.Errorf("%s: the first thing offered is %q, want %s to %s", a.what, found, words, path)
	}
	_, main, _ := strings.Cut(a.body, "<main")
	if strings.Index(main, "Erro ") < strings.Index(main, `class="do"`) {
		a.t.Errorf("%s: the code comes before what to do", a.what)
	}
}

func TestAProblemPageOffersTheWayOnFirst(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	order := "/orders/" + fan.join(e, 1).String()
	for _, path := range []string{"pay", "extend", "leave"} {
		fan.get(order+"/"+path).want(http.StatusMethodNotAllowed).offers(order, "Voltar")
	}
	fan.get("/events/"+e.Slug+"/orders").want(http.StatusMethodNotAllowed).offers("/events/"+e.Slug, "Voltar")
	fan.get("/logout").want(http.StatusMethodNotAllowed).offers("/", "Ver eventos")
	fan.post(order, nil).want(http.StatusMethodNotAllowed).offers("/", "Ver eventos")
	fan.get("/nowhere").want(http.StatusNotFound).offers("/", "Ver eventos")
	fan.post(order+"/pay", url.Values{"method": {"shells"}}).want(http.StatusSeeOther) // queued: not possible yet
	form := orderForm(uuid.New(), e, 0, 1)
	form.Set("quantity", strings.Repeat("9", maxBody))
	fan.post("/events/"+e.Slug+"/orders", form).want(http.StatusRequestEntityTooLarge).offers("/events/"+e.Slug, "Voltar")
}

func TestWhatFailedIsTriedAgainAtTheSameAddress(t *testing.T) {
	w := newWorld(t)
	fan := w.fan()
	if _, err := w.Raw.Exec(`alter table tickets rename to tickets_away`); err != nil {
		t.Fatal(err)
	}
	fan.get("/tickets?a=1&b=2").want(http.StatusInternalServerError).offers("/tickets?a=1&amp;b=2", "Tentar de novo")
}

func TestWhoIsTooFastIsToldHowLongToWait(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.RateLimit = DefaultLimits; c.RateLimit.Address = 1 })
	v := w.visitor()
	a := v.get("/login?next=%2Forders")
	for a.status == http.StatusOK {
		a = v.get("/login?next=%2Forders")
	}
	a.want(http.StatusTooManyRequests).says(" segundo").offers("/login?next=%2Forders", "Tentar de novo")
	v.post("/login", url.Values{"email": {"ana@guiche.test"}, "next": {"/orders"}}).want(http.StatusTooManyRequests)
}
