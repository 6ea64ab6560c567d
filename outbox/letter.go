package outbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Letter is an e-mail, parsed.
type Letter struct {
	ID          string // of its file
	MessageID   string
	From, To    string
	Subject     string
	Date        time.Time
	Header      mail.Header
	Text, HTML  string
	Attachments []attachment
}

// attachment is a file that came with a letter.
type attachment struct {
	Name string
	Type string
	Body []byte
}

func parse(raw []byte) (l Letter, err error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return l, err
	}
	l.Header, l.MessageID = m.Header, m.Header.Get("Message-ID")
	if l.Date, err = m.Header.Date(); err != nil {
		return l, err
	}
	words := new(mime.WordDecoder)
	for field, to := range map[string]*string{"From": &l.From, "To": &l.To, "Subject": &l.Subject} {
		if *to, err = words.DecodeHeader(m.Header.Get(field)); err != nil {
			return l, err
		}
	}
	return l, l.part(textproto.MIMEHeader(m.Header), m.Body)
}

// part adds the content of one part of the letter, and of the parts within it.
func (l *Letter) part(h textproto.MIMEHeader, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := l.part(p.Header, p); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	disposition, file, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	switch {
	case disposition == "attachment":
		l.Attachments = append(l.Attachments, attachment{Name: file["filename"], Type: kind, Body: content})
	case kind == "text/html":
		l.HTML = string(content)
	default:
		l.Text = string(content)
	}
	return nil
}
