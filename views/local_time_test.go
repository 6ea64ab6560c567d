package views_test

import (
	"testing"
	"time"

	"guiche/views"
)

func TestAnHourThatDoesNotExistOrComesTwice(t *testing.T) {
	for _, try := range []struct {
		zone, typed string
		want        []string
	}{
		{"America/Sao_Paulo", "2026-12-12T21:00", []string{"2026-12-13T00:00:00Z"}},
		{"America/Sao_Paulo", "2026-12-12T21:00:30", []string{"2026-12-13T00:00:30Z"}},
		{"America/Santiago", "2027-09-05T00:30", nil}, // clocks go from 23:59 to 01:00
		{"America/Santiago", "2027-09-05T01:00", []string{"2027-09-05T04:00:00Z"}},
		{"America/Santiago", "2027-09-04T23:59", []string{"2027-09-05T03:59:00Z"}},
		{"Europe/Lisbon", "2027-03-28T01:30", nil},
		{"Europe/Lisbon", "2027-10-31T01:30", []string{"2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"}},
		{"Europe/Lisbon", "2027-10-31T00:59", []string{"2027-10-30T23:59:00Z"}},
		{"Europe/Lisbon", "2027-10-31T02:00", []string{"2027-10-31T02:00:00Z"}},
		{"Australia/Lord_Howe", "2027-04-04T01:45", []string{"2027-04-03T14:45:00Z", "2027-04-03T15:15:00Z"}}, // by half an hour
		{"America/New_York", "2027-11-07T01:30", []string{"2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z"}},
		{"UTC", "2027-03-28T01:30", []string{"2027-03-28T01:30:00Z"}},
	} {
		loc, err := time.LoadLocation(try.zone)
		if err != nil {
			t.Fatal(err)
		}
		moments, ok := views.LocalMoments(try.typed, loc)
		var got []string
		for _, m := range moments {
			got = append(got, m.UTC().Format(time.RFC3339))
		}
		if !ok || len(got) != len(try.want) {
			t.Errorf("%s in %s is %v, want %v", try.typed, try.zone, got, try.want)
			continue
		}
		for i := range got {
			if got[i] != try.want[i] {
				t.Errorf("%s in %s is %v, want %v", try.typed, try.zone, got, try.want)
			}
		}
	}
	for _, typed := range []string{"", "soon", "2026-02-30T21:00", "1999-01-01T00:00", "2200-01-01T00:00", "2026-12-12"} {
		if moments, ok := views.LocalMoments(typed, time.UTC); ok || len(moments) > 0 {
			t.Errorf("%q is %v", typed, moments)
		}
	}
}
