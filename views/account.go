package views

import "guiche/store"

// AccountModel is the registration page or the sign-in page.
type AccountModel struct {
	Form Form   // name, email, cpf when registering; email when signing in
	Next string // where to go afterwards: a path of this site, or empty
}

// AccountPageModel is a person's own account page.
type AccountPageModel struct {
	Account store.Account
	Form    Form    // current and password, to change it
	Wait    Message // why no letter was sent again; zero if there is nothing to say
}

// LinkModel is a page reached by a link in a letter.
type LinkModel struct {
	Form  Form   // password
	Again string // where to ask for another link when this one no longer works
}
