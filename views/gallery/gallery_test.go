package gallery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"guiche/static"
	"guiche/views"
	"guiche/views/gallery"
)

func keys(t *testing.T) map[string]bool {
	t.Helper()
	body, err := os.ReadFile("../locale/en.json")
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]any{}
	if err := json.Unmarshal(body, &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for k := range raw {
		all[k] = true
	}
	return all
}

func TestEveryStateInEveryLanguage(t *testing.T) {
	all, seen := keys(t), map[string]bool{}
	keyLike := regexp.MustCompile(`[a-z]+(?:\.[a-z0-9_]+)+`)
	for _, s := range gallery.States() {
		if seen[s.Name] {
			t.Errorf("two states are named %s", s.Name)
		}
		seen[s.Name] = true
		for _, l := range views.Languages() {
			t.Run(s.Name+"/"+l, func(t *testing.T) {
				var b bytes.Buffer
				if err := s.Page(s.Frame(l)).Render(context.Background(), &b); err != nil {
					t.Fatal(err)
				}
				for _, k := range keyLike.FindAllString(b.String(), -1) {
					if all[k] {
						t.Errorf("shows the key %s", k)
					}
				}
				for _, odd := range []string{"<no value>", "%!", "{{"} {
					if strings.Contains(b.String(), odd) {
						t.Errorf("shows %q", odd)
					}
				}
				doc, err := html.Parse(&b)
				if err != nil {
					t.Fatal(err)
				}
				check(t, doc, l)
			})
		}
	}
}

// check looks for what would break a strict Content-Security-Policy, a form without JavaScript, or a screen reader.
func check(t *testing.T, doc *html.Node, language string) {
	t.Helper()
	ids, labels, headings := map[string]bool{}, map[string]bool{}, 0
	var needIDs, needLabels []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		a := map[string]string{}
		for _, at := range n.Attr {
			a[at.Key] = at.Val
			if at.Key == "style" || strings.HasPrefix(at.Key, "on") || strings.HasPrefix(at.Key, "hx-on") {
				t.Errorf("<%s> has the attribute %s", n.Data, at.Key)
			}
		}
		if id := a["id"]; id != "" {
			if ids[id] {
				t.Errorf("the id %s is there twice", id)
			}
			ids[id] = true
		}
		needIDs = append(needIDs, strings.Fields(a["aria-describedby"])...)
		switch n.Data {
		case "html":
			if a["lang"] != language {
				t.Errorf("the page says that its language is %q", a["lang"])
			}
		case "h1":
			headings++
		case "style":
			t.Error("there is an inline style sheet")
		case "script":
			if _, ok := static.Lookup(a["src"]); !ok || n.FirstChild != nil {
				t.Errorf("the script %q is not one of our files", a["src"])
			}
		case "link":
			if _, ok := static.Lookup(a["href"]); !ok {
				t.Errorf("the link %q is not one of our files", a["href"])
			}
		case "form":
			if a["action"] == "" || a["method"] == "" {
				t.Errorf("a form has the action %q and the method %q", a["action"], a["method"])
			}
		case "a":
			if h := a["href"]; h == "" || strings.HasPrefix(h, "about:") || strings.HasPrefix(h, "javascript:") {
				t.Errorf("a link leads to %q", h)
			}
		case "label":
			labels[a["for"]] = true
		case "input", "select", "textarea":
			if a["type"] == "password" && a["value"] != "" {
				t.Error("a password is shown again")
			}
			if a["type"] != "hidden" {
				needLabels = append(needLabels, a["id"])
			}
		case "svg":
			if a["aria-hidden"] != "true" && a["aria-label"] == "" {
				t.Error("a drawing has no words")
			}
		}
	}
	if headings != 1 {
		t.Errorf("there are %d headings of the first level", headings)
	}
	for _, id := range needIDs {
		if !ids[id] {
			t.Errorf("aria-describedby names %s, which is not there", id)
		}
	}
	for _, id := range needLabels {
		if !labels[id] {
			t.Errorf("the field %q has no label", id)
		}
	}
	if !ids["say"] || !ids["main"] {
		t.Error("the page has no main part or no live words")
	}
}
