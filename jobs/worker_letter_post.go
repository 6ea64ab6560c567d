package jobs

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

	"github.com/wneessen/go-mail"

	"guiche/views"
)

// letterTime is how long one letter may take, connecting included.
const letterTime = 20 * time.Second

// What can become of sending besides success. Neither holds an address: what a mail server answers often does.
var (
	errUnreachable = errors.New("the mail server cannot be reached")
	errRefused     = errors.New("the mail server refuses the letter")
)

// MailConfig is what letters are sent with.
type MailConfig struct {
	URL    string // smtp://user:password@host:port, or smtps:// for TLS from the first byte
	From   string // such as Guichê <tickets@example.com>
	Site   string // where links lead: scheme and host
	Secret []byte // signs links and the codes of tickets
}

// Mail is how letters leave the house.
type Mail struct {
	server  *url.URL
	from    *netmail.Address
	site    string
	host    string // of the site; names the messages
	links   *views.Links
	tickets *views.TicketCoder
}

// NewMail reads the settings of the mail server.
func NewMail(c MailConfig) (*Mail, error) {
	m := &Mail{site: c.Site}
	var err error
	if m.server, err = ParseSMTP(c.URL); err != nil {
		return nil, err
	}
	if m.from, err = netmail.ParseAddress(c.From); err != nil {
		return nil, fmt.Errorf("MAIL_FROM %q is not an address such as Guichê <tickets@example.com>", c.From)
	}
	site, err := url.Parse(c.Site)
	if err != nil {
		return nil, fmt.Errorf("site of letters: %w", err)
	}
	m.host = site.Hostname()
	if m.links, err = views.NewLinks(c.Site, c.Secret); err != nil {
		return nil, err
	}
	m.tickets, err = views.NewTicketCoder(c.Secret)
	return m, err
}

// errSMTP shows no part of the setting, which holds a password.
var errSMTP = errors.New("SMTP_URL is not a URL such as smtp://user:password@mail.example:587 or smtps://…")

// ParseSMTP reads the setting SMTP_URL.
func ParseSMTP(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" ||
		(u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, errSMTP
	}
	return u, nil
}

// client makes a client of the mail server. On the way to another machine nothing is sent without TLS.
func (m *Mail) client() (*mail.Client, error) {
	host := m.server.Hostname()
	options := []mail.Option{mail.WithTimeout(letterTime), mail.WithHELO(m.host), mail.WithoutRset()}
	port := mail.DefaultPortTLS
	ip := net.ParseIP(host)
	switch {
	case m.server.Scheme == "smtps":
		port = mail.DefaultPortSSL
		options = append(options, mail.WithSSL())
	case host == "localhost" || ip != nil && ip.IsLoopback():
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if text := m.server.Port(); text != "" {
		var err error
		if port, err = strconv.Atoi(text); err != nil {
			return nil, errSMTP
		}
	}
	if user := m.server.User.Username(); user != "" {
		password, _ := m.server.User.Password()
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(user), mail.WithPassword(password))
	}
	return mail.NewClient(host, append(options, mail.WithPort(port))...)
}

// post sends letters over one connection, which is made when it is needed.
type post struct {
	mail   *Mail
	client *mail.Client // nil while there is no connection
}

func (m *Mail) post() *post { return &post{mail: m} }

func (p *post) close() {
	if p.client != nil {
		_ = p.client.Close() // the letters have been taken
		p.client = nil
	}
}

// send hands a letter over. errUnreachable, errRefused.
func (p *post) send(ctx context.Context, m message) error {
	envelope, err := p.mail.envelope(m)
	if err != nil {
		return err
	}
	if p.client == nil {
		client, err := p.mail.client()
		if err != nil {
			return err
		}
		if err := client.DialWithContext(ctx); err != nil {
			return fmt.Errorf("%w: %w", errUnreachable, err)
		}
		p.client = client
	}
	err = p.client.Send(envelope)
	if err == nil || envelope.IsDelivered() {
		return nil
	}
	p.close() // whatever state the talk is in
	if e, ok := errors.AsType[*mail.SendError](err); ok && e.ErrorCode() != 0 {
		if !e.IsTemp() {
			return fmt.Errorf("%w: %s, code %d", errRefused, e.Reason, e.ErrorCode())
		}
		return fmt.Errorf("the mail server puts the letter off: %s, code %d", e.Reason, e.ErrorCode())
	}
	return errUnreachable // the connection broke
}

// envelope is a letter as it travels. A repeated one has the same Message-ID.
func (m *Mail) envelope(l message) (*mail.Msg, error) {
	e := mail.NewMsg(mail.WithNoDefaultUserAgent())
	e.FromMailAddress(m.from)
	if err := e.To(l.to); err != nil {
		return nil, errRefused // its text holds the address
	}
	e.SetMessageIDWithValue(l.ID.String() + "@" + m.host)
	e.SetDateWithValue(time.Now())
	e.SetGenHeader("Auto-Submitted", "auto-generated")
	e.Subject(l.paper.Subject)
	e.SetBodyString(mail.TypeTextPlain, l.paper.Text)
	e.AddAlternativeString(mail.TypeTextHTML, l.paper.HTML)
	if l.file != "" {
		e.AttachReadSeeker(l.file, bytes.NewReader(l.pdf), mail.WithFileContentType("application/pdf"))
	}
	return e, nil
}
