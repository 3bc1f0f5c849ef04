// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// The programmes. A person is in one of the first two at most.
const (
	monthly   = "dibao"
	exclusive = "tekun"
	quarterly = "canji"
	emergency = "jinan"  // single grants that townships decide, papers afterwards
	medical   = "yiliao" // single grants, each for a bill
)

var (
	rolls  = []string{monthly, monthly, monthly, exclusive, quarterly} // programmes with rolls that are imported
	grants = []string{emergency, emergency, medical}
	all    = []string{monthly, exclusive, quarterly, emergency, medical}
)

// departmentKey is the key of the department that answers what is matched.
var departmentKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// segmentSize is so small that every roll has several segments.
const segmentSize = 4

// beginning are the acts before the random ones.
func (a *Acts) beginning() ([]act, error) {
	registry := a.ask(auditReader, "registry:Get", nil)
	known, ok := registry["regions"].([]any)
	if !ok {
		return nil, errors.New("the ledger has no registry of the dev network")
	}
	region := func(code relief.Region, more object) object {
		out := object{"code": code, "name": "乡镇街道", "valid_from": "1995-10-13"}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	towns := append(known, region(firstTown, nil), region(secondTown, nil), region(otherTown, nil),
		region(thirdTown, object{"valid_to": a.month(4).Start().String() + "-01", "successors": []relief.Region{secondTown}}))
	key, _ := departmentKey.Public().(ed25519.PublicKey)
	change := object{
		"regions": towns,
		"sources": []object{{"id": "civil-registry", "name": "民政婚姻死亡登记", "keys": []string{base64.StdEncoding.EncodeToString(key)}}},
	}
	propose := act{civilRegistrar, "registry:Propose", object{"id": "random", "change": change}, nil}
	proposed, done, err := a.submit(&propose)
	if err != nil || !done {
		return nil, fmt.Errorf("the registry cannot be changed: %w", err)
	}
	a.waits = nil
	agree := object{"id": "random", "digest": proposed["digest"]}
	first := []act{{financeReg, "registry:Agree", agree, nil}, {auditRegistrar, "registry:Agree", agree, nil}}
	for _, id := range all {
		first = append(first, a.draft(id, 1), act{financeApprover, "programme:Enact", object{"id": id, "version": 1}, nil}, a.issue(id))
	}
	return first, nil
}

// draft is a version of a programme; each later one of a programme with standards gives more.
func (a *Acts) draft(id string, version int) act {
	in := object{
		"id": id, "version": version, "name": "社会救助", "region": "53", "unit": "household", "cycle": "monthly",
		"min_amount": "1.00", "max_amount": "9000.00", "starts": "2026-01", "notice_days": 7, "pay_by_day": 10,
		"budget": object{"functional": "2081902", "economic": "30306"}, "segment_size": segmentSize, "appeal_guide": "可申请复核",
		"required_evidence": []string{"home-visit"}, "exclusion_groups": []string{},
	}
	switch id {
	case monthly, exclusive, quarterly:
		more := relief.Fen(version-1) * 10_00
		in["class_amounts"] = object{"A": 620_00 + more, "B": 480_00 + more, "C": 330_00 + more}
		in["import_until"], in["recheck_months"] = "2199-12-31", object{"A": 12, "B": 6, "C": 3}
		in["required_matches"] = []string{"civil-registry"}
	case emergency:
		in["cycle"], in["papers_workdays"], in["grants_a_month"] = "grant", 10, 5
		in["township"] = object{"max_amount": "2000.00", "max_year": "4000.00", "by": []string{"two", "county_confirms"}[version%2]}
	case medical:
		in["cycle"], in["bill_required"], in["grants_a_month"] = "grant", true, 10
	}
	switch id {
	case monthly, exclusive:
		in["exclusion_groups"] = []string{"assistance"}
	case quarterly:
		in["cycle"], in["starts"] = "quarterly", "2026-Q1"
	default:
		in["min_amount"], in["max_amount"] = "0.01", "50000.00"
	}
	return act{province, "programme:Draft", in, nil}
}

// issue gives a programme money of the year.
func (a *Acts) issue(id string) act {
	full := object{"coverage": "98.00", "timeliness": "98.00", "accuracy": "98.00", "satisfaction": "98.00"}
	region := []relief.Region{County, "53", "53", otherCounty, secondTown}[a.rand.IntN(5)]
	return act{financeApprover, "fund:Issue", object{
		"id": a.next("t-" + id + "-"), "programme": id, "region": region, "amount": relief.Fen(50_000_00 + a.rand.IntN(200_000_00)),
		"source": "省财政", "account": "5301000000000001", "fiscal_year": a.now.Year() + a.rand.IntN(8)/7, "targets": full,
	}, nil}
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
	class := string(rune('A' + a.rand.IntN(3)))
	amount := a.version(id).ClassAmounts[class] * relief.Fen(persons)
	if a.rand.IntN(20) == 0 {
		amount += relief.Fen(a.rand.IntN(300) - 100)
	}
	return roll.Terms{Class: class, Persons: uint8(persons), Amount: amount} //nolint:gosec // few
}
