package sql

import (
	"fmt"
	"testing"
)

// frozen are the files that have landed. Databases remember what they applied by this sum: a new migration adds a line,
// and no line is ever changed.
var frozen = map[string]string{
	"0001_schema.sql":       "1efe09a43cff8e98b0f0a46e8503fc3688820c0193f3973cbbaac3889e764432",
	"0002_schema_files.sql": "e64ce60aae6e926fd59b820c23c88718880b417425ace75b04bdd406bb9cf6dd",
	"0005_gone_money.sql":   "ac19210fc5eeda14b4238658614ec64f55c85fe69ac91fa678c5a3012f96c628",
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
