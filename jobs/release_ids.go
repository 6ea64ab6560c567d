package jobs

import (
	"bytes"

	"github.com/google/uuid"
)

// The payload of a release is one id or several, with a space between two.
const (
	idBreak  = ' '
	idLength = 36 // of an id as text
)

func formatIDs(ids []uuid.UUID) (list []byte) {
	for i, id := range ids {
		if i > 0 {
			list = append(list, idBreak)
		}
		list = append(list, id.String()...)
	}
	return list
}

func parseIDs(list []byte) (ids []uuid.UUID, err error) {
	for text := range bytes.SplitSeq(list, []byte{idBreak}) {
		id, err := uuid.ParseBytes(text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// countIDs is how many ids a payload has; at least one.
func countIDs(list []byte) int { return 1 + len(list)/(idLength+1) }
