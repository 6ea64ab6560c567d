package app

import (
	"errors"
	netmail "net/mail"
	"net/url"
	"path/filepath"

	"guiche/jobs/mail"
	"guiche/jobs/worker"
	"guiche/outbox"
	"guiche/views"
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
	if s.SellerContact != "" {
		contact, err := netmail.ParseAddress(s.SellerContact)
		if err != nil {
			wrong = append(wrong, errors.New("SELLER_CONTACT: must be an e-mail such as ajuda@example.com"))
		} else {
			s.SellerContact = contact.Address
		}
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
	sender, err := mail.New(mail.Config{URL: s.SMTPURL, From: s.MailFrom, ReplyTo: s.SellerContact, Host: site.Hostname()})
	if err != nil {
		return nil, err
	}
	letters, err := worker.NewLetters(sender, s.BaseURL, []byte(s.SecretKey))
	if err != nil {
		return nil, err
	}
	letters.Seller = views.Seller{Name: s.SellerName, ID: s.SellerID, Contact: s.SellerContact}
	return letters, nil
}

// unnamedSeller lists the settings that the law wants of a shop that sells to the public (Decreto 7.962/2013, art. 2) and
// that are missing. The shop serves without them, since those of earlier releases knew none.
func (s settings) unnamedSeller() (missing []string) {
	if loopback, _ := isLoopback(s.BaseURL); loopback {
		return nil
	}
	for _, setting := range []struct{ name, value string }{
		{"SELLER_NAME", s.SellerName}, {"SELLER_ID", s.SellerID}, {"SELLER_CONTACT", s.SellerContact},
	} {
		if setting.value == "" {
			missing = append(missing, setting.name)
		}
	}
	return missing
}

// outbox is where dev keeps letters; empty if they go to a mail server.
func (s settings) outbox() outbox.Folder {
	if s.OutboxAddr == "" {
		return ""
	}
	return outbox.Folder(filepath.Join(s.DataDir, "outbox"))
}
