package views

import (
	"embed"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// BCP 47 tags of the languages that other code names; Languages lists them all.
const (
	Portuguese = "pt-BR"
	English    = "en"
)

// Languages are the BCP 47 tags of all languages; the first one is the default.
func Languages() []string { return catalog().languages }

// localeFiles hold everything that depends on the language, one file each, named after its tag.
//
//go:embed locale/*.json
var localeFiles embed.FS

var catalog = sync.OnceValue(func() *locales {
	c, err := readLocales(localeFiles)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return c
})

// locales are the languages read from a set of locale files.
type locales struct {
	languages []string
	matcher   language.Matcher
	speakers  map[string]*speaker
}

// readLocales reads the folder locale. Portuguese comes first, then English, then the others by name.
func readLocales(files fs.FS) (*locales, error) {
	names, err := fs.Glob(files, "locale/*.json")
	if err != nil {
		return nil, err
	}
	all := &locales{speakers: map[string]*speaker{}}
	for _, name := range names {
		all.languages = append(all.languages, strings.TrimSuffix(strings.TrimPrefix(name, "locale/"), ".json"))
	}
	rank := func(l string) int { return slices.Index([]string{English, Portuguese}, l) }
	slices.SortStableFunc(all.languages, func(a, b string) int { return rank(b) - rank(a) })
	bundle := i18n.NewBundle(language.MustParse(Portuguese))
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	var tags []language.Tag
	for _, l := range all.languages {
		file, err := bundle.LoadMessageFileFS(files, "locale/"+l+".json")
		if err != nil {
			return nil, err
		}
		tags = append(tags, file.Tag)
		all.speakers[l] = &speaker{l, file.Tag, i18n.NewLocalizer(bundle, l), message.NewPrinter(file.Tag)}
	}
	all.matcher = language.NewMatcher(tags)
	return all, nil
}
