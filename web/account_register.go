package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

func (s *people) registerForm(c echo.Context) error { return s.entryForm(c, views.Register) }

// register makes an account and signs in. It may say that an e-mail or CPF is taken, and is limited for that.
func (s *people) register(c echo.Context) error {
	m, password, err := readEntry(c, "name", "email", "cpf")
	if err != nil {
		return err
	}
	refuse := func(status int) error { return s.entryPage(c, status, views.Register, m) }
	name, email := m.Form.Value("name"), m.Form.Value("email")
	cpf, ok := parseCPF(m.Form.Value("cpf"))
	if !ok {
		m.Form.Fail("cpf", views.CPFBad)
	}
	checkName(&m.Form, name)
	checkEmail(&m.Form, email)
	checkPassword(&m.Form, password, name, email, cpf)
	if !m.Form.OK() {
		return refuse(http.StatusUnprocessableEntity)
	}
	ctx := c.Request().Context()
	email = strings.ToLower(email)
	here := neighbourhood(c.RealIP())
	err = s.limits.count(c, slices.Concat(
		from(c.RealIP(), "register_address", s.limits.RegisterAddress),
		from(c.RealIP(), "letter_address", s.limits.LetterAddress), // an account that is made writes to somebody
		[]attempt{{"register", s.limits.Register, email + " " + here}, {"register", s.limits.Register, cpf + " " + here}},
		s.taggedMailbox(email),
	)...)
	var hash string
	if err == nil {
		hash, err = s.hashing.hash(ctx, sourceOf(c.RealIP(), false), password)
	}
	if mustWait(c, &m.Form, err) {
		return refuse(http.StatusTooManyRequests)
	}
	if err != nil {
		return err
	}
	wanted := store.Account{Role: store.Fan, Name: name, Email: email, CPF: cpf, PasswordHash: hash, Language: language(c)}
	a, err := s.store.CreateAccount(ctx, wanted)
	if taken := errors.Is(err, store.ErrEmailTaken) || errors.Is(err, store.ErrCPFTaken); taken {
		again, failed := s.registeredNow(c, wanted, password)
		if mustWait(c, &m.Form, failed) {
			return refuse(http.StatusTooManyRequests)
		}
		if failed != nil {
			return failed
		}
		if again.ID == 0 {
			return s.refuseTaken(c, m, errors.Is(err, store.ErrCPFTaken))
		}
		a, err = again, nil
	}
	if err != nil {
		return err
	}
	if err := s.sessions.signIn(c, a); err != nil {
		return err
	}
	s.devices.remember(c, a)
	s.hints.letters(c)
	s.flash(c, views.Welcome)
	return seeOther(c, m.Next)
}

// taggedMailbox counts letters to one mailbox under many names, such as ana+1@ and ana+2@. The plain name is not counted:
// its account can be made once only, and nobody is to keep its owner from that.
func (s *people) taggedMailbox(email string) []attempt {
	local, domain, _ := strings.Cut(email, "@")
	name, _, tagged := strings.Cut(local, "+")
	if !tagged {
		return nil
	}
	return []attempt{{letterLimit, s.limits.Letter, name + "+@" + domain}}
}

// registeredNow is the account that the same form has made a moment ago, if this is its second press; else none.
func (s *people) registeredNow(c echo.Context, wanted store.Account, password string) (none store.Account, err error) {
	ctx := c.Request().Context()
	a, err := s.store.AccountByEmail(ctx, wanted.Email)
	if errors.Is(err, store.ErrNotFound) || err == nil && (a.Name != wanted.Name || a.CPF != wanted.CPF || time.Since(a.CreatedAt) > pressTime) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	fits, err := s.hashing.fits(ctx, sourceOf(c.RealIP(), false), password, a.PasswordHash)
	if err != nil || !fits {
		return none, err
	}
	return a, nil
}

// refuseTaken says that an e-mail or a CPF has an account already. Whoever hears that often is told neither: nobody is to
// learn who has accounts here by trying.
func (s *people) refuseTaken(c echo.Context, m views.AccountModel, cpf bool) error {
	err := s.limits.count(c, from(c.RealIP(), takenLimit, s.limits.RegisterTaken)...)
	if mustWait(c, &m.Form, err) {
		m.Form = views.NewForm(m.Form.Values)
		m.Form.Fail("", views.RegisterElsewhere)
		return s.entryPage(c, http.StatusTooManyRequests, views.Register, m)
	}
	if err != nil {
		return err
	}
	if cpf {
		m.Form.Fail("cpf", views.CPFTaken)
	} else {
		m.Form.Fail("email", views.EmailTaken)
	}
	return s.entryPage(c, http.StatusUnprocessableEntity, views.Register, m)
}
