package views

import (
	"time"

	"guiche/store"
)

// shopZone is the time zone of whatever belongs to no event.
func shopZone() *time.Location { return store.Event{TimeZone: "America/Sao_Paulo"}.Location() }
