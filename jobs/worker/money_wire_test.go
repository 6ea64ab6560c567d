package worker

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"guiche/store/local"
)

// wire stands between a role and Postgres. It reads the protocol as far as it must to cut a line between two statements.
type wire struct {
	role   *role
	server string // socket
	url    string // by which the role comes here

	mu    sync.Mutex
	lines int // that are open
	none  *sync.Cond
}

// opened and closed count the lines; again waits until none is left.
func (w *wire) opened() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines++
}

func (w *wire) closed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines--
	w.none.Broadcast()
}

// again says that the role is about to run anew, once all that it had open is gone.
func (w *wire) again() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.lines > 0 {
		w.none.Wait()
	}
	w.role.dead = false
	w.role.busy.Store(0)
}

// postgresSocket is how Postgres names its socket in the folder that is given as its host.
const postgresSocket = ".s.PGSQL.5432"

// lay puts a wire before a database.
func lay(t *testing.T, r *role, databaseURL string) *wire {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	w := &wire{role: r, server: filepath.Join(query.Get("host"), postgresSocket)}
	w.none = sync.NewCond(&w.mu)
	folder := local.NewFolder(t)
	query.Set("host", folder)
	u.RawQuery = query.Encode()
	w.url = u.String()
	listener, err := net.Listen("unix", filepath.Join(folder, postgresSocket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			w.opened()
			go w.relay(client)
		}
	}()
	return w
}

// The messages of Postgres' protocol that matter here.
const (
	messageQuery     = 'Q'
	messageExecute   = 'E'
	messageSync      = 'S'
	messageTerminate = 'X'
	answerReady      = 'Z'
	inNoTransaction  = 'I'
)

// beat is what a leader says to show that it lives. It is no call, since it comes when it likes.
const beat = "select\x00"

// relay passes batches of messages on, one after the other, until either end hangs up or the role's fate cuts the line.
// The server has ended the session, and let go of its locks, before the client sees that.
func (w *wire) relay(client net.Conn) {
	defer w.closed()
	defer func() { _ = client.Close() }()
	asks := bufio.NewReader(client)
	hello, err := readHello(asks)
	if err != nil || w.role.dead {
		return
	}
	server, err := net.Dial("unix", w.server)
	if err != nil {
		return
	}
	defer func() {
		_, _ = server.Write([]byte{messageTerminate, 0, 0, 0, 4})
		_, _ = io.Copy(io.Discard, server)
		_ = server.Close()
	}()
	answers := bufio.NewReader(server)
	if pass(hello, answers, client, server) != nil {
		return
	}
	state := byte(inNoTransaction)
	defer func() { w.role.count(state, inNoTransaction) }()
	for err == nil {
		err = w.exchange(asks, answers, client, server, &state)
	}
}

// pass has a server answer the first message.
func pass(hello []byte, answers *bufio.Reader, client, server net.Conn) error {
	if _, err := server.Write(hello); err != nil {
		return err
	}
	answer, _, err := readAnswer(answers)
	if err != nil {
		return err
	}
	_, err = client.Write(answer)
	return err
}

// exchange passes one batch and its answer on. It keeps the state of the session's transaction.
func (w *wire) exchange(asks, answers *bufio.Reader, client, server net.Conn, state *byte) error {
	batch, call, err := readBatch(asks)
	if err != nil {
		return err
	}
	var f fate
	if call {
		f = w.role.call()
	}
	if f.refused {
		return errCut
	}
	if _, err := server.Write(batch); err != nil {
		return err
	}
	answer, after, err := readAnswer(answers)
	if err != nil {
		return err
	}
	w.role.count(*state, after)
	*state = after
	if f.lost {
		return errCut
	}
	_, err = client.Write(answer)
	return err
}

// count keeps how many transactions of the role are open.
func (r *role) count(before, after byte) {
	switch {
	case before == inNoTransaction && after != inNoTransaction:
		r.busy.Add(1)
	case before != inNoTransaction && after == inNoTransaction:
		r.busy.Add(-1)
	}
}

// readHello reads the first message, which has no kind.
func readHello(r *bufio.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	hello := slices.Grow(head[:], int(binary.BigEndian.Uint32(head[:])))[:binary.BigEndian.Uint32(head[:])]
	_, err := io.ReadFull(r, hello[4:])
	return hello, err
}

// readBatch reads what a client sends before it waits. call says whether it does more than to prepare or to beat.
func readBatch(r *bufio.Reader) (batch []byte, call bool, err error) {
	for {
		message, err := readMessageOfPostgres(r)
		if err != nil {
			return nil, false, err
		}
		batch = append(batch, message...)
		switch message[0] {
		case messageTerminate:
			return nil, false, io.EOF
		case messageExecute:
			call = true
		case messageSync:
			return batch, call, nil
		case messageQuery:
			return batch, !strings.HasSuffix(string(message[5:]), beat) || len(message) != 5+len(beat), nil
		}
	}
}

// readAnswer reads up to the word that the server is ready again, which tells the state of the transaction.
func readAnswer(r *bufio.Reader) (answer []byte, state byte, err error) {
	for {
		message, err := readMessageOfPostgres(r)
		if err != nil {
			return nil, 0, err
		}
		answer = append(answer, message...)
		if message[0] == answerReady {
			return answer, message[5], nil
		}
	}
}

// readMessageOfPostgres reads a kind, a length that counts itself, and what follows.
func readMessageOfPostgres(r *bufio.Reader) ([]byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(head[1:]))
	message := make([]byte, 1+length)
	copy(message, head[:])
	_, err := io.ReadFull(r, message[5:])
	return message, err
}
