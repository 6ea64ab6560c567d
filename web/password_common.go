package web

import (
	_ "embed"
	"strings"
	"unicode"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// normalPassword is a password as every device of its owner means it: composed letters, plain spaces.
// What the profile does not know, such as newer emoji, is composed only.
func normalPassword(password string) string {
	if normal, err := precis.OpaqueString.String(password); err == nil {
		return normal
	}
	return norm.NFC.String(password)
}

// passwordForms are the ways in which a password may have been hashed: as it is hashed now, or as devices sent it before
// passwords were normalised.
func passwordForms(password string) []string {
	forms := []string{normalPassword(password)}
	for _, other := range []string{password, norm.NFD.String(password)} {
		if other != forms[len(forms)-1] && other != forms[0] {
			forms = append(forms, other)
		}
	}
	return forms
}

//go:embed password_common.txt
var commonText string

// commonWords are what people build their passwords on: words, names, clubs, and walks over the keyboard.
var commonWords = func() map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(commonText) {
		words[word] = true
	}
	return words
}()

// plainLetters undoes what people do to a word to make a password of it.
var plainLetters = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// foldPassword is a password in lower case without accents.
func foldPassword(password string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(password)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// shortDigits is how long a password of nothing but digits has to be: shorter ones are dates, phones and sequences.
const shortDigits = 12

// commonPassword says that a password is among those that are tried first: few different characters, digits, or common
// words with digits and signs before, behind or instead of letters.
func commonPassword(password string) bool {
	folded := foldPassword(password)
	different := map[rune]bool{}
	digits := true
	for _, r := range folded {
		different[r] = true
		digits = digits && unicode.IsDigit(r)
	}
	if len(different) <= 3 || digits && len(folded) < shortDigits || run(folded) {
		return true
	}
	letterless := func(r rune) bool { return !unicode.IsLetter(r) }
	for _, core := range []string{
		strings.TrimFunc(folded, letterless),
		strings.TrimFunc(plainLetters.Replace(folded), letterless),
		plainLetters.Replace(strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && r != '@' && r != '$' })),
		strings.TrimFunc(plainLetters.Replace(strings.TrimRight(folded, "0123456789!@#$%&*.-_+?")), letterless),
	} {
		if madeOfWords(core) {
			return true
		}
	}
	return false
}

// run says that every character follows the one before it in the alphabet, up or down.
func run(text string) bool {
	step, before := rune(0), rune(0)
	for i, r := range text {
		switch {
		case i == 1:
			step = r - before
		case i > 1 && r-before != step:
			return false
		}
		before = r
	}
	return step == 1 || step == -1
}

// madeOfWords says that a text is one common word, that word twice, or two of them with nothing but signs between.
func madeOfWords(text string) bool {
	if commonWords[text] {
		return true
	}
	for i := range text {
		if i > 0 && commonWords[text[:i]] &&
			commonWords[strings.TrimLeftFunc(text[i:], func(r rune) bool { return !unicode.IsLetter(r) })] {
			return true
		}
	}
	return false
}

// shortestTell is how long a part of a name has to be for a password that holds it to tell whose it is.
const shortestTell = 4

// tellsWhose says that a password holds the shop's name, or a part of the e-mail or the name of its owner.
func tellsWhose(password string, whose ...string) bool {
	folded := foldPassword(password)
	for _, text := range append(whose, "guiche") {
		text, _, _ = strings.Cut(foldPassword(text), "@")
		parts := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, part := range append(parts, text) {
			if textLength(part) >= shortestTell && strings.Contains(folded, part) {
				return true
			}
		}
	}
	return false
}
