package views

import (
	"testing"
	"time"
)

func TestWhen(t *testing.T) {
	paulo, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at     time.Time
		loc    *time.Location
		pt, en string
	}{
		{time.Date(2026, 12, 13, 0, 0, 0, 0, time.UTC), paulo, "sáb., 12 de dez. de 2026, 21h", "Sat, Dec 12, 2026, 9 pm"},
		{time.Date(2026, 12, 13, 0, 30, 0, 0, time.UTC), paulo, "sáb., 12 de dez. de 2026, 21h30", "Sat, Dec 12, 2026, 9:30 pm"},
		{time.Date(2027, 5, 2, 9, 5, 0, 0, time.UTC), time.UTC, "dom., 2 de maio de 2027, 09h05", "Sun, May 2, 2027, 9:05 am"},
		{time.Date(2027, 5, 2, 0, 0, 0, 0, time.UTC), time.UTC, "dom., 2 de maio de 2027, 00h", "Sun, May 2, 2027, 12 am"},
	} {
		if got := When(in(Portuguese), c.at, c.loc); got != c.pt {
			t.Errorf("%q, want %q", got, c.pt)
		}
		if got := When(in(English), c.at, c.loc); got != c.en {
			t.Errorf("%q, want %q", got, c.en)
		}
	}
}

func TestZone(t *testing.T) {
	at := time.Date(2026, 12, 13, 0, 0, 0, 0, time.UTC)
	for hours, want := range map[float64]string{-3: "GMT−3", 0: "GMT+0", 5.5: "GMT+5:30", -9.5: "GMT−9:30"} {
		if got := zone(at, time.FixedZone("", int(hours*3600))); got != want {
			t.Errorf("%v: %s, want %s", hours, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0:                       {"1 segundo", "1 second"},
		1500 * time.Millisecond: {"2 segundos", "2 seconds"},
		time.Minute:             {"1 minuto", "1 minute"},
		90 * time.Second:        {"90 segundos", "90 seconds"},
		10 * time.Minute:        {"10 minutos", "10 minutes"},
		601 * time.Second:       {"11 minutos", "11 minutes"},
		3 * time.Hour:           {"3 horas", "3 hours"},
		7 * 24 * time.Hour:      {"7 dias", "7 days"},
	} {
		if got := Span(in(Portuguese), d); got != want[0] {
			t.Errorf("%v: %q, want %q", d, got, want[0])
		}
		if got := Span(in(English), d); got != want[1] {
			t.Errorf("%v: %q, want %q", d, got, want[1])
		}
	}
}

func TestCountdown(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "00:00", 0: "00:00", 999 * time.Millisecond: "00:00", 9*time.Minute + 42*time.Second: "09:42",
		time.Hour: "01:00:00", 53*time.Hour + 61*time.Second: "2 d 05:01:01",
	} {
		if got := Countdown(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
