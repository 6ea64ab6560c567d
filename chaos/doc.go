// Package chaos tests the promises that must survive every crash: nothing accepted is lost, nothing happens twice, whoever
// was acknowledged first is served first, and nothing is oversold. Its tests run real processes of guiche on a Postgres and a Redis of their
// own, kill, stop, cut off and empty them while simulated fans join the line, and then judge by what the fans saw.
// `make chaos` runs a long round, `make test` a short one.
//
// Money has a test of its own: every request that changes something, on its way between two processes of a shop, is a
// moment at which each of the two is killed, while one order is paid, lapses, is left, comes late, or is given back.
package chaos
