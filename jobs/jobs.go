// Package jobs names what is done later: the queues, the kinds of tasks, their payloads, and the nudges that ask for
// them. Its rooms do the work: line is the line of orders in Redis, generator decides it, worker does the slow things,
// mail carries letters. Only they know asynq.
//
// A row's state in Postgres is the to-do list; a task is only the nudge. Handlers can be repeated without harm.
package jobs

import "time"

// The queues. The generator serves releases before purchases; the worker serves the rest.
const (
	QueuePurchases = "purchases" // accepted orders, first in, first out
	QueueReleases  = "releases"  // stock that comes back, changes of capacity
	QueueIssued    = "issued"    // what the generator gave out
	QueuePayments  = "payments"  // questions to the payment API
	QueueRefunds   = "refunds"   // money that goes back, after what keeps a fan waiting
	QueueLetters   = "letters"   // e-mails
)

// Queues are all of them.
func Queues() []string {
	return []string{QueuePurchases, QueueReleases, QueueIssued, QueuePayments, QueueRefunds, QueueLetters}
}

// The kinds of tasks. Their names stand in Redis, where the release before this one reads them too.
const (
	KindPurchase   = "purchase"     // Purchase
	KindExpire     = "expire"       // IDs of orders; the holds' deadline passed
	KindLeave      = "leave"        // IDs of orders; the fans gave up
	KindReturn     = "return"       // IDs of refunds; their stock comes back
	KindLate       = "late"         // IDs of charges; their money came after the hold had ended
	KindCapacity   = "capacity"     // Number of a capacity change
	KindReturnList = "settle"       // Number of a ticket type; serve those who wait for it, or tell them that nothing comes back
	KindResume     = "resume"       // Number of an event; decide what was parked
	KindCancel     = "cancel"       // Number of an event; end the open orders of a cancelled event
	KindIssued     = "issued"       // Issued
	KindDeadline   = "deadline"     // Number: a second, in Unix time, in which holds end
	KindOverdue    = "overdue"      // nothing; holds have passed their deadline
	KindCheck      = "charge:look"  // IDs of one charge; the gateway has news
	KindNotice     = "notice:hear"  // Notice; only the gateway can tell which charge has news
	KindGiveUp     = "charge:leave" // IDs of one order; cancel its charges, then leave
	KindDrop       = "charge:drop"  // IDs of one charge; end it, another one is to be paid
	KindPayBack    = "refund:pay"   // IDs of one refund
	KindUndo       = "event:undo"   // Number of an event; everybody gets everything back
	KindLetters    = "letters:send" // nothing; letters are owed
)

// FarAway is the deadline of tasks that must never be taken from a running handler: without one asynq gives thirty minutes.
var FarAway = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// ManyTries has asynq retry a task however often a process has died while working on it.
const ManyTries = 1 << 30
