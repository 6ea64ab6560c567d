package web

import (
	"strings"
	"testing"

	"guiche/views"
)

func TestTextIsTakenAsPeopleSeeIt(t *testing.T) {
	for typed, want := range map[string]string{
		"Ana Lui\u0301sa":               "Ana Luísa",
		"  Ana \t\u00a0 Luísa\u3000":    "Ana Luísa",
		"Ana\r\nLuísa":                  "Ana Luísa",
		"A\u200bn\ufeffa\u2060":         "Ana",
		"\u202eanA\u202c":               "anA",
		"Ana\u2066\u2069\u200e\u200f":   "Ana",
		"\u3164\u115f\u2800\u00ad":      "",
		"\u200d\u200c":                  "",
		"می\u200cخواهم":                 "می\u200cخواهم",
		"\U0001f469\u200d\U0001f3a4":    "\U0001f469\u200d\U0001f3a4",
		"Ana\x00\x1b[31m":               "Ana[31m",
		"Nguye\u0302\u0303n \U000e0041": "Nguyễn",
	} {
		if got := cleanLine(typed); got != want {
			t.Errorf("%+q became %+q, want %+q", typed, got, want)
		}
	}
	if got := cleanText(" um\r\ndois \r\rtrês\u2028"); got != "um\ndois\n\ntrês" {
		t.Errorf("lines became %q", got)
	}
	if n := textLength("ção\n" + "\U0001f3a4"); n != 6 {
		t.Errorf("a browser counts 6, not %d", n)
	}
}

func TestNamesThatCanBePrinted(t *testing.T) {
	for name, good := range map[string]bool{
		"Ana Luísa": true, "Nguyễn Thị": true, "李小龙": true, "محمد": true, "Ô": true, "D'Ávila-Sá": true, "שָׁלוֹם": true,
		"": false, "...": false, "123": false, "\u0301\u0302": false, "🎤": false,
		"a" + strings.Repeat("\u0301", 199): false, "Ana" + strings.Repeat("\u0323\u0301", 3): false,
		strings.Repeat("a", 200): true, strings.Repeat("a", 201): false, strings.Repeat("𝒶", 101): false,
	} {
		form := views.NewForm(nil)
		checkName(&form, cleanLine(name))
		if form.OK() != good {
			t.Errorf("%q: %v", name, form.Errors)
		}
	}
}

func TestEmailsThatCanBeDelivered(t *testing.T) {
	label, local := strings.Repeat("a", 63), strings.Repeat("b", 64)
	for email, good := range map[string]bool{
		"ana@guiche.test": true, "ana.luisa+show@mail.example.com": true, local + "@" + label + ".com": true,
		"ana@xn--exmple-cua.com": true, "o'neill@a-b.co": true, "1@1.example": true, "ana@example.xn--p1ai": true,
		"b" + local + "@guiche.test": false, "ana@a" + label + ".com": false, "ana@exam_ple.org": false, "ana@-ex.org": false,
		"ana@ex-.org": false, "ana@1.2.3.4": false, "ana@[1.2.3.4]": false, "ana@example": false, "ana@example.": false,
		"ana@.example.com": false, "ana@a..com": false, ".ana@guiche.test": false, "ana.@guiche.test": false,
		"a..b@guiche.test": false, `"ana"@guiche.test`: false, "ana@guiche.t": false, "ana@guiche.test.": false,
		"ana luisa@guiche.test": false, "ana@guiche.c0": false, "ana@@guiche.test": false, "joão@guiche.test": false,
		local + "@" + strings.Repeat(label+".", 3) + "com": false,
	} {
		if plainEmail(email) != good {
			t.Errorf("%q: %v", email, !good)
		}
	}
}
