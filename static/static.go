// Package static holds the files that browsers load: styles, scripts and the mark.
// Each has an address that changes with its content, so that it can be cached for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"path"
	"slices"
	"strings"
	"sync"
)

// Prefix is where the files live on the site.
const Prefix = "/static/"

//go:embed *.css *.js *.svg
var embedded embed.FS

// File is one file with what a web server needs to send it.
type File struct {
	Name string // such as app.css
	URL  string // such as /static/app.1f2e3d4c5b6a.css; good for ever
	Type string // media type
	Body []byte
	Gzip []byte // Body compressed; nil where that saves nothing
}

type shelf struct {
	byName, byURL map[string]File
}

var files = sync.OnceValue(func() shelf {
	s := shelf{map[string]File{}, map[string]File{}}
	names, err := fs.Glob(embedded, "*")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		body, err := embedded.ReadFile(name)
		if err != nil {
			panic(err) // the files are part of the program
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		f := File{
			Name: name,
			URL:  Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
			Type: mime.TypeByExtension(ext),
			Body: body,
			Gzip: compress(body),
		}
		s.byName[f.Name], s.byURL[f.URL] = f, f
	}
	return s
})

// URL is the address of a file by its name. A name that does not exist is a mistake in the program and panics.
func URL(name string) string {
	f, ok := files().byName[name]
	if !ok {
		panic(fmt.Sprintf("static: no file %q", name))
	}
	return f.URL
}

// Lookup finds a file by the path of its URL. Only the address of the present content is found.
func Lookup(urlPath string) (File, bool) {
	f, ok := files().byURL[urlPath]
	return f, ok
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	if _, err := w.Write(body); err != nil {
		panic(err) // memory does not fail
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if b.Len() >= len(body) {
		return nil
	}
	return b.Bytes()
}

// Files are all files, by name.
func Files() []File {
	return slices.SortedFunc(maps.Values(files().byName), func(a, b File) int { return strings.Compare(a.Name, b.Name) })
}
