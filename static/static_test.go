package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestFilesAreFoundByTheirURLs(t *testing.T) {
	types := map[string]string{".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
	if len(Files()) < 5 {
		t.Fatalf("only %d files", len(Files()))
	}
	for _, f := range Files() {
		if !regexp.MustCompile(`^/static/[a-z.-]+\.[0-9a-f]{12}\.(css|js|svg)$`).MatchString(f.URL) {
			t.Errorf("%s lives at %s", f.Name, f.URL)
		}
		got, ok := Lookup(URL(f.Name))
		if !ok || got.Name != f.Name || len(got.Body) == 0 {
			t.Errorf("%s is not found at %s", f.Name, f.URL)
		}
		ext := f.Name[strings.LastIndex(f.Name, "."):]
		if !strings.HasPrefix(f.Type, types[ext]) {
			t.Errorf("%s has the type %q", f.Name, f.Type)
		}
		if f.Gzip == nil {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(f.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(r); err != nil || !bytes.Equal(body, f.Body) {
			t.Errorf("%s is another file when unpacked: %v", f.Name, err)
		}
	}
}

func TestOtherPathsAreNotFound(t *testing.T) {
	for _, p := range []string{"", "/", "/static/", "/static/app.css", "/static/app.000000000000.css", "/static/../static.go", "app.css"} {
		if f, ok := Lookup(p); ok {
			t.Errorf("%q gives %s", p, f.Name)
		}
	}
}

func TestUnknownNamePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a misspelt name got an address")
		}
	}()
	URL("ap.css")
}

func TestOurFilesLoadNothing(t *testing.T) {
	for _, name := range []string{"app.css", "app.js", "forms.js", "mark.svg"} {
		f, _ := Lookup(URL(name))
		for _, word := range []string{"url(", "@import", "https://", "data:", "eval("} {
			if bytes.Contains(f.Body, []byte(word)) {
				t.Errorf("%s contains %s", name, word)
			}
		}
	}
}
