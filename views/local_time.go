package views

import (
	"time"
)

// The layouts of a datetime-local field, whose zone is the event's. Browsers leave out seconds that are zero.
const (
	LocalTime        = "2006-01-02T15:04"
	localTimeSeconds = LocalTime + ":05"
)

// localTime writes a moment as a datetime-local field has it.
func localTime(t time.Time, loc *time.Location) string {
	t = t.In(loc)
	if t.Second() != 0 {
		return t.Format(localTimeSeconds)
	}
	return t.Format(LocalTime)
}

// LocalMoments are the moments at which a clock shows a local time: none in the hour that is skipped when clocks go
// forward, two in the hour that comes again when they go back. ok is false for what is no local time at all.
func LocalMoments(typed string, loc *time.Location) (moments []time.Time, ok bool) {
	var wall time.Time
	for _, layout := range []string{LocalTime, localTimeSeconds} {
		t, err := time.Parse(layout, typed)
		if err == nil && t.Year() >= 2000 && t.Year() < 2200 {
			wall, ok = t, true
		}
	}
	if !ok {
		return nil, false
	}
	// Whatever the clock does that day, its offset is one of those in force a day earlier or later.
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(near).In(loc).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if t.Format(localTimeSeconds) == wall.Format(localTimeSeconds) && (len(moments) == 0 || !t.Equal(moments[0])) {
			moments = append(moments, t)
		}
	}
	if len(moments) == 2 && moments[1].Before(moments[0]) {
		moments[0], moments[1] = moments[1], moments[0]
	}
	return moments, true
}

// Offset tells apart two moments at which a clock shows the same, such as -03:00.
func Offset(t time.Time) string { return t.Format("-07:00") }

// OffsetField is the field that chooses between two such moments.
func OffsetField(name string) string { return name + "_offset" }

// offsetOf is the value of that field for a moment: empty unless its hour comes twice.
func offsetOf(t time.Time, loc *time.Location) string {
	if moments, _ := LocalMoments(localTime(t, loc), loc); len(moments) == 2 {
		return Offset(t.In(loc))
	}
	return ""
}
