// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"crypto/sha256"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/stored"
)

// onDraw plans a draw, or does what most likely comes next of one. Now and then an agency has no nonce, or withholds it.
func (a *Acts) onDraw() []act {
	var p draw.Plan
	id := a.recent("draw-")
	if !a.read(relief.PlanKey(relief.PlanID(id)), &p) || p.State == draw.Finished || p.State == draw.Void || a.rand.IntN(4) == 0 {
		return a.planDraw()
	}
	of := object{"plan": id}
	by := a.of(auditApprover, auditApprover, financeApprover, civilApprover)
	switch p.State {
	case draw.Framed:
		if !a.now.Before(p.Frame.RevealBy) {
			return []act{{by, "oversight:Default", of, nil}}
		}
		return a.reveals(id)
	case draw.Sealed:
		if !a.now.Before(p.OpenBy()) {
			return []act{{by, "oversight:Default", of, nil}}
		}
		if a.rand.IntN(3) > 0 {
			return a.planDraw() // it stays sealed
		}
		return a.reveals(id)
	case draw.Seeded:
		return []act{{by, "oversight:Draw", of, nil}}
	case draw.Drawn:
		return a.onVisits(&p)
	}
	if a.now.Before(p.CloseAt) {
		return a.commits(id)
	}
	frame := append([]act{{by, "oversight:Frame", of, nil}}, a.reveals(id)...)
	if a.rand.IntN(2) == 0 {
		return frame
	}
	month := object{"programme": p.Months[0].Programme, "county": p.County, "period": p.Months[0].Period}
	return append([]act{{a.preparerOf(p.County), "oversight:CloseMonth", month, nil}}, frame...)
}

// planDraw plans a draw, to which agencies commit, of a month that is closed, most often.
func (a *Acts) planDraw() []act {
	id := a.next("draw-")
	months := []object{{"programme": all[a.rand.IntN(len(all))], "period": a.month(-1 - a.rand.IntN(3))}}
	a.ledger.Scan("\x00"+relief.KindMonth+"\x00", func(_ string, value []byte) bool {
		var m oversight.Month
		if stored.Into(value, &m) == nil && m.Rows > 0 && m.County == County && a.rand.IntN(3) > 0 {
			months = []object{{"programme": m.Programme, "period": m.Period}}
		}
		return true
	})
	sealed := a.rand.IntN(3) == 0
	openDays := 0
	if sealed {
		openDays = 1 + a.rand.IntN(20)
	}
	return append([]act{{auditApprover, "oversight:Plan", object{
		"sealed": sealed, "open_days": openDays,
		"id": id, "purpose": "follow_up", "county": County, "months": months, "size": 1 + a.rand.IntN(9), "min_per_stratum": a.rand.IntN(3),
		"reserves": a.rand.IntN(3), "close_at": a.now.Add(a.pace + time.Minute).UTC().Truncate(time.Second), "reveal_hours": 1 + a.rand.IntN(400),
		"inspectors": []object{
			{"agency": audit, "name": auditReader.Name}, {"agency": audit, "name": auditApprover.Name}, {"agency": audit, "name": auditPreparer.Name}, {"agency": civil, "name": civilPreparer.Name},
			{"agency": civil, "name": township.Name, "serves": firstTown},
		},
	}, nil}}, a.commits(id)...)
}

func (a *Acts) commits(id string) []act {
	return a.ofAgencies("oversight:Commit", func(by Official) object {
		return object{"plan": id, "commitment": draw.Commitment(by.Agency, relief.PlanID(id), nonceOf(by, id))}
	})
}

func (a *Acts) reveals(id string) []act {
	return a.ofAgencies("oversight:Reveal", func(by Official) object { return object{"plan": id, "nonce": nonceOf(by, id)} })
}

// ofAgencies is an act of some agencies: most often of all.
func (a *Acts) ofAgencies(function string, input func(Official) object) (acts []act) {
	for _, by := range []Official{civilApprover, financeApprover, auditApprover} {
		if a.rand.IntN(8) > 0 {
			acts = append(acts, act{by, function, input(by), nil})
		}
	}
	return acts
}

// nonceOf is an agency's nonce for a draw.
func nonceOf(by Official, id string) draw.Hash { return sha256.Sum256([]byte(by.Agency + id)) }
