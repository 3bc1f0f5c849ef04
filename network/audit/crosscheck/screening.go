package crosscheck

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/screen"
	"relieftrail/chaincode/relief/screenrule"
)

// Screening is what the rules of screening find in blocks alone.
type Screening struct {
	*screen.Report
	SHA256 string `json:"sha256"` // of the report: a gateway's is the same
	// Findings are what is wrong with the ledger until that block.
	Findings []Finding `json:"findings"`
}

// Screening screens a region as of the last block that was checked. The checker must have been made to screen, and have begun at block 0.
func (c *Checker) Screening(region relief.Region) (*Screening, error) {
	switch {
	case c.blind != "":
		return nil, fmt.Errorf("screening: %s", c.blind)
	case c.next == 0 || c.replay.latest == nil:
		return nil, errors.New("screening reads all blocks from the first one on: none was read for it")
	}
	report, err := c.replay.latest.Screen(region, c.next-1)
	if err != nil {
		return nil, fmt.Errorf("screening: %w", err)
	}
	out := &Screening{Report: report, SHA256: report.Digest(), Findings: c.findings}
	if out.Findings == nil {
		out.Findings = []Finding{}
	}
	return out, nil
}

// Print writes the alerts in words.
func (x *Screening) Print(out io.Writer) {
	for i := range x.Alerts {
		a := &x.Alerts[i]
		period := ""
		if a.Period != "" {
			period = ", " + a.Period
		}
		fmt.Fprintf(out, "%s  %s %s: %s%s; %s %s answers by %s (%s)\n",
			a.ID[:16], a.Rule, screenrule.Find(a.Rule).En, strings.Join(a.About, ", "), period, a.Answers.Kind, a.Answers.Role, a.AnswerBy, a.Severity)
	}
	fmt.Fprintf(out, "%d alerts in %s as of block %d (%s)\ndigest %s\n", len(x.Alerts), x.Region, x.Block, x.Today, x.SHA256)
	for _, f := range x.Findings {
		fmt.Fprintf(out, "FOUND  %s\n", f)
	}
}
