// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"encoding/json"
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// imports puts one to three people on a roll, or changes their terms.
func (a *Acts) imports() []act {
	programme := a.someRoll()
	county, town := County, []relief.Region{firstTown, firstTown, secondTown, thirdTown}[a.rand.IntN(4)]
	if a.rand.IntN(10) == 0 {
		county, town = otherCounty, otherTown
	}
	entries := make([]roll.Input, 1+a.rand.IntN(3))
	first := a.rand.IntN(people)
	for i := range entries {
		entries[i] = a.importLine(programme, county, town, (first+i)%people)
		entries[i].Seq = uint32(i + 2)
		if a.rand.IntN(25) == 0 {
			a.spoilEntry(&entries[i])
		}
	}
	return a.importing(entries, roll.ImportTerms{Programme: relief.ProgrammeID(programme), County: county, From: a.month(a.rand.IntN(10) - 7)})
}

// importing are the acts that put lines on a roll: proposed, confirmed, carried out.
func (a *Acts) importing(entries []roll.Input, terms roll.ImportTerms) []act {
	tr := sealed(len(entries))
	tr[wire.TransientRoll] = roll.AppendRoll(nil, entries)
	by := a.approverOf(terms.County)
	decoded, err := roll.DecodeRoll(tr[wire.TransientRoll])
	if err != nil { // what cannot be decoded is sent all the same
		return []act{{by, "roll:Import", object{"import": a.recent("i"), "segments": []int{0}}, tr}}
	}
	chunk := roll.ChunkOf(decoded, tr[wire.TransientRoll], tr[wire.TransientPersons])
	terms.ID, terms.Chunks = relief.ImportID(a.next("i")), []roll.ImportChunk{chunk}
	terms.ImportDiffers = roll.ImportDiffers{New: chunk.New, Changed: chunk.Changed, Same: chunk.Count - chunk.New - chunk.Changed}
	propose := act{a.preparerOf(terms.County), "roll:ProposeImport", object{
		"id": terms.ID, "programme": terms.Programme, "county": terms.County, "from": terms.From, "chunks": terms.Chunks,
		"new": terms.New, "changed": terms.Changed, "same": terms.Same, "missing": 0, "refused": 0,
	}, nil}
	if terms.Rate != "" {
		propose.input["rate"] = terms.Rate
	}
	if a.rand.IntN(15) == 0 {
		return []act{propose, {propose.by, "roll:WithdrawImport", object{"id": terms.ID}, nil}}
	}
	return []act{
		propose,
		{by, "roll:ConfirmImport", object{"id": terms.ID, "digest": terms.Digest(), "agree": true}, nil},
		{by, "roll:Import", object{"import": terms.ID, "segments": a.segmentsFor(terms.Programme, terms.County, entries)}, tr},
	}
}

// importLine is the line of a person: a new one, one with other terms, or one that changes nothing.
func (a *Acts) importLine(programme string, county, town relief.Region, n int) roll.Input {
	t := a.terms(relief.ProgrammeID(programme), 1+a.rand.IntN(2))
	in := roll.Input{Ref: ref(n), Region: town, Persons: t.Persons, Class: t.Class[0], Amount: t.Amount, Payee: payee(n)}
	e, version, ok := a.entryOf(relief.ProgrammeID(programme), in.Ref)
	if ok && e.County == county && e.State == roll.InForce && a.rand.IntN(4) > 0 {
		in.Seen, in.Region = roll.SeenChanged, e.Region
		in.Was = roll.Was{Version: version, Persons: e.Persons, Class: e.Class[0], Amount: e.Amount}
		if in.Residence = a.residence(); in.Residence != "" {
			in.Was.Residence = e.Residence
		}
		return in
	}
	in.Residence = a.residence()
	if t.Persons == 2 && a.rand.IntN(2) == 0 {
		in.Members = []relief.SubjectRef{ref(n + 1000)}
	}
	if a.rand.IntN(8) == 0 {
		in.Told = roll.Told{PaidThrough: a.month(-1 - a.rand.IntN(5)), PaidSum: 1000_00}
	}
	return in
}

// residence is where a household lives, mostly what its region says.
func (a *Acts) residence() relief.Residence {
	return []relief.Residence{"", "", "", "", relief.Urban, relief.Rural}[a.rand.IntN(6)]
}

// spoilEntry puts values into a line that the wire can carry and a roll perhaps not hold.
func (a *Acts) spoilEntry(e *roll.Input) {
	edge := relief.MonthPeriod([]int{2000 * 12, 2026*12 + 9, 2199*12 + 11}[a.rand.IntN(3)])
	switch a.rand.IntN(10) {
	case 0:
		e.Ref[0] = 0
	case 1:
		e.Region = []relief.Region{"53", "5301", "530100", "530100001", County, "530182", ""}[a.rand.IntN(7)]
	case 2:
		e.Persons = []uint8{0, 99, 100, 255}[a.rand.IntN(4)]
	case 3:
		e.Class = []byte{0, 'Z', 'a', 't', 0xff}[a.rand.IntN(5)]
	case 4:
		e.Amount = []relief.Fen{0, 1, relief.MaxFen, relief.MaxFen + 1, 1 << 48}[a.rand.IntN(5)]
	case 5:
		e.Payee.Account = relief.Tag{0, 1}
	case 6:
		e.Told = roll.Told{PaidThrough: edge, PaidSum: relief.MaxFen}
	case 7:
		e.Members = []relief.SubjectRef{ref(a.rand.IntN(people)), {}}
	case 8:
		e.Residence, e.Was.Residence = relief.Urban, a.residence()
	default:
		e.Seen, e.Was = roll.SeenChanged, roll.Was{Version: uint16(a.rand.IntN(3)), Persons: 1, Class: 'A', Amount: 62000} //nolint:gosec // small
	}
}

// segments visits the segments of a programme's rolls.
func (a *Acts) segments(programme relief.ProgrammeID, visit func(at roll.SegmentAddr, seg roll.Segment)) {
	a.ledger.Scan("\x00"+relief.KindRoll+"\x00"+string(programme)+"\x00", func(key string, value []byte) bool {
		k, _ := relief.ParseKey(key)
		number, err := relief.ParseSegment(k.Attrs[2])
		seg, err2 := roll.ParseSegment(value)
		if err == nil && err2 == nil {
			visit(roll.SegmentAddr{Programme: programme, County: relief.Region(k.Attrs[1]), Segment: number, Size: segmentSize}, seg)
		}
		return true
	})
}

// room is the first segment of a roll that new people may be in.
func (a *Acts) room(programme relief.ProgrammeID, county relief.Region) (first uint32) {
	a.segments(programme, func(at roll.SegmentAddr, seg roll.Segment) {
		if at.County == county && seg.Len() == segmentSize {
			first = at.Segment + 1
		}
	})
	return first
}

// segmentsFor are the segments that people of an import may be in: those of their numbers, and where there is room.
func (a *Acts) segmentsFor(programme relief.ProgrammeID, county relief.Region, people []roll.Input) (segments []uint32) {
	room := a.room(programme, county)
	if len(people) < 3 {
		segments = append(segments, room+1)
	}
	segments = append(segments, room)
	for i := range people {
		e, _, ok := a.entryOf(programme, people[i].Ref)
		if ok && e.County == county && !slices.Contains(segments, e.Number/segmentSize) {
			segments = append(segments, e.Number/segmentSize)
		}
	}
	slices.Sort(segments)
	return segments
}

// someEntry is a random entry of a programme's rolls, most often one in force.
func (a *Acts) someEntry(programme relief.ProgrammeID) (e roll.Entry, ok bool) {
	weight := 0
	a.segments(programme, func(at roll.SegmentAddr, seg roll.Segment) {
		for i := range seg.Len() {
			one := seg.Entry(i, at)
			own := 1
			if one.State == roll.InForce {
				own = 6
			}
			if weight += own; a.rand.IntN(weight) < own {
				e, ok = one, true
			}
		}
	})
	return e, ok
}

// entryOf is a person's entry in a programme, and the version of the person's details.
func (a *Acts) entryOf(programme relief.ProgrammeID, s relief.SubjectRef) (e roll.Entry, version uint16, ok bool) {
	var in roll.IndexEntry
	b := a.ledger.Get(relief.RollIndexKey(s, programme).String())
	if b == nil || in.UnmarshalBinary(b) != nil {
		return e, 0, false
	}
	at := roll.SegmentAddr{Programme: programme, County: in.County, Segment: in.Number / segmentSize, Size: segmentSize}
	seg, err := roll.ParseSegment(a.ledger.Get(relief.RollKey(programme, in.County, at.Segment).String()))
	payees, err2 := roll.ParsePayees(a.ledger.Get(relief.PayeesKey(programme, in.County, at.Segment).String()))
	slot := int(in.Number % segmentSize)
	if err != nil || err2 != nil || slot >= seg.Len() || slot >= payees.Len() {
		return e, 0, false
	}
	return seg.Entry(slot, at), payees.Version(slot), true
}

// onEntry proposes a change of somebody's entry, or links another reference to somebody.
func (a *Acts) onEntry() []act {
	e, ok := a.someEntry(relief.ProgrammeID(a.someRoll()))
	if !ok {
		return a.imports()
	}
	n, _ := a.numberOf(e.Subject)
	of := func(more object) object {
		more["programme"], more["subject"] = e.Programme, e.Subject.String()
		return more
	}
	by, from := a.preparerOf(e.County), a.month(a.rand.IntN(12)-8)
	if a.rand.IntN(8) > 0 && a.undecided(&e) {
		return a.decide()
	}
	kind := a.rand.IntN(18)
	if suspended(&e) && a.rand.IntN(2) == 0 {
		kind = 3
	}
	if kind >= 12 {
		return a.elsewhere(&e, n, by, kind, of)
	}
	switch kind {
	case 3, 4:
		if e.State != roll.InForce || len(e.Runs) == 0 {
			return a.onBatch()
		}
		return []act{{by, "roll:Resume", of(object{"from": a.month(a.rand.IntN(4) - 1)}), nil}}
	case 0:
		return []act{{by, "roll:Exit", of(object{"reason": "death", "died_on": a.day(a.rand.IntN(250))}), nil}}
	case 1:
		return []act{{by, "roll:Exit", of(object{"reason": "moved", "last_period": a.month(a.rand.IntN(5) - 4)}), nil}}
	case 2:
		return []act{{by, "roll:Suspend", of(object{"from": a.month(a.rand.IntN(4) - 1), "reason": "核查"}), nil}}
	case 5, 6, 7:
		t := a.terms(e.Programme, max(1, int(e.Persons)))
		return []act{{by, "roll:SetTerms", of(object{
			"class": t.Class, "persons": t.Persons, "amount": t.Amount, "from": from, "reason": "class", "document": a.next("doc"),
		}), nil}}
	case 8, 9:
		return []act{{by, "roll:SetResidence", of(object{
			"residence": []relief.Residence{relief.Urban, relief.Rural, relief.Urban, relief.Rural, ""}[a.rand.IntN(5)], "from": from, "document": a.next("doc"),
		}), nil}}
	case 10, 11:
		another := card(n, 1+a.rand.IntN(3))
		return []act{{by, "roll:ChangePayee", of(object{
			"name_tag": another.Name, "account_tag": another.Account, "evidence_sha256": a.paper(),
		}), sealed(1)}}
	}
	return a.link(&e, n)
}

// suspended reports whether an entry is suspended without an end.
func suspended(e *roll.Entry) bool {
	n := len(e.Runs)
	return n > 0 && e.Runs[n-1].Suspended && e.Runs[n-1].Until.IsZero()
}

// elsewhere ends the number of an entry: another head, another region, another reference.
func (a *Acts) elsewhere(e *roll.Entry, n int, by Official, kind int, of func(object) object) []act {
	switch kind {
	case 12, 13:
		return a.anotherHead(e, n, of)
	case 14:
		town := []relief.Region{firstTown, secondTown, secondTown}[a.rand.IntN(3)]
		return []act{{by, "roll:Move", of(object{"region": town}), nil}}
	case 15:
		to := object{"to_county": otherCounty, "to_programme": e.Programme, "last_period": a.month(a.rand.IntN(3) - 1)}
		if e.County == otherCounty {
			to["to_county"] = County
		}
		return []act{{by, "roll:MoveOut", of(to), nil}}
	}
	return a.link(e, n)
}

// undecided reports whether a change of an entry waits for somebody.
func (a *Acts) undecided(e *roll.Entry) bool {
	var last roll.LastChange
	var c roll.Change
	return a.read(relief.LastChangeKey(e.Subject, e.Programme), &last) && a.read(relief.ChangeKey(last.Change), &c) && c.State == roll.ChangeProposed
}

// anotherHead has the member of a household lead it.
func (a *Acts) anotherHead(e *roll.Entry, n int, of func(object) object) []act {
	t := a.terms(e.Programme, 1)
	head := ref(n + 1000)
	if n >= 1000 {
		head = ref(n - 1000)
	}
	known := a.ledger.Get(relief.HouseholdKey(e.Programme, e.Subject).String()) != nil || a.caseOf(e, "") != ""
	if e.State != roll.InForce || !known && a.rand.IntN(5) > 0 {
		return a.link(e, n)
	}
	in := of(object{
		"new_head": head.String(), "class": t.Class, "persons": t.Persons, "amount": t.Amount, "name_tag": payee(n + 1000).Name,
		"account_tag": payee(n + 1000).Account, "evidence_sha256": a.paper(),
	})
	if a.rand.IntN(2) == 0 {
		in["died_on"] = a.day(a.rand.IntN(40))
	} else {
		in["from"] = a.month(a.rand.IntN(2))
	}
	return []act{{a.preparerOf(e.County), "roll:ReplaceHead", in, sealed(1)}}
}

// moveIn has the other county take a household in that one has let go.
func (a *Acts) moveIn(change object) {
	var c roll.Change
	b, err := json.Marshal(change)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Kind != roll.ChangeMoveOut || c.State != roll.ChangeConfirmed {
		return
	}
	n, _ := a.numberOf(c.Subject)
	county, town := otherCounty, otherTown
	if c.County == otherCounty {
		county, town = County, secondTown
	}
	t := a.terms(c.Programme, 1)
	a.wait(act{a.preparerOf(county), "roll:MoveIn", object{
		"change": c.ID, "programme": c.Programme, "subject": c.Subject.String(), "region": town, "class": t.Class, "persons": t.Persons,
		"amount": t.Amount, "name_tag": payee(n).Name, "account_tag": payee(n).Account, "evidence_sha256": a.paper(),
	}, sealed(1)})
}

// link proposes that the identity number of somebody was wrong: the later reference is theirs from now on.
func (a *Acts) link(e *roll.Entry, n int) []act {
	earlier, later := ref(n), ref(n+2000)
	if n >= 2000 {
		later = ref(n - 2000)
	}
	details := 0
	for _, programme := range all {
		if _, _, ok := a.entryOf(relief.ProgrammeID(programme), earlier); ok {
			details++
		}
	}
	return []act{{a.preparerOf(e.County), "person:ProposeLink", object{
		"earlier": earlier.String(), "later": later.String(), "reason": "number", "evidence_sha256": a.paper(),
	}, sealed(details)}}
}

// laterOnRoll notes what is to be decided of rolls.
func (a *Acts) laterOnRoll(c *act, answer object) {
	region := relief.Region(fmt.Sprint(answer["region"]))
	switch c.function {
	case "roll:ReplaceHead", "roll:Move", "roll:MoveOut", "roll:MoveIn", "roll:ChangePayee", "roll:Exit", "roll:Suspend", "roll:Resume", "roll:SetTerms",
		"roll:SetResidence":
		by := a.approverOf(region)
		a.waitFor("roll:ConfirmChange", object{"change": answer["id"], "sha256": answer["sha256"]}, by, by,
			act{c.by, "roll:WithdrawChange", object{"change": answer["id"]}, nil})
	case "roll:ConfirmChange":
		a.moveIn(answer)
	case "roll:ProposeRerate":
		a.waitFor("roll:ConfirmRerate", object{"id": answer["id"], "digest": answer["digest"]}, a.approverOf(c.by.Region), civilApprover,
			act{c.by, "roll:WithdrawRerate", object{"id": answer["id"]}, nil})
	case "roll:DeclareAccount":
		a.waitFor("roll:ConfirmAccount", object{"id": answer["id"], "sha256": answer["sha256"]}, civilApprover, civilApprover)
	}
}
