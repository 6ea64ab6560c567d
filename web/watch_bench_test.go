package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs/line"
	"guiche/store"
	"guiche/views"
)

var benchWatchers = flag.Int("watchers", 20_000, "open waiting pages of the benchmark")

const (
	otherFiles = 250              // what a process has open beside the pages
	absent     = 10               // fans at the head of the line who do not look
	quietTime  = 30 * time.Second // more than a heartbeat
)

// BenchmarkFansWatch measures what open waiting pages cost one web process, and how soon their fans are told.
func BenchmarkFansWatch(b *testing.B) {
	n := min(*benchWatchers, mostFiles(b)-otherFiles)
	s := newBenchShop(b, absent+n)
	e := s.createEvent(absent + n)
	cookies := s.signIn(absent + n)
	head := make([]store.QueuedOrder, absent)
	for i := range head {
		o, err := s.join(e, i+1)
		if err != nil {
			b.Fatal(err)
		}
		head[i] = o
	}
	fans := make([]*watcher, n)
	s.each(n, func(i int) error {
		o, err := s.join(e, absent+i+1)
		fans[i] = &watcher{order: o.ID}
		return err
	})
	s.leads()
	s.startWeb()
	s.send(200, [][]byte{s.request(0, "GET", "/orders/"+head[0].ID.String(), cookies[0], "", "Accept: text/html")}) // warm up

	empty := s.webMetrics()
	opening := time.Now()
	s.each(n, func(i int) error {
		return fans[i].open(s.web, s.request(absent+i, "GET", "/orders/"+fans[i].order.String()+"/events", cookies[absent+i], "",
			"Accept: text/event-stream"))
	})
	b.Cleanup(func() {
		for _, f := range fans {
			f.close()
		}
	})
	opened := time.Since(opening)
	full := s.webMetrics()
	perFan := func(name string) float64 { return (full[name] - empty[name]) / float64(n) / 1000 }

	before := s.effort()
	<-time.After(quietTime) // it is this time that is measured
	quiet := s.effort().since(before)

	before = s.effort()
	place := make(map[*watcher]int64, n)
	for _, f := range fans {
		place[f] = f.place.Load()
	}
	published := s.move(head)
	s.Eventually("every place has moved", func() bool {
		return !slices.ContainsFunc(fans, func(f *watcher) bool { return f.place.Load() == place[f] })
	})
	moving := s.effort().since(before)
	var moved [3]delays
	for _, f := range fans {
		now := f.place.Load()
		if now != place[f]-absent {
			b.Fatalf("a place went from %d to %d, want %d before it", place[f], now, absent)
		}
		far := 0
		if place[f] > 20 {
			far++
		}
		if place[f] > 1000 {
			far++
		}
		moved[far] = append(moved[far], f.changed().Sub(published))
	}

	heard := s.listen()
	before = s.effort()
	s.start("generator")
	s.Eventually("every order is reserved", func() bool {
		return !slices.ContainsFunc(fans, func(f *watcher) bool { return f.place.Load() != reservedPlace })
	})
	deciding := s.effort().since(before)
	var decided delays
	var first, lastNews, lastTold time.Time
	for _, f := range fans {
		news := heard.at(f.order)
		if news.IsZero() {
			b.Fatalf("no news of order %s", f.order)
		}
		if first.IsZero() || news.Before(first) {
			first = news
		}
		if news.After(lastNews) {
			lastNews = news
		}
		if f.changed().After(lastTold) {
			lastTold = f.changed()
		}
		decided = append(decided, f.changed().Sub(news))
	}
	for _, f := range fans {
		if err := f.lost(); err != nil {
			b.Fatalf("a page ended: %v", err)
		}
	}
	b.ReportMetric(perFan("process_resident_memory_bytes"), "kB/fan")
	b.ReportMetric(lastTold.Sub(lastNews).Seconds(), "s-to-the-last")

	var t strings.Builder
	fmt.Fprintf(&t, "## Waiting pages\n\n%d pages open on one web process with live updates, opened in %.1f s.", n, opened.Seconds())
	if n < *benchWatchers {
		fmt.Fprintf(&t, " More would not fit: here a process may open %d files.", mostFiles(b))
	}
	fmt.Fprintf(&t, "\nA place is told the more seldom the farther it is, on purpose: after 0.2, 1 or 3 s at the earliest. A decision is told at\n"+
		"once: what takes time there is the processor's work for each fan, reading the order's rows and rendering.\n\n"+
		"| what | |\n|---|---|\n")
	row := func(what, format string, values ...any) {
		fmt.Fprintf(&t, "| %s | "+format+" |\n", append([]any{what}, values...)...)
	}
	row("memory per fan: resident; heap and stacks in use", "%.1f kB; %.1f kB and %.1f kB", perFan("process_resident_memory_bytes"),
		perFan("go_memstats_heap_inuse_bytes"), perFan("go_memstats_stack_inuse_bytes"))
	row("web process while nothing moves", "%.0f %% of a core", 100*quiet.web.Seconds()/quietTime.Seconds())
	for i, where := range []string{"places 1 to 20", "to 1,000", "beyond"} {
		if len(moved[i]) > 0 {
			row("all places move at once, from the news to the fan: "+where, "%s", moved[i])
		}
	}
	row("web process for each fan told so", "%.0f µs", float64(moving.web.Microseconds())/float64(n))
	row("the generator decides all, from the news of an order to its fan", "%s", decided)
	row("from the first news to the last; to the last fan told", "%.2f s; %.2f s", lastNews.Sub(first).Seconds(), lastTold.Sub(first).Seconds())
	row("web process for each fan told so", "%.0f µs", float64(deciding.web.Microseconds())/float64(n))
	s.report(t.String())
}

// mostFiles is how many files this machine lets one process open.
func mostFiles(b *testing.B) int {
	b.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	return int(min(limit.Cur, 1<<20))
}

// move tells, as the generator does after a batch, that the turn of these orders came, and when it did.
func (s *benchShop) move(orders []store.QueuedOrder) time.Time {
	s.T.Helper()
	passed := line.Passed{}
	for _, o := range orders {
		passed.Add(o)
	}
	ctx := context.Background()
	if err := s.Line.Tell(ctx, store.Outcome{}, passed); err != nil {
		s.T.Fatal(err)
	}
	at := time.Now()
	if err := s.Line.Announce(ctx, store.Outcome{}, passed); err != nil {
		s.T.Fatal(err)
	}
	return at
}

// leads gives the sign of life of a generator that has nothing to do, until the benchmark ends: fans who wait before no
// window at all are told so.
func (s *benchShop) leads() {
	ctx, stop := context.WithCancel(s.Ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.Tick(time.Second); ctx.Err() == nil; <-tick {
			if beat, err := s.Line.Beat(ctx); err == nil {
				_ = s.Line.Leads(ctx, beat.Epoch)
			}
		}
	}()
	s.T.Cleanup(func() { stop(); <-ended })
}

// ear notes when news of orders came.
type ear struct {
	mu   sync.Mutex
	news map[uuid.UUID]time.Time
}

func (h *ear) at(id uuid.UUID) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.news[id]
}

// listen returns when the ear is on the wire.
func (s *benchShop) listen() *ear {
	s.T.Helper()
	h := &ear{news: map[uuid.UUID]time.Time{}}
	ctx, stop := context.WithCancel(context.Background())
	on, ended := make(chan struct{}, 16), make(chan struct{})
	go func() {
		defer close(ended)
		s.Line.Listen(ctx, func(n line.News) {
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, id := range n.Orders {
				if h.news[id].IsZero() {
					h.news[id] = time.Now()
				}
			}
		}, func() { on <- struct{}{} })
	}()
	s.T.Cleanup(func() { stop(); <-ended })
	<-on
	return h
}

// delays are how long things took.
type delays []time.Duration

// String tells the median and the last.
func (d delays) String() string {
	slices.Sort(d)
	return fmt.Sprintf("median %.2f s, last %.2f s", d[len(d)/2].Seconds(), d[len(d)-1].Seconds())
}

// watcher is a fan with an open waiting page, at the cost of a goroutine and a small buffer.
type watcher struct {
	order uuid.UUID
	conn  net.Conn
	place atomic.Int64 // as the page shows it, or reservedPlace
	since atomic.Int64 // when it changed, in ns
	ended chan error
}

// reservedPlace stands for an order whose turn came and that got its ticket.
const reservedPlace = -1

// open asks for the live updates and returns with the first.
func (f *watcher) open(address string, request []byte) (err error) {
	if f.conn, err = net.Dial("tcp", address); err != nil {
		return err
	}
	if _, err := f.conn.Write(request); err != nil {
		return err
	}
	lines := bufio.NewReaderSize(f.conn, 1<<10)
	for f.place.Load() == 0 {
		if err := f.read(lines); err != nil {
			return err
		}
	}
	f.ended = make(chan error, 1)
	go func() {
		for err == nil {
			err = f.read(lines)
		}
		f.ended <- err
	}()
	return nil
}

// changed is when the page last showed another place.
func (f *watcher) changed() time.Time { return time.Unix(0, f.since.Load()) }

// lost tells why the page gets no more updates; nil if it does.
func (f *watcher) lost() error {
	select {
	case err := <-f.ended:
		f.ended <- err
		return err
	default:
		return nil
	}
}

func (f *watcher) close() {
	_ = f.conn.Close() // which ends the reading
	<-f.ended
}

// read takes in a line, and from the one with the order where the fan stands.
func (f *watcher) read(lines *bufio.Reader) error {
	line, err := lines.ReadSlice('\n')
	place := placeIn(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = lines.ReadSlice('\n') // what follows the heading is of no interest
	}
	if err == nil && place != 0 && f.place.Swap(place) != place {
		f.since.Store(time.Now().UnixNano())
	}
	return err
}

// placeIn is the place that a line's heading tells, or reservedPlace; 0 if the line tells of no order.
func placeIn(line []byte) (place int64) {
	_, state, found := bytes.Cut(line, []byte(`<article class="order order-`))
	switch {
	case !found:
		return 0
	case bytes.HasPrefix(state, []byte(store.Reserved)):
		return reservedPlace
	}
	heading, _, _ := bytes.Cut(state, []byte("</h1>"))
	for _, c := range heading[bytes.LastIndexByte(heading, '>')+1:] {
		if '0' <= c && c <= '9' {
			place = place*10 + int64(c-'0')
		}
	}
	return max(place, 1) // the first place is told in words
}

// A benchmark is not run by every test, so this one sees to it that it can read the pages of today.
func TestTheBenchmarkReadsWherePagesSayThatSomebodyStands(t *testing.T) {
	for place, want := range map[int]int64{1: 1, 2: 2, 4711: 4711, 1_234_567: 1_234_567, 0: reservedPlace} {
		m := views.OrderModel{Event: store.Event{Name: "Baile de 2027"}, Order: store.Order{Status: store.Queued}, Place: place}
		if place == 0 {
			m.Order.Status = store.Reserved
		}
		var part bytes.Buffer
		if err := views.OrderPart(views.Frame{Language: views.Portuguese}, m).Render(t.Context(), &part); err != nil {
			t.Fatal(err)
		}
		f := &watcher{}
		if err := f.read(bufio.NewReaderSize(io.MultiReader(strings.NewReader("data: "), &part, strings.NewReader("\n")), 1<<10)); err != nil {
			t.Fatal(err)
		}
		if got := f.place.Load(); got != want {
			t.Errorf("place %d is read as %d", want, got)
		}
	}
}
