package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"guiche/jobs/line"
	"guiche/store"
)

// ErrUnbalanced says that the audit found something.
var ErrUnbalanced = errors.New("the books do not balance")

// runAudit recomputes the books from rows and shows what does not agree.
func runAudit(ctx context.Context, a *app) error {
	if err := a.need("DATABASE_URL", "REDIS_URL"); err != nil {
		return err
	}
	db, rdb, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	defer rdb.Close()
	queue := line.New(rdb)
	findings, err := db.AuditHoweverLong(ctx, queue.Numbers)
	if err != nil {
		return err
	}
	aside, err := queue.SetAside(ctx)
	if err != nil {
		return err
	}
	findings = append(findings, aside...)
	if len(findings) == 0 {
		fmt.Fprintln(a.stdout, "the books balance")
		return nil
	}
	if err := writeFindings(a.stdout, findings); err != nil {
		return err
	}
	return ErrUnbalanced
}

// writeFindings draws them as a table, with what each rule has more of than it lists.
func writeFindings(w io.Writer, findings []store.Finding) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RULE\tWHERE\tEXPECTED\tFOUND")
	listed := 0
	for i, f := range findings {
		listed++
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.Rule, f.Place, f.Expected, f.Actual)
		if i+1 == len(findings) || findings[i+1].Rule != f.Rule {
			if more := f.Total - listed; more > 0 {
				fmt.Fprintf(table, "%s\tand %d more\t\t\n", f.Rule, more)
			}
			listed = 0
		}
	}
	return table.Flush()
}
