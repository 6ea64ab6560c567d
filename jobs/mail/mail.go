// Package mail carries letters to a mail server. Only this package knows how.
package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// LetterTime is how long one letter may take, connecting included.
const LetterTime = 20 * time.Second

// The ways in which sending fails. Neither error holds an address, as the answers of mail servers often do.
var (
	ErrUnreachable = errors.New("the mail server cannot be reached")
	ErrRefused     = errors.New("the mail server refuses the letter")
)

// Config says how letters are sent.
type Config struct {
	URL     string // smtp://user:password@host:port, or smtps:// for TLS from the first byte
	From    string // such as Guichê <tickets@example.com>
	ReplyTo string // an e-mail that answers go to; empty for the sender's
	Host    string // names the messages
}

// Sender sends letters through one mail server.
type Sender struct {
	server *url.URL
	from   *netmail.Address
	answer string // the address for answers, or empty
	host   string
}

// New reads the settings of a mail server.
func New(c Config) (*Sender, error) {
	s := &Sender{host: c.Host, answer: c.ReplyTo}
	var err error
	if s.server, err = ParseURL(c.URL); err != nil {
		return nil, err
	}
	if s.from, err = netmail.ParseAddress(c.From); err != nil {
		return nil, errors.New("MAIL_FROM is not an address such as Guichê <tickets@example.com>")
	}
	return s, nil
}

// Message is a letter ready to be sent.
type Message struct {
	ID                  string // a repeated letter has the same
	To                  string
	Subject, Text, HTML string
	Files               []File
}

// File is an attachment.
type File struct {
	Name string
	Type string // its media type
	Body []byte
}

// errSMTP shows no part of the setting, which holds a password.
var errSMTP = errors.New("SMTP_URL is not a URL such as smtp://user:password@mail.example:587 or smtps://…")

// ParseURL reads the setting SMTP_URL.
func ParseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" ||
		(u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, errSMTP
	}
	return u, nil
}

// client makes a client of the mail server. Nothing goes to another machine without TLS.
func (s *Sender) client() (*gomail.Client, error) {
	host := s.server.Hostname()
	options := []gomail.Option{gomail.WithTimeout(LetterTime), gomail.WithHELO(s.host), gomail.WithoutRset()}
	port := gomail.DefaultPortTLS
	ip := net.ParseIP(host)
	switch {
	case s.server.Scheme == "smtps":
		port = gomail.DefaultPortSSL
		options = append(options, gomail.WithSSL())
	case host == "localhost" || ip != nil && ip.IsLoopback():
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if text := s.server.Port(); text != "" {
		var err error
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errSMTP
		}
	}
	if user := s.server.User.Username(); user != "" {
		password, _ := s.server.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(user), gomail.WithPassword(password))
	}
	return gomail.NewClient(host, append(options, gomail.WithPort(port))...)
}

// Connection sends letters one after the other. It connects when the first one is sent.
type Connection struct {
	sender *Sender
	client *gomail.Client // nil while there is none
}

// Connection returns one that has not connected yet.
func (s *Sender) Connection() *Connection { return &Connection{sender: s} }

// Close ends the connection; the next letter makes a new one.
func (c *Connection) Close() {
	if c.client != nil {
		_ = c.client.Close() // the letters have been taken
		c.client = nil
	}
}

// Send gives a letter to the mail server. ErrUnreachable, ErrRefused; after any other error it may work later.
func (c *Connection) Send(ctx context.Context, m Message) error {
	envelope, err := c.sender.envelope(m)
	if err != nil {
		return err
	}
	if c.client == nil {
		client, err := c.sender.client()
		if err != nil {
			return err
		}
		if err := client.DialWithContext(ctx); err != nil {
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		c.client = client
	}
	err = c.client.Send(envelope)
	if err == nil || envelope.IsDelivered() {
		return nil
	}
	c.Close() // its state is unknown
	if e, ok := errors.AsType[*gomail.SendError](err); ok && e.ErrorCode() != 0 {
		if !e.IsTemp() {
			return fmt.Errorf("%w: %s, code %d", ErrRefused, e.Reason, e.ErrorCode())
		}
		return fmt.Errorf("the mail server puts the letter off: %s, code %d", e.Reason, e.ErrorCode())
	}
	return ErrUnreachable // the connection broke
}

// envelope is a letter as it travels.
func (s *Sender) envelope(m Message) (*gomail.Msg, error) {
	e := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	e.FromMailAddress(s.from)
	if err := e.To(m.To); err != nil {
		return nil, ErrRefused // its text holds the address
	}
	if s.answer != "" {
		if err := e.ReplyTo(s.answer); err != nil {
			return nil, err
		}
	}
	e.SetMessageIDWithValue(m.ID + "@" + s.host)
	e.SetDateWithValue(time.Now())
	e.SetGenHeader("Auto-Submitted", "auto-generated")
	e.Subject(m.Subject)
	e.SetBodyString(gomail.TypeTextPlain, m.Text)
	e.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	for _, f := range m.Files {
		e.AttachReadSeeker(f.Name, bytes.NewReader(f.Body), gomail.WithFileContentType(gomail.ContentType(f.Type)))
	}
	return e, nil
}
