package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guiche/outbox"
)

const letter = "From: =?UTF-8?q?Guich=C3=AA?= <no-reply@guiche.test>\r\nTo: <ana@guiche.test>\r\n" +
	"Subject: =?UTF-8?b?w4AgdmVuZGE=?=\r\nDate: Mon, 02 Jan 2006 15:04:05 -0300\r\nMessage-ID: <1@guiche.test>\r\n" +
	"Content-Type: multipart/mixed; boundary=out\r\n\r\n" +
	"--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n" +
	"--in\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSua vez =C3=A9 agora\r\n" +
	"--in\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p class=3D\"x\">\r\n--in--\r\n" +
	"--out\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"t.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBE\r\nRi0=\r\n--out--\r\n"

// serve opens a mail server and returns its address.
func serve(t *testing.T, folder outbox.Folder) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- outbox.Serve(ctx, listener, folder, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the mail server ended: %v", err)
		}
	})
	return listener.Addr().String()
}

func send(t *testing.T, address, text string) {
	t.Helper()
	if err := smtp.SendMail(address, nil, "no-reply@guiche.test", []string{"ana@guiche.test"}, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestALetterIsKeptAndTakenApart(t *testing.T) {
	folder := outbox.Folder(filepath.Join(t.TempDir(), "outbox"))
	if letters, err := folder.Letters(); err != nil || len(letters) != 0 {
		t.Fatalf("before any letter: %v, %v", letters, err)
	}
	send(t, serve(t, folder), letter)
	letters, err := folder.Letters()
	if err != nil || len(letters) != 1 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	l, err := folder.Letter(letters[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]string{
		"Guichê <no-reply@guiche.test>": l.From, "<ana@guiche.test>": l.To, "À venda": l.Subject, "<1@guiche.test>": l.MessageID,
		"Sua vez é agora": strings.TrimSpace(l.Text), `<p class="x">`: strings.TrimSpace(l.HTML),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if len(l.Attachments) != 1 || l.Attachments[0].Name != "t.pdf" || string(l.Attachments[0].Body) != "%PDF-" || l.Attachments[0].Type != "application/pdf" {
		t.Errorf("attachments %+v", l.Attachments)
	}
	if l.Date.Unix() != 1136225045 {
		t.Errorf("date %s", l.Date)
	}
}

func TestOnlyTheLastLettersAreKept(t *testing.T) {
	folder := outbox.Folder(t.TempDir())
	address := serve(t, folder)
	for i := range 205 {
		send(t, address, fmt.Sprintf("Date: Mon, 02 Jan 2006 15:04:05 -0300\r\nSubject: %d\r\nContent-Type: text/plain\r\n\r\nx\r\n", i))
	}
	letters, err := folder.Letters()
	if err != nil || len(letters) != 200 || letters[0].Subject != "204" || letters[199].Subject != "5" {
		t.Errorf("%d letters, %v", len(letters), err)
	}
}

func TestNothingElseIsRead(t *testing.T) {
	folder := outbox.Folder(t.TempDir())
	if err := os.WriteFile(filepath.Join(string(folder), "secret.eml"), []byte(letter), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"secret", "../secret", "", "00000000000000000000-00000000", "00000000000000000000-00000000/../secret"} {
		if _, err := folder.Letter(id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if letters, err := folder.Letters(); err != nil || len(letters) != 0 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
}
