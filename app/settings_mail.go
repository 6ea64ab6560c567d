package app

import (
	"errors"
	netmail "net/mail"
	"net/url"
	"path/filepath"

	"guiche/jobs/mail"
	"guiche/jobs/worker"
	"guiche/outbox"
)

// sender is what letters come from in a shop on this machine that names nobody.
const sender = "Guichê <guiche@localhost>"

// checkMail wants a public shop to have a way to reach its fans.
func (s *settings) checkMail(loopback bool) error {
	var wrong []error
	switch _, err := mail.ParseURL(s.SMTPURL); {
	case s.SMTPURL == "" && !loopback:
		wrong = append(wrong, errors.New("SMTP_URL: not set, so fans get no letters; BASE_URL is not a loopback address"))
	case s.SMTPURL != "" && err != nil:
		wrong = append(wrong, err)
	}
	if s.MailFrom == "" && loopback {
		s.MailFrom = sender
	}
	if _, err := netmail.ParseAddress(s.MailFrom); err != nil {
		wrong = append(wrong, errors.New("MAIL_FROM: must be an address such as Guichê <tickets@example.com>"))
	}
	if s.OutboxAddr != "" && !(s.DevMode && loopback) {
		wrong = append(wrong, errors.New("GUICHE_OUTBOX: is set by dev for the roles that it starts"))
	}
	return errors.Join(wrong...)
}

// letters is how the worker sends letters; nil if there is no mail server.
func (s settings) letters() (*worker.Letters, error) {
	if s.SMTPURL == "" {
		return nil, nil
	}
	site, err := url.Parse(s.BaseURL)
	if err != nil {
		return nil, err
	}
	sender, err := mail.New(mail.Config{URL: s.SMTPURL, From: s.MailFrom, Host: site.Hostname()})
	if err != nil {
		return nil, err
	}
	return worker.NewLetters(sender, s.BaseURL, []byte(s.SecretKey))
}

// outbox is where dev keeps letters; empty if they go to a mail server.
func (s settings) outbox() outbox.Folder {
	if s.OutboxAddr == "" {
		return ""
	}
	return outbox.Folder(filepath.Join(s.DataDir, "outbox"))
}
