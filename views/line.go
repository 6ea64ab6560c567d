package views

// person is a figure in the drawing of the line.
type person struct {
	X   int
	You bool
}

const (
	lineStart = 78  // the first person stands here, before the window
	lineStep  = 30  // between two people
	lineMost  = 7   // people that fit; a longer line is drawn abridged
	lineGap   = 231 // where the dots stand for the rest
)

// people draws a place in line: everybody ahead if they fit, otherwise a few, dots and you.
func people(place int) (drawn []person, dots bool) {
	if place > lineMost {
		for i := range lineMost - 2 {
			drawn = append(drawn, person{X: lineStart + i*lineStep})
		}
		return append(drawn, person{X: lineStart + (lineMost-1)*lineStep + 10, You: true}), true
	}
	for i := range place {
		drawn = append(drawn, person{X: lineStart + i*lineStep, You: i == place-1})
	}
	return drawn, false
}
