package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/jobs/mail"
	"guiche/store"
)

const (
	// letterSlots is how many letters leave at once. They have slots of their own, so that a slow mail server delays no payment.
	letterSlots = 4
	// lettersTime is how long one task goes on sending; the next one takes what is left.
	lettersTime = time.Minute
	// endingBatch is how many letters about ending holds one sweep owes: more than can be sent before the next.
	endingBatch = 5000
)

// serveLetters runs what sends letters.
func (w *Worker) serveLetters(client *redis.Client) (stop func(), err error) {
	if w.letters == nil {
		w.log.Warn("letters are owed but not sent: SMTP_URL is not set")
	}
	server := asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency:              letterSlots,
		Queues:                   map[string]int{jobs.QueueLetters: 1},
		TaskCheckInterval:        delayedCheck,
		DelayedTaskCheckInterval: delayedCheck,
		ShutdownTimeout:          grace,
		RetryDelayFunc:           retryDelay,
		IsFailure:                isFailure,
		Logger:                   jobs.Log(w.log),
		LogLevel:                 asynq.WarnLevel,
	})
	mux := asynq.NewServeMux()
	mux.Use(w.forgive(lettersTime))
	mux.HandleFunc(jobs.KindLetters, w.sendLetters)
	if err := server.Start(mux); err != nil {
		return nil, fmt.Errorf("start the letters: %w", err)
	}
	return server.Shutdown, nil
}

// sendLetters sends what is due, one after the other, over one connection.
func (w *Worker) sendLetters(ctx context.Context, _ *asynq.Task) error {
	if w.letters == nil {
		return nil
	}
	connection := w.letters.sender.Connection()
	defer connection.Close()
	end, _ := ctx.Deadline()
	for time.Until(end) > mail.LetterTime {
		l, err := w.store.ClaimLetter(ctx)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.sendLetter(ctx, connection, l); err != nil {
			return err
		}
	}
	return w.nudges.Letters(ctx)
}

// sendLetter sends a letter in hand, unless what it tells is no longer so. A mail server that cannot be reached is an error,
// since the next letter would meet it too; any other trouble is the letter's own.
func (w *Worker) sendLetter(ctx context.Context, connection *mail.Connection, l store.Letter) error {
	message, err := w.writeLetter(ctx, l)
	if errors.Is(err, errMoot) {
		w.metrics.letters.WithLabelValues(string(l.Kind), "moot").Inc()
		return w.store.LetterMoot(ctx, l.ID)
	}
	if err == nil {
		err = connection.Send(ctx, message)
	}
	ctx, cancel := afterwards(ctx) // a mail server that hangs may have used up the task's time
	defer cancel()
	if err == nil {
		w.metrics.letters.WithLabelValues(string(l.Kind), "sent").Inc()
		return w.store.LetterSent(ctx, l.ID)
	}
	givenUp, failed := w.store.LetterFailed(ctx, l.ID, errors.Is(err, mail.ErrRefused))
	if givenUp {
		w.metrics.letters.WithLabelValues(string(l.Kind), "failed").Inc()
		w.log.Error("letter given up", "letter", l.ID, "kind", l.Kind, "attempts", l.Attempts, "error", err)
	} else {
		w.metrics.letters.WithLabelValues(string(l.Kind), "retried").Inc()
		w.log.Warn("letter not sent, it is tried again later", "letter", l.ID, "kind", l.Kind, "attempts", l.Attempts, "error", err)
	}
	if errors.Is(err, mail.ErrUnreachable) {
		return errors.Join(err, failed)
	}
	return failed
}

// sweepLetters owes the letters that only the clock makes due, and nudges for all that are due.
func (w *Worker) sweepLetters(ctx context.Context) error {
	err := w.store.ForgetNobody(ctx)
	if w.letters == nil {
		return err
	}
	_, failed := w.store.OweHoldEndings(ctx, endingBatch)
	err = errors.Join(err, failed)
	due, failed := w.store.LettersDue(ctx)
	if failed == nil && due {
		failed = w.nudges.Letters(ctx)
	}
	return errors.Join(err, failed)
}
