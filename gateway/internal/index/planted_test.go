package index

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// planter writes a county whose figures are known beforehand.
type planter struct {
	t       *testing.T
	network *ledgertest.Network
	ledger  ledger.Ledger
}

func (p *planter) on(day string) {
	at, err := time.Parse(time.DateOnly, day)
	require.NoError(p.t, err)
	p.network.Ledger.SetTime(at.Add(2 * time.Hour))
}

func (p *planter) call(signer, function, argument string, transient map[string][]byte) []byte {
	p.t.Helper()
	tx, err := p.ledger.Endorse(p.t.Context(), ledger.Call{Signer: signer, Function: function, Argument: []byte(argument), Transient: transient})
	require.NoError(p.t, err, function)
	if transient != nil {
		require.NotContains(p.t, string(tx.Result), `"code"`, "%s refuses lines", function)
	}
	require.NoError(p.t, p.ledger.Submit(p.t.Context(), tx))
	return tx.Result
}

func plantedPayee(n int) roll.Payee {
	return roll.Payee{Name: relief.Tag{1, byte(n), 'n'}, Account: relief.Tag{1, byte(n), 'a'}}
}

func plantedRef(n int) relief.SubjectRef {
	return relief.NewSubjectRef(1, []byte("a key of the tests"), relief.IDNumber(fmt.Sprintf("person %d", n)))
}

// plantedRegion is where a household lives: sixty and twenty in two villages of one township, the others in another township.
func plantedRegion(n int) relief.Region {
	switch {
	case n < 60:
		return "530181001001"
	case n < 80:
		return "530181001002"
	default:
		return "530181002001"
	}
}

// batch lists people, and has the batch sealed, approved and sent to the bank.
func (p *planter) batch(id, purpose string, first, count int) {
	p.t.Helper()
	var lines []payment.LineInput
	for i := first; i < first+count; i++ {
		payee := plantedPayee(i)
		lines = append(lines, payment.LineInput{
			Seq: uint32(i + 1), Number: uint32(i), Ref: plantedRef(i), Region: plantedRegion(i), Amount: 62000, Payee: payee.Check(),
		})
	}
	sum := relief.Fen(62000 * count).String()
	p.call("civil-preparer", "payment:Open", fmt.Sprintf(
		`{"id":%q,"programme":"dibao","region":"530181","period":"2026-11","tranche":"t1","count":%d,"sum":%q,"purpose":%q}`, id, count, sum, purpose), nil)
	p.call("civil-preparer", "payment:AddLines", fmt.Sprintf(`{"batch":%q}`, id), map[string][]byte{wire.TransientLines: payment.AppendLines(nil, lines)})
	named, file := fmt.Sprintf(`{"id":%q}`, id), strings.Repeat("ab", 32)
	p.call("civil-preparer", "payment:Seal", named, nil)
	p.call("civil-approver", "payment:Approve", named, nil)
	p.call("finance-preparer", "payment:MakeFile", fmt.Sprintf(
		`{"id":%q,"file_sha256":%q,"message_id":"m-%s","execute_on":"2099-12-31","count":%d,"sum":%q}`, id, file, id, count, sum), nil)
	p.call("finance-approver", "payment:Authorise", fmt.Sprintf(`{"id":%q,"file_sha256":%q}`, id, file), nil)
	p.call("finance-preparer", "payment:Instruct", named, nil)
}

// answers records what the bank says of people from a number on.
func (p *planter) answers(batch string, attempt uint8, outcome payment.Outcome, day relief.Day, first, count int) {
	p.t.Helper()
	var list []payment.AnswerInput
	for i := first; i < first+count; i++ {
		a := payment.AnswerInput{
			Seq: uint32(i + 1), Number: uint32(i), Attempt: attempt, Outcome: outcome, Amount: 62000, Day: day.Number(),
			BankRef: relief.BankRefHash{byte(i), attempt, 1}, Salt: [16]byte{byte(i), attempt, 2},
		}
		if outcome == payment.OutcomeReturned {
			a.Reason = [4]byte{'A', 'C', '0', '4'}
		}
		list = append(list, a)
	}
	p.call("finance-preparer", "payment:Settle", fmt.Sprintf(`{"batch":%q}`, batch), map[string][]byte{wire.TransientSettlements: payment.AppendAnswers(nil, list)})
}

// plant writes November of 101 households that are owed 620.00 each: 90 are paid in time, 4 three days late, 2 came back and were paid on
// the 25th, 1 came back, of 3 the bank says nothing, and 1 was forgotten. The list is published in time.
func (p *planter) plant() {
	p.on("2026-10-20")
	p.call("civil-preparer", "programme:Draft", `{"id":"dibao","version":1,"name":"低保","region":"530181","unit":"household","cycle":"monthly","min_amount":"330.00","max_amount":"6000.00","starts":"2026-01","import_until":"2027-12-31","notice_days":7,"pay_by_day":10,"class_amounts":{"A":"310.00","B":"620.00"},"weights":{"execution":20,"output":60,"benefit":10,"satisfaction":10},"budget":{"functional":"2081901","economic":"50901"}}`, nil)
	p.call("finance-approver", "programme:Enact", `{"id":"dibao","version":1}`, nil)
	p.call("finance-approver", "fund:Issue", `{"id":"t1","programme":"dibao","region":"530181","amount":"100000.00","source":"云财社","account":"5301810100000088","fiscal_year":2026,"targets":{"coverage":"98.00","timeliness":"98.00","accuracy":"98.00","satisfaction":"98.00","others":{"unspent":"50.00"}}}`, nil)
	var people []roll.Input
	var details [][]byte
	for i := range 101 {
		in := roll.Input{Seq: uint32(i + 1), Ref: plantedRef(i), Region: plantedRegion(i), Persons: 2, Class: 'A', Amount: 62000, Payee: plantedPayee(i)}
		if i < 10 || i >= 94 {
			in.Persons, in.Class = 1, 'B'
		}
		people, details = append(people, in), append(details, []byte(`{"v":1}`))
	}
	importPeople(p.t, p.ledger, fakeledger.Import{
		ID: "i1", Programme: "dibao", County: "530181", From: relief.MonthPeriod(2026*12 + 10), Segments: []uint32{0},
	}, map[string][]byte{wire.TransientRoll: roll.AppendRoll(nil, people), wire.TransientPersons: roll.AppendDetails(nil, details)})
	p.on("2026-11-02")
	p.batch("b1", "regular", 0, 100)
	p.answers("b1", 1, payment.OutcomeCredited, "2026-11-09", 0, 90)
	p.answers("b1", 1, payment.OutcomeCredited, "2026-11-13", 90, 4)
	p.answers("b1", 1, payment.OutcomeReturned, "2026-11-11", 94, 3)
	p.call("finance-preparer", "payment:Tally", `{"id":"b1"}`, nil)
	p.on("2026-11-23")
	p.batch("b2", "pay_again", 94, 2)
	p.answers("b2", 2, payment.OutcomeCredited, "2026-11-25", 94, 2)
	p.call("finance-preparer", "payment:Tally", `{"id":"b2"}`, nil)
	p.on("2026-11-30")
	const month = `{"programme":"dibao","county":"530181","period":"2026-11"`
	p.call("civil-preparer", "oversight:CloseMonth", month+`}`, nil)
}

func (p *planter) publish() {
	p.on("2026-12-05")
	const month = `{"programme":"dibao","county":"530181","period":"2026-11"`
	var list struct{ Proposed struct{ SHA256 string } }
	require.NoError(p.t, json.Unmarshal(p.call("civil-preparer", "oversight:ProposeList", month+`}`, nil), &list))
	p.call("civil-approver", "oversight:DecideList", month+fmt.Sprintf(`,"sha256":%q,"agree":true}`, list.Proposed.SHA256), nil)
}

// figures are an indicator's numerator, denominator and what is shown.
type figures struct {
	num, den int64
	shown    string
}

func requireFigures(t *testing.T, r *indicator.Report, want map[indicator.Code]figures) {
	t.Helper()
	for i := range r.Indicators {
		v := &r.Indicators[i]
		has := figures{v.Num, v.Den, v.Shown}
		require.Equal(t, want[v.Code], has, v.Code)
	}
}

// A county whose every figure was reckoned by hand: the index and the blocks say just that, at the close, when the list was published, and
// finally, 45 days after the month.
func TestThePlantedCounty(t *testing.T) {
	network := ledgertest.New(t)
	p := &planter{t, network, network.Gateway(fakeledger.Audit)}
	p.plant()
	closed := p.network.Ledger.Height() - 1
	p.publish()
	published := p.network.Ledger.Height() - 1
	p.on("2027-01-14")
	p.answers("b1", 1, payment.OutcomeCredited, "2027-01-13", 97, 1)
	final := p.network.Ledger.Height() - 1
	p.on("2027-01-15")
	p.call("civil-preparer", "oversight:CloseMonth", `{"programme":"dibao","county":"530181","period":"2026-11"}`, nil)
	ix := openFile(t, p.ledger)
	catchUp(t, ix)
	span, err := indicator.ParseSpan("2026-11")
	require.NoError(t, err)
	q := indicator.Question{Programme: "dibao", Region: "530181", Period: span}

	none := figures{0, 0, "–"}
	want := map[indicator.Code]figures{
		indicator.Timeliness:           {90, 101, "89.11"}, // and not 90 of 96, as without the forgotten ones
		indicator.TimelinessAmount:     {55_800_00, 62_620_00, "89.11"},
		indicator.ByClass:              {96, 96, "100.00"},
		indicator.SocialPayment:        {96, 96, "100.00"},
		indicator.ReturnedAgain:        {2, 3, "66.67"},
		indicator.AccuracyKnown:        {96, 96, "100.00"},
		indicator.CoverageKnown:        {96, 96, "100.00"},
		indicator.LevelHousehold:       {59_520_00, 96, "620.00"},
		indicator.LevelPerson:          {59_520_00, 180, "330.67"},
		indicator.BudgetExecution:      {59_520_00, 100_000_00, "59.52"},
		indicator.BudgetExecutionFirst: {59_520_00, 100_000_00, "59.52"},
		indicator.Unspent:              {36_760_00 + 1_860_00, 100_000_00, "38.62"}, // three without an answer; what came back is in return
		indicator.PassedDown:           {1, 1, "100.00"},
		indicator.Published:            none, indicator.Decision: none, indicator.Recheck: none, indicator.ExitDeath: none,
		indicator.Accuracy: none, indicator.Coverage: none, indicator.Satisfaction: none,
	}
	at := func(block uint64) *indicator.Report {
		r, err := ix.Indicators(t.Context(), q, &block)
		require.NoError(t, err)
		return &r
	}
	r := at(closed)
	requireFigures(t, r, want)
	require.Equal(t, indicator.Provisional, r.Stand)
	// execution 20 and output 60 of the programme become 25 and 75: 25 · (0.5952 + 1)/2 + 75 · (90/101)/0.98
	require.Equal(t, "88.14", r.Score)
	require.Equal(t, indicator.Good, r.Grade)
	require.Equal(t, "98.00", r.Indicators[4].Target)
	require.False(t, *r.Indicators[4].Met)

	want[indicator.Published] = figures{1, 1, "100.00"}
	requireFigures(t, at(published), want)
	r = at(final)
	require.Equal(t, indicator.Final, r.Stand)
	requireFigures(t, r, want)
	now, err := ix.Indicators(t.Context(), q, nil)
	require.NoError(t, err)
	require.Equal(t, r.Digest(), now.Digest(), "without a block the final figures")
	reached, err := ix.FinalBlock(t.Context(), span)
	require.NoError(t, err)
	require.Equal(t, &final, reached)
	require.Equal(t, indicator.Later, at(final+1).Stand)
	require.Equal(t, int64(97), at(final + 1).Indicators[7].Den, "the next version of the month has one more")

	// Of a period that was over long before the ledger began there are no final figures.
	q.Period, err = indicator.ParseSpan("2026-05")
	require.NoError(t, err)
	old, err := ix.Indicators(t.Context(), q, nil)
	require.NoError(t, err)
	require.Equal(t, indicator.Provisional, old.Stand)
	require.Equal(t, ix.Height()-1, old.Block)
	require.Equal(t, relief.Day("2026-07-15"), old.FinalOn)
	q.Period = span

	for _, report := range reportsOfBlocks(t, p.ledger, ix.Height()) {
		sameAsTheBlocks(t, ix, []indicator.Report{report})
	}
	for _, block := range []uint64{closed, published, final} {
		reports := reportsOfBlocks(t, p.ledger, block+1)
		require.Equal(t, reports[0].Digest(), at(block).Digest(), "from blocks alone")
	}
}
