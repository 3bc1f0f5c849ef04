// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// draft is a version of a programme; each later one of a programme with standards gives more.
func (a *Acts) draft(id string, version int) act {
	in := object{
		"id": id, "version": version, "name": "社会救助", "region": "53", "unit": "household", "cycle": "monthly",
		"min_amount": "1.00", "max_amount": "9000.00", "starts": "2026-01", "notice_days": 7, "pay_by_day": 10,
		"budget": object{"functional": "2081902", "economic": "30306"}, "segment_size": segmentSize, "appeal_guide": "可申请复核",
		"required_evidence": []string{"home-visit"}, "exclusion_groups": []string{},
	}
	switch id {
	default:
		more := relief.Fen(version-1) * 10_00
		in["class_amounts"] = object{"A": 620_00 + more, "B": 480_00 + more, "C": 330_00 + more}
		in["import_until"], in["recheck_months"] = "2199-12-31", object{"A": 12, "B": 6, "C": 3}
		in["required_matches"] = []string{"civil-registry"}
		if prefixOf(id) == short {
			in["region"] = County // several officials of which may end it
		}
	case emergency:
		in["cycle"], in["papers_workdays"], in["grants_a_month"] = "grant", 10, 5
		in["township"] = object{"max_amount": "2000.00", "max_year": "4000.00", "by": []string{"two", "county_confirms"}[version%2]}
	case medical:
		in["cycle"], in["bill_required"], in["grants_a_month"] = "grant", true, 10
	case subsidy:
		in["unit"], in["from_programmes"] = "person", []string{monthly, exclusive}
		in["rate_by"] = []string{"person", "household", "class"}[a.rand.IntN(3)]
	}
	switch id {
	case monthly, exclusive:
		in["exclusion_groups"] = []string{"assistance"}
	case quarterly:
		in["cycle"], in["starts"] = "quarterly", "2026-Q1"
	case emergency, medical:
		in["min_amount"], in["max_amount"] = "0.01", "50000.00"
	}
	return act{province, "programme:Draft", in, nil}
}

// enact puts a version of a programme in force.
func enact(id string, version int) act {
	return act{financeApprover, "programme:Enact", object{"id": id, "version": version}, nil}
}

// someRoll is a programme with a roll that is imported, now and then one that ends soon.
func (a *Acts) someRoll() string {
	if ids := a.shortOnes(); len(ids) > 0 && a.rand.IntN(15) == 0 {
		return ids[len(ids)-1]
	}
	return rolls[a.rand.IntN(len(rolls))]
}

// shortOnes are the programmes that end while others go on.
func (a *Acts) shortOnes() (ids []string) {
	for _, id := range a.ids(relief.KindProgramme) {
		if prefixOf(id) == short {
			ids = append(ids, id)
		}
	}
	return ids
}

// version is the version of a programme that is in force.
func (a *Acts) version(id relief.ProgrammeID) *programme.Version {
	var p programme.Programme
	if !a.read(relief.ProgrammeKey(id), &p) || p.InForce == 0 || p.InForce > len(p.Versions) {
		return &programme.Version{ID: id, Version: 1}
	}
	return &p.Versions[p.InForce-1].Version
}

// terms are what a class gives so many people by the standards in force, now and then something else.
func (a *Acts) terms(id relief.ProgrammeID, persons int) roll.Terms {
	class := []string{"A", "B", "C"}[a.rand.IntN(3)]
	amount := a.version(id).ClassAmounts[class] * relief.Fen(persons)
	if a.rand.IntN(20) == 0 {
		amount += relief.Fen(a.rand.IntN(300) - 100)
	}
	return roll.Terms{Class: class, Persons: uint8(persons), Amount: amount} //nolint:gosec // few
}

// onProgramme enacts another version of a programme, gives its standards to a roll, or begins or ends a programme.
func (a *Acts) onProgramme() []act {
	id := a.someRoll()
	in := a.version(relief.ProgrammeID(id))
	switch a.rand.IntN(6) {
	case 0:
		return a.onShort()
	case 1:
		return []act{a.draft(id, in.Version+1), enact(id, in.Version+1)}
	}
	return a.rerate(id, in)
}

// onShort ends the last of the programmes that end, which takes two officials, or begins the next.
func (a *Acts) onShort() []act {
	var p programme.Programme
	if ids := a.shortOnes(); len(ids) > 0 && a.read(relief.ProgrammeKey(relief.ProgrammeID(ids[len(ids)-1])), &p) && p.InForce > 0 {
		return []act{{a.of(civilApprover, civilChief, provinceChief), "programme:End", object{"id": p.ID}, nil}}
	}
	id := a.next(short)
	return []act{a.draft(id, 1), enact(id, 1), a.issue(id)}
}

// rerate gives the standards of a programme's version to a roll.
func (a *Acts) rerate(id string, in *programme.Version) []act {
	county := []relief.Region{County, County, otherCounty}[a.rand.IntN(3)]
	from, by := a.month(a.rand.IntN(9)-7), a.preparerOf(county)
	var counted []object
	a.segments(relief.ProgrammeID(id), func(at roll.SegmentAddr, _ roll.Segment) {
		if at.County != county || len(counted) == 4 {
			return
		}
		o := a.ask(by, "roll:RerateSegment", object{"programme": id, "county": county, "segment": at.Segment, "version": in.Version, "from": from})
		if o == nil || fmt.Sprint(o["changed"], o["behind"]) == "0 0" {
			return
		}
		counted = append(counted, object{"segment": o["segment"], "sha256": o["sha256"], "changed": o["changed"], "behind": o["behind"], "more": o["more"]})
	})
	if len(counted) == 0 {
		return nil
	}
	rerate := a.next("r")
	propose := act{by, "roll:ProposeRerate", object{
		"id": rerate, "programme": id, "county": county, "version": in.Version, "from": from, "document": a.next("doc"), "segments": counted,
	}, nil}
	answer, done, err := a.submit(&propose)
	if err != nil || !done || a.rand.IntN(5) == 0 {
		return nil
	}
	a.waits = a.waits[:len(a.waits)-1]
	if a.rand.IntN(6) == 0 {
		return []act{{by, "roll:WithdrawRerate", object{"id": rerate}, nil}}
	}
	confirmer := a.approverOf(county)
	acts := []act{{confirmer, "roll:ConfirmRerate", object{"id": rerate, "digest": answer["digest"], "agree": true}, nil}}
	for _, c := range counted {
		acts = append(acts, act{confirmer, "roll:Rerate", object{"id": rerate, "segments": []any{c["segment"]}}, nil})
	}
	return acts
}
