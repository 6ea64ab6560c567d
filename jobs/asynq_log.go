package jobs

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/hibiken/asynq"
)

// Log writes asynq's own messages to slog.
func Log(log *slog.Logger) asynq.Logger { return asynqLog{log} }

type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Info("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq", "message", fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) { l.log.Error("asynq", "message", fmt.Sprint(args...)) }

// Fatal ends the process, as asynq expects of its logger.
func (l asynqLog) Fatal(args ...any) {
	l.log.Error("asynq", "message", fmt.Sprint(args...))
	os.Exit(1)
}
