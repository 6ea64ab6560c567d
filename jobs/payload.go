package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"guiche/store"
)

// Version is that of the payloads which this release writes. It travels in each task's header, so that it reads the same
// whatever the payload is; a task without one is of version 1. docs/migrations.md says how a payload changes.
const Version = 1

const versionHeader = "v"

// known is the newest version of each kind that this release can read.
var known = map[string]int{
	KindPurchase: 1, KindExpire: 1, KindLeave: 1, KindReturn: 1, KindLate: 1, KindCapacity: 1, KindReturnList: 1,
	KindResume: 1, KindCancel: 1, KindIssued: 1, KindDeadline: 1, KindOverdue: 1, KindCheck: 1, KindNotice: 1,
	KindGiveUp: 1, KindDrop: 1, KindPayBack: 1, KindUndo: 1, KindLetters: 1,
}

// ErrUnknown says that a task is of a kind or version that this release does not know: a newer one has sent it, and
// will do it. It stays in its queue.
var ErrUnknown = errors.New("a task of another release")

// Known says whether this release can do a task of a kind and version.
func Known(kind string, version int) bool {
	newest, ok := known[kind]
	return ok && version <= newest
}

// errPayload says that a payload cannot be read although its version is known.
var errPayload = errors.New("unreadable payload")

// Headers are those of a task that this release sends.
func Headers() map[string]string { return map[string]string{versionHeader: strconv.Itoa(Version)} }

// ReadVersion reads the version in a task's headers. Anything but a number is a version that nobody knows.
func ReadVersion(headers map[string]string) int {
	text, told := headers[versionHeader]
	if !told {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return int(^uint(0) >> 1)
	}
	return n
}

// NewTask makes a task of this release.
func NewTask(kind string, payload []byte) *asynq.Task {
	return asynq.NewTaskWithHeaders(kind, payload, Headers())
}

// Purchase is the payload of an order's task.
type Purchase struct {
	Number Slot              `json:"number"`
	Before Slot              `json:"before"` // tickets of the type asked for before this order
	Order  store.QueuedOrder `json:"order"`
}

// DecodePurchase reads one.
func DecodePurchase(payload []byte) (store.QueuedOrder, error) {
	var p Purchase
	if err := json.Unmarshal(payload, &p); err != nil {
		return store.QueuedOrder{}, fmt.Errorf("%w: %w", errPayload, err)
	}
	p.Order.Number, p.Order.Before = int64(p.Number), int64(p.Before)
	return p.Order, nil
}

// Slot is a number of fixed width, which the join script fills in without knowing JSON or protobuf.
type Slot int64

// SlotWidth is the number of digits of a Slot.
const SlotWidth = 20

// MarshalJSON writes it with leading zeros, as a string.
func (s Slot) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `"%0*d"`, SlotWidth, int64(s)), nil
}

// UnmarshalJSON reads what MarshalJSON or the join script wrote.
func (s *Slot) UnmarshalJSON(text []byte) error {
	quoted, err := strconv.Unquote(string(text))
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(quoted, 10, 64)
	*s = Slot(n)
	return err
}

// Notice names a notice from a gateway; only the gateway can tell which charge it is about.
type Notice struct {
	Gateway string `json:"gateway"`
	EventID string `json:"event_id"`
}

// Issued is what one batch of the generator gave out.
type Issued struct {
	Until []time.Time `json:"until"` // deadlines of the holds
}

// A payload of ids is one id or several, with a space between two.
const (
	idBreak  = ' '
	idLength = 36 // of an id as text
)

// formatIDs writes a payload of ids.
func formatIDs(ids ...uuid.UUID) (list []byte) {
	for i, id := range ids {
		if i > 0 {
			list = append(list, idBreak)
		}
		list = append(list, id.String()...)
	}
	return list
}

// ParseIDs reads a payload of ids.
func ParseIDs(list []byte) (ids []uuid.UUID, err error) {
	for text := range bytes.SplitSeq(list, []byte{idBreak}) {
		id, err := uuid.ParseBytes(text)
		if err != nil {
			return nil, errPayload
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// ParseID reads a payload of one id.
func ParseID(payload []byte) (uuid.UUID, error) {
	ids, err := ParseIDs(payload)
	if err != nil || len(ids) != 1 {
		return uuid.Nil, errPayload
	}
	return ids[0], nil
}

// CountIDs is how many ids a payload has, without reading it; at least one.
func CountIDs(list []byte) int { return 1 + len(list)/(idLength+1) }

// formatNumber writes a payload of one number.
func formatNumber(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

// ParseNumber reads a payload of one number.
func ParseNumber(payload []byte) (int64, error) {
	n, err := strconv.ParseInt(string(payload), 10, 64)
	if err != nil {
		return 0, errPayload
	}
	return n, nil
}

// ParseNumbers is ParseNumber for those who read many payloads.
func ParseNumbers(payload []byte) ([]int64, error) {
	n, err := ParseNumber(payload)
	return []int64{n}, err
}
