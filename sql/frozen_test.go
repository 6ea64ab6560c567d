package sql

import (
	"fmt"
	"testing"
)

// frozen are the files that have landed. Databases remember what they applied by this sum: a new migration adds a line,
// and no line is ever changed.
var frozen = map[string]string{
	"0001_schema.sql":           "1efe09a43cff8e98b0f0a46e8503fc3688820c0193f3973cbbaac3889e764432",
	"0002_schema_files.sql":     "e64ce60aae6e926fd59b820c23c88718880b417425ace75b04bdd406bb9cf6dd",
	"0004_cpf_of_confirmed.sql": "dd42a10c6f01bf75e67ea6c3a6978617524884d415be03c214430cc8ce96aa45",
	"0013_links.sql":            "eb6c0221f9d0994e05f3d8cfc514ae08c60c6867e56b284f42aeccb342ad6fe4",
}

func TestLandedMigrationsAreNeverEdited(t *testing.T) {
	files, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for i, f := range files {
		found[f.Name] = true
		if want := fmt.Sprintf("%04d_", i+1); f.Version != int64(i+1) || f.Name[:len(want)] != want {
			t.Errorf("%s: files count from 0001 without a gap, want %s…", f.Name, want)
		}
		switch sum := frozen[f.Name]; sum {
		case f.SHA256:
		case "":
			t.Errorf("%s is new: when it is ready to land, add its line %q: %q", f.Name, f.Name, f.SHA256)
		default:
			t.Errorf("%s has landed and was edited: put it back and add a new file instead (docs/migrations.md)", f.Name)
		}
	}
	for name := range frozen {
		if !found[name] {
			t.Errorf("%s has landed and is gone: put it back and add a new file instead (docs/migrations.md)", name)
		}
	}
}
