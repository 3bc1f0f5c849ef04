// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// subsidyInput is a price subsidy for those on the rolls of three programmes.
func subsidyInput(version int) obj {
	p := programmeInput("wujia", version, 1000)
	delete(p, "import_until")
	p["name"], p["unit"], p["from_programmes"] = "价格临时补贴", "person", []string{"dibao", "tekun", "guer"}
	return p
}

// rateInput is the rate of a month.
func rateInput(month, amount string) obj {
	return obj{"programme": "wujia", "period": month, "amount": amount, "document": "云发改价格〔2026〕88号"}
}

// rate sets the rate of a month by two agencies.
func (w *world) rate(month, amount string) obj {
	w.t.Helper()
	r := w.do(provincePreparer, "programme:ProposeRate", rateInput(month, amount))
	return w.do(provinceFinance, "programme:ConfirmRate", obj{"programme": "wujia", "period": month, "digest": r["digest"], "agree": true})
}

// subsidy is a price subsidy for those on the roll of dibao.
func (w *world) subsidy() {
	w.t.Helper()
	p := subsidyInput(1)
	p["from_programmes"] = []string{"dibao"}
	w.do(provincePreparer, "programme:Draft", p)
	w.do(provinceFinance, "programme:Enact", obj{"id": "wujia", "version": 1})
}

// rolls has three programmes, a subsidy for their people, and a tranche for it.
func rolls(t *testing.T, options ...fakeledger.Option) *world {
	t.Helper()
	w := newWorld(t, options...)
	for _, id := range []string{"dibao", "tekun", "guer"} {
		w.programme(id, 100)
	}
	w.do(provincePreparer, "programme:Draft", subsidyInput(1))
	w.do(provinceFinance, "programme:Enact", obj{"id": "wujia", "version": 1})
	w.tranche("t1", "wujia", "100000.00")
	return w
}

// headOf is a line of a roll: a head, and how many persons there are.
func headOf(n, persons int, members ...int) roll.Input {
	return importLine(n, func(in *roll.Input) { in.Persons = uint8(persons) }, withMembers(members...)) //nolint:gosec // few
}

// puts has an import put households on a roll.
func (w *world) puts(programme string, lines ...roll.Input) {
	w.t.Helper()
	for first := 0; first < len(lines); first += 100 {
		part := lines[first:min(first+100, len(lines))]
		for i := range part {
			part[i].Seq = uint32(i + 1)
		}
		w.chunk(w.imports(rollInput(programme, first/100), chunkOf(part...)), len(part), 0)
	}
}

// takenFrom is what the contract says of the people of a county's rolls for a month.
func (w *world) takenFrom(month string) (taken, left []roll.Taken) {
	w.t.Helper()
	for _, from := range []string{"dibao", "tekun", "guer"} {
		status := w.ask(civilPreparer, "roll:Status", obj{"programme": from, "county": county})
		for i := range at(status, "segments").([]any) {
			payload, err := w.try(civilPreparer, "roll:TakeSegment", obj{
				"programme": "wujia", "period": month, "from_programme": from, "county": county, "segment": i,
			}, nil)
			require.NoError(w.t, err)
			var out api.TakenSegment
			require.NoError(w.t, json.Unmarshal(payload, &out))
			for _, p := range out.People {
				if p.Code == "" {
					taken = append(taken, p)
				} else {
					left = append(left, p)
				}
			}
		}
	}
	return taken, left
}

// linesOfTaken are the lines of an import of people of other rolls.
func linesOfTaken(people []roll.Taken) (lines []roll.Input) {
	for i, p := range people {
		lines = append(lines, roll.Input{
			Seq: uint32(i + 1), Ref: p.Subject, Region: p.Region, Persons: p.Persons, Class: p.Class[0], Amount: p.Amount, Payee: p.Payee,
		})
	}
	return lines
}

// proposesTaken proposes an import of lines for a month.
func (w *world) proposesTaken(id, month string, rate any, lines []roll.Input) (obj, transient) {
	w.t.Helper()
	chunk := chunkOf(lines...)
	in := rollInput("wujia", 0)
	in["from"] = month
	terms := importTerms(id, in, chunk)
	if digest, ok := rate.(string); ok {
		terms.Rate = digest
	}
	return w.do(civilPreparer, "roll:ProposeImport", terms), chunk
}

// takes has two officials put people on the subsidy's roll for a month.
func (w *world) takes(id, month string, rate any, lines []roll.Input) obj {
	w.t.Helper()
	p, chunk := w.proposesTaken(id, month, rate, lines)
	w.do(civilApprover, "roll:ConfirmImport", obj{"id": id, "digest": p["digest"], "agree": true})
	return w.do(civilApprover, "roll:Import", obj{"import": id, "segments": []int{0}}, chunk)
}

// entryOf is a person's entry on the subsidy's roll.
func (w *world) entryOf(n int) obj {
	w.t.Helper()
	return w.ask(civilPreparer, "roll:Entry", obj{"programme": "wujia", "subject": ref(n).String()})
}

func (w *world) openSubsidy(id, month string, count int, sum relief.Fen) {
	w.t.Helper()
	in := batchInput(id, "wujia", "t1", count, sum)
	in["period"] = month
	w.do(civilPreparer, "payment:Open", in)
}

// 1,100 people in 620 households on three rolls, 20 of them on two, at 35.00 a person for 2026-08: one list of 38,500.00, nobody twice.
func TestAPriceSubsidyFromThreeRolls(t *testing.T) {
	w := rolls(t)
	var dibao, tekun, guer []roll.Input
	for i := range 300 { // 180 of three, 120 of two: 780 people
		persons := 3
		if i >= 180 {
			persons = 2
		}
		dibao = append(dibao, headOf(i, persons))
		if i < 10 {
			dibao[i] = headOf(i, persons, 5000+i, 6000+i)
		}
	}
	for i := range 230 { // ten of them are heads of households of dibao, too
		n := 1000 + i
		if i >= 220 {
			n = i
		}
		tekun = append(tekun, headOf(n, 1))
	}
	for i := range 110 { // ten of them are members of households of dibao, too
		n := 2000 + i
		if i >= 100 {
			n = 5000 + i - 100
		}
		guer = append(guer, headOf(n, 1))
	}
	w.puts("dibao", dibao...)
	w.puts("tekun", tekun...)
	w.puts("guer", guer...)
	rate := w.rate("2026-08", "35.00")

	taken, left := w.takenFrom("2026-08")
	persons, sum := 0, relief.Fen(0)
	for _, p := range taken {
		persons, sum = persons+int(p.Persons), sum+p.Amount
	}
	require.Equal(t, []int{620, 1100, 20}, []int{len(taken), persons, len(left)})
	require.EqualValues(t, 3850000, sum)
	for _, p := range left {
		require.Equal(t, relief.LineOtherRoll, p.Code)
		require.Contains(t, p.Note, "dibao-530181-")
	}
	w.chunk(w.takes("august", "2026-08", rate["digest"], linesOfTaken(taken)), 620, 0)
	w.openSubsidy("b8", "2026-08", 620, sum)
	w.want(w.do(civilPreparer, "payment:AddDue", obj{"batch": "b8", "segments": []int{0}}), "38500.00", "sum")
	w.want(w.entryOf(0), "105.00", "amount")
	w.want(w.entryOf(0), "2026-08", "until")
}

// Rules that nobody gets round: a person once, whatever the roll, the reference or the household; the rate of the month; two officials.
func TestNobodyIsTakenTwice(t *testing.T) {
	w := rolls(t)
	w.puts("dibao", headOf(1, 3, 11, 12), headOf(2, 1), headOf(3, 1), headOf(4, 1))
	w.puts("tekun", headOf(1, 1), headOf(12, 2, 13), headOf(5, 4), headOf(106, 1), headOf(7, 1))
	w.puts("guer", headOf(11, 1), headOf(13, 1), headOf(8, 1), headOf(6, 1))
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Suspend", obj{"programme": "dibao", "subject": ref(2).String(), "from": "2026-12", "reason": "核查"}))
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(3).String(), "reason": "income", "last_period": "2026-11"}))
	// The identity number of 106 is corrected to 6 after 6 came on another roll under the right one.
	_, err := w.try(civilPreparer, "person:ProposeLink", corrected(106, 6), card(6))
	require.NoError(t, err)
	l := w.object(w.Get(relief.LinkKey(ref(106)).String()))
	w.do(civilApprover, "person:ConfirmLink", agreedLink(l))
	rate := w.rate("2026-12", "35.00")

	taken, left := w.takenFrom("2026-12")
	got := map[string]string{}
	for _, p := range append(taken, left...) {
		got[fmt.Sprint(p.Subject)] += fmt.Sprintf("%d %s %s;", p.Persons, p.Amount, p.Code)
	}
	require.Equal(t, "3 105.00 ;0 0.00 on-another-roll;", got[ref(1).String()], "a head on two rolls, from the first")
	require.Equal(t, "0 0.00 on-another-roll;", got[ref(11).String()], "a member of a household on a roll before")
	require.Equal(t, "1 35.00 ;", got[ref(12).String()], "a head who is a member elsewhere is paid for the others of the household")
	require.Equal(t, "0 0.00 on-another-roll;", got[ref(13).String()], "who is one of these others is not paid again")
	persons := 0
	for _, p := range taken {
		persons += int(p.Persons)
		require.NotEqual(t, ref(106), p.Subject, "the reference of now")
	}
	require.Equal(t, 3+1+1+4+1+1+1, persons) // of 1, 12, 4, 5, 6, 7 and 8
	require.Equal(t, "1 0.00 suspended;", got[ref(2).String()])
	require.Equal(t, "0 0.00 exited;", got[ref(3).String()])

	lines := linesOfTaken(taken)
	twice := append(lines, roll.Input{Seq: 99, Ref: ref(11), Region: lines[0].Region, Persons: 1, Class: 'A', Amount: 3500, Payee: payeeOf(11)})
	more := append([]roll.Input{}, lines...)
	more[1].Amount *= 2
	wrong := w.takes("bad", "2026-12", rate["digest"], append(twice[len(lines):], more[1]))
	require.Equal(t, "[99 on-another-roll dibao-530181-0000000 2 not-as-proposed dibao-530181-0000003]", w.refusals(wrong))
	w.chunk(w.takes("december", "2026-12", rate["digest"], lines), len(lines), 0)
}

// The rate of a month is of two agencies, and does not change once people are on the roll by it.
func TestTheRateOfAMonth(t *testing.T) {
	w := rolls(t)
	w.puts("dibao", headOf(1, 2))
	in := rateInput("2026-08", "35.00")
	w.refused(relief.CodeForbidden, provinceFinance, "programme:ProposeRate", in)
	w.refused(relief.CodeRegion, civilPreparer, "programme:ProposeRate", in)
	for field, value := range map[string]any{"amount": "0.00", "period": "2026-Q3", "document": "", "class_amounts": obj{"A": "1.00"}} {
		bad := rateInput("2026-08", "35.00")
		bad[field] = value
		w.refused(relief.CodeInvalid, provincePreparer, "programme:ProposeRate", bad)
	}
	w.refused(relief.CodeWrongState, provincePreparer, "programme:ProposeRate", obj{"programme": "dibao", "period": "2026-08", "amount": "35.00", "document": "1"})
	r := w.do(provincePreparer, "programme:ProposeRate", in)
	w.unchanged(provincePreparer, "programme:ProposeRate", in)
	w.refused(relief.CodePending, provincePreparer, "programme:ProposeRate", rateInput("2026-08", "36.00"))
	w.refused(relief.CodeWrongState, civilPreparer, "roll:TakeSegment", obj{
		"programme": "wujia", "period": "2026-08", "from_programme": "dibao", "county": county, "segment": 0,
	})
	agree := obj{"programme": "wujia", "period": "2026-08", "digest": r["digest"], "agree": true}
	w.refused(relief.CodeForbidden, provinceApprover, "programme:ConfirmRate", agree)
	w.refused(relief.CodeConflict, provinceFinance, "programme:ConfirmRate", obj{"programme": "wujia", "period": "2026-08", "digest": digest("other"), "agree": true})
	w.do(provinceFinance, "programme:ConfirmRate", agree)
	w.unchanged(provinceFinance, "programme:ConfirmRate", agree)

	taken, _ := w.takenFrom("2026-08")
	p, chunk := w.proposesTaken("first", "2026-08", r["digest"], linesOfTaken(taken))
	other := w.rate("2026-08", "36.00") // nobody is on the roll yet
	confirm := obj{"id": "first", "digest": p["digest"], "agree": true}
	w.refused(relief.CodeConflict, civilApprover, "roll:ConfirmImport", confirm)
	taken, _ = w.takenFrom("2026-08")
	in2 := rollInput("wujia", 0)
	in2["from"] = "2026-08"
	w.refused(relief.CodeConflict, civilPreparer, "roll:ProposeImport", importTerms("none", in2, chunk))
	p, chunk = w.proposesTaken("second", "2026-08", other["digest"], linesOfTaken(taken))
	confirm = obj{"id": "second", "digest": p["digest"], "agree": true}
	w.refused(relief.CodeForbidden, civilPreparer, "roll:ConfirmImport", confirm)
	w.do(civilApprover, "roll:ConfirmImport", confirm)
	e := w.refused(relief.CodeConflict, provincePreparer, "programme:ProposeRate", rateInput("2026-08", "40.00"))
	require.Equal(t, "period", e.Field)
	w.chunk(w.do(civilApprover, "roll:Import", obj{"import": "second", "segments": []int{0}}, chunk), 1, 0)
	w.want(w.entryOf(1), "72.00", "amount")
	w.refused(relief.CodeWrongState, civilPreparer, "roll:SetTerms", obj{
		"programme": "wujia", "subject": ref(1).String(), "class": "A", "persons": 2, "amount": "80.00", "from": "2026-08", "reason": "class", "document": "1",
	})
	w.refused(relief.CodeWrongState, civilPreparer, "roll:Suspend", obj{"programme": "wujia", "subject": ref(1).String(), "from": "2026-12", "reason": "核查"})
	w.refused(relief.CodeWrongState, township, "case:Adopt", obj{"programme": "wujia", "subject": ref(1).String()})
	exit := obj{"programme": "wujia", "subject": ref(1).String(), "reason": "ineligible", "last_period": "2026-09"}
	w.refused(relief.CodeInvalid, civilPreparer, "roll:Exit", exit)
	exit["last_period"] = "2026-07"
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Exit", exit))
	again := w.takes("third", "2026-08", other["digest"], linesOfTaken(taken))
	require.Equal(t, "[1 exited]", w.refusals(again), "nobody undoes by a taking what two have ended")
	rollCase := "wujia-530181-0000000-2026-08"
	w.do(township, "case:Appeal", obj{"case": rollCase, "sha256": digest("appeal")})
	w.do(chief, "case:DecideAppeal", obj{"case": rollCase, "upheld": false, "sha256": digest("reasons")})
	w.want(w.entryOf(1), "2026-08", "until")
	rates := w.ask(auditReader, "programme:Rates", obj{"id": "wujia"})
	w.want(rates, "36.00", "items", 0, "amount")
	w.want(rates, "second", "items", 0, "used_by")
}

// Months follow each other under the same numbers; a month that is taken again adds who is new; the source is asked again when the
// import is carried out.
func TestMonthsOfASubsidy(t *testing.T) {
	w := rolls(t)
	w.puts("dibao", headOf(1, 2), headOf(2, 1))
	august, september, july := w.rate("2026-08", "35.00"), w.rate("2026-09", "28.00"), w.rate("2026-07", "10.00")
	taken, _ := w.takenFrom("2026-08")
	p, chunk := w.proposesTaken("m8", "2026-08", august["digest"], linesOfTaken(taken))
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(2).String(), "reason": "income", "last_period": "2026-07"}))
	w.do(civilApprover, "roll:ConfirmImport", obj{"id": "m8", "digest": p["digest"], "agree": true})
	o := w.do(civilApprover, "roll:Import", obj{"import": "m8", "segments": []int{0}}, chunk)
	require.Equal(t, "[2 exited dibao-530181-0000001]", w.refusals(o), "somebody who has left since the proposal is left out and named")
	w.openSubsidy("b8", "2026-08", 1, 7000)
	w.want(w.do(civilPreparer, "payment:AddDue", obj{"batch": "b8", "segments": []int{0}}), "70.00", "sum")

	private := w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, relief.DetailPageValueKey("wujia", relief.DetailPageID{County: county}, 0).String())
	taken, _ = w.takenFrom("2026-09") // while August's payment is not answered
	w.chunk(w.takes("m9", "2026-09", september["digest"], linesOfTaken(taken)), 1, 0)
	e := w.entryOf(1)
	w.want(e, "0", "number")
	w.want(e, "56.00", "amount")
	w.want(e, "70.00", "runs", 0, "amount")
	require.Equal(t, private, w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, relief.DetailPageValueKey("wujia", relief.DetailPageID{County: county}, 0).String()))
	taken, _ = w.takenFrom("2026-07") // a month before those that are there
	w.chunk(w.takes("m7", "2026-07", july["digest"], linesOfTaken(taken)), 2, 0)
	e = w.entryOf(1)
	w.want(e, "20.00", "runs", 0, "amount")
	w.want(e, "2026-07", "runs", 0, "until")

	w.chunk(w.imports(rollInput("dibao", 0), chunkOf(headOf(3, 1))), 1, 0) // granted late
	taken, _ = w.takenFrom("2026-08")
	require.Len(t, taken, 2)
	lines := linesOfTaken(taken)
	again := w.takes("m8-again", "2026-08", august["digest"], lines)
	require.Equal(t, "[1 not-as-proposed same]", w.refusals(again), "who is there already is not new")
	w.want(again, "1", "accepted")
	w.openSubsidy("b8b", "2026-08", 1, 3500)
	w.want(w.do(civilPreparer, "payment:AddDue", obj{"batch": "b8b", "segments": []int{0}}), "35.00", "sum")
}

// A version names rolls that there are, and nothing that the rates would contradict.
func TestProgrammesThatTakeFromRolls(t *testing.T) {
	w := rolls(t)
	for field, value := range map[string]any{
		"from_programmes": []string{"dibao", "none"}, "class_amounts": obj{"A": "1.00"}, "import_until": "2027-12-31", "cycle": "quarterly",
		"overlap_refused": []string{"dibao"}, "exclusion_groups": []string{"g"}, "rate_by": "village",
	} {
		bad := subsidyInput(2)
		bad[field] = value
		w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", bad)
	}
	chain := subsidyInput(1)
	chain["id"], chain["from_programmes"] = "chain", []string{"wujia"}
	w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", chain)
	plain := subsidyInput(2)
	delete(plain, "from_programmes")
	w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", plain)
	application := household("c1", 1)
	application["programme"] = "wujia"
	w.refused(relief.CodeInvalid, civilPreparer, "case:Apply", application, facts(1))
}
