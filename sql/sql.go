// Package sql holds the schema as embedded goose migrations, in the order of their numbers.
package sql

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"sync"

	"github.com/pressly/goose/v3"
)

// Migrations are the goose files of this folder.
//
//go:embed *.sql
var Migrations embed.FS

// File is one migration.
type File struct {
	Version int64
	Name    string
	SHA256  string // of its content, in hex
}

// Files lists the migrations by version.
var Files = sync.OnceValues(func() (files []File, err error) {
	names, err := fs.Glob(Migrations, "*.sql") // sorted, and so by version
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, err
		}
		content, err := fs.ReadFile(Migrations, name)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Version: version, Name: name, SHA256: fmt.Sprintf("%x", sha256.Sum256(content))})
	}
	return files, nil
})
