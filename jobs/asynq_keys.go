package jobs

import "fmt"

// TaskKey is asynq's own key of a task (v0.26.0): a hash whose field "msg" is its message.
func TaskKey(queue, id string) string { return fmt.Sprintf("asynq:{%s}:t:%s", queue, id) }

// ListKey is asynq's own key of the tasks of a queue in a state: lists "pending" and "active", the oldest at the right
// end, and sorted sets "retry", "archived" and "lease".
func ListKey(queue, list string) string { return fmt.Sprintf("asynq:{%s}:%s", queue, list) }
