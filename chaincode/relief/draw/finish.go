package draw

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
)

// Visited is what became of a draw's units: the results of the visits, those of reserves among them.
type Visited struct {
	Met      int `json:"met"`
	Absent   int `json:"absent"`
	Moved    int `json:"moved"`
	Deceased int `json:"deceased"`
	Refused  int `json:"refused"`
	Reserves int `json:"reserves"` // how many stood in
	// Unfilled are units that nobody was met for: the stratum has no reserves any more.
	Unfilled int `json:"unfilled"`
	NotPaid  int `json:"not_received"` // of those who were met: without all of their money
	Changed  int `json:"changed"`      // of those who were met: who live otherwise than the case has it
}

// Finish ends a draw, once each unit was visited, and a reserve for each that was not met, as far as there are any. visits has what is recorded
// of each unit, nil for one without.
func Finish(p Plan, d *DrawnUnits, visits []*Visit, actor relief.Actor) (Plan, error) {
	if err := p.MayVisit(); err != nil {
		return p, err
	}
	out := &Visited{}
	for i, v := range visits {
		unit := &d.Units[i]
		if v != nil && v.State != VisitConfirmed {
			return p, relief.Errorf(relief.CodePending, "第 %d 户的核查尚未确认 · the visit of unit %d is not confirmed", i, i)
		}
		if v == nil {
			if !unit.Reserve {
				return p, relief.Errorf(relief.CodePending, "第 %d 户尚未核查 · unit %d was not visited", i, i)
			}
			continue
		}
		out.count(v, unit.Reserve)
	}
	for i := range p.Frame.Strata {
		wanted, left := d.wanting(i, visits)
		if wanted > 0 && left > 0 {
			return p, relief.Errorf(relief.CodePending, "第 %d 层仍有备选未核查 · stratum %d still has reserves who stand in for units that were not met", i, i)
		}
		out.Unfilled += wanted
	}
	p.Visited = out
	p, _, err := p.changed(relief.ActOversightFinish, relief.ActOversightFinish, actor)
	return p, err
}

// wanting is how many units of a stratum nobody was met for yet, and how many reserves were not visited.
func (d *DrawnUnits) wanting(stratum int, visits []*Visit) (wanted, left int) {
	for i := range d.Units {
		switch u := &d.Units[i]; {
		case u.Stratum != stratum:
		case visits[i] == nil:
			left++
		case visits[i].Result == Met && u.Reserve:
			wanted--
		case visits[i].Result != Met && !u.Reserve:
			wanted++
		}
	}
	return wanted, left
}

func (out *Visited) count(v *Visit, reserve bool) {
	if reserve {
		out.Reserves++
	}
	switch v.Result {
	case Met:
		out.Met++
		if v.Received != ReceivedAll {
			out.NotPaid++
		}
		if v.Standing == Changed {
			out.Changed++
		}
	case Absent:
		out.Absent++
	case Moved:
		out.Moved++
	case Deceased:
		out.Deceased++
	case Refused:
		out.Refused++
	}
}

// framedAt is when the frame was fixed.
func (p *Plan) framedAt() time.Time {
	i := slices.IndexFunc(p.Acts, func(a relief.HistoryEntry) bool { return a.Act == relief.ActOversightFrame })
	if i < 0 {
		return time.Time{}
	}
	return p.Acts[i].At
}
