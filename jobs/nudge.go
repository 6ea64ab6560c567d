package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Nudges asks the generator and the worker to look at a row. A nudge that is lost costs time, never the work.
type Nudges struct {
	client *asynq.Client
	now    func() time.Time
}

// mergeTime is how long a worker's task absorbs equal ones. Nobody puts it back at once when its process dies: asynq takes
// it for running then, for up to three minutes.
const mergeTime = 10 * time.Second

// NewNudges uses a Redis client that stays the caller's.
func NewNudges(rdb *redis.Client) *Nudges {
	return &Nudges{client: asynq.NewClientFromRedisClient(rdb), now: time.Now}
}

// Leave asks the generator to let a fan out of the line or to undo a hold that she gave up.
func (n *Nudges) Leave(ctx context.Context, orderID uuid.UUID) error {
	return n.once(ctx, QueueReleases, KindLeave, orderID.String())
}

// Expire asks the generator to undo holds whose deadline has passed: in one task, since thousands may lapse at once.
// It is merged with a task for the same holds.
func (n *Nudges) Expire(ctx context.Context, orderIDs ...uuid.UUID) error {
	if len(orderIDs) == 0 {
		return nil
	}
	list := formatIDs(orderIDs...)
	name := uuid.NewSHA1(uuid.Nil, list)
	return n.send(ctx, NewTask(KindExpire, list), asynq.Queue(QueueReleases), asynq.TaskID(KindExpire+":"+name.String()))
}

// Return asks the generator to take the stock of a refund back.
func (n *Nudges) Return(ctx context.Context, refundID uuid.UUID) error {
	return n.once(ctx, QueueReleases, KindReturn, refundID.String())
}

// ReturnAll asks the generator to take the stock of many refunds back in one task.
func (n *Nudges) ReturnAll(ctx context.Context, refundIDs []uuid.UUID) error {
	if len(refundIDs) == 0 {
		return nil
	}
	return n.send(ctx, NewTask(KindReturn, formatIDs(refundIDs...)), asynq.Queue(QueueReleases))
}

// Late asks the generator to decide about money that came after its hold had ended.
func (n *Nudges) Late(ctx context.Context, chargeID uuid.UUID) error {
	return n.once(ctx, QueueReleases, KindLate, chargeID.String())
}

// SetCapacity asks the generator to carry a capacity change out.
func (n *Nudges) SetCapacity(ctx context.Context, changeID int64) error {
	return n.once(ctx, QueueReleases, KindCapacity, fmt.Sprint(changeID))
}

// ServeReturnList asks the generator to serve those who wait for a ticket type, or to tell them that nothing comes back.
// It is never merged with another one, which may have looked before the news.
func (n *Nudges) ServeReturnList(ctx context.Context, typeID int64) error {
	return n.send(ctx, NewTask(KindReturnList, formatNumber(typeID)), asynq.Queue(QueueReleases))
}

// Resume asks the generator to decide the parked orders of an event that is not paused any more; never merged, likewise.
func (n *Nudges) Resume(ctx context.Context, eventID int64) error {
	return n.send(ctx, NewTask(KindResume, formatNumber(eventID)), asynq.Queue(QueueReleases))
}

// GiveUp asks the worker to cancel an order's open charges and then to let it leave.
func (n *Nudges) GiveUp(ctx context.Context, orderID uuid.UUID) error {
	return n.once(ctx, QueuePayments, KindGiveUp, orderID.String())
}

// DropCharge asks the worker to end a charge, so that another one can be made.
func (n *Nudges) DropCharge(ctx context.Context, chargeID uuid.UUID) error {
	return n.once(ctx, QueuePayments, KindDrop, chargeID.String())
}

// PayBack asks the worker to send a refund's money.
func (n *Nudges) PayBack(ctx context.Context, refundID uuid.UUID) error {
	return n.once(ctx, QueueRefunds, KindPayBack, refundID.String())
}

// EndCancelled asks the generator to end the open orders of a cancelled event. It is never merged with another one, which may
// have looked before the last order was ready.
func (n *Nudges) EndCancelled(ctx context.Context, eventID int64) error {
	return n.send(ctx, NewTask(KindCancel, formatNumber(eventID)), asynq.Queue(QueueReleases))
}

// Undo asks the worker to give everybody of a cancelled event everything back.
func (n *Nudges) Undo(ctx context.Context, eventID int64) error {
	return n.once(ctx, QueueRefunds, KindUndo, fmt.Sprint(eventID))
}

// CheckCharge asks the worker what the gateway says of a charge.
// It is never merged with another check, which may have begun before the news.
func (n *Nudges) CheckCharge(ctx context.Context, chargeID uuid.UUID) error {
	return n.send(ctx, NewTask(KindCheck, formatIDs(chargeID)), asynq.Queue(QueuePayments))
}

// ResolveNotice asks the worker which charge a notice is about, and to look at it.
func (n *Nudges) ResolveNotice(ctx context.Context, gateway, eventID string) error {
	payload, err := json.Marshal(Notice{Gateway: gateway, EventID: eventID})
	if err != nil {
		return err
	}
	return n.once(ctx, QueuePayments, KindNotice, string(payload))
}

// Letters asks the worker to send what letters are owed: one task for all news of one second, at its end, so that none
// of them comes after the look.
func (n *Nudges) Letters(ctx context.Context) error {
	at := time.Now().Truncate(time.Second).Add(time.Second)
	return n.send(ctx, NewTask(KindLetters, nil), asynq.Queue(QueueLetters),
		asynq.TaskID(fmt.Sprintf("%s:%d", KindLetters, at.Unix())), asynq.ProcessAt(at))
}

// Overdue asks the worker to look for holds past their deadline at a moment: one task for all that end in one second.
func (n *Nudges) Overdue(ctx context.Context, at time.Time) error {
	second := formatNumber(at.Unix()) // asynq knows whole seconds only
	return n.send(ctx, NewTask(KindDeadline, second), asynq.Queue(QueueIssued),
		asynq.TaskID(KindDeadline+":"+string(second)), asynq.ProcessAt(at))
}

// Issued tells the worker what one batch of the generator gave out.
func (n *Nudges) Issued(ctx context.Context, i Issued) error {
	payload, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return n.send(ctx, NewTask(KindIssued, payload), asynq.Queue(QueueIssued))
}

// OverdueNow asks the worker to look for holds past their deadline now.
func (n *Nudges) OverdueNow(ctx context.Context) error {
	return n.once(ctx, QueueIssued, KindOverdue, "")
}

// PollCharge is CheckCharge without news: polls of one charge are merged, so that they do not pile up while the
// gateway is silent.
func (n *Nudges) PollCharge(ctx context.Context, chargeID uuid.UUID) error {
	return n.once(ctx, QueuePayments, KindCheck, chargeID.String())
}

// once sends a task that is merged with an equal one which is still waiting or running, a worker's only for a while.
func (n *Nudges) once(ctx context.Context, queue, kind, id string) error {
	name := kind + ":" + id
	if queue != QueueReleases { // those a new generator puts back before it serves
		name = fmt.Sprintf("%s:%d", name, n.now().Truncate(mergeTime).Unix())
	}
	return n.send(ctx, NewTask(kind, []byte(id)), asynq.Queue(queue), asynq.TaskID(name))
}

func (n *Nudges) send(ctx context.Context, task *asynq.Task, options ...asynq.Option) error {
	options = append(options, asynq.MaxRetry(ManyTries), asynq.Deadline(FarAway))
	_, err := n.client.EnqueueContext(ctx, task, options...)
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
		return fmt.Errorf("nudge %s: %w", task.Type(), err)
	}
	return nil
}
