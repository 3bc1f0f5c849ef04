// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// programmeInput is a programme that nothing is wrong with.
func programmeInput(id string, version, segment int) obj {
	return obj{
		"id": id, "version": version, "name": "最低生活保障", "name_en": "Subsistence allowance", "region": "53",
		"unit": "household", "cycle": "monthly", "min_amount": "1.00", "max_amount": "5000.00", "starts": "2026-01",
		"import_until": "2027-12-31", "notice_days": 7, "recheck_months": obj{"A": 12, "B": 6, "C": 3}, "required_evidence": []string{"application"},
		"pay_by_day": 10, "budget": obj{"functional": "2081902", "economic": "30306"}, "segment_size": segment,
	}
}

func (w *world) programme(id string, segment int) {
	w.t.Helper()
	w.do(provincePreparer, "programme:Draft", programmeInput(id, 1, segment))
	w.do(provinceFinance, "programme:Enact", obj{"id": id, "version": 1})
}

// Programmes are for a province: those who make them are of the province.
var (
	provincePreparer = fakeledger.Official(fakeledger.CivilAffairs, "province-preparer", "preparer", "53")
	provinceApprover = fakeledger.Official(fakeledger.CivilAffairs, "province-approver", "approver", "53")
	provinceFinance  = fakeledger.Official(fakeledger.Finance, "province-finance", "approver", "53")
)

func trancheInput(id, programme, region, amount string) obj {
	return obj{
		"id": id, "programme": programme, "region": region, "amount": amount, "source": "central", "account": "5301000000000001",
		"fiscal_year": 2026,
		"targets":     obj{"coverage": "100.00", "timeliness": "98.00", "accuracy": "99.50", "satisfaction": "90.00"},
	}
}

func (w *world) tranche(id, programme, amount string) {
	w.t.Helper()
	w.do(financeApprover, "fund:Issue", trancheInput(id, programme, county, amount))
}

// openFor opens a batch of any period when its time has come, with money of its year. Afterwards the clock is where it was.
func (w *world) openFor(month string, in obj) {
	w.t.Helper()
	p, err := relief.ParsePeriod(month)
	if err != nil {
		w.t.Fatal(err)
	}
	year := p.FirstMonth() / 12
	if in["period"] = month; year != 2026 {
		in["tranche"] = fmt.Sprint("t-", year)
		if w.Get(relief.TrancheKey(relief.TrancheID(fmt.Sprint("t-", year))).String()) == nil {
			money := trancheInput(fmt.Sprint("t-", year), "dibao", county, "100000.00")
			money["fiscal_year"] = year
			w.do(financeApprover, "fund:Issue", money)
		}
	}
	now := w.Now()
	defer w.SetTime(now)
	if begins := time.Date(year, time.Month(p.FirstMonth()%12+1), 1, 0, 0, 0, 0, time.UTC); begins.After(now) {
		w.SetTime(begins)
	}
	w.do(civilPreparer, "payment:Open", in)
}

// person is the private blob of the nth person; its words must never be seen in public.
func person(n int) []byte {
	return fmt.Appendf(nil, "\x83\xff"+`{"salt":"%032x","name":"%s%d","id":"%s","card":"%s"}`, n, plantedName, n, plantedID, plantedCard)
}

// detailsOf is the sealed document in an answer of roll:Details.
func detailsOf(answer []byte) []byte {
	var held struct{ Details []byte }
	_ = json.Unmarshal(answer, &held) // then there are none
	return held.Details
}

// What is planted in private details, for the tests that look for it elsewhere.
const (
	plantedName = "张三丰"
	plantedID   = "530181195001011232"
	plantedCard = "6222021234567890123"
)

var planted = []string{plantedName, plantedID, plantedCard}

// payeeOf is the payee of the nth person.
func payeeOf(n int) roll.Payee {
	return roll.Payee{Name: relief.Tag{1, byte(n), byte(n >> 8), 'n'}, Account: relief.Tag{1, byte(n), byte(n >> 8), 'a'}}
}

// rollChunk is the transient map of n persons from the given one on, entitled to 620.00 each.
func rollChunk(first, n int) transient {
	var entries []roll.Input
	var persons [][]byte
	for i := range n {
		entries = append(entries, roll.Input{
			Seq: uint32(i + 1), Ref: ref(first + i), Region: county + "001", Persons: 1, Class: 'A', Amount: 62000,
			Payee: payeeOf(first + i),
		})
		persons = append(persons, person(first+i))
	}
	return transient{
		wire.TransientRoll:    roll.AppendRoll(nil, entries),
		wire.TransientPersons: roll.AppendDetails(nil, persons),
	}
}

func rollInput(programme string, segments ...int) obj {
	return obj{"programme": programme, "county": county, "segments": segments, "from": "2026-01"}
}

// linesChunk is the transient map of payments to persons whose roll numbers follow each other.
func linesChunk(firstNumber, firstPerson, n int, amount relief.Fen) transient {
	var lines []payment.LineInput
	for i := range n {
		lines = append(lines, lineOf(firstNumber+i, firstPerson+i, county+"001", amount))
		lines[i].Seq = uint32(i + 1)
	}
	return linesOf(lines...)
}

// checkOf is the check of a payee.
func checkOf(p roll.Payee) roll.PayeeCheck { return p.Check() }

// lineOf is a line that names the payee on the roll.
func lineOf(number, person int, region relief.Region, amount relief.Fen) payment.LineInput {
	return payment.LineInput{Seq: 1, Number: uint32(number), Ref: ref(person), Region: region, Amount: amount, Payee: checkOf(payeeOf(person))}
}

func linesOf(lines ...payment.LineInput) transient {
	return transient{wire.TransientLines: payment.AppendLines(nil, lines)}
}

func batchInput(id, programme, tranche string, count int, sum relief.Fen) obj {
	return obj{
		"id": id, "programme": programme, "region": county, "period": period, "tranche": tranche,
		"count": count, "sum": sum.String(),
	}
}

// settlement is what the bank says of one payment.
func settlement(number, attempt int, outcome payment.Outcome, amount relief.Fen) payment.AnswerInput {
	s := payment.AnswerInput{
		Seq: uint32(number + 1), Number: uint32(number), Attempt: uint8(attempt), Outcome: outcome, Amount: amount, Day: 20773,
		BankRef: relief.BankRefHash{byte(number), byte(number >> 8), byte(attempt), 1}, Salt: [16]byte{byte(number), byte(attempt), 2},
	}
	if outcome == payment.OutcomeReturned {
		s.Reason = [4]byte{'A', 'C', '0', '4'}
	}
	return s
}

func settlements(s ...payment.AnswerInput) transient {
	return transient{wire.TransientSettlements: payment.AppendAnswers(nil, s)}
}

// chunk checks a chunk's result and gives its refusals as "seq code".
func (w *world) chunk(o obj, accepted, unchanged int) []string {
	w.t.Helper()
	if at(o, "accepted") != float64(accepted) || at(o, "unchanged") != float64(unchanged) {
		w.t.Errorf("chunk: %.300v, want %d accepted, %d unchanged", o, accepted, unchanged)
	}
	refused, ok := at(o, "refused").([]any)
	if !ok {
		w.t.Errorf("chunk: refused is %v, not a list", at(o, "refused"))
	}
	var out []string
	for _, r := range refused {
		out = append(out, fmt.Sprint(at(r, "seq"), " ", at(r, "code")))
	}
	return out
}

// balances gives a tranche's money and fails unless it is conserved.
func (w *world) balances(id string) map[string]relief.Fen {
	w.t.Helper()
	o := w.ask(auditReader, "fund:Get", obj{"id": id})
	b := map[string]relief.Fen{}
	for k, v := range at(o, "balances").(obj) {
		f, err := relief.ParseFen(v.(string))
		if err != nil {
			w.t.Fatalf("tranche %s: %s is %v", id, k, v)
		}
		b[k] = f
	}
	if sum := b["allocated"] + b["reserved"] + b["paid"] + b["in_return"] + b["refunded"] + b["taken_back"] + b["carried_over"] + b["available"]; sum != b["issued"]+b["topped_up"]+b["recovered"] {
		w.t.Fatalf("tranche %s: issued %s, accounted for %s: %v", id, b["issued"], sum, b)
	}
	return b
}

func (w *world) wantBalances(id, text string) {
	w.t.Helper()
	b := w.balances(id)
	var got []string
	for _, k := range []string{
		"issued", "topped_up", "recovered", "allocated", "reserved", "paid", "in_return", "refunded", "taken_back", "carried_over", "available",
	} {
		if b[k] != 0 {
			got = append(got, k+" "+b[k].String())
		}
	}
	if s := strings.Join(got, ", "); s != text {
		w.t.Errorf("tranche %s: %s; want %s", id, s, text)
	}
}
