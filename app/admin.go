package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"
	"unicode/utf8"

	"guiche/store"
	"guiche/views"
	"guiche/web"
)

// runAdmin makes an admin, or makes an existing account one. The password comes from standard input, never from
// the arguments, which every process of the machine can read.
func runAdmin(ctx context.Context, a *app) error {
	if len(a.args) != 2 || a.args[0] != "create" {
		return errors.New("usage: guiche admin create EMAIL")
	}
	address, err := mail.ParseAddress(a.args[1])
	if err != nil || address.Name != "" {
		return fmt.Errorf("%q is not an e-mail address", a.args[1])
	}
	if err := a.need("DATABASE_URL"); err != nil {
		return err
	}
	fmt.Fprint(a.stderr, "Password: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if n := utf8.RuneCountInString(password); n < web.PasswordShortest || n > web.PasswordLongest {
		return fmt.Errorf("the password needs %d to %d characters", web.PasswordShortest, web.PasswordLongest)
	}
	hash, err := web.HashPassword(password)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, a.DatabaseURL)
	if err != nil {
		return err
	}
	defer db.Close()
	name, _, _ := strings.Cut(address.Address, "@")
	if _, err := db.MakeAdmin(ctx, store.Account{
		Name: name, Email: address.Address, PasswordHash: hash, Language: views.Portuguese,
	}); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "admin:", address.Address)
	return nil
}
