package app

import (
	"context"
	"fmt"
	"time"

	"guiche/jobs"
	"guiche/store"
)

const (
	// patiencePause is the time between two tries to reach a server that is away.
	patiencePause = time.Second
	// patienceTold is how often it is said which server a process waits for.
	patienceTold = 30 * time.Second
)

// patient does what a process begins with, and waits as long as a server is away that it needs: nothing is gained by ending
// and being started again. It is not ready meanwhile. What waiting does not cure ends it, such as another schema; who stops it while it waits hears what was away.
func (a *app) patient(ctx context.Context, server string, begin func() error) error {
	var told time.Time
	var away error
	for {
		err := begin()
		if err == nil || !store.Away(err) && !jobs.RedisAway(err) {
			return err
		}
		if ctx.Err() != nil {
			if away == nil {
				return err
			}
			return away
		}
		away = fmt.Errorf("%s is away: %w", server, err)
		if time.Since(told) > patienceTold {
			told = time.Now()
			a.log.Error("waiting for a server that is away", "server", server, "error", err)
		}
		pause := time.NewTimer(patiencePause)
		select {
		case <-ctx.Done():
			pause.Stop()
			return away
		case <-pause.C:
		}
	}
}
