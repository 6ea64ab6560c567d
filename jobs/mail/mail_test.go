package mail

import (
	"strings"
	"testing"
)

func TestSMTPSettings(t *testing.T) {
	for text, ok := range map[string]bool{
		"smtp://localhost:1025": true, "smtp://user:p%40ss@mail.example:587": true, "smtps://user:pass@mail.example": true,
		"smtp://mail.example/": true, "": false, "mail.example:25": false, "http://mail.example": false,
		"smtp://": false, "smtp://mail.example/path": false, "smtp://mail.example?x=1": false, "smtp://user:pass@:25": false,
	} {
		_, err := ParseURL(text)
		if (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), "p%40ss") {
			t.Error("the error tells the password")
		}
	}
	if _, err := New(Config{URL: "smtp://mail.example", From: "nobody"}); err == nil {
		t.Error("a sender that is no address")
	}
}
