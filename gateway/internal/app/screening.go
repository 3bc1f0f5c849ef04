package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/screen"
	"relieftrail/chaincode/relief/screenrule"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

// Screening says what is screened: a region as of a block.
type Screening struct {
	Region string
	Block  int64  // -1 for the last one of the index
	Alert  string // the id of the alert that is explained, or its beginning
	JSON   bool
}

// CheckScreening carries out the rules of screening and writes the alerts. The gateway may run meanwhile.
func CheckScreening(ctx context.Context, cfg *config.Config, s *Screening, out io.Writer) error {
	return s.on(ctx, cfg, out, func(r *screen.Report) error { return s.check(r, out) })
}

// ExplainAlert works an alert out again and writes what it asks, of whom, and by which limits.
func ExplainAlert(ctx context.Context, cfg *config.Config, s *Screening, out io.Writer) error {
	return s.on(ctx, cfg, out, func(r *screen.Report) error { return s.explain(r, out) })
}

func (s *Screening) on(ctx context.Context, cfg *config.Config, out io.Writer, write func(*screen.Report) error) error {
	region, block, err := s.question()
	if err != nil {
		return err
	}
	l, err := Connect(cfg)
	if err != nil {
		return err
	}
	report, err := screened(ctx, cfg, l, region, block, out)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	return errors.Join(write(report), l.Close())
}

// Check refuses what cannot be screened.
func (s *Screening) Check() error {
	_, _, err := s.question()
	return err
}

func (s *Screening) question() (region relief.Region, block *uint64, err error) {
	if region, err = relief.ParseRegion(s.Region); err != nil || len(region) > 6 {
		return "", nil, errors.New("--region 写县、市或省的区划代码 · give a county, prefecture or province as --region, such as 530181")
	}
	if s.Block >= 0 {
		n := uint64(s.Block)
		block = &n
	}
	return region, block, nil
}

func screened(ctx context.Context, cfg *config.Config, l ledger.Ledger, region relief.Region, block *uint64, out io.Writer) (*screen.Report, error) {
	ix, err := index.OpenToCheck(ctx, cfg.Index.Database, l, NewLogger(out, cfg.Log))
	if err != nil {
		return nil, err
	}
	report, err := ix.Screen(ctx, region, block)
	return report, errors.Join(err, ix.Close())
}

func (s *Screening) check(r *screen.Report, out io.Writer) error {
	if s.JSON {
		return writeJSON(out, r)
	}
	var text strings.Builder
	for i := range r.Alerts {
		a := &r.Alerts[i]
		rule := screenrule.Find(a.Rule)
		fmt.Fprintf(&text, "%s %s %s · %s: %s%s; %s %s by %s (%s)\n", a.ID[:16], a.Rule, rule.Zh, rule.En, strings.Join(a.About, ", "), ofPeriod(a), a.Answers.Kind, a.Answers.Role, a.AnswerBy, a.Severity)
	}
	fmt.Fprintf(&text, "预警 %d 条 · %d alerts in %s as of block %d (%s); digest %s\n", len(r.Alerts), len(r.Alerts), r.Region, r.Block, r.Today, r.Digest())
	_, err := io.WriteString(out, text.String())
	return err
}

func ofPeriod(a *screen.Alert) string {
	if a.Period == "" {
		return ""
	}
	return " (" + a.Period + ")"
}

func (s *Screening) explain(r *screen.Report, out io.Writer) error {
	a := r.Alert(s.Alert)
	if a == nil {
		return fmt.Errorf("没有这一预警，或编号不够长 · no alert of %s as of block %d has this id alone: %s", r.Region, r.Block, s.Alert)
	}
	if s.JSON {
		return writeJSON(out, a)
	}
	rule := screenrule.Find(a.Rule)
	i := slices.IndexFunc(r.Rules, func(o screen.Outcome) bool { return o.Rule == a.Rule })
	o := &r.Rules[i]
	var text strings.Builder
	line := func(zh, en, what string) { fmt.Fprintf(&text, "%s · %-9s %s\n", zh, en, what) }
	line("预警", "alert", a.ID)
	line("规则", "rule", fmt.Sprintf("%s v%d %s · %s", a.Rule, a.Version, rule.Zh, rule.En))
	line("所问", "asks", rule.Asks)
	line("依据", "source", rule.Source)
	for _, l := range rule.Limits {
		line("限值", "limit", fmt.Sprintf("%s = %d %s", l.Name, o.Limits[l.Name], l.Unit))
	}
	line("涉及", "about", strings.Join(a.About, ", ")+ofPeriod(a)+" in "+string(a.Region))
	for _, v := range a.Values {
		line("数值", "value", fmt.Sprintf("%s = %d", v.Name, v.N))
	}
	line("环节", "step", strings.TrimSpace(fmt.Sprintf("%s of %s %s %s %s", a.Step.Act, a.Step.Record, a.Step.Agency, a.Step.Official, a.Step.Tx)))
	line("答复", "answers", fmt.Sprintf("%s %s, never who did the step; by %s if raised on %s (%s)", a.Answers.Kind, a.Answers.Role, a.AnswerBy, r.Today, a.Severity))
	line("区块", "block", fmt.Sprintf("%d; the rule looked at %d and found %d", r.Block, o.Looked, o.Found))
	_, err := io.WriteString(out, text.String())
	return err
}

func writeJSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
