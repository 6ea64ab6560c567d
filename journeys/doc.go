// Package journeys tests the whole shop: what people do in it, in a real browser and over HTTP, with the real program as
// processes on a Postgres and a Redis of their own. It has nothing for others to import.
package journeys
