package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"guiche/static"
)

func TestStaticFilesAreKeptForEver(t *testing.T) {
	w := newWorld(t)
	v := w.visitor()
	path := static.URL("app.css")
	plain := v.get(path, "Accept-Encoding", "identity").want(http.StatusOK)
	if got := plain.header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control %q", got)
	}
	if got := plain.header.Get("Content-Type"); !strings.HasPrefix(got, "text/css") {
		t.Errorf("Content-Type %q", got)
	}
	packed := v.get(path, "Accept-Encoding", "br, gzip").want(http.StatusOK)
	if packed.header.Get("Content-Encoding") != "gzip" || packed.header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("headers %v", packed.header)
	}
	reader, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(reader); err != nil || string(body) != plain.body {
		t.Errorf("the packed file is another one, %v", err)
	}
	if len(plain.header.Values("Set-Cookie")) != 0 {
		t.Error("a file sets a cookie")
	}
	v.get("/static/app.css").want(http.StatusNotFound)
	v.get("/static/app.000000000000.css").want(http.StatusNotFound)
	v.get("/static/../sql/0001_schema.sql").want(http.StatusNotFound)
	v.get("/favicon.ico").want(http.StatusOK).says("<svg")
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false, "gzip;q=0.001": true,
		"identity": false, "x-gzip": false, "gzip;": true, "gzip;q": true,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("acceptsGzip(%q) = %v", header, got)
		}
	}
}

func TestOpsShowsMetricsToThoseWhoRunTheShop(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	fan := w.fan()
	fan.join(e, 1)
	fan.get("/events/" + e.Slug)
	ops := httptest.NewServer(NewOps(w.registry, w.Line))
	defer ops.Close()
	for path, says := range map[string]string{
		"/metrics": `guiche_http_requests_total{method="GET",route="/events/:slug",status="2xx"} 1`,
		"/healthz": "ok",
	} {
		response, err := http.Get(ops.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || !strings.Contains(string(body), says) {
			t.Errorf("%s does not say %q, %v", path, says, err)
		}
		if strings.Contains(string(body), fan.account.Email) {
			t.Errorf("%s holds personal data", path)
		}
	}
	if got := w.metric("guiche_joins_total"); got != 1 {
		t.Errorf("%v joins are counted, want 1", got)
	}
}
