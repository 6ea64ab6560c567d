package jobs

import (
	"encoding/json"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"guiche/store"
)

// purchase is the payload of an order's task.
type purchase struct {
	Number slot              `json:"number"`
	Before slot              `json:"before"` // tickets of the type asked for before this order
	Order  store.QueuedOrder `json:"order"`
}

// slot is a number of fixed width, which the join script fills in without knowing JSON or protobuf.
type slot int64

const slotWidth = 20

func (s slot) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `"%0*d"`, slotWidth, int64(s)), nil
}

func (s *slot) UnmarshalJSON(text []byte) error {
	quoted, err := strconv.Unquote(string(text))
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(quoted, 10, 64)
	*s = slot(n)
	return err
}

func decodePurchase(payload []byte) (p purchase, err error) {
	if err := json.Unmarshal(payload, &p); err != nil {
		return purchase{}, fmt.Errorf("purchase: %w", err)
	}
	p.Order.Number, p.Order.Before = int64(p.Number), int64(p.Before)
	return p, nil
}

// The fields of asynq's task message (v0.26.0, internal/proto/asynq.proto) that we set or read.
const (
	fieldType     = 1
	fieldPayload  = 2
	fieldID       = 3
	fieldQueue    = 4
	fieldRetry    = 5
	fieldDeadline = 9
)

// taskMessage encodes a task as asynq itself would; Line.Check compares the two.
func taskMessage(kind, id, queue string, payload []byte) []byte {
	var m []byte
	m = protowire.AppendString(protowire.AppendTag(m, fieldType, protowire.BytesType), kind)
	m = protowire.AppendBytes(protowire.AppendTag(m, fieldPayload, protowire.BytesType), payload)
	m = protowire.AppendString(protowire.AppendTag(m, fieldID, protowire.BytesType), id)
	m = protowire.AppendString(protowire.AppendTag(m, fieldQueue, protowire.BytesType), queue)
	m = protowire.AppendVarint(protowire.AppendTag(m, fieldRetry, protowire.VarintType), manyTries)
	return protowire.AppendVarint(protowire.AppendTag(m, fieldDeadline, protowire.VarintType), uint64(farAway.Unix()))
}

// readMessage takes the kind and the payload out of a task message.
func readMessage(m []byte) (kind string, payload []byte, err error) {
	for len(m) > 0 {
		field, wire, n := protowire.ConsumeTag(m)
		if n < 0 {
			return "", nil, errUnreadable
		}
		m = m[n:]
		n = protowire.ConsumeFieldValue(field, wire, m)
		if n < 0 {
			return "", nil, errUnreadable
		}
		value, _ := protowire.ConsumeBytes(m) // only looked at for fields that are bytes
		switch {
		case field == fieldType && wire == protowire.BytesType:
			kind = string(value)
		case field == fieldPayload && wire == protowire.BytesType:
			payload = value
		}
		m = m[n:]
	}
	if kind == "" {
		return "", nil, errUnreadable
	}
	return kind, payload, nil
}
