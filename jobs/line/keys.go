package line

import (
	"fmt"

	"github.com/google/uuid"

	"guiche/jobs"
)

// Every key of the line in Redis. Nobody else writes them; docs/migrations.md says how their values may change.
const (
	// epochKey holds the epoch of the newest leader; the scripts of an older one do nothing.
	epochKey = "guiche:epoch"
	// rebuiltKey says that this Redis was told where the lines stand, and has not been emptied since.
	rebuiltKey = "guiche:rebuilt"
	// layoutKey holds the version of these keys and their values.
	layoutKey = "guiche:layout"
	// fullKey is there while Redis is too full for more orders, fullLatelyKey for some time after.
	fullKey       = "guiche:full"
	fullLatelyKey = "guiche:full-lately"
	// beatKey says when the leader was last heard: a hash of its "epoch" and of the time "at" in ms. A leader of a release that
	// writes no beat is known by its epoch, which is not the one written here.
	beatKey = "guiche:beat"
	// sweptKey holds the time in ms at which a worker last swept everything.
	sweptKey = "guiche:swept"
	// lastClaimKey remembers the last ClaimNext, so that it can be repeated.
	lastClaimKey = "guiche:claim"
	// newsChannel is where the generator says that something changed.
	newsChannel = "guiche:news"
)

// eventKey is a hash: "joined", "head" and "written" (order numbers: given, whose turn came, that have a row), "asked:TYPE" and "passed:TYPE" (tickets), "waiting" (orders on
// the return list) and "waits:TYPE" (tickets), and the counts: "epoch", "batch", "issued", "last", "free:TYPE".
func eventKey(id int64) string { return fmt.Sprintf("guiche:event:%d", id) }

// openKey is a hash of the event's open orders by account.
func openKey(eventID int64) string { return fmt.Sprintf("guiche:event:%d:open", eventID) }

// leftKey is a sorted set of the orders that left the line before their turn, by number, as member writes them.
func leftKey(eventID int64) string { return fmt.Sprintf("guiche:event:%d:left", eventID) }

// waitingKey is a sorted set of the orders on the return list, likewise.
func waitingKey(eventID int64) string { return fmt.Sprintf("guiche:event:%d:waiting", eventID) }

// markKey holds the account of an order that joined, so that a form that is sent again finds it.
func markKey(orderID uuid.UUID) string { return "guiche:order:" + orderID.String() }

// queuesKey is asynq's own set of the queues there are.
const queuesKey = "asynq:queues"

// queueKeys are asynq's keys of a queue that the scripts work on.
func queueKeys(queue string) []string {
	return []string{jobs.ListKey(queue, "active"), jobs.ListKey(queue, "pending"), jobs.ListKey(queue, "retry"), jobs.ListKey(queue, "lease")}
}

// layout is the version of the keys and values above that this release writes. It may rise only when the release before
// reads the new ones too.
const layout = 1
