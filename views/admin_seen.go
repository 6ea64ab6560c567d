package views

import (
	"encoding/json"
	"maps"
)

// SeenField carries what a form showed when it was opened, so that only what was touched since is changed.
const SeenField = "seen"

// Seen writes the values that a form shows.
func Seen(values map[string]string) string {
	text, _ := json.Marshal(values) // strings always can
	return string(text)
}

// ReadSeen reads what Seen wrote; nil for what it did not.
func ReadSeen(text string) (values map[string]string) {
	if json.Unmarshal([]byte(text), &values) != nil {
		return nil
	}
	return maps.Clone(values)
}
