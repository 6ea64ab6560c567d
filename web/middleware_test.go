package web

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	base "guiche/journeys/world"
	"guiche/static"
)

func TestAPanicIsAPageAndALineInTheLog(t *testing.T) {
	w := newWorld(t)
	var said bytes.Buffer
	config := w.server.Config
	config.Metrics, config.Log = prometheus.NewRegistry(), slog.New(slog.NewTextHandler(&said, nil))
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	s.echo.GET("/broken", func(echo.Context) error { panic(context.Canceled) }) // a value that is no fault elsewhere
	page := httptest.NewRecorder()
	s.echo.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/broken", nil))
	id := page.Header().Get(echo.HeaderXRequestID)
	if page.Code != http.StatusInternalServerError || id == "" || !strings.Contains(page.Body.String(), id) {
		t.Errorf("status %d, request %q\n%s", page.Code, id, page.Body)
	}
	for _, want := range []string{"panic", "middleware_test.go", id} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the log does not name %q:\n%s", want, said.String())
		}
	}
	if strings.Contains(page.Body.String(), "canceled") {
		t.Error("the page tells what broke")
	}
}

// slowBody notes whether the server waits for a body without end.
type slowBody struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (s *slowBody) SetReadDeadline(t time.Time) error {
	s.deadline = t
	return nil
}

func TestABodyThatNeverComesIsNotWaitedFor(t *testing.T) {
	for _, length := range []int64{-1, 1, maxBody, maxBody + 1, 1 << 40} {
		r := httptest.NewRequest(http.MethodPost, "/login", http.NoBody)
		r.ContentLength = length
		answer := &slowBody{ResponseRecorder: httptest.NewRecorder()}
		err := limitBody(func(echo.Context) error { return nil })(echo.New().NewContext(r, answer))
		if wait := time.Until(answer.deadline); wait <= 0 || wait > bodyTime {
			t.Errorf("%d bytes are waited for until %v", length, answer.deadline)
		}
		if large := length > maxBody; large != (asProblem(err).status == http.StatusRequestEntityTooLarge) {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
}

func TestWhoReadsNothingIsCutOff(t *testing.T) {
	w := newWorld(t)
	e := w.createEvent(nil)
	w.stopGenerator()
	ana := w.fan()
	id := ana.join(e, 1)
	server := w.server.httpServer()
	if server.WriteTimeout <= 0 || server.WriteTimeout > time.Minute {
		t.Errorf("an answer may take %v", server.WriteTimeout)
	}
	server.WriteTimeout = 300 * time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{}, 10)
	server.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			closed <- struct{}{}
		}
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	w.url = "http://" + listener.Addr().String() // cookies know no ports
	live := ana.follow(id, "?as=json")
	w.nextOrder(live)
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ask := []byte("GET " + static.URL("pico.min.css") + " HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := conn.Write(bytes.Repeat(ask, 2000)); err != nil {
		t.Fatal(err)
	}
	select {
	case <-closed:
	case <-time.After(base.Patience):
		t.Error("a reader that never reads keeps its connection")
	}
	w.startGenerator() // live updates go on for longer
	if o := w.nextOrder(live); o.Status == "" {
		t.Errorf("live came %+v", o)
	}
}

func TestNobodyNamesHerOwnRequest(t *testing.T) {
	w := newWorld(t)
	if got := w.visitor().get("/login", echo.HeaderXRequestID, "hers").header.Get(echo.HeaderXRequestID); got == "" || got == "hers" {
		t.Errorf("the request is named %q", got)
	}
}
