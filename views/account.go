package views

import "guiche/store"

// AccountModel is the page to register or to sign in.
type AccountModel struct {
	Form Form   // name, email, cpf when registering; email when signing in
	Next string // where to go afterwards: a path of this site, or empty
}

// AccountPageModel is the page of one's own account.
type AccountPageModel struct {
	Account store.Account
	Form    Form    // current and password, to change it
	Wait    Message // why no letter was sent again; zero for nothing
}

// LinkModel is a page that a link in a letter led to.
type LinkModel struct {
	Form  Form   // password
	Again string // where another link can be had, when this one serves no more
}
