package chaos

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// passPostgres takes connections of a role and passes its batches of messages on to a server behind a Unix socket, one
// after the other, each with its answer. It returns its address.
func (s *stepper) passPostgres(t *testing.T, from, socket string) string {
	t.Helper()
	return accept(t, socket, func(near, far net.Conn) {
		c := postgresWire{
			stepper: s, from: from, near: near, far: far, said: bufio.NewReader(near), answers: bufio.NewReader(far),
			statements: map[string]string{},
		}
		c.pass()
	})
}

// accept gives each connection, and one to a Unix socket, to a function, and closes both when it returns.
func accept(t *testing.T, socket string, pass func(near, far net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer near.Close()
				far, err := net.Dial("unix", socket)
				if err != nil {
					return
				}
				defer far.Close()
				pass(near, far)
			}()
		}
	}()
	return l.Addr().String()
}

// postgresWire is one connection, spoken as version 3 of Postgres' protocol.
type postgresWire struct {
	stepper    *stepper
	from       string
	near, far  net.Conn
	said       *bufio.Reader
	answers    *bufio.Reader
	statements map[string]string // prepared ones by name
	inside     bool              // a transaction
	written    []string          // in that transaction
}

// batch is what is said until an answer is due.
type batch struct {
	raw   []byte
	query string // what it executes; empty if it only prepares
	last  bool   // nothing comes after it
}

func (w *postgresWire) pass() {
	if !w.greet() {
		return
	}
	for {
		b, err := w.readBatch()
		if err != nil {
			return
		}
		its := step{w.from, "Postgres", w.change(b.query)}
		if its.what != "" && w.stepper.before(its) {
			return
		}
		if _, err := w.far.Write(b.raw); err != nil || b.last {
			return
		}
		answer, rows, err := w.readAnswer()
		if err != nil {
			return
		}
		switch what := writes(b.query); {
		case !w.inside:
			w.written = nil
		case what != "" && rows > 0:
			w.written = append(w.written, what)
		}
		if its.what != "" && (rows > 0 || ends(b.query)) && w.stepper.after(its) {
			return
		}
		if _, err := w.near.Write(answer); err != nil {
			return
		}
	}
}

// change names what would outlive the connection if a query were done: a write of its own, or all of a transaction.
func (w *postgresWire) change(query string) string {
	switch {
	case ends(query) && len(w.written) > 0:
		return "commit " + strings.Join(w.written, ", ")
	case w.inside || ends(query):
		return ""
	}
	return writes(query)
}

func ends(query string) bool { return strings.EqualFold(strings.Trim(query, " ;\n"), "commit") }

// greet passes a connection's beginning on. The server has to trust its clients.
func (w *postgresWire) greet() bool {
	head := make([]byte, 4)
	if _, err := io.ReadFull(w.said, head); err != nil {
		return false
	}
	rest := make([]byte, binary.BigEndian.Uint32(head)-4)
	if _, err := io.ReadFull(w.said, rest); err != nil {
		return false
	}
	const cancels = 80877102
	if _, err := w.far.Write(append(head, rest...)); err != nil || binary.BigEndian.Uint32(rest) == cancels {
		return false
	}
	answer, _, err := w.readAnswer()
	if err != nil {
		return false
	}
	_, err = w.near.Write(answer)
	return err == nil
}

// readMessage reads one message with its type.
func readMessage(r *bufio.Reader) (kind byte, body []byte, err error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(r, head); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err = io.ReadFull(r, body)
	return head[0], body, err
}

func appendMessage(raw []byte, kind byte, body []byte) []byte {
	raw = append(raw, kind)
	raw = binary.BigEndian.AppendUint32(raw, uint32(len(body)+4))
	return append(raw, body...)
}

// text cuts a string off a message.
func text(body []byte) (string, []byte) {
	head, rest, _ := bytes.Cut(body, []byte{0})
	return string(head), rest
}

// readBatch reads up to a Query, a Sync or the end.
func (w *postgresWire) readBatch() (b batch, err error) {
	for {
		kind, body, err := readMessage(w.said)
		if err != nil {
			return b, err
		}
		b.raw = appendMessage(b.raw, kind, body)
		switch kind {
		case 'P': // Parse
			name, rest := text(body)
			w.statements[name], _ = text(rest)
		case 'B': // Bind
			_, rest := text(body)
			name, _ := text(rest)
			b.query = w.statements[name]
		case 'Q': // Query
			b.query, _ = text(body)
			return b, nil
		case 'S': // Sync
			return b, nil
		case 'X': // Terminate
			b.last = true
			return b, nil
		}
	}
}

// readAnswer reads until the server is ready for more, and how many rows it has changed or found.
func (w *postgresWire) readAnswer() (raw []byte, rows int, err error) {
	for {
		kind, body, err := readMessage(w.answers)
		if err != nil {
			return raw, rows, err
		}
		raw = appendMessage(raw, kind, body)
		switch kind {
		case 'C': // CommandComplete
			tag, _ := text(body)
			n, _ := strconv.Atoi(lastNumber.FindString(tag)) // BEGIN has none
			rows += n
		case 'Z': // ReadyForQuery
			w.inside = len(body) > 0 && body[0] != 'I'
			return raw, rows, nil
		}
	}
}

var lastNumber = regexp.MustCompile(`\d+$`)
