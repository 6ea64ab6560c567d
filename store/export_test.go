package store

import "github.com/jmoiron/sqlx"

// DB is the pool of connections, for a test that spoils one.
func (s *Store) DB() *sqlx.DB { return s.db }

// AuditIn applies the rules inside a test's own transaction, which plants wrong rows and is undone.
var AuditIn = audit

// AuditScope makes AuditIn see one event only.
const AuditScope = auditScope

// SelectLists are the select lists of structs by the tables that they are read from.
var SelectLists = map[string]string{
	"accounts": accountColumns, "events": eventColumns, "ticket_types": typeColumns, "orders": orderColumns,
	"tickets": ticketColumns, "charges": chargeColumns, "refunds": refundColumns, "letters": letterColumns, "outages": outageColumns,
}

// OrderConditions are the conditions on an order's state as SQL has them, with the states that the table of states names.
func OrderConditions() map[string][]OrderStatus {
	conditions := map[string][]OrderStatus{}
	for _, s := range orderStates {
		if s.open {
			conditions[orderIsOpen] = append(conditions[orderIsOpen], s.status)
		}
		if s.gives {
			conditions[orderGives] = append(conditions[orderGives], s.status)
		}
	}
	return conditions
}

// OrderTransitions are all pairs of states that the table of states allows.
func OrderTransitions() (pairs [][2]OrderStatus) {
	for _, s := range orderStates {
		for _, next := range s.next {
			pairs = append(pairs, [2]OrderStatus{s.status, next})
		}
	}
	return pairs
}

// Fingerprint sums up the catalog of a database; FirstFingerprint is that of the first migration.
var Fingerprint = fingerprint

const FirstFingerprint = firstFingerprint

// HeldTypes begins the queries that look for deadlines.
const HeldTypes = heldTypes
