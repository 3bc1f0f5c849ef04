// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
)

// onVisits does what comes next of a draw's visits: one is recorded, most often in its turn, confirmed or returned, or the draw is finished.
func (a *Acts) onVisits(p *draw.Plan) []act {
	var drawn draw.DrawnUnits
	a.read(relief.DrawnKey(p.ID), &drawn)
	for i := range drawn.Units {
		var v draw.Visit
		has, of := a.read(relief.VisitKey(p.ID, i), &v), object{"plan": p.ID, "place": i}
		switch {
		case has && v.State == draw.VisitConfirmed, drawn.Units[i].Reserve && a.rand.IntN(2) == 0:
		case has && v.State == draw.VisitRecorded:
			return []act{{a.of(auditApprover, auditApprover, auditPreparer), "oversight:ConfirmVisit", with(of, object{"sha256": v.SHA256, "agree": a.rand.IntN(5) > 0}), nil}}
		default:
			return []act{{auditPreparer, "oversight:Visit", with(of, a.found(drawn.Units[i].Inspectors)), nil}}
		}
	}
	return []act{{auditApprover, "oversight:Finish", object{"plan": p.ID}, nil}}
}

// found is what audit's preparer found together with the approver, who stand in for those who were drawn.
func (a *Acts) found(drawn []relief.Official) object {
	replaced := []object{}
	for _, o := range drawn {
		if o.Agency != audit || o.Name != auditPreparer.Name && o.Name != auditApprover.Name {
			replaced = append(replaced, object{"agency": o.Agency, "id": o.ID, "reason": "away"})
		}
	}
	out := object{
		"made_on": relief.DefaultCalendar.Day(a.now), "with": object{"agency": audit, "name": auditApprover.Name}, "replaced": replaced,
		"result": draw.VisitResults[a.rand.IntN(len(draw.VisitResults))], "pictures": []object{},
	}
	if out["result"] == draw.Met || a.rand.IntN(2) == 0 {
		out["result"], out["received"], out["situation"] = draw.Met, draw.ReceivedAll, draw.AsRecorded
		out["pictures"] = []object{{"sha256": strings.Repeat("ab", 32), "media_type": "image/jpeg"}}
	}
	return out
}
