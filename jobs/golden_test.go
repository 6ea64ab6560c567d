package jobs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"guiche/store"
)

// goldenPayloads are payloads of every kind as this release writes them. The release before this one reads them, and this
// one reads what that one wrote: a line of testdata/payloads.txt may be added, and never changed.
func goldenPayloads(t *testing.T) map[string][]byte {
	t.Helper()
	id := uuid.MustParse("01900000-0000-7000-8000-000000000001")
	text := func(v any) []byte {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	return map[string][]byte{
		KindPurchase:   text(Purchase{Number: 7, Before: 12, Order: goldenOrder()}),
		KindExpire:     formatIDs(id, id),
		KindLeave:      formatIDs(id),
		KindReturn:     formatIDs(id),
		KindLate:       formatIDs(id),
		KindCapacity:   formatNumber(42),
		KindReturnList: formatNumber(42),
		KindResume:     formatNumber(42),
		KindCancel:     formatNumber(42),
		KindIssued:     text(Issued{Until: []time.Time{time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)}}),
		KindDeadline:   formatNumber(1_800_000_000),
		KindOverdue:    {},
		KindCheck:      formatIDs(id),
		KindNotice:     text(Notice{Gateway: "sandbox", EventID: "evt_1"}),
		KindGiveUp:     formatIDs(id),
		KindDrop:       formatIDs(id),
		KindPayBack:    formatIDs(id),
		KindUndo:       formatNumber(42),
		KindLetters:    {},
	}
}

func goldenOrder() store.QueuedOrder {
	return store.QueuedOrder{
		ID: uuid.MustParse("01900000-0000-7000-8000-000000000002"), EventID: 3, TicketTypeID: 4, AccountID: 5, Quantity: 2,
		PriceCents: 15000, FeeCents: 1500, Currency: "BRL", PerPerson: 4, HoldSeconds: 600,
		RefundPolicy: store.RefundPolicy{RefundDays: 7, RefundHours: 48, RefundFee: true}, Keep: true,
		AcceptedAt: time.Date(2026, 12, 1, 9, 0, 0, 5, time.UTC),
	}
}

func TestPayloadsAreThoseThatOtherReleasesKnow(t *testing.T) {
	want, err := os.ReadFile("testdata/payloads.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	payloads := goldenPayloads(t)
	for _, kind := range slices.Sorted(maps.Keys(known)) {
		payload, ok := payloads[kind]
		if !ok {
			t.Errorf("no payload of kind %s is written down", kind)
		}
		fmt.Fprintf(&got, "%s v%d %s\n", kind, ReadVersion(NewTask(kind, payload).Headers()), payload)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("payloads changed; the release before reads those of testdata/payloads.txt. Got:\n%s", got.Bytes())
	}
}

func TestAnOrderIsReadAsEveryReleaseWroteIt(t *testing.T) {
	want := goldenOrder()
	want.Number, want.Before = 7, 12
	lines, err := os.ReadFile("testdata/purchases.txt") // one line a release
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(lines) {
		got, err := DecodePurchase(line)
		if err != nil {
			t.Fatal(err)
		}
		if !got.AcceptedAt.Equal(want.AcceptedAt) {
			t.Errorf("accepted at %s", got.AcceptedAt)
		}
		got.AcceptedAt = want.AcceptedAt
		if got != want {
			t.Errorf("%s reads as %+v", line, got)
		}
	}
}

func TestKindsAndVersions(t *testing.T) {
	if !Known(KindPurchase, 1) || Known(KindPurchase, 2) || Known("barter", 1) {
		t.Error("kinds of another release are known, or ours are not")
	}
	for text, want := range map[string]int{"1": 1, "2": 2} {
		if got := ReadVersion(map[string]string{"v": text}); got != want {
			t.Errorf("%q is version %d", text, got)
		}
	}
	if got := ReadVersion(nil); got != 1 {
		t.Errorf("a task without a version is of version %d", got)
	}
	for _, text := range []string{"", "0", "-1", "two"} {
		if got := ReadVersion(map[string]string{"v": text}); Known(KindPurchase, got) {
			t.Errorf("version %q is known", text)
		}
	}
}
