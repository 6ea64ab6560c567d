package web

import (
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"guiche/store"
)

// noticePause is how often at most a process writes down how a gateway's notices fare: anybody can post what is no notice.
const noticePause = 10 * time.Second

// noticeWatch tells admins that a gateway's notices come, or that they are refused.
type noticeWatch struct {
	*pages
	store *store.Store
	mu    sync.Mutex
	told  map[string]time.Time // by gateway and what was told
}

func newNoticeWatch(p *pages, s *store.Store, gateways []string) *noticeWatch {
	for _, name := range gateways {
		p.metrics.noticesTaken.WithLabelValues(name)
		for _, reason := range []string{noticeUnsigned, noticeMalformed} {
			p.metrics.noticesRefused.WithLabelValues(name, reason)
		}
	}
	return &noticeWatch{pages: p, store: s, told: map[string]time.Time{}}
}

// Why notices are refused.
const (
	noticeUnsigned  = "signature"
	noticeMalformed = "malformed"
)

func (w *noticeWatch) taken(c echo.Context, gateway string) {
	w.metrics.noticesTaken.WithLabelValues(gateway).Inc()
	if w.due(gateway) {
		w.check(c, w.store.NoticeTaken(c.Request().Context(), gateway))
	}
}

func (w *noticeWatch) refused(c echo.Context, gateway, reason string) {
	w.metrics.noticesRefused.WithLabelValues(gateway, reason).Inc()
	if w.due(gateway + " " + reason) {
		w.forget(gateway) // so that the next good one is told
		w.log(c).Warn("a notice was refused; if this goes on, its secret is not the gateway's", "gateway", gateway, "reason", reason)
		w.check(c, w.store.NoticeRefused(c.Request().Context(), gateway, reason))
	}
}

func (w *noticeWatch) check(c echo.Context, err error) {
	if err != nil {
		w.log(c).Warn("how notices fare is not written down", "error", err)
	}
}

func (w *noticeWatch) forget(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.told, what)
}

// due says whether something has not been told for a while.
func (w *noticeWatch) due(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.told[what]) < noticePause {
		return false
	}
	w.told[what] = time.Now()
	return true
}
