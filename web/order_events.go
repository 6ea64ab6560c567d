package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"guiche/store"
	"guiche/views"
)

const (
	// heartbeat tells a page that its connection stands, and keeps proxies from closing a silent one. A page that misses
	// two says that it is not live.
	heartbeat = 3 * time.Second
	// beatsPerRead is how many of them pass before the order is read again, to find changes whose news was lost.
	beatsPerRead = 7
	// streamTime is how long one connection may follow an order.
	streamTime = passTime
	// sendTime is how long a slow browser may take for one event.
	sendTime = 10 * time.Second
)

// events streams the state of an order to a browser: at once, and then whenever it changes, until nothing can.
func (s *orders) events(c echo.Context) error {
	ctx, who := c.Request().Context(), account(c)
	m, err := s.finder.own(c)
	if err != nil {
		return err
	}
	id := m.Order.ID
	json := c.QueryParam("as") == "json"
	leave, full := s.seats.take(id, who.ID, neighbourhood(c.RealIP()))
	if full == "" {
		defer leave()
	} else {
		s.metrics.limited.WithLabelValues(full).Inc()
		if json || full == liveFull {
			return tooMany(heartbeat)
		}
	}
	one, stop := s.live.listen(m.Order.EventID, id)
	defer stop()
	s.passes.give(c, m.Order)
	s.metrics.live.Inc()
	defer s.metrics.live.Dec()
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that waits for more would hold the news back
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	stream := &stream{
		out: c.Response(), control: http.NewResponseController(c.Response()), json: json,
		frame: s.partFrame(c),
	}
	stream.pause = s.live.reconnectAfter()
	if err := stream.retry(); err != nil {
		return nil // the browser is gone already
	}
	if full != "" {
		_ = stream.event(views.BusyEvent, "poll") // a browser that is gone need not know
		return nil
	}
	err = s.follow(ctx, stream, one, who.ID, sessionOf(c), id)
	if err != nil && ctx.Err() == nil {
		s.log(c).Debug("live updates ended", "order", id, "error", err)
	}
	return nil
}

// follow sends changes until there can be none, the browser goes away, its session ends, or the role stops. It ends after
// a while in any case: the browser connects again, and shows that it may.
func (s *orders) follow(ctx context.Context, out *stream, one *listener, accountID int64, session string, id uuid.UUID) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	enough := time.NewTimer(streamTime)
	defer enough.Stop()
	var pause <-chan time.Time // while the place in line may not be sent again
	var line chan struct{}
	beats := 0
	if s.ended.has(session) {
		return nil // while it began
	}
	for {
		// Read after listening began, so that no change falls between.
		m, err := s.finder.find(ctx, accountID, id)
		if errors.Is(err, store.ErrNotFound) {
			return out.event(views.GoneEvent, "lost") // Redis lost it: the page loads itself anew and says what to do
		}
		if err != nil {
			return err // the browser connects again
		}
		sent, err := out.send(ctx, m)
		if err != nil {
			return err
		}
		if !m.Changing() {
			return out.close()
		}
		if sent {
			line, pause = nil, time.After(pace(m.Place))
		} else if pause == nil {
			line = s.lineNews(m, one)
		}
	waiting:
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-s.live.ended:
				return nil // the browser connects again, to another process
			case <-enough.C:
				return nil
			case <-one.over:
				if s.ended.has(session) {
					return nil
				}
			case <-one.order:
				break waiting
			case <-line:
				break waiting
			case <-pause:
				pause, line = nil, s.lineNews(m, one)
			case <-beat.C:
				if err := out.beat(); err != nil {
					return err
				}
				if beats++; beats%beatsPerRead == 0 {
					break waiting
				}
			}
		}
	}
}

// lineNews is what wakes a follower when the line moves; it only concerns orders that wait.
func (s *orders) lineNews(m views.OrderModel, one *listener) chan struct{} {
	if m.Order.Status == store.Queued || m.Order.Status == store.Waiting {
		return one.line
	}
	return nil
}

// pace is the least time between two updates of a place: the closer to the window, the livelier the line.
// What happens to the order itself is sent at once.
func pace(place int) time.Duration {
	switch {
	case place <= 20:
		return 200 * time.Millisecond
	case place <= 1000:
		return time.Second
	}
	return 3 * time.Second
}

// stream writes server-sent events to one browser.
type stream struct {
	out     http.ResponseWriter
	control *http.ResponseController
	json    bool
	frame   views.Frame
	pause   time.Duration // before connecting again
	last    any           // what was sent last
}

// send sends the state of an order unless it is what was sent last.
func (w *stream) send(ctx context.Context, m views.OrderModel) (sent bool, err error) {
	var state any = m
	if w.json {
		state = newOrderJSON(m)
	}
	if reflect.DeepEqual(state, w.last) {
		return false, nil
	}
	var b bytes.Buffer
	if w.json {
		if err := json.NewEncoder(&b).Encode(state); err != nil {
			return false, err
		}
	} else {
		w.frame.Now = time.Now()
		if err := views.OrderPart(w.frame, m).Render(w.frame.Context(ctx), &b); err != nil {
			return false, err
		}
	}
	w.last = state
	return true, w.event(views.OrderEvent, b.String())
}

// retry tells the browser when to connect again should the connection break.
func (w *stream) retry() error {
	return w.write(fmt.Sprintf("retry: %d\n\n", w.pause.Milliseconds()))
}

// beat keeps the connection alive, and lets a page know that it is. A script cannot see a comment, nor what retry said.
func (w *stream) beat() error {
	if w.json {
		return w.write(": still here\n\n")
	}
	return w.write(fmt.Sprintf("event: %s\ndata: {\"now\":%d,\"pause\":%d}\n\n", views.BeatEvent, time.Now().UnixMilli(), w.pause.Milliseconds()))
}

// close tells the browser not to come back.
func (w *stream) close() error { return w.event(views.CloseEvent, "end") }

// event writes one event; its data may have lines.
func (w *stream) event(name, data string) error {
	return w.write("event: " + name + "\ndata: " + dataLines.Replace(strings.TrimSpace(data)) + "\n\n")
}

// dataLines begins each line of an event's data as the format wants it.
var dataLines = strings.NewReplacer("\r\n", "\ndata: ", "\r", "\ndata: ", "\n", "\ndata: ")

func (w *stream) write(text string) error {
	if err := w.control.SetWriteDeadline(time.Now().Add(sendTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := io.WriteString(w.out, text); err != nil {
		return err
	}
	return w.control.Flush()
}
