// Package outbox is a mail server that delivers nothing: it keeps the last letters in a folder, for people who try the shop
// and for tests.
package outbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	ioTime     = 10 * time.Second
	largest    = 10 << 20 // bytes of a letter
	recipients = 10
)

// Serve accepts letters on a listener and keeps them in a folder until ctx ends.
func Serve(ctx context.Context, listener net.Listener, folder Folder, log *slog.Logger) error {
	if err := folder.make(); err != nil {
		return err
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{folder: folder}, nil }))
	server.Domain = "localhost"
	server.ReadTimeout, server.WriteTimeout = ioTime, ioTime
	server.MaxMessageBytes, server.MaxRecipients = largest, recipients
	server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	if err := server.Close(); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	<-failed
	return nil
}

// session is one client's conversation with the server.
type session struct{ folder Folder }

func (*session) Mail(string, *smtp.MailOptions) error { return nil }
func (*session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (*session) Reset()                               {}
func (*session) Logout() error                        { return nil }

// Data keeps a letter.
func (s *session) Data(r io.Reader) error {
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	return s.folder.keep(b.Bytes())
}
