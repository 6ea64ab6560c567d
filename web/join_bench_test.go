package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

var benchJoins = flag.Int("joins", 30_000, "fans who join in the benchmark")

const (
	joinRounds  = 10
	joinClients = 64 // connections that are kept
)

// BenchmarkFansJoin measures joining over HTTP beside bare pages of the same program for people who signed in. In each
// round other fans ask for the pages and then join.
func BenchmarkFansJoin(b *testing.B) {
	n := *benchJoins / joinRounds
	s := newBenchShop(b, joinRounds*n)
	e := s.createEvent(joinRounds * n)
	cookies := s.signIn(joinRounds * n)
	s.startWeb()
	get := func(path string, from, to int) (requests [][]byte) {
		for i := from; i < to; i++ {
			requests = append(requests, s.request(i, "GET", path, cookies[i], "", "Accept: text/html"))
		}
		return requests
	}
	s.send(200, get("/", 0, min(n, 1000))) // warm up
	var join, page, mine, none load
	for round := range joinRounds {
		from, to := round*n, (round+1)*n
		page.add(s.send(200, get("/", from, to)))
		mine.add(s.send(200, get("/orders", from, to)))
		none.add(s.send(303, get("/login", from, to)))
		var joins [][]byte
		for i := from; i < to; i++ {
			form := orderForm(uuid.Must(uuid.NewV7()), e, 0, 1).Encode()
			joins = append(joins, s.request(i, "POST", "/events/"+e.Slug+"/orders", cookies[i], form, "Accept: text/html"))
		}
		join.add(s.send(303, joins))
	}
	known, err := s.Line.Snapshot(context.Background(), e.ID)
	if err != nil {
		b.Fatal(err)
	}
	if known.InLine() != int64(join.n) {
		b.Fatalf("%d orders are in line, want %d", known.InLine(), join.n)
	}
	b.ReportMetric(join.rate(), "joins/s")
	b.ReportMetric(join.rate()/page.rate(), "of-a-page")
	var t strings.Builder
	fmt.Fprintf(&t, "## Joining over HTTP\n\nReal sessions of %d accounts over %d kept connections, each fan with an address of her own, default rate limits. The load\n"+
		"shares the machine with the servers. Beyond the session and the count of its address, which every request pays, a page only\n"+
		"renders, while joining counts the account and runs the script; each of these writes is on the disk before it is answered.\n\n",
		join.n, joinClients)
	fmt.Fprintf(&t, "| what | requests | requests/s | joining is so much of it | µs of processor each: web | Redis | the load |\n|---|---|---|---|---|---|---|\n")
	for _, r := range []struct {
		name string
		load
	}{
		{"joining: `POST /events/{slug}/orders`", join},
		{"the bare page: `GET /` with one event", page},
		{"`GET /orders` with none yet, which asks Postgres", mine},
		{"no page at all: `GET /login`, which leads on", none},
	} {
		fmt.Fprintf(&t, "| %s | %d | %.0f | %.2f | %.0f | %.0f | %.0f |\n", r.name, r.n, r.rate(), join.rate()/r.rate(),
			r.each(r.used.web), r.each(r.used.redis), r.each(r.used.load))
	}
	s.report(t.String())
}

// load is how many requests were answered, in which time and with which effort.
type load struct {
	n    int
	took time.Duration
	used effort
}

func (l *load) add(more load) {
	l.n += more.n
	l.took += more.took
	l.used = effort{l.used.web + more.used.web, l.used.redis + more.used.redis, l.used.load + more.used.load}
}

func (l load) rate() float64                { return float64(l.n) / l.took.Seconds() }
func (l load) each(d time.Duration) float64 { return float64(d.Microseconds()) / float64(l.n) }

// send sends each request once over connections that are kept. Every answer must have the status.
func (s *benchShop) send(status int, requests [][]byte) load {
	s.T.Helper()
	connections := make([]net.Conn, joinClients)
	for i := range connections {
		c, err := net.Dial("tcp", s.web)
		if err != nil {
			s.T.Fatal(err)
		}
		defer c.Close()
		connections[i] = c
	}
	var next atomic.Int64
	var all sync.WaitGroup
	before, start := s.effort(), time.Now()
	for _, c := range connections {
		all.Go(func() {
			answers := bufio.NewReader(c)
			for i := next.Add(1) - 1; i < int64(len(requests)); i = next.Add(1) - 1 {
				if _, err := c.Write(requests[i]); err != nil {
					s.T.Error(err)
					return
				}
				got, err := readStatus(answers)
				if err != nil || got != status {
					s.T.Errorf("%.60q: status %d, %v; want %d", requests[i], got, err, status)
					return
				}
			}
		})
	}
	all.Wait()
	took, after := time.Since(start), s.effort()
	if s.T.Failed() {
		s.T.FailNow()
	}
	return load{len(requests), took, after.since(before)}
}

// readStatus reads an answer and keeps nothing but its status: the load must leave the processor to the servers.
func readStatus(r *bufio.Reader) (status int, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, errors.New("no status line")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length, chunked := 0, false
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) == 2 {
			break
		}
		if text, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(text))); err != nil {
				return 0, err
			}
		}
		chunked = chunked || bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked"))
	}
	if !chunked {
		_, err = r.Discard(length)
		return status, err
	}
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return 0, err
		}
		if _, err := r.Discard(int(size) + len("\r\n")); err != nil || size == 0 {
			return status, err
		}
	}
}
