package crosscheck

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"relieftrail/chaincode/relief/indicator"
)

// Indicators are indicators that blocks alone give.
type Indicators struct {
	Reports []indicator.Report `json:"reports"`
	// Findings are what is wrong with the ledger until that block: figures of such a ledger show what it says, not what is true.
	Findings []Finding `json:"findings"`
}

// Indicators answers questions as of the last block that was checked; without any, all closed months of all counties.
func (c *Checker) Indicators(questions ...indicator.Question) (*Indicators, error) {
	switch {
	case c.blind != "":
		return nil, fmt.Errorf("indicators: %s", c.blind)
	case c.next == 0:
		return nil, errors.New("no block was checked: there is nothing to reckon with")
	}
	if len(questions) == 0 {
		questions = c.replay.ledger.ClosedMonths()
	}
	out := &Indicators{Reports: []indicator.Report{}, Findings: c.findings}
	for _, q := range questions {
		q.Block = c.next - 1
		out.Reports = append(out.Reports, c.replay.ledger.Indicators(q))
	}
	if out.Findings == nil {
		out.Findings = []Finding{}
	}
	return out, nil
}

// stands are the stands of figures in words.
var stands = map[indicator.Stand]string{
	indicator.Provisional: "provisional", indicator.Final: "final", indicator.Later: "after the final block",
}

// Print writes the indicators as tables in words.
func (x *Indicators) Print(out io.Writer) {
	for i := range x.Reports {
		printReport(out, &x.Reports[i])
	}
	for _, f := range x.Findings {
		fmt.Fprintf(out, "FOUND  %s\n", f)
	}
}

func printReport(out io.Writer, r *indicator.Report) {
	fmt.Fprintf(out, "%s in %s, %s: as of block %d (%s), %s; final from %s on\n", r.Programme, r.Region, r.Period, r.Block, r.Today, stands[r.Stand], r.FinalOn)
	for i := range r.Indicators {
		v, d := &r.Indicators[i], indicator.Of(r.Indicators[i].Code)
		fmt.Fprintf(out, "  %-44s %s\n", d.En, inWords(v, d))
	}
	var spread []string
	for _, p := range r.Parts {
		if !p.Scored && p.Weight > 0 {
			spread = append(spread, fmt.Sprintf("%s %d", p.Part, p.Weight))
		}
	}
	fmt.Fprintf(out, "  score %s of 100, %s", r.Score, gradeWord(r.Grade))
	if len(spread) > 0 {
		fmt.Fprintf(out, "; without a value and spread over the others: %s", strings.Join(spread, ", "))
	}
	fmt.Fprintln(out)
	for _, m := range r.Months {
		fmt.Fprintf(out, "  month %s in %s, version %d\n", m.Period, m.County, m.Version)
	}
	for _, m := range r.NotClosed {
		fmt.Fprintf(out, "  month %s in %s has payments and is not closed: its people are missing\n", m.Period, m.County)
	}
	fmt.Fprintf(out, "  digest %s\n\n", r.Digest())
}

func gradeWord(g indicator.Grade) string {
	if g == "" {
		return "no grade"
	}
	return string(g)
}

// inWords says an indicator: the value, what it is made of, and the target.
func inWords(v *indicator.Value, d *indicator.Definition) string {
	if v.None() {
		return "–"
	}
	text := v.Shown + " %"
	of := fmt.Sprintf("%d %s of %d %s", v.Num, d.NumEn, v.Den, d.DenEn)
	if d.Unit == indicator.Yuan {
		text, of = v.Shown+" yuan", fmt.Sprintf("%d fen, %d %s", v.Num, v.Den, d.DenEn)
	}
	text += fmt.Sprintf("  (%s; %s)", of, v.Known)
	if v.Target == "" {
		return text
	}
	bound, met := "at least", "not met"
	if v.AtMost {
		bound = "at most"
	}
	if v.Met != nil && *v.Met {
		met = "met"
	}
	return text + fmt.Sprintf("  target %s %s %%: %s", bound, v.Target, met)
}
