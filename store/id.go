package store

import "github.com/google/uuid"

// NewID makes the id of a row that is going to be written. Ids rise with time, so that new rows go to the end of their
// index and not each to another leaf of it.
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) } // it fails only without a source of random numbers
