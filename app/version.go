package app

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// builtVersion is set when the image is built, which has no history to read a version from:
// -ldflags "-X guiche/app.builtVersion=…".
var builtVersion string

// version names what this binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return cmp.Or(builtVersion, "unknown")
	}
	revision := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && revision == "(devel)" {
			revision = s.Value
		}
	}
	return cmp.Or(builtVersion, revision, "unknown")
}

func runVersion(_ context.Context, a *app) error {
	fmt.Fprintln(a.stdout, "guiche", version())
	return nil
}

// buildInfo tells the version beside the other metrics.
func buildInfo() prometheus.Collector {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "guiche_build_info", Help: "1, with the version of this process.",
	}, []string{"version"})
	g.WithLabelValues(version()).Set(1)
	return g
}
