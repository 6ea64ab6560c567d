package views

import "time"

// OutboxItem is an e-mail kept by `guiche dev` instead of being delivered.
type OutboxItem struct {
	ID      string
	To      string
	Subject string
	Date    time.Time
}

// OutboxModel lists the e-mails, newest first.
type OutboxModel struct{ Letters []OutboxItem }

// OutboxLetterModel is one e-mail.
type OutboxLetterModel struct {
	OutboxItem
	Text  string
	Files []string // names of the attachments
}

func outboxPath(id string) string { return "/outbox/" + id }
