package line

import (
	"errors"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"guiche/jobs"
)

// The fields of asynq's task message (v0.26.0, internal/proto/asynq.proto) that we set or read.
const (
	fieldType     = 1
	fieldPayload  = 2
	fieldID       = 3
	fieldQueue    = 4
	fieldRetry    = 5
	fieldDeadline = 9
	fieldHeaders  = 15 // a map: messages of a key (1) and a value (2)
)

// taskMessage encodes a task as asynq itself would; Check compares the two.
func taskMessage(kind, id, queue string, payload []byte) []byte {
	text := func(m []byte, field protowire.Number, s string) []byte {
		return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), s)
	}
	number := func(m []byte, field protowire.Number, n uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), n)
	}
	m := text(nil, fieldType, kind)
	m = text(m, fieldPayload, string(payload))
	m = text(m, fieldID, id)
	m = text(m, fieldQueue, queue)
	m = number(m, fieldRetry, jobs.ManyTries)
	m = number(m, fieldDeadline, uint64(jobs.FarAway.Unix()))
	for key, value := range jobs.Headers() {
		m = text(m, fieldHeaders, string(text(text(nil, 1, key), 2, value)))
	}
	return m
}

// errUnreadable says that a task's message is not one of asynq's.
var errUnreadable = errors.New("unreadable task message")

// readMessage takes what the generator needs out of a task message.
func readMessage(message []byte) (t Task, err error) {
	headers := map[string]string{}
	err = eachField(message, func(field protowire.Number, value []byte) error {
		switch field {
		case fieldType:
			t.Kind = string(value)
		case fieldPayload:
			t.Payload = value
		case fieldHeaders:
			var entry [3]string
			err := eachField(value, func(field protowire.Number, value []byte) error {
				if field < 3 {
					entry[field] = string(value)
				}
				return nil
			})
			headers[entry[1]] = entry[2]
			return err
		}
		return nil
	})
	if err != nil || t.Kind == "" {
		return Task{}, errUnreadable
	}
	t.Version = jobs.ReadVersion(headers)
	return t, nil
}

// eachField calls f for each field of a protobuf message that is bytes.
func eachField(m []byte, f func(field protowire.Number, value []byte) error) error {
	for len(m) > 0 {
		field, wire, n := protowire.ConsumeTag(m)
		if n < 0 {
			return errUnreadable
		}
		m = m[n:]
		if n = protowire.ConsumeFieldValue(field, wire, m); n < 0 {
			return errUnreadable
		}
		if wire == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(m) // its length was just checked
			if err := f(field, value); err != nil {
				return err
			}
		}
		m = m[n:]
	}
	return nil
}

// String names a task in logs.
func (t Task) String() string { return t.Kind + " v" + strconv.Itoa(t.Version) + " " + t.ID }
