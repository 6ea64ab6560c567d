package outbox

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// keptLetters is how many of the last letters a folder keeps.
const keptLetters = 200

// Folder is where letters are kept, one file each.
type Folder string

const suffix = ".eml"

// name is when a letter came, in nanoseconds, and a number that no other one has.
var name = regexp.MustCompile(`^\d{20}-[0-9a-f]{8}$`)

func (f Folder) make() error { return os.MkdirAll(string(f), 0o700) }

// keep writes a letter, whole or not at all, and drops the oldest ones.
func (f Folder) keep(letter []byte) error {
	path := filepath.Join(string(f), fmt.Sprintf("%020d-%08x", time.Now().UnixNano(), rand.Uint32()))
	if err := os.WriteFile(path, letter, 0o600); err != nil {
		return err
	}
	if err := os.Rename(path, path+suffix); err != nil {
		return err
	}
	ids, err := f.ids()
	for _, id := range ids[min(keptLetters, len(ids)):] {
		if err := os.Remove(f.path(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// ids names the letters, the newest first.
func (f Folder) ids() (ids []string, err error) {
	files, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // no letter was sent yet
	}
	for _, file := range files {
		if id, ok := strings.CutSuffix(file.Name(), suffix); ok && name.MatchString(id) {
			ids = append(ids, id)
		}
	}
	slices.Reverse(ids)
	return ids, err
}

func (f Folder) path(id string) string { return filepath.Join(string(f), id+suffix) }

// Letters reads the letters, the newest first.
func (f Folder) Letters() (letters []Letter, err error) {
	ids, err := f.ids()
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		l, err := f.Letter(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue // dropped meanwhile
		}
		if err != nil {
			return nil, err
		}
		letters = append(letters, l)
	}
	return letters, nil
}

// Letter reads one letter; fs.ErrNotExist.
func (f Folder) Letter(id string) (l Letter, err error) {
	if !name.MatchString(id) {
		return l, fs.ErrNotExist
	}
	body, err := os.ReadFile(f.path(id))
	if err != nil {
		return l, err
	}
	if l, err = parse(body); err != nil {
		return l, fmt.Errorf("letter %s: %w", id, err)
	}
	l.ID = id
	return l, nil
}
