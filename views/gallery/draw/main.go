// Command draw writes the gallery of all pages and letters, in every language, as files to look at:
//
//	go run ./views/gallery/draw DIR
//
// Serve DIR with any web server for files and open /index.html.
package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"

	"guiche/static"
	"guiche/views"
	"guiche/views/gallery"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: draw DIR")
		os.Exit(2)
	}
	if err := draw(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "draw:", err)
		os.Exit(1)
	}
}

func draw(dir string) error {
	var index strings.Builder
	index.WriteString("<!DOCTYPE html><meta charset=utf-8><title>Gallery</title><ul>\n")
	for _, s := range gallery.States() {
		for _, l := range views.Languages() {
			var page bytes.Buffer
			if err := s.Page(s.Frame(l)).Render(context.Background(), &page); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
			name := s.Name + "." + l + ".html"
			if err := put(filepath.Join(dir, name), page.Bytes()); err != nil {
				return err
			}
			fmt.Fprintf(&index, "<li><a href=%q>%s</a>\n", name, html.EscapeString(name))
		}
	}
	for _, letter := range gallery.Letters() {
		for _, l := range views.Languages() {
			paper, err := views.WriteLetter(l, letter.Model)
			if err != nil {
				return fmt.Errorf("%s: %w", letter.Name, err)
			}
			name := letter.Name + "." + l + ".html"
			if err := put(filepath.Join(dir, name), []byte(paper.HTML)); err != nil {
				return err
			}
			fmt.Fprintf(&index, "<li><a href=%q>%s</a>\n", name, html.EscapeString(name))
		}
	}
	for _, l := range views.Languages() {
		var paper bytes.Buffer
		if err := views.TicketPDF(&paper, l, gallery.Ticket()); err != nil {
			return err
		}
		if err := put(filepath.Join(dir, "ticket."+l+".pdf"), paper.Bytes()); err != nil {
			return err
		}
	}
	for _, f := range static.Files() {
		if err := put(filepath.Join(dir, filepath.FromSlash(f.URL)), f.Body); err != nil {
			return err
		}
	}
	return put(filepath.Join(dir, "index.html"), []byte(index.String()))
}

func put(path string, body []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, body, 0o644)
}
