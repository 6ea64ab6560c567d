// Package sql holds the schema as embedded goose migrations, in the order of their numbers.
package sql

import "embed"

// Migrations are the goose files of this folder.
//
//go:embed *.sql
var Migrations embed.FS
