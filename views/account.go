package views

// AccountModel is the page to register or to sign in.
type AccountModel struct {
	Form Form   // name, email, cpf when registering; email when signing in
	Next string // where to go afterwards: a path of this site, or empty
}
