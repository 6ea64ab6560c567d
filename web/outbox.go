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

// outboxList lists the e-mails that dev kept.
func (s *Server) outboxList(c echo.Context) error {
	letters, err := s.Outbox.Letters()
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

func (s *Server) outboxShow(c echo.Context) error {
	l, err := s.outboxLetter(c)
	if err != nil {
		return err
	}
	m := views.OutboxLetterModel{OutboxItem: outboxItem(l), Text: l.Text}
	for _, a := range l.Attachments {
		m.Files = append(m.Files, a.Name)
	}
	return s.render(c, http.StatusOK, views.OutboxLetter(s.frame(c), m))
}

func (s *Server) outboxLetter(c echo.Context) (outbox.Letter, error) {
	l, err := s.Outbox.Letter(c.Param("id"))
	if errors.Is(err, fs.ErrNotExist) {
		return l, notFound()
	}
	return l, err
}

// letterPolicy lets a letter have its styles and nothing else, in a frame of our page. Its links open in place of the page.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; " +
	"sandbox allow-top-navigation-by-user-activation"

// outboxHTML is a letter itself, for the frame.
func (s *Server) outboxHTML(c echo.Context) error {
	l, err := s.outboxLetter(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderContentSecurityPolicy, letterPolicy)
	return c.HTML(http.StatusOK, strings.Replace(l.HTML, "<head>", `<head><base target="_top">`, 1))
}

// outboxFile is an attachment.
func (s *Server) outboxFile(c echo.Context) error {
	l, err := s.outboxLetter(c)
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
