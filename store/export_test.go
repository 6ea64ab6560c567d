package store

// AuditIn applies the rules inside a test's own transaction, which plants wrong rows and is undone.
var AuditIn = audit
