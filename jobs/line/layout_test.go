package line_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/jobs/line"
	"guiche/journeys/world"
	"guiche/store"
)

// What differs from run to run. Widths are kept: a message of asynq's says how long its fields are.
var (
	anyID    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anyNanos = regexp.MustCompile(`\b1\d{12}(\d{6})?\b`)
	anyCount = regexp.MustCompile(`(?m)^(\t(?:epoch|batch|name|tasks) = |guiche:epoch string ).*$`) // how often led, written and claimed
)

// layout writes down what is in Redis: every key of the line with its type and what it holds, and the tasks of asynq's that
// the line writes itself.
type layout struct {
	*world.World
	names map[string]string // of ids
	text  bytes.Buffer
}

func (l *layout) dump(title string) {
	l.T.Helper()
	var keys []string
	for _, pattern := range []string{"guiche:*", "asynq:{purchases}:t:*"} {
		found, err := l.Redis.Keys(l.Ctx, pattern).Result()
		if err != nil {
			l.T.Fatal(err)
		}
		keys = append(keys, found...)
	}
	var blocks []string
	for _, key := range keys {
		blocks = append(blocks, l.block(key))
	}
	slices.Sort(blocks)
	fmt.Fprintf(&l.text, "# %s\n%s\n", title, strings.Join(blocks, ""))
}

// block is one key.
func (l *layout) block(key string) string {
	l.T.Helper()
	kind, err := l.Redis.Type(l.Ctx, key).Result()
	if err != nil {
		l.T.Fatal(err)
	}
	first, lines := key+" "+kind, []string{}
	switch kind {
	case "string":
		first += " " + l.Redis.Get(l.Ctx, key).Val()
	case "hash":
		for field, value := range l.Redis.HGetAll(l.Ctx, key).Val() {
			if field == "msg" {
				value = fmt.Sprintf("%q", value)
			}
			lines = append(lines, field+" = "+value)
		}
	case "zset":
		for _, z := range l.Redis.ZRangeWithScores(l.Ctx, key, 0, -1).Val() {
			lines = append(lines, fmt.Sprintf("%v at %v", z.Member, z.Score))
		}
	default:
		l.T.Errorf("%s is a %s", key, kind)
	}
	if l.Redis.TTL(l.Ctx, key).Val() > 0 {
		first += ", ends"
	}
	slices.Sort(lines)
	block := first + "\n"
	for _, line := range lines {
		block += "\t" + line + "\n"
	}
	block = anyID.ReplaceAllStringFunc(block, func(id string) string {
		if name, ok := l.names[id]; ok {
			return name
		}
		return "another id"
	})
	return anyCount.ReplaceAllString(anyNanos.ReplaceAllString(block, "now"), "${1}some")
}

func (l *layout) name(o store.QueuedOrder, name string) store.QueuedOrder {
	o.AcceptedAt = time.Date(2026, 12, 1, 9, 0, 0, 5, time.UTC) // its length counts in a message
	l.names[o.ID.String()] = name
	return o
}

// TestTheLayoutOfRedisIsThatOfTheReleaseBefore holds the keys of the line, their fields and the form of their values:
// two releases work on one Redis during a deploy. A line of testdata/layout.txt may be added, if the release before does
// not mind what it does not know; none is ever changed.
func TestTheLayoutOfRedisIsThatOfTheReleaseBefore(t *testing.T) {
	l := &layout{World: world.New(t, 2), names: map[string]string{}}
	buyer := l.name(l.Order(l.Fan(), 2), "buyer")
	patient := l.name(l.Order(l.Fan(), 1), "patient")
	patient.Keep = true
	hasty := l.name(l.Order(l.Fan(), 1), "hasty")
	leaver := l.name(l.Order(l.Fan(), 1), "leaver")
	for _, o := range []store.QueuedOrder{buyer, patient, hasty, leaver} {
		l.Join(o)
	}
	leaver.Number = 4
	if err := l.Line.AddLeavers(l.Ctx, []store.QueuedOrder{leaver}); err != nil {
		t.Fatal(err)
	}
	l.dump("four orders have joined, and the last one is about to leave")
	l.text.WriteString("# news\n")
	for _, n := range []line.News{{EventID: l.Event.ID, Orders: []uuid.UUID{buyer.ID, patient.ID}}, {EventID: l.Event.ID, Orders: []uuid.UUID{}}} {
		l.text.WriteString(l.heard(n) + "\n")
	}
	l.text.WriteString("\n")
	l.Generator()
	l.Becomes(buyer.ID, store.Reserved)
	l.GiveUp(hasty)
	l.Eventually("all is told", func() bool {
		s, err := l.Line.Snapshot(l.Ctx, l.Event.ID)
		open, openErr := l.Line.Open(l.Ctx, l.Event.ID, hasty.AccountID)
		tasks, tasksErr := l.Redis.Keys(l.Ctx, "asynq:{purchases}:t:*").Result()
		releases, releasesErr := l.Redis.Keys(l.Ctx, "asynq:{releases}:t:*").Result()
		return err == nil && s.Waiting == 2 && s.Head == 4 && openErr == nil && open == uuid.Nil &&
			tasksErr == nil && releasesErr == nil && len(tasks)+len(releases) == 0
	})
	l.dump("the first is reserved, the others came to the return list, and one of them has given up")
	want, err := os.ReadFile("testdata/layout.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(l.text.Bytes(), want) {
		t.Errorf("the layout of Redis changed; the release before reads that of testdata/layout.txt. Got:\n%s", l.text.Bytes())
	}
}

// heard is a piece of news as it goes through Redis.
func (l *layout) heard(n line.News) string {
	l.T.Helper()
	sub := l.Redis.Subscribe(l.Ctx, "guiche:news")
	defer sub.Close()
	if _, err := sub.Receive(l.Ctx); err != nil { // it is heard from now on
		l.T.Fatal(err)
	}
	if err := l.Line.Publish(l.Ctx, n); err != nil {
		l.T.Fatal(err)
	}
	message, err := sub.ReceiveMessage(l.Ctx)
	if err != nil {
		l.T.Fatal(err)
	}
	return anyID.ReplaceAllStringFunc(message.Payload, func(id string) string { return l.names[id] })
}
