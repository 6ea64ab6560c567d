package jobs

import (
	"fmt"
	"log/slog"
	"os"
)

// quietLog hands asynq's own messages to slog.
type quietLog struct{ log *slog.Logger }

func (l quietLog) Debug(args ...any) { l.log.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l quietLog) Info(args ...any)  { l.log.Info("asynq", "message", fmt.Sprint(args...)) }
func (l quietLog) Warn(args ...any)  { l.log.Warn("asynq", "message", fmt.Sprint(args...)) }
func (l quietLog) Error(args ...any) { l.log.Error("asynq", "message", fmt.Sprint(args...)) }

// Fatal ends the process, as asynq expects of its logger.
func (l quietLog) Fatal(args ...any) {
	l.log.Error("asynq", "message", fmt.Sprint(args...))
	os.Exit(1)
}
