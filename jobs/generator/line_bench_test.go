package generator_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	benchOrders = flag.Int("orders", 200_000, "orders in the line of the benchmark")
	benchMost   = flag.Int("most", 1_000_000, "orders in the longest line of the benchmark, and in the fullest tables")
	benchReport = flag.String("report", "", "file for the benchmark's tables")
)

// BenchmarkLine measures the line beside what it is compared with, and writes tables if it is asked to.
// Each part can be run alone, as Line/size.
func BenchmarkLine(b *testing.B) {
	var t strings.Builder
	fmt.Fprintf(&t, "# The line, measured\n\n`make bench` writes this page. %s, %d cores, %s/%s, %s; Redis at appendfsync always, Postgres with\n"+
		"synchronous commit, all on that machine. Figures differ elsewhere, ratios less so.\n",
		time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	for _, part := range []struct {
		name    string
		measure func(b *testing.B, t *strings.Builder)
	}{
		{"speed", benchSpeed},
		{"size", benchSize},
		{"events", benchEvents},
		{"lapse", benchLapse},
		{"gateway", benchGateway},
	} {
		b.Run(part.name, func(b *testing.B) {
			var its strings.Builder
			its.WriteString("\n")
			part.measure(b, &its)
			fmt.Println(its.String())
			t.WriteString(its.String())
		})
	}
	if *benchReport != "" {
		if err := os.WriteFile(*benchReport, []byte(t.String()), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// spread is what several measurements of one thing came to.
type spread []float64

func (s spread) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/2]
}

func (s spread) String() string {
	return fmt.Sprintf("%.0f (%.0f to %.0f)", s.median(), slices.Min(s), slices.Max(s))
}
