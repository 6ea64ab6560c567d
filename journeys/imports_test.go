package journeys

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport are the rooms of ours that each room imports; a room that is not named may import none.
var mayImport = map[string][]string{
	"guiche":          {"guiche/app"},
	"guiche/app":      {"guiche/app/demo", "guiche/web", "guiche/jobs", "guiche/jobs/line", "guiche/jobs/generator", "guiche/jobs/worker", "guiche/jobs/mail", "guiche/payment", "guiche/payment/mercadopago", "guiche/payment/sandbox", "guiche/payment/sandbox/cruelty", "guiche/payment/sandbox/provider", "guiche/payment/stripe", "guiche/store", "guiche/store/local", "guiche/views", "guiche/outbox"},
	"guiche/app/demo": {"guiche/jobs", "guiche/jobs/generator", "guiche/jobs/line", "guiche/store", "guiche/views", "guiche/web"},
	"guiche/web":      {"guiche/jobs", "guiche/jobs/line", "guiche/payment", "guiche/store", "guiche/views", "guiche/static", "guiche/outbox"},

	"guiche/jobs":           {"guiche/store"},
	"guiche/jobs/line":      {"guiche/jobs", "guiche/store"},
	"guiche/jobs/generator": {"guiche/jobs", "guiche/jobs/line", "guiche/store"},
	"guiche/jobs/worker":    {"guiche/jobs", "guiche/jobs/line", "guiche/jobs/mail", "guiche/payment", "guiche/store", "guiche/views"},

	"guiche/views": {"guiche/store", "guiche/static"},
	"guiche/store": {"guiche/sql"},

	"guiche/payment/contract":    {"guiche/payment"},
	"guiche/payment/mercadopago": {"guiche/payment"},
	"guiche/payment/sandbox":     {"guiche/payment"},
	"guiche/payment/stripe":      {"guiche/payment"},

	"guiche/payment/sandbox/cruelty":  {"guiche/payment", "guiche/payment/sandbox"},
	"guiche/payment/sandbox/checkout": {"guiche/payment/sandbox/cruelty"},
	"guiche/payment/sandbox/ledger":   {"guiche/payment", "guiche/payment/sandbox", "guiche/payment/sandbox/cruelty"},
	"guiche/payment/sandbox/provider": {"guiche/payment", "guiche/payment/sandbox", "guiche/payment/sandbox/checkout", "guiche/payment/sandbox/cruelty", "guiche/payment/sandbox/ledger"},

	"guiche/store/local":        {"guiche/store", "guiche/sql"}, // a server that packages share is known by its migrations
	"guiche/views/gallery":      {"guiche/views", "guiche/store"},
	"guiche/views/gallery/draw": {"guiche/views", "guiche/views/gallery", "guiche/static"},
	"guiche/journeys/world":     {"guiche/jobs", "guiche/jobs/generator", "guiche/jobs/line", "guiche/store", "guiche/store/local"},
}

// mayNotReach are rooms that a room must not come to by any way: nothing that decides the line touches money.
var mayNotReach = map[string][]string{
	"guiche/jobs/generator": {"guiche/payment"},
	"guiche/jobs/line":      {"guiche/payment"},
}

// fences keep a library in one room.
var fences = map[string]string{
	"github.com/labstack/echo":    "guiche/web",
	"github.com/alexedwards/scs":  "guiche/web",
	"github.com/gomodule/redigo":  "guiche/web",
	"github.com/hibiken/asynq":    "guiche/jobs",
	"github.com/stripe":           "guiche/payment/stripe",
	"github.com/mercadopago":      "guiche/payment/mercadopago",
	"github.com/sony/gobreaker":   "guiche/payment",
	"github.com/jmoiron/sqlx":     "guiche/store",
	"github.com/lib/pq":           "guiche/store",
	"github.com/wneessen/go-mail": "guiche/jobs/mail",
	"github.com/emersion":         "guiche/outbox",
}

// room is a package with what it imports itself, and what all of that leads to.
type room struct {
	path           string
	imports, reach []string
}

// wrongEdges tells every import that the tables above do not allow.
func wrongEdges(rooms []room) (wrong []string) {
	for _, r := range rooms {
		for _, path := range r.imports {
			if within(path, "guiche") && !slices.Contains(mayImport[r.path], path) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s", r.path, path))
			}
			for library, home := range fences {
				if within(path, library) && !within(r.path, home) {
					wrong = append(wrong, fmt.Sprintf("%s imports %s, which belongs in %s", r.path, path, home))
				}
			}
		}
		for _, path := range r.reach {
			if slices.ContainsFunc(mayNotReach[r.path], func(no string) bool { return within(path, no) }) {
				wrong = append(wrong, fmt.Sprintf("%s leads to %s", r.path, path))
			}
		}
	}
	return wrong
}

// within tells whether a package is another one or in a folder below it.
func within(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }

func TestImportsRunOneWay(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}};{{join .Imports " "}};{{join .Deps " "}}`, "./...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	var rooms []room
	imports := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		parts := strings.Split(strings.TrimSpace(line), ";")
		r := room{parts[0], strings.Fields(parts[1]), strings.Fields(parts[2])}
		rooms, imports[r.path] = append(rooms, r), r.imports
	}
	for _, edge := range wrongEdges(rooms) {
		t.Error(edge)
	}
	for room, paths := range mayImport {
		for _, path := range paths {
			if !slices.Contains(imports[room], path) {
				t.Errorf("%s may import %s, and does not", room, path)
			}
		}
	}
}

func TestWrongImportsAreFound(t *testing.T) {
	for name, row := range map[string]struct {
		planted room
		wrong   string
	}{
		"upwards": {
			room{path: "guiche/store", imports: []string{"context", "guiche/web"}}, "guiche/store imports guiche/web",
		},
		"past a room": {
			room{path: "guiche", imports: []string{"guiche/store"}}, "guiche imports guiche/store",
		},
		"a room that nobody named": {
			room{path: "guiche/util", imports: []string{"guiche/store"}}, "guiche/util imports guiche/store",
		},
		"a library outside its home": {
			room{path: "guiche/web", imports: []string{"github.com/jmoiron/sqlx"}},
			"guiche/web imports github.com/jmoiron/sqlx, which belongs in guiche/store",
		},
		"a version of a library outside its home": {
			room{path: "guiche/store", imports: []string{"github.com/labstack/echo/v4/middleware"}},
			"guiche/store imports github.com/labstack/echo/v4/middleware, which belongs in guiche/web",
		},
		"money on a detour": {
			room{path: "guiche/jobs/generator", reach: []string{"guiche/jobs/line", "guiche/payment/stripe"}},
			"guiche/jobs/generator leads to guiche/payment/stripe",
		},
		"nothing": {
			room{path: "guiche/web", imports: []string{"guiche/store", "github.com/labstack/echo/v4"}, reach: []string{"guiche/payment"}}, "",
		},
	} {
		if got := strings.Join(wrongEdges([]room{row.planted}), ", "); got != row.wrong {
			t.Errorf("%s: found %q, want %q", name, got, row.wrong)
		}
	}
}

func TestViewsKnowPlainValuesOnly(t *testing.T) {
	files, err := filepath.Glob("../views/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("files of views: %v, %v", files, err)
	}
	for _, name := range files {
		ast.Inspect(parse(t, name), func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "store" && slices.Contains([]string{"Store", "Leader"}, s.Sel.Name) {
					t.Errorf("%s uses store.%s", name, s.Sel.Name)
				}
			}
			return true
		})
	}
}

func parse(t *testing.T, name string) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
