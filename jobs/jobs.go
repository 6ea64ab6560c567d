// Package jobs is what happens later: the line of orders, the generator that decides them one after the other,
// and the worker that does the slow things, letters among them. Only this package knows asynq and how mail travels.
//
// A row's state in Postgres is the to-do list; a task is only the nudge. Handlers can be repeated without harm.
package jobs

import "time"

// The queues. The generator serves releases before purchases; the worker serves the rest.
const (
	queuePurchases = "purchases" // accepted orders, first in, first out
	queueReleases  = "releases"  // stock that comes back, changes of capacity
	queueIssued    = "issued"    // what the generator gave out
	queuePayments  = "payments"  // questions to the payment API
	queueRefunds   = "refunds"   // money that goes back, after what keeps a fan waiting
	queueLetters   = "letters"   // e-mails
)

// The kinds of tasks.
const (
	kindPurchase = "purchase"     // payload: purchase
	kindExpire   = "expire"       // payload: order ids; the holds' deadline passed
	kindLeave    = "leave"        // payload: order id; the fan gave up
	kindReturn   = "return"       // payload: refund id; its stock comes back
	kindCapacity = "capacity"     // payload: capacity change id
	kindLate     = "late"         // payload: charge id; its money came after the hold had ended
	kindSettle   = "settle"       // payload: ticket type id; a hold was paid, those who wait may have to be told
	kindResume   = "resume"       // payload: event id; decide what was parked
	kindIssued   = "issued"       // payload: issued
	kindDeadline = "deadline"     // payload: a second, in Unix time, in which holds end
	kindOverdue  = "overdue"      // no payload; holds have passed their deadline
	kindLook     = "charge:look"  // payload: charge id; the gateway has news
	kindHear     = "notice:hear"  // payload: heard; only the gateway can tell which charge has news
	kindGiveUp   = "charge:leave" // payload: order id; cancel its charges, then leave
	kindDrop     = "charge:drop"  // payload: charge id; end it, another one is to be paid
	kindPayBack  = "refund:pay"   // payload: refund id
	kindCancel   = "cancel"       // payload: event id; end the open orders of a cancelled event
	kindUndo     = "event:undo"   // payload: event id; everybody gets everything back
	kindLetters  = "letters:send" // no payload; letters are owed
)

// farAway is the deadline of tasks that must never be taken from a running handler: without one asynq gives thirty minutes.
var farAway = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// manyTries lets asynq hand a task over again however often a process died with it.
const manyTries = 1 << 30
