package local

import "context"

// NewRedis returns the URL of an empty Redis that only this test knows and that is gone after it. It is a server of its
// own, because what is published reaches every logical database of a server.
func NewRedis(tb TB) string {
	tb.Helper()
	s, err := StartRedis(context.Background(), RedisOptions{Folder: NewFolder(tb)})
	if err != nil {
		tb.Fatalf("a Redis for the test: %v", err)
	}
	tb.Cleanup(s.Kill)
	return s.URL
}
