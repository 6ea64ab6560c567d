package store

import (
	"cmp"
	"math"
)

// Span is the part of a long list, from new to old, that a page shows. It begins at a row and not at a count of rows: what
// comes meanwhile moves nothing, and the last page costs what the first one does.
type Span struct {
	Before int64 // older rows than this one; from the newest on if 0
	After  int64 // or the next newer rows than this one
	Skip   int   // so many rows first: links of the previous release count pages
}

// before is the row that comes right before the span's first one.
func (s Span) before() int64 { return cmp.Or(s.Before, math.MaxInt64) }
