package journeys

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport are the rooms of ours that each room may import; docs/design.md draws them.
var mayImport = map[string][]string{
	"guiche":             {"guiche/app"},
	"guiche/app":         {"guiche/web", "guiche/jobs", "guiche/payment", "guiche/store", "guiche/store/local", "guiche/views", "guiche/outbox"},
	"guiche/web":         {"guiche/jobs", "guiche/payment", "guiche/store", "guiche/views", "guiche/static", "guiche/outbox"},
	"guiche/jobs":        {"guiche/payment", "guiche/store", "guiche/views"},
	"guiche/views":       {"guiche/store", "guiche/static"},
	"guiche/store":       {"guiche/sql"},
	"guiche/store/local": {"guiche/store", "guiche/sql"}, // a server that packages share is known by its migrations

	"guiche/views/gallery":      {"guiche/views", "guiche/store"},
	"guiche/views/gallery/draw": {"guiche/views", "guiche/views/gallery", "guiche/static"},
}

// fences keep a library in one room.
var fences = map[string]string{
	"github.com/labstack/echo":    "guiche/web",
	"github.com/alexedwards/scs":  "guiche/web",
	"github.com/gomodule/redigo":  "guiche/web",
	"github.com/hibiken/asynq":    "guiche/jobs",
	"github.com/stripe":           "guiche/payment",
	"github.com/mercadopago":      "guiche/payment",
	"github.com/jmoiron/sqlx":     "guiche/store",
	"github.com/lib/pq":           "guiche/store",
	"github.com/wneessen/go-mail": "guiche/jobs",
	"github.com/emersion":         "guiche/outbox",
}

func TestImportsRunOneWay(t *testing.T) {
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	rooms := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(rooms) < 8 {
		t.Fatalf("only %d rooms were found", len(rooms))
	}
	for _, line := range rooms {
		room, imports, _ := strings.Cut(line, " ")
		for _, path := range strings.Fields(imports) {
			if strings.HasPrefix(path, "guiche/") && !slices.Contains(mayImport[room], path) {
				t.Errorf("%s imports %s", room, path)
			}
			for library, home := range fences {
				if (path == library || strings.HasPrefix(path, library+"/")) && room != home {
					t.Errorf("%s imports %s, which belongs in %s", room, path, home)
				}
			}
		}
	}
}

func TestGeneratorNeverTouchesMoney(t *testing.T) {
	files, err := filepath.Glob("../jobs/generator*.go")
	if err != nil || len(files) < 3 {
		t.Fatalf("files of the generator: %v, %v", files, err)
	}
	for _, name := range append(files, "../jobs/decide.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, spec := range parse(t, name).Imports {
			if spec.Path.Value == `"guiche/payment"` {
				t.Errorf("%s imports payment", name)
			}
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
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "store" && slices.Contains([]string{"Store", "Leader", "Cache"}, s.Sel.Name) {
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
