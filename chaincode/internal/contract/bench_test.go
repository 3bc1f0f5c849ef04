// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// BenchmarkAddLines endorses a chunk of 1,000 lines at one organisation.
func BenchmarkAddLines(b *testing.B) {
	w := newWorld(b, fakeledger.Endorsers(1))
	w.programme("dibao", 1000)
	w.tranche("t1", "dibao", "1000000.00")
	w.imports(rollInput("dibao", 0), rollChunk(0, 1000))
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 1000, 1000*62000))
	chunk, input := linesChunk(first, 0, 1000, 62000), args(obj{"batch": "b1"})
	for b.Loop() {
		if _, err := w.Endorse(civilPreparer, "payment:AddLines", input, chunk); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSettle endorses a chunk of 1,000 of the bank's answers at one organisation.
func BenchmarkSettle(b *testing.B) {
	w := newWorld(b, fakeledger.Endorsers(1))
	w.programme("dibao", 1000)
	w.tranche("t1", "dibao", "1000000.00")
	w.imports(rollInput("dibao", 0), rollChunk(0, 1000))
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 1000, 1000*62000))
	w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first, 0, 1000, 62000))
	w.instructed("b1")
	answers := make([]payment.AnswerInput, 1000)
	for i := range answers {
		answers[i] = settlement(first+i, 1, payment.OutcomeCredited, 62000)
		answers[i].Salt[3] = byte(i >> 8)
	}
	chunk, input := settlements(answers...), args(obj{"batch": "b1"})
	for b.Loop() {
		if _, err := w.Endorse(financePreparer, "payment:Settle", input, chunk); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImportRoll endorses a chunk of 1,000 people at one organisation.
func BenchmarkImportRoll(b *testing.B) {
	w := newWorld(b, fakeledger.Endorsers(1))
	w.programme("dibao", 1000)
	chunk := rollChunk(0, 1000)
	input := args(w.confirmedImport(rollInput("dibao", 0), chunk))
	for b.Loop() {
		if _, err := w.Endorse(provinceApprover, "roll:Import", input, chunk); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImportRollOfAGroup is BenchmarkImportRoll under a programme that excludes three others, by a group.
func BenchmarkImportRollOfAGroup(b *testing.B) {
	w := newWorld(b, fakeledger.Endorsers(1))
	for _, id := range []string{"dibao", "tekun", "linshi", "guer"} {
		in := programmeInput(id, 1, 1000)
		in["exclusion_groups"] = []string{"basic-living"}
		w.do(provincePreparer, "programme:Draft", in)
		w.do(provinceFinance, "programme:Enact", obj{"id": id, "version": 1})
	}
	chunk := rollChunk(0, 1000)
	input := args(w.confirmedImport(rollInput("dibao", 0), chunk))
	for b.Loop() {
		if _, err := w.Endorse(provinceApprover, "roll:Import", input, chunk); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImportChanges endorses, at one organisation, a chunk of 1,000 people on the roll for whom six months are listed: with
// more and with less owed from the first of the months on.
func BenchmarkImportChanges(b *testing.B) {
	const people, months = 1000, 6
	for name, amount := range map[string]relief.Fen{"raised": 63000, "lowered": 60000} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, fakeledger.Endorsers(1))
			w.programme("dibao", people)
			w.tranche("t1", "dibao", "10000000.00")
			chunk := rollChunk(0, people)
			w.imports(rollInput("dibao", 0), chunk)
			for month := range months {
				id := fmt.Sprint("b", month)
				in := batchInput(id, "dibao", "t1", people, people*62000)
				in["period"] = fmt.Sprintf("2026-%02d", month+1)
				w.do(civilPreparer, "payment:Open", in)
				w.do(civilPreparer, "payment:AddDue", obj{"batch": id, "segments": []int{0}})
			}
			chunk = seen(roll.SeenChanged, chunk)
			entries, err := roll.DecodeRoll(chunk[wire.TransientRoll])
			if err != nil {
				b.Fatal(err)
			}
			for i := range entries {
				entries[i].Amount = amount
			}
			chunk[wire.TransientRoll] = roll.AppendRoll(nil, entries)
			input := args(w.confirmedImport(rollInput("dibao", 0), chunk))
			for b.Loop() {
				if _, err := w.Endorse(provinceApprover, "roll:Import", input, chunk); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCloseMonth endorses, at one organisation, the close of a month of a county of 26,600 people who were all paid.
func BenchmarkCloseMonth(b *testing.B) {
	w := paidCounty(b, 26_600)
	input := args(closing(period))
	for b.Loop() {
		if _, err := w.Endorse(civilPreparer, "oversight:CloseMonth", input, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFrame endorses, at one organisation, the frame of a draw from that month.
func BenchmarkFrame(b *testing.B) {
	w := paidCounty(b, 26_600)
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	w.do(auditApprover, "oversight:Plan", planInput("visits", period, obj{"size": 379, "reserves": 2}))
	for _, by := range nonceHolders() {
		w.commits("visits", by)
	}
	w.on("2026-12-02")
	input := args(obj{"plan": "visits"})
	for b.Loop() {
		if _, err := w.Endorse(auditApprover, "oversight:Frame", input, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDraw endorses, at one organisation, the draw of 379 of them with two reserves a stratum and two of three inspectors.
func BenchmarkDraw(b *testing.B) {
	w := paidCounty(b, 26_600)
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	w.do(auditApprover, "oversight:Plan", planInput("visits", period, obj{"size": 379, "reserves": 2, "inspectors": []obj{
		{"agency": "AuditMSP", "name": "audit-preparer"}, {"agency": "AuditMSP", "name": "audit-second"},
		{"agency": "CivilAffairsMSP", "name": "civil-township", "serves": county + "001"},
	}}))
	for _, by := range nonceHolders() {
		w.commits("visits", by)
	}
	w.on("2026-12-02")
	w.do(auditApprover, "oversight:Frame", obj{"plan": "visits"})
	for _, by := range nonceHolders() {
		w.reveals("visits", by)
	}
	input := args(obj{"plan": "visits"})
	for b.Loop() {
		if _, err := w.Endorse(auditApprover, "oversight:Draw", input, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// paidCounty is a county whose people were all paid in November, of whom nothing is closed yet.
func paidCounty(b *testing.B, people int) *world {
	b.Helper()
	const segment = 1000
	w := newWorld(b, fakeledger.Endorsers(1))
	w.programme("dibao", segment)
	w.tranche("t1", "dibao", "100000000.00")
	w.on("2026-11-02")
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", people, relief.Fen(people)*62000))
	for n := 0; n < people; n += segment {
		list := make([]roll.Input, min(segment, people-n))
		for i := range list {
			village := (n + i) * 37 % 200
			list[i] = roll.Input{
				Seq: uint32(i + 1), Ref: ref(n + i), Region: relief.Region(fmt.Sprintf("%s%03d%03d", county, 1+village/20, 1+village%20)), Persons: 2, Class: 'A',
				Amount: 62000, Payee: payeeOf(n + i),
			}
		}
		w.chunk(w.imports(rollInput("dibao", n/segment), rollChunkOf(list, n)), len(list), 0)
		w.do(civilPreparer, "payment:AddDue", obj{"batch": "b1", "segments": []int{n / segment}})
	}
	w.instructed("b1")
	for n := 0; n < people; n += segment {
		answers := make([]payment.AnswerInput, min(segment, people-n))
		for i := range answers {
			answers[i] = answered(n+i, 1, payment.OutcomeCredited, "2026-11-09")
			answers[i].Salt[3] = byte((n + i) >> 8)
		}
		w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answers...)), len(answers), 0)
	}
	w.on("2026-11-30")
	return w
}
