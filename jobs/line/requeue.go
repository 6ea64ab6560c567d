package line

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"guiche/jobs"
	"guiche/store"
)

// Requeued is what became of the orders that were still in line when Redis and Postgres had different pasts.
type Requeued struct {
	Orders int // that got another number, in the order in which they stood
	Aside  int // of events or accounts that Postgres has never heard of
}

// Requeue gives the orders that are still in line, and were not decided, new numbers behind the ones of lines, and their
// accounts a place: two of them may have the same number, or one that has a row. Nobody can join meanwhile. It can be
// repeated. undecided is Leader.Undecided.
func (l *Line) Requeue(ctx context.Context, lines []store.RebuiltLine, undecided undecided) (r Requeued, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("requeue: %w", err)
		}
	}()
	if err := l.putBack(ctx, 0, jobs.QueuePurchases, "+inf"); err != nil {
		return r, err
	}
	tails := make(map[int64]*tail, len(lines))
	for _, its := range lines {
		tails[its.EventID] = &tail{number: its.LastNumber, asked: map[int64]int64{}}
	}
	ids, err := l.rdb.LRange(ctx, jobs.ListKey(jobs.QueuePurchases, "pending"), 0, -1).Result()
	if err != nil {
		return r, err
	}
	slices.Reverse(ids) // the oldest first
	var lost []string
	for page := range slices.Chunk(ids, numbersAtOnce) {
		aside, n, err := l.requeuePage(ctx, page, tails, undecided)
		if err != nil {
			return r, err
		}
		lost = append(lost, aside...)
		r.Orders, r.Aside = r.Orders+n, len(lost)
	}
	return r, l.finishRequeue(ctx, tails, lost)
}

// tail is where a line ends while it is written anew.
type tail struct {
	number int64
	asked  map[int64]int64 // tickets by type
}

// undecided tells which of some orders have no row, and which of those no account either.
type undecided func([]store.QueuedOrder) (ids map[uuid.UUID]bool, lost []uuid.UUID, err error)

// requeuePage renumbers some of a line. It returns those that belong to nothing.
func (l *Line) requeuePage(ctx context.Context, ids []string, tails map[int64]*tail, undecided undecided) (lost []string, n int, err error) {
	ask := l.rdb.Pipeline()
	messages := make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		messages[i] = ask.HGet(ctx, jobs.TaskKey(jobs.QueuePurchases, id), "msg")
	}
	if _, err := ask.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, 0, err
	}
	var orders []store.QueuedOrder
	text := map[uuid.UUID]string{}
	for _, m := range messages {
		t, _ := readMessage([]byte(m.Val()))
		if o, err := jobs.DecodePurchase(t.Payload); err == nil { // the generator sees to what cannot be read
			orders, text[o.ID] = append(orders, o), m.Val()
		}
	}
	waiting, strangers, err := undecided(orders)
	if err != nil {
		return nil, 0, err
	}
	for _, id := range strangers {
		lost = append(lost, id.String())
	}
	write := l.rdb.Pipeline()
	for _, o := range orders {
		if !waiting[o.ID] {
			continue
		}
		id, its := o.ID.String(), tails[o.EventID]
		if its == nil {
			lost = append(lost, id)
			continue
		}
		its.number++
		n++
		write.HSet(ctx, jobs.TaskKey(jobs.QueuePurchases, id), "msg", renumber(text[o.ID], its.number, its.asked[o.TicketTypeID]))
		write.HSetNX(ctx, openKey(o.EventID), strconv.FormatInt(o.AccountID, 10), id)
		its.asked[o.TicketTypeID] += int64(o.Quantity)
	}
	if write.Len() == 0 {
		return lost, n, nil
	}
	_, err = write.Exec(ctx)
	return lost, n, err
}

// finishRequeue says where the lines end, and sets aside what belongs to none, unless somebody leads already. ErrNotOurs.
func (l *Line) finishRequeue(ctx context.Context, tails map[int64]*tail, lost []string) error {
	return l.rdb.Watch(ctx, func(tx *redis.Tx) error {
		if led, err := tx.Exists(ctx, epochKey).Result(); err != nil || led > 0 {
			return errors.Join(err, ErrNotOurs)
		}
		_, err := tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			for event, its := range tails {
				fields := []any{"joined", its.number}
				for kind, n := range its.asked {
					fields = append(fields, fmt.Sprintf("asked:%d", kind), n)
				}
				pipe.HSet(ctx, eventKey(event), fields...)
			}
			for _, id := range lost {
				pipe.LRem(ctx, jobs.ListKey(jobs.QueuePurchases, "pending"), -1, id)
				pipe.HSet(ctx, jobs.TaskKey(jobs.QueuePurchases, id), "state", archived)
				pipe.ZAdd(ctx, jobs.ListKey(jobs.QueuePurchases, archived), redis.Z{Score: float64(time.Now().Unix()), Member: id})
			}
			return nil
		})
		return err
	}, epochKey)
}

// slots are the number of an order and the tickets asked for before it, as the join script writes them into its message.
var slots = regexp.MustCompile(fmt.Sprintf(`"number":"\d{%[1]d}","before":"\d{%[1]d}"`, jobs.SlotWidth))

// renumber fills the slots anew. They have a fixed width, so that no length in the message changes.
func renumber(message string, number, before int64) string {
	at := slots.FindStringIndex(message)
	if at == nil {
		return message
	}
	return message[:at[0]] + fmt.Sprintf(`"number":"%0*d","before":"%0*d"`, jobs.SlotWidth, number, jobs.SlotWidth, before) + message[at[1]:]
}
