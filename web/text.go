package web

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// cleanLine is a text of one line as people see it: letters composed, nothing that cannot be seen, single spaces.
// Two texts that look the same are the same after it.
func cleanLine(text string) string { return strings.Join(strings.Fields(cleanText(text)), " ") }

// cleanText is cleanLine for a text of several lines, whose breaks it keeps.
func cleanText(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	text = norm.NFC.String(text)
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n':
			b.WriteRune(r)
		case unicode.IsSpace(r) || unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case !unseen(r):
			b.WriteRune(r)
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimFunc(strings.Join(strings.Fields(line), " "), joiner)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// unseen says that a character shows nothing: controls, marks that turn the direction of a text, and letters that are
// blank. The joiners stay, since words of some scripts and many emoji need them.
func unseen(r rune) bool {
	switch {
	case joiner(r) || unicode.Is(unicode.Variation_Selector, r):
		return false
	case r == '\u2800': // a Braille cell without dots
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Other_Default_Ignorable_Code_Point)
}

func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// textLength counts as browsers do for maxlength.
func textLength(text string) int { return len(utf16.Encode([]rune(text))) }

// mostMarks is how many marks a letter carries in any language that is written.
const mostMarks = 4

// piled says that a letter carries so many marks that they cover the lines around it.
func piled(text string) bool {
	marks := 0
	for _, r := range norm.NFD.String(text) {
		if !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
			continue
		}
		if marks++; marks > mostMarks {
			return true
		}
	}
	return false
}
