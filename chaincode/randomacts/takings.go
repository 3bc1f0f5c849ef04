// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// onTaking has the people of other rolls taken for a month, sets the rate of one, or changes an entry of theirs.
func (a *Acts) onTaking() []act {
	month := a.month(a.rand.IntN(6) - 4)
	var r programme.Rate
	known := a.read(relief.RateKey(subsidy, month), &r)
	switch {
	case !known || r.State == programme.RateRefused || r.State == programme.RateWithdrawn || a.rand.IntN(15) == 0:
		return []act{a.rate(month)}
	case r.State == programme.RateProposed:
		return a.decide()
	case a.rand.IntN(4) == 0:
		if e, ok := a.someEntry(subsidy); ok {
			return []act{a.onTaken(&e)}
		}
	}
	return a.take(&r, []relief.Region{County, County, County, otherCounty}[a.rand.IntN(4)])
}

// rate proposes what a month pays, now and then by another unit than the programme has.
func (a *Acts) rate(month relief.Period) act {
	in := object{"programme": subsidy, "period": month, "document": a.next("doc")}
	amount, by := relief.Fen(20_00+a.rand.IntN(30)*1_00), a.version(subsidy).RateBy
	if (by == programme.RateByClass) != (a.rand.IntN(20) == 0) {
		in["class_amounts"] = object{"A": amount + 10_00, "B": amount, "C": amount - 5_00}
	} else {
		in["amount"] = amount
	}
	return act{province, "programme:ProposeRate", in, nil}
}

// laterOnRate notes that a rate is to be confirmed.
func (a *Acts) laterOnRate(c *act, answer object) {
	if c.function != "programme:ProposeRate" {
		return
	}
	of := object{"programme": answer["programme"], "period": answer["period"]}
	a.waitFor("programme:ConfirmRate", with(of, object{"digest": answer["digest"]}), financeApprover, financeApprover,
		act{c.by, "programme:WithdrawRate", of, nil})
}

// countTaken counts the people whom a chunk of an import has taken from other rolls.
func (a *Acts) countTaken(c *act, answer object) {
	var p roll.ImportProposal
	if id, ok := c.input["import"].(relief.ImportID); !ok || c.function != "roll:Import" || !a.read(relief.ImportKey(id), &p) || p.Rate == "" {
		return
	}
	count := a.outcome("roll:Import, people of other rolls")
	var result wire.ChunkResult
	if b, err := json.Marshal(answer); err != nil || json.Unmarshal(b, &result) != nil {
		return
	}
	count.Done += result.Accepted
	count.Refused += len(result.Refused)
}

// onTaken changes an entry of the programme that takes its people from other rolls: all else than these two is done on those rolls.
func (a *Acts) onTaken(e *roll.Entry) act {
	of := object{"programme": e.Programme, "subject": e.Subject.String()}
	if a.rand.IntN(2) == 0 {
		return act{a.preparerOf(e.County), "roll:Exit", with(of, object{"reason": "other", "last_period": e.From.Previous()}), nil}
	}
	n, _ := a.numberOf(e.Subject)
	another := card(n, 1+a.rand.IntN(3))
	return act{a.preparerOf(e.County), "roll:ChangePayee", with(of, object{
		"name_tag": another.Name, "account_tag": another.Account, "evidence_sha256": a.paper(),
	}), sealed(1)}
}

// take imports some of the people of a county's rolls for the month of a rate.
func (a *Acts) take(r *programme.Rate, county relief.Region) []act {
	var lines []roll.Input
	for _, from := range a.version(subsidy).FromProgrammes {
		a.segments(from, func(at roll.SegmentAddr, _ roll.Segment) {
			if at.County == county && a.rand.IntN(2) == 0 {
				lines = append(lines, a.takenFrom(from, at, r.Period)...)
			}
		})
	}
	if len(lines) == 0 {
		return nil
	}
	a.rand.Shuffle(len(lines), func(i, k int) { lines[i], lines[k] = lines[k], lines[i] })
	lines = lines[:min(len(lines), 1+a.rand.IntN(5))]
	for i := range lines {
		lines[i].Seq = uint32(i + 2)
		if a.rand.IntN(25) == 0 {
			a.spoilEntry(&lines[i])
		}
	}
	return a.importing(lines, roll.ImportTerms{Programme: subsidy, County: county, From: r.Period, Rate: r.Digest})
}

// takenFrom are the lines of whom the programme takes from a segment of a roll for a month.
func (a *Acts) takenFrom(from relief.ProgrammeID, at roll.SegmentAddr, month relief.Period) (lines []roll.Input) {
	answer := a.ask(a.preparerOf(at.County), "roll:TakeSegment", object{
		"programme": subsidy, "period": month, "from_programme": from, "county": at.County, "segment": at.Segment,
	})
	b, err := json.Marshal(answer)
	var out struct {
		People []roll.Taken `json:"people"`
	}
	if err != nil || json.Unmarshal(b, &out) != nil {
		return nil
	}
	for i := range out.People {
		p := &out.People[i]
		if p.Code != "" && a.rand.IntN(20) > 0 || p.Class == "" {
			continue
		}
		lines = append(lines, roll.Input{Ref: p.Subject, Region: p.Region, Persons: p.Persons, Class: p.Class[0], Amount: p.Amount, Payee: p.Payee})
	}
	return lines
}
