package web

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"guiche/outbox"
	"guiche/views"
)

// mailbox shows the e-mails that dev kept.
type mailbox struct {
	*pages
	folder outbox.Folder
}

// list lists the e-mails that dev kept.
func (s *mailbox) list(c echo.Context) error {
	letters, err := s.folder.Letters()
	if err != nil {
		return err
	}
	var m views.OutboxModel
	for _, l := range letters {
		m.Letters = append(m.Letters, outboxItem(l))
	}
	return s.render(c, http.StatusOK, views.Outbox(s.frame(c), m))
}

func outboxItem(l outbox.Letter) views.OutboxItem {
	return views.OutboxItem{ID: l.ID, To: strings.Trim(l.To, "<>"), Subject: l.Subject, Date: l.Date}
}

func (s *mailbox) show(c echo.Context) error {
	l, err := s.letter(c)
	if err != nil {
		return err
	}
	m := views.OutboxLetterModel{OutboxItem: outboxItem(l), Text: l.Text}
	for _, a := range l.Attachments {
		m.Files = append(m.Files, a.Name)
	}
	return s.render(c, http.StatusOK, views.OutboxLetter(s.frame(c), m))
}

func (s *mailbox) letter(c echo.Context) (outbox.Letter, error) {
	l, err := s.folder.Letter(c.Param("id"))
	if errors.Is(err, fs.ErrNotExist) {
		return l, notFound()
	}
	return l, err
}

// letterPolicy allows a letter, in a frame of our page, its styles and nothing else. Its links replace the page.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; " +
	"sandbox allow-top-navigation-by-user-activation"

// html is the letter itself, for the frame.
func (s *mailbox) html(c echo.Context) error {
	l, err := s.letter(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentSecurityPolicy, letterPolicy)
	return c.HTML(http.StatusOK, strings.Replace(l.HTML, "<head>", `<head><base target="_top">`, 1))
}

// file is an attachment.
func (s *mailbox) file(c echo.Context) error {
	l, err := s.letter(c)
	if err != nil {
		return err
	}
	i, err := strconv.Atoi(c.Param("n"))
	if err != nil || i < 0 || i >= len(l.Attachments) {
		return notFound()
	}
	file := l.Attachments[i]
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": file.Name})
	if disposition == "" {
		return fmt.Errorf("the name %q of an attachment", file.Name)
	}
	c.Response().Header().Set(echo.HeaderContentDisposition, disposition)
	return c.Blob(http.StatusOK, file.Type, file.Body)
}
