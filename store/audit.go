package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Finding is one row that breaks a rule of the books. It speaks of events, types, orders and tickets, never of people.
type Finding struct {
	Rule     string
	Place    string // the row, such as "event 1, order …"
	Expected string
	Actual   string
	Total    int // how many rows break the rule; at most findingsPerRule of them are listed
}

// LineNumber is an order's number in the line of its event.
type LineNumber struct{ EventID, Number int64 }

// findingsPerRule bounds what is listed of one rule.
const findingsPerRule = 100

// Audit recomputes the books from one snapshot of the rows and lists what does not agree. Only if numbers of orders are
// missing does it ask inLine, which may be nil, for those that have no row yet: still in line, or set aside.
func (s *Store) Audit(ctx context.Context, inLine func(context.Context) ([]LineNumber, error)) (findings []Finding, err error) {
	return s.auditWithin(ctx, "15s", "", inLine)
}

// AuditHoweverLong is Audit for a person who waits for it: a big shop may take minutes. Nothing bounds a statement but ctx.
func (s *Store) AuditHoweverLong(ctx context.Context, inLine func(context.Context) ([]LineNumber, error)) (findings []Finding, err error) {
	return s.auditWithin(ctx, "0", "", inLine)
}

// AuditEvent is Audit of one event: what it reads grows with that event alone.
func (s *Store) AuditEvent(ctx context.Context, eventID int64, inLine func(context.Context) ([]LineNumber, error)) (findings []Finding, err error) {
	return s.auditWithin(ctx, "15s", fmt.Sprintf(auditScope, eventID), inLine)
}

// auditWithin is Audit with a limit for each statement, of all rows or of those in a scope.
func (s *Store) auditWithin(ctx context.Context, limit, scope string, inLine func(context.Context) ([]LineNumber, error)) (findings []Finding, err error) {
	defer wrap(&err, "audit")
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	// Leave the processors to the line: no parallel workers, and no JIT for queries that run once.
	if _, err := tx.ExecContext(ctx, `set local max_parallel_workers_per_gather = 0; set local jit = off;
		set local work_mem = '64MB'; set local statement_timeout = '`+limit+`'; set local idle_in_transaction_session_timeout = '`+limit+`'`); err != nil {
		return nil, err
	}
	return audit(ctx, tx, scope, inLine)
}

// audit applies every rule to what a transaction sees.
func audit(ctx context.Context, tx *sqlx.Tx, scope string, inLine func(context.Context) ([]LineNumber, error)) (findings []Finding, err error) {
	for _, r := range auditRules() {
		found, err := r.look(ctx, tx, scope)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", r.name, err)
		}
		findings = append(findings, found...)
	}
	missing, err := lookForNumbers(ctx, tx, scope, nil)
	if err == nil && len(missing) > 0 && inLine != nil {
		// The line is asked after the rows were read: an order leaves it only once its row is written.
		var queued []LineNumber
		if queued, err = inLine(ctx); err == nil {
			missing, err = lookForNumbers(ctx, tx, scope, queued)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", numbersRule, err)
	}
	return append(findings, missing...), nil
}

// AuditRules names every rule of the audit.
func AuditRules() (names []string) {
	for _, r := range auditRules() {
		names = append(names, r.name)
	}
	return append(names, numbersRule)
}

// auditRule is a query for the rows that break the rule: place, expected and actual.
type auditRule struct{ name, query string }

func (r auditRule) look(ctx context.Context, tx *sqlx.Tx, scope string, args ...any) (findings []Finding, err error) {
	query := scope + fmt.Sprintf(`select '%s' as rule, f.*, count(*) over () as total from (%s) f order by place limit %d`,
		r.name, r.query, findingsPerRule)
	err = tx.SelectContext(ctx, &findings, query, args...)
	return findings, err
}

func auditRules() []auditRule {
	return []auditRule{
		{"stock", stockRule},
		{"stock_tickets", stockTicketsRule},
		{"free_stock", freeStockRule},
		{"order_tickets", orderTicketsRule},
		{"ticket_order", ticketOrderRule},
		{"order_names", orderNamesRule},
		{"ticket_numbers", ticketNumbersRule},
		{"ticket_turns", ticketTurnsRule},
		{"decisions", decisionsRule},
		{"turns", turnsRule},
		{"overtaken", overtakenRule},
		{"last_number", lastNumberRule},
		{"moments", momentsRule},
		{"limit", limitRule},
		{"open_orders", openOrdersRule},
		{"captured", capturedRule},
		{"open_charges", openChargesRule},
		{"surplus", surplusRule},
		{"late", lateRule},
		{"refund", refundRule},
		{"refund_sum", refundSumRule},
		{"refund_tickets", refundTicketsRule},
		{"refund_attempts", attemptsRule},
		{"returned", returnedRule},
		{"ledger_charges", ledgerChargesRule},
		{"ledger_refunds", ledgerRefundsRule},
		{"ledger_orders", ledgerOrderRule},
		{"gone", goneRule},
		{"left", leftRule},
		{"blocked", blockedRule},
	}
}

// numbersRule is the one rule that rows alone cannot settle.
const numbersRule = "numbers"

// lookForNumbers finds numbers that no order has, or that two have, up to the last one whose turn came. A number that is
// known to be in line is not missing.
func lookForNumbers(ctx context.Context, tx *sqlx.Tx, scope string, inLine []LineNumber) ([]Finding, error) {
	var events, numbers pq.Int64Array
	for _, n := range inLine {
		events, numbers = append(events, n.EventID), append(numbers, n.Number)
	}
	return auditRule{numbersRule, numbersQuery}.look(ctx, tx, scope, events, numbers)
}
