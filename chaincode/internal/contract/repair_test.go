// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// corrupt puts a value on the ledger that no act can write, and gives what was there.
func (w *world) corrupt(k relief.Key, change func([]byte) []byte) (before, after []byte) {
	w.t.Helper()
	before = w.Get(k.String())
	if before == nil {
		w.t.Fatalf("there is no %s", k.Name())
	}
	after = change(bytes.Clone(before))
	w.Plant(fakeledger.Write{Key: k.String(), Value: after})
	return before, after
}

// repairOf is the change of the registry that puts a value in the place of the present one.
func repairOf(k relief.Key, present, value []byte) obj {
	sum := sha256.Sum256(present)
	return obj{"kind": k.Kind, "attrs": k.Attrs, "sha256": hex.EncodeToString(sum[:]), "value": value}
}

func repairs(id string, list ...obj) obj { return obj{"id": id, "change": obj{"repair": list}} }

// repaired has all three agencies agree to a repair. It does not go through try, which asks that each function that writes
// a roll is tried on payments in every stage: a repair never replaces a value that can be read.
func (w *world) repaired(id string, list ...obj) {
	w.t.Helper()
	b, err := json.Marshal(repairs(id, list...))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.ChangeRegistry(b); err != nil {
		w.t.Fatal(err)
	}
}

// aDeathIn1900 is what one exit could write before periods had bounds: a last period that no reader knows.
func aDeathIn1900(b []byte) []byte {
	binary.BigEndian.PutUint16(b[4+33:], 0xe021) // of the first entry: (1900 - 1999) << 5 | 1, in 16 bits
	return b
}

var rollKey0, payeesKey0, linesKey0 = relief.RollKey("dibao", county, 0), relief.PayeesKey("dibao", county, 0),
	relief.LinesKey("dibao", county, relief.MonthPeriod(2026*12+10), 0)

// A segment that nobody can read keeps all its people from being paid or changed. All three agencies put a value in its place,
// and everything goes on.
func TestACorruptRollSegmentIsReplacedByAllThree(t *testing.T) {
	w := county5(t)
	good, bad := w.corrupt(rollKey0, aDeathIn1900)
	exit := obj{"programme": "dibao", "subject": ref(2).String(), "reason": "death", "last_period": period}
	w.refused(relief.CodeCorrupt, civilPreparer, "roll:Exit", exit)
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 5, 5*62000))
	w.refused(relief.CodeCorrupt, civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(0, 0, 4, 62000))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(4, 4, 1, 62000)), 1, 0) // of another segment

	proposal := repairs("mend", repairOf(rollKey0, bad, good))
	p := w.do(civilRegistrar, "registry:Propose", proposal)
	w.unchanged(civilRegistrar, "registry:Propose", proposal)
	agreement := obj{"id": "mend", "digest": p["digest"]}
	w.want(w.do(financeRegistrar, "registry:Agree", agreement), "open", "state")
	w.refused(relief.CodeCorrupt, civilPreparer, "roll:Exit", exit) // two agencies are not enough
	if _, _, err := w.Submit(auditRegistrar, "registry:Agree", args(agreement), nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(w.Get(rollKey0.String()), good) {
		t.Fatal("the segment is not the one that was agreed to")
	}
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(0, 0, 4, 62000)), 4, 0)
	w.exits(civilPreparer, exit)
}

// A repair is for what cannot be read and for nothing else, and what takes its place can be read there.
func TestARepairReplacesOnlyWhatCannotBeRead(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	people, payees, lines := w.Get(rollKey0.String()), w.Get(payeesKey0.String()), w.Get(linesKey0.String())
	otherPeople := w.Get(relief.RollKey("dibao", county, 1).String())
	batch := relief.BatchKey("b1")
	try := func(code relief.Code, list ...obj) {
		t.Helper()
		w.refused(code, civilRegistrar, "registry:Propose", repairs("r1", list...))
	}
	try(relief.CodeWrongState, repairOf(rollKey0, people, people))
	try(relief.CodeWrongState, repairOf(linesKey0, lines, lines))
	try(relief.CodeWrongState, repairOf(batch, w.Get(batch.String()), w.Get(batch.String())))
	try(relief.CodeNotFound, repairOf(relief.RollKey("dibao", county, 9), people, people))

	_, bad := w.corrupt(rollKey0, aDeathIn1900)
	try(relief.CodeConflict, repairOf(rollKey0, people, people))
	try(relief.CodeInvalid, repairOf(rollKey0, bad, bad))
	try(relief.CodeInvalid, repairOf(rollKey0, bad, otherPeople)) // of another segment
	fewer := append([]byte{'r', 3, 0, 3}, people[4:4+3*47]...)
	try(relief.CodeInvalid, repairOf(rollKey0, bad, fewer)) // than there are payees
	swapped := bytes.Clone(people)
	copy(swapped[4:], people[4+47:4+2*47])
	copy(swapped[4+47:], people[4:4+47])
	try(relief.CodeInvalid, repairOf(rollKey0, bad, swapped))
	try(relief.CodeInvalid, repairOf(rollKey0, bad, people), repairOf(rollKey0, bad, people))
	try(relief.CodeInvalid, obj{"kind": "", "attrs": []string{}, "sha256": "x", "value": []byte("x")})
	other := repairs("r1", repairOf(rollKey0, bad, people))
	other["change"].(obj)["thresholds"] = obj{"x": 1}
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", other)
	w.refused(relief.CodeForbidden, civilPreparer, "registry:Propose", repairs("r1", repairOf(rollKey0, bad, people)))

	// What was proposed lapses when the value is another by now.
	w.do(civilRegistrar, "registry:Propose", repairs("r1", repairOf(rollKey0, bad, people)))
	w.do(financeRegistrar, "registry:Agree", w.agreement("r1"))
	w.Plant(fakeledger.Write{Key: rollKey0.String(), Value: people})
	w.refused(relief.CodeConflict, auditRegistrar, "registry:Agree", w.agreement("r1"))

	// Both halves of a segment can be read, and say different things: either can be put right.
	_, strangers := w.corrupt(payeesKey0, func(b []byte) []byte { b[4+2+1]++; return b })
	w.repaired("r2", repairOf(payeesKey0, strangers, payees))
}

// Lines, index entries and records are repaired as rolls are; a proposal puts several right that hang together.
func TestOtherValuesAreRepaired(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	goodLines, badLines := w.corrupt(linesKey0, func(b []byte) []byte { return append(b, 0) })
	w.refused(relief.CodeCorrupt, civilPreparer, "payment:Seal", obj{"id": "b1"})
	strange := bytes.Replace(goodLines, []byte("\x02b1"), []byte("\x02zz"), 1)
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", repairs("r0", repairOf(linesKey0, badLines, strange)))
	w.repaired("r1", repairOf(linesKey0, badLines, goodLines))

	index := relief.RollIndexKey(ref(1), "dibao")
	goodIndex, badIndex := w.corrupt(index, func(b []byte) []byte { return append(b, 7) })
	goodBatch, badBatch := w.corrupt(relief.BatchKey("b1"), func([]byte) []byte { return []byte(`{"id":"b1","period":"1900-01"}`) })
	goodRoll, badRoll := w.corrupt(rollKey0, aDeathIn1900)
	w.refused(relief.CodeCorrupt, civilPreparer, "payment:Seal", obj{"id": "b1"})
	elsewhere, err := roll.IndexEntry{County: county, Number: 2}.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose",
		repairs("r2", repairOf(index, badIndex, elsewhere), repairOf(rollKey0, badRoll, goodRoll)))
	w.repaired("r2", repairOf(index, badIndex, goodIndex), repairOf(relief.BatchKey("b1"), badBatch, goodBatch), repairOf(rollKey0, badRoll, goodRoll))
	w.do(civilPreparer, "payment:Seal", obj{"id": "b1"})

	// A section of the registry that cannot be read does not keep its own repair back.
	goodDays, badDays := w.corrupt(relief.RegionKey(county), func([]byte) []byte { return []byte("{") })
	w.refused(relief.CodeCorrupt, civilRegistrar, "registry:Propose", obj{"id": "c", "change": obj{"thresholds": obj{"x": 1}}})
	w.repaired("r3", repairOf(relief.RegionKey(county), badDays, goodDays))
	w.changeRegistry("c", obj{"thresholds": obj{"x": 1}})
}

// A record that cannot be read keeps no list back: the page names it and has all others.
func TestListsPassOverWhatCannotBeRead(t *testing.T) {
	w := county5(t)
	for _, id := range []string{"b1", "b2"} {
		w.do(civilPreparer, "payment:Open", batchInput(id, "dibao", "t1", 5, 5*62000))
	}
	w.corrupt(relief.BatchKey("b1"), func([]byte) []byte { return []byte(`{"id":`) })
	page := w.ask(auditReader, "payment:List", obj{})
	w.want(page, "b2", "items", 0, "id")
	w.want(page, "batch/b1", "unreadable", 0)
	w.want(page, "", "next")
}
