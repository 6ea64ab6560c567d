package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
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

func TestNobodyNamesHerOwnRequest(t *testing.T) {
	w := newWorld(t)
	if got := w.visitor().get("/login", echo.HeaderXRequestID, "hers").header.Get(echo.HeaderXRequestID); got == "" || got == "hers" {
		t.Errorf("the request is named %q", got)
	}
}
