package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	headerTime = 10 * time.Second
	stopTime   = 5 * time.Second
)

// service answers on a listener until ctx ends.
type service func(ctx context.Context, listener net.Listener) error

// listen runs a service beside what a process is for, on the address of a setting. The returned function stops it; there
// is nothing to stop if the setting is empty.
func (a *app) listen(setting, address string, run service) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx, listener); err != nil {
			a.log.Error("a listener failed", "setting", setting, "error", err)
		}
	}()
	return func() { cancel(); <-done }, nil
}

// httpService lets the requests in hand finish.
func httpService(handler http.Handler) service {
	return func(ctx context.Context, listener net.Listener) error {
		server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTime}
		failed := make(chan error, 1)
		go func() { failed <- server.Serve(listener) }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		grace, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		return server.Shutdown(grace)
	}
}
