package store

// AuditIn applies the rules inside a test's own transaction, which plants wrong rows and is undone.
var AuditIn = audit

// Fingerprint sums up the catalog of a database; FirstFingerprint is that of the first migration.
var Fingerprint = fingerprint

const FirstFingerprint = firstFingerprint
