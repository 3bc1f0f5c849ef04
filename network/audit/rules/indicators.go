package rules

import (
	"cmp"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/stored"
)

// LedgerDay is a day and the block whose transactions reached it first.
type LedgerDay struct {
	Day   relief.Day `json:"day"`
	Block uint64     `json:"block"`
}

// facts takes in what records give for indicators, and the day of the transaction.
func (e *txChanges) facts(records []Record) {
	day := relief.DefaultCalendar.Day(e.tx.At)
	if n := len(e.Days); day > indicator.NoDay && (n == 0 || e.Days[n-1].Day < day) {
		e.Days = append(e.Days, LedgerDay{day, e.tx.Block})
	}
	for _, r := range records {
		if !indicator.Gives(r.Key.Kind) {
			continue
		}
		owner := indicator.Owner(r.Key).String()
		if r.Value == nil {
			delete(e.Facts, owner)
			continue
		}
		facts, err := indicator.Facts(r.Key.Kind, r.Value, e.Facts[owner], e.world(r.Key))
		if err != nil {
			e.report(BadRecord, "%s: %v", KeyName(r.Name), err)
			continue
		}
		if len(facts) == 0 {
			delete(e.Facts, owner)
			continue
		}
		e.Facts[owner] = facts
	}
}

// world is what the ledger says beside a record.
func (b *State) world(k relief.Key) *indicator.World {
	days := relief.DefaultCalendar
	if text := b.Segments[relief.CalendarKey().String()]; text != nil {
		_ = json.Unmarshal(text, &days) // reported when it was written
	}
	return &indicator.World{Calendar: &days, Parameters: b.parameters(), Programme: b.readProgramme(indicator.ProgrammeOf(k))}
}

// readProgramme is a programme as the ledger has it; nil for none.
func (b *State) readProgramme(id relief.ProgrammeID) *programme.Programme {
	if id == "" {
		return nil
	}
	p, err := stored.Read[programme.Programme](b.Segments[relief.ProgrammeKey(id).String()])
	if err != nil {
		return nil
	}
	return p
}

// Indicators are those of a question, as of the last block.
func (b *State) Indicators(q indicator.Question) indicator.Report {
	at := indicator.Moment{}
	final := q.Period.FinalOn()
	for i := range b.Days {
		d := &b.Days[i]
		if at.Today = d.Day; at.Final == nil && d.Day >= final && b.Days[0].Day < final {
			at.Final = &d.Block
		}
	}
	var facts []indicator.Fact
	for _, of := range b.Facts { // in any order: sums
		facts = append(facts, q.Counted(of, at.Today)...)
	}
	return indicator.NewReport(q, at, facts, b.readProgramme(q.Programme))
}

// ClosedMonths are the questions of each county and accounting period that was closed, in order.
func (b *State) ClosedMonths() (questions []indicator.Question) {
	for name := range b.Facts {
		k, _ := relief.ParseKey(name)
		if k.Kind != relief.KindMonth || len(k.Attrs) != 3 {
			continue
		}
		if span, err := indicator.ParseSpan(k.Attrs[2]); err == nil {
			questions = append(questions, indicator.Question{Programme: relief.ProgrammeID(k.Attrs[0]), Region: relief.Region(k.Attrs[1]), Period: span})
		}
	}
	slices.SortFunc(questions, func(a, b indicator.Question) int {
		return cmp.Or(cmp.Compare(a.Programme, b.Programme), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Period.String(), b.Period.String()))
	})
	return questions
}
