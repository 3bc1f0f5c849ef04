package matching

import (
	"context"
	"slices"
	"sync"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// Search asks departments about a person without a live case, of whom an official has heard (主动发现, R13).
type Search struct {
	Signer   string
	Key      string // the caller's Idempotency-Key
	IDNumber seal.Secret
	Name     seal.Secret
	Region   relief.Region         // where the person lives
	Sources  []relief.DepartmentID // nil: all departments whose findings may show a need
}

// Nothing is the result of a search if the statement shows no need.
const Nothing Result = "nothing"

// Search asks departments whose findings may show a need, and records a need for each finding that does. It asks nobody if the
// signer may not record needs, or if the person is in a live case already.
func (d *Desk) Search(ctx context.Context, q Search) (Report, error) {
	number, code := relief.ParseIDNumber(q.IDNumber.Reveal())
	if code != "" {
		return Report{}, relief.FieldErrorf("id_number", "%s", code.Reason())
	}
	ref, err := d.References.Of(ctx, number)
	if err != nil {
		return Report{}, err
	}
	sources, err := d.chosen(q.Sources)
	if err != nil {
		return Report{}, err
	}
	sources = slices.DeleteFunc(slices.Clone(sources), func(s Source) bool { return len(s.Needs.Codes) == 0 })
	if len(sources) == 0 || q.Sources != nil && len(sources) < len(q.Sources) {
		return Report{}, relief.FieldErrorf("sources", "须为能够发现困难的部门（其设置 needs 不得为空） · "+
			"must be departments whose findings show a need: their setting needs must not be empty")
	}
	registry, err := d.maySearch(ctx, &q, ref)
	if err != nil {
		return Report{}, err
	}
	report := Report{Sources: make([]SourceReport, len(sources))}
	asking, cancel := context.WithTimeout(ctx, d.Patience)
	defer cancel()
	question := Question{Subject: ref, IDNumber: q.IDNumber, Name: q.Name}
	var group sync.WaitGroup
	for i, s := range sources {
		group.Go(func() {
			o := Outcome{Subject: ref}
			answers, err := s.Ask(asking, []Question{question})
			if err != nil {
				answers = []Answer{{Err: err}}
			}
			d.outcome(&o, answers[0], s.Source())
			report.Sources[i] = SourceReport{s.Source(), []Outcome{o}}
		})
	}
	group.Wait()
	return report, d.recordNeeds(ctx, &q, sources, registry, &report)
}

// maySearch checks that the caller may record needs, counts the number among the caller's look-ups of the day, and checks
// that the person is in no live case.
func (d *Desk) maySearch(ctx context.Context, q *Search, ref relief.SubjectRef) (registry registry.Registry, err error) {
	if registry, err = d.Index.Registry(ctx); err != nil {
		return registry, err
	}
	identity, _ := d.Ledger.Identity(q.Signer)
	official := identity.Official()
	if err := relief.Allowed(registry.Duties, relief.ActNeedFind, official); err != nil {
		return registry, err
	}
	if err := relief.RequireRegion(official, q.Region); err != nil {
		return registry, err
	}
	err = d.Readings.LookUp(reading.Access{
		Principal: q.Signer, Purpose: reading.Need, Route: "/v1/needs/queries", Record: "region/" + string(q.Region),
	}, ref)
	if err != nil {
		return registry, err
	}
	claims, err := d.Index.Claims(ctx, ref)
	if err != nil {
		return registry, err
	}
	for _, c := range claims.Claims {
		if official.Region.Covers(c.County) {
			return registry, relief.Errorf(relief.CodeDuplicate, "该对象已在案卷 %[1]s（项目 %[2]s）中 · the person is already in case %[1]s of programme %[2]s", c.Case, c.Programme)
		}
	}
	if len(claims.Claims) > 0 { // which one is the other region's matter
		return registry, relief.Errorf(relief.CodeDuplicate, "该对象已在其他案卷中 · the person is already in a case")
	}
	return registry, nil
}

// recordNeeds records a need for each statement that shows one, and completes the report.
func (d *Desk) recordNeeds(ctx context.Context, q *Search, sources []Source, registry registry.Registry, report *Report) error {
	var needs []casework.NeedTerms
	var outcomes []*Outcome // of the needs
	for i, s := range sources {
		o := &report.Sources[i].Answers[0]
		if o.statement == nil {
			continue
		}
		if err := o.statement.Verify(registry.Sources, d.Now()); err != nil {
			o.Result, o.Reason = Refused, lineFault(err)
			continue
		}
		if !slices.Contains(s.Needs.Codes, o.Code) {
			o.Result = Nothing
			continue
		}
		need, err := s.Needs.need(o.statement, string(q.Region))
		if err != nil {
			return err
		}
		o.Need = need.ID
		needs, outcomes = append(needs, need), append(outcomes, o)
	}
	if len(needs) > 0 {
		refusals, block, err := sendFile(ctx, d.Sender, q.Signer, q.Key, api.NeedFind, needs)
		if err != nil {
			return err
		}
		report.Block = block
		for _, r := range refusals {
			o := outcomes[r.Seq]
			o.Result, o.Reason = Refused, refusalText(&r)
			if r.Code == relief.CodeConflict { // this month's need exists already
				o.Result, o.Reason = Unchanged, ""
			}
		}
	}
	for _, s := range report.Sources {
		d.answers.WithLabelValues(string(s.Source), string(s.Answers[0].Result)).Inc()
	}
	return nil
}
