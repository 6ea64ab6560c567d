package chaos

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// passRedis takes connections of a role and passes its commands on to a server behind a Unix socket, one after the
// other, each with its answer. It returns its address.
func (s *stepper) passRedis(t *testing.T, from, socket string) string {
	t.Helper()
	return accept(t, socket, func(near, far net.Conn) {
		w := redisWire{stepper: s, from: from, near: near, far: far, said: bufio.NewReader(near), answers: bufio.NewReader(far)}
		w.pass()
	})
}

// redisWire is one connection, spoken as Redis' protocol, version 2 or 3.
type redisWire struct {
	stepper   *stepper
	from      string
	near, far net.Conn
	said      *bufio.Reader
	answers   *bufio.Reader
	multi     []string // commands of a transaction that was begun; nil outside of one
}

func (w *redisWire) pass() {
	for {
		raw, args, err := readCommand(w.said)
		if err != nil {
			return
		}
		name := strings.ToLower(args[0])
		if strings.HasSuffix(name, "subscribe") { // from now on the server speaks when it likes
			if _, err := w.far.Write(raw); err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(w.near, w.answers) // however it ends, both ends end
				_ = w.near.Close()
			}()
			_, _ = io.Copy(w.far, w.said)
			return
		}
		its := step{w.from, "Redis", w.change(name, args)}
		if its.what != "" && w.stepper.before(its) {
			return
		}
		if _, err := w.far.Write(raw); err != nil {
			return
		}
		answer, changed, err := readReply(w.answers)
		if err != nil {
			return
		}
		if its.what != "" && changed {
			if kind := taskKind(answer); kind != "" && name == "evalsha" { // a task that was taken
				its.what += " " + kind
			}
			if w.stepper.after(its) {
				return
			}
		}
		if _, err := w.near.Write(answer); err != nil {
			return
		}
	}
}

// redisReads are commands that change nothing, or nothing that outlives the connection.
var redisReads = strings.Fields(`get mget hget hmget hgetall hlen lrange llen lindex lpos zcard zcount zrange zrangebyscore
	smembers sismember scard exists ttl pttl type ping hello client auth select config info script time cluster command echo
	discard watch unwatch publish`)

// beatKeys are where asynq's servers show that they are alive: they are written every few seconds whatever happens.
var beatKeys = []string{"asynq:servers", "asynq:workers"}

// change names what a command changes. Its heartbeats are no steps.
func (w *redisWire) change(name string, args []string) string {
	what := redisChange(name, args)
	switch {
	case name == "multi":
		w.multi = []string{}
		return ""
	case name == "exec":
		all := strings.Join(w.multi, ", ")
		w.multi = nil
		return all
	case w.multi != nil:
		if what != "" {
			w.multi = append(w.multi, what)
		}
		return ""
	}
	return what
}

func redisChange(name string, args []string) string {
	if slices.Contains(redisReads, name) || len(args) < 2 {
		return ""
	}
	script, keys := "", args[1:2]
	if name == "eval" || name == "evalsha" {
		script = args[1]
		if name == "eval" {
			script = fmt.Sprintf("%x", sha1.Sum([]byte(script)))
		}
		n, err := strconv.Atoi(args[2])
		if err != nil || n == 0 {
			return ""
		}
		keys = args[3 : 3+min(n, 2)]
		name = "script " + script[:6]
	}
	for _, beat := range beatKeys {
		if strings.HasPrefix(keys[0], beat) {
			return ""
		}
	}
	if name == "zadd" && strings.HasSuffix(keys[0], ":lease") { // a lease that becomes longer
		return ""
	}
	what := name + " " + nameless(strings.Join(keys, " "))
	for _, arg := range args[2:] {
		if kind := taskKind([]byte(arg)); kind != "" {
			return what + " " + kind
		}
	}
	return what
}

// taskKind finds the kind in one of asynq's messages: the first field of a protocol buffer.
func taskKind(message []byte) string {
	if rest, isBulk := bytes.CutPrefix(message, []byte("$")); isBulk {
		_, message, _ = bytes.Cut(rest, []byte("\r\n"))
	}
	if len(message) < 3 || message[0] != 0x0a || len(message) < 2+int(message[1]) {
		return ""
	}
	kind := string(message[2 : 2+message[1]])
	if strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz:") != "" {
		return ""
	}
	return kind
}

// readCommand reads an array of bulk strings.
func readCommand(r *bufio.Reader) (raw []byte, args []string, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return nil, nil, err
	}
	raw = bytes.Clone(line)
	n, err := strconv.Atoi(strings.TrimSpace(string(raw[1:])))
	if err != nil || raw[0] != '*' || n < 1 {
		return nil, nil, fmt.Errorf("no command: %q", raw)
	}
	for range n {
		bulk, _, err := readReply(r)
		if err != nil {
			return nil, nil, err
		}
		raw = append(raw, bulk...)
		_, body, _ := bytes.Cut(bulk, []byte("\r\n"))
		args = append(args, strings.TrimSuffix(string(body), "\r\n"))
	}
	return raw, args, nil
}

// readReply reads one answer, and whether it says that something was found or done.
func readReply(r *bufio.Reader) (raw []byte, found bool, err error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, false, err
	}
	raw = line
	n, _ := strconv.Atoi(strings.TrimSpace(string(line[1:]))) // other types have no number
	switch line[0] {
	case '-', '!', '_':
		found = false
	case ':':
		found = n > 0
	case '$', '=':
		if n >= 0 {
			body := make([]byte, n+2)
			if _, err := io.ReadFull(r, body); err != nil {
				return nil, false, err
			}
			raw, found = append(raw, body...), n > 0
		}
	case '*', '~', '%', '>', '|':
		if line[0] == '%' || line[0] == '|' {
			n *= 2
		}
		for range max(n, 0) {
			part, _, err := readReply(r)
			if err != nil {
				return nil, false, err
			}
			raw = append(raw, part...)
		}
		if line[0] == '>' || line[0] == '|' { // said beside the answer
			answer, found, err := readReply(r)
			return append(raw, answer...), found, err
		}
		found = n > 0
	default:
		found = true
	}
	return raw, found, nil
}
