package sql

import (
	"fmt"
	"testing"
)

// frozen are the files that have landed. Databases remember what they applied by this sum: a new migration adds a line,
// and no line is ever changed.
var frozen = map[string]string{
	"0001_schema.sql":              "1efe09a43cff8e98b0f0a46e8503fc3688820c0193f3973cbbaac3889e764432",
	"0002_schema_files.sql":        "e64ce60aae6e926fd59b820c23c88718880b417425ace75b04bdd406bb9cf6dd",
	"0003_holds_and_admin_log.sql": "2dd37ea4b90ace02a64a5baa8370a61c127df9c9b1a23abcb5d29d1ace938941",
	"0004_form_ids.sql":            "6062dce72ca5e45e8c330fb856654862ae4d375c075d0cf22be49dfd96c670ef",
	"0005_cpf_of_confirmed.sql":    "dd42a10c6f01bf75e67ea6c3a6978617524884d415be03c214430cc8ce96aa45",
	"0006_links.sql":               "a6bb606d415b5638487b6f106c38b71b2bfb3e216132b3c45f16ab85926589e5",
	"0007_refund_attempts.sql":     "6d0b465c836be0bfc2f44949286eac497f91214765d7612a3c7b1dc9937ff9ce",
	"0008_validate_money.sql":      "e762ee57f7654f3429823e52e52d837bb4638c3f9243d326e369b1afba108fa5",
	"0009_gone_money.sql":          "68d1a2f30c9990baca803e20f3c3d250a45b3807d4205bebecaa3f9283897df3",
	"0010_people.sql":              "5a30ee6f674663ddc8a6b32372ac601358ac768ef7c9ff4d35e84ee286717c47",
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
