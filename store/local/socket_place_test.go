package local

import (
	"os"
	"path/filepath"
	"testing"
)

// A name in a temporary folder can be taken by anybody before us.
func TestMakePrivateTrustsNobodyElse(t *testing.T) {
	as, err := serverUser()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	open := filepath.Join(folder, "open")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(t.TempDir(), link); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{open, link} {
		if makePrivate(place, as) == nil {
			t.Errorf("%s was trusted", place)
		}
	}
	for range 2 {
		if err := makePrivate(filepath.Join(folder, "ours"), as); err != nil {
			t.Error(err)
		}
	}
}
