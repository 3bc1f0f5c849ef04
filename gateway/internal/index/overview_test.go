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
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// county is a ledger with a roll of dibao, which has segments of two.
type county struct {
	t *testing.T
	l ledger.Ledger
	n *ledgertest.Network

	imports int
}

func newCounty(t *testing.T) *county {
	t.Helper()
	n := ledgertest.New(t)
	w := &county{t: t, l: n.Gateway(fakeledger.Audit), n: n}
	w.do("civil-preparer", "programme:Draft", `{"id":"dibao","version":1,"name":"低保","region":"530181","unit":"household","cycle":"monthly","min_amount":"330.00","max_amount":"6000.00","starts":"2026-01","import_until":"2027-12-31","notice_days":7,"pay_by_day":10,"budget":{"functional":"2081901","economic":"50901"},"segment_size":2}`, nil)
	w.do("finance-approver", "programme:Enact", `{"id":"dibao","version":1}`, nil)
	w.do("finance-approver", "fund:Issue", `{"id":"t1","programme":"dibao","region":"530181","amount":"40000.00","source":"云财社","account":"5301810100000088","fiscal_year":2026,"targets":{"coverage":"98.00","timeliness":"98.00","accuracy":"98.00","satisfaction":"98.00"}}`, nil)
	return w
}

func (w *county) do(signer, function, argument string, transient map[string][]byte) []byte {
	w.t.Helper()
	tx, err := w.l.Endorse(w.t.Context(), ledger.Call{Signer: signer, Function: function, Argument: []byte(argument), Transient: transient})
	require.NoError(w.t, err, function)
	require.NoError(w.t, w.l.Submit(w.t.Context(), tx))
	return tx.Result
}

// resident is the nth person: who lives in one of two townships, with a card.
func resident(n int, card byte, amount relief.Fen) roll.Input {
	return roll.Input{
		Seq: uint32(n + 2), Ref: relief.SubjectRef{1, byte(n + 1)}, Region: relief.Region(fmt.Sprintf("53018100%d", 1+n%2)), Persons: 1, Class: 'B',
		Amount: amount, Payee: roll.Payee{Name: relief.Tag{1, byte(n), 'n'}, Account: relief.Tag{1, byte(n), card}},
	}
}

func (w *county) enrol(from string, people ...roll.Input) {
	w.t.Helper()
	details := make([][]byte, len(people))
	for i := range details {
		details[i] = []byte(`{"v":1}`)
	}
	w.imports++
	accepted := importPeople(w.t, w.l, fakeledger.Import{
		ID: relief.ImportID(fmt.Sprintf("i%d", w.imports)), Programme: "dibao", County: "530181", From: must(relief.ParsePeriod(from)),
		Segments: []uint32{0, 1, 2},
	}, map[string][]byte{wire.TransientRoll: roll.AppendRoll(nil, people), wire.TransientPersons: roll.AppendDetails(nil, details)})
	require.Equal(w.t, len(people), accepted)
}

func (w *county) leave(n int, last string) {
	w.t.Helper()
	var c roll.Change
	exit := fmt.Sprintf(`{"programme":"dibao","subject":%q,"reason":"income","last_period":%q}`, resident(n, 'a', 0).Ref, last)
	require.NoError(w.t, json.Unmarshal(w.do("civil-preparer", "roll:Exit", exit, nil), &c))
	w.do("civil-approver", "roll:ConfirmChange", fmt.Sprintf(`{"change":%q,"sha256":%q,"agree":true}`, c.ID, c.SHA256), nil)
}

// list opens a batch and lists people in it, whose numbers are those of the tests.
func (w *county) list(batch, period string, people ...roll.Input) {
	w.t.Helper()
	var lines []payment.LineInput
	var sum relief.Fen
	for _, p := range people {
		lines = append(lines, payment.LineInput{Seq: p.Seq, Number: p.Seq - 2, Ref: p.Ref, Region: p.Region, Amount: p.Amount, Payee: p.Payee.Check()})
		sum += p.Amount
	}
	w.do("civil-preparer", "payment:Open", fmt.Sprintf(
		`{"id":%q,"programme":"dibao","region":"530181","period":%q,"tranche":"t1","count":%d,"sum":%q}`, batch, period, len(people), sum), nil)
	result := w.do("civil-preparer", "payment:AddLines", fmt.Sprintf(`{"batch":%q}`, batch), map[string][]byte{wire.TransientLines: payment.AppendLines(nil, lines)})
	require.Contains(w.t, string(result), fmt.Sprintf(`"accepted":%d,`, len(people)))
}

// pay takes a batch to the bank, which credits everybody.
func (w *county) pay(batch string, people ...roll.Input) {
	w.t.Helper()
	id := fmt.Sprintf(`{"id":%q}`, batch)
	var sum relief.Fen
	var answers []payment.AnswerInput
	for _, p := range people {
		sum += p.Amount
		answers = append(answers, payment.AnswerInput{Seq: p.Seq, Number: p.Seq - 2, Attempt: 1, Outcome: payment.OutcomeCredited, Amount: p.Amount, Day: 20766, Salt: [16]byte{1}})
	}
	file := strings.Repeat("ab", 32)
	w.do("civil-preparer", "payment:Seal", id, nil)
	w.do("civil-approver", "payment:Approve", id, nil)
	w.do("finance-preparer", "payment:MakeFile", fmt.Sprintf(`{"id":%q,"file_sha256":%q,"message_id":%q,"execute_on":"2099-12-31","count":%d,"sum":%q}`, batch, file, batch, len(people), sum), nil)
	w.do("finance-approver", "payment:Authorise", fmt.Sprintf(`{"id":%q,"file_sha256":%q}`, batch, file), nil)
	w.do("finance-preparer", "payment:Instruct", id, nil)
	w.do("finance-preparer", "payment:Settle", fmt.Sprintf(`{"batch":%q}`, batch), map[string][]byte{wire.TransientSettlements: payment.AppendAnswers(nil, answers)})
}

// newNovember has two months. In October people 0 to 3 are paid. In November person 1 has another card, person 2 another amount, person 3 has left, person 4 is
// new, and person 0 is in another batch.
func newNovember(t *testing.T) *county {
	w := newCounty(t)
	before := []roll.Input{resident(0, 'a', 48000), resident(1, 'a', 48000), resident(2, 'a', 48000), resident(3, 'a', 62000)}
	w.enrol("2026-01", before...)
	w.list("october", "2026-10", before...)
	w.pay("october", before...)
	for n := 1; n <= 3; n++ {
		w.leave(n, "2026-10")
	}
	w.enrol("2026-11", resident(1, 'b', 48000), resident(2, 'a', 66000), resident(4, 'a', 33000))
	w.list("other", "2026-11", resident(0, 'a', 48000))
	w.list("november", "2026-11", resident(1, 'b', 48000), resident(2, 'a', 66000), resident(4, 'a', 33000))
	return w
}

func TestABatchIsComparedWithThePeriodBefore(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		w := newNovember(t)
		ix := open(t, w.l)
		catchUp(t, ix)
		o, err := ix.BatchOverview(t.Context(), "november", 10)
		require.NoError(t, err)
		require.Equal(t, Total{3, 147000}, o.Listed)
		require.Equal(t, Total{1, 48000}, o.OtherBatches)
		require.Equal(t, "2026-10", o.Previous.Period.String())
		require.Equal(t, Total{4, 206000}, o.Previous.Total)

		numbers := func(g Group) (list []uint32) {
			for _, d := range g.Items {
				require.Equal(t, relief.SubjectRef{1, byte(d.Number + 1)}, d.Subject)
				list = append(list, d.Number)
			}
			return list
		}
		require.Equal(t, []uint32{4}, numbers(o.New))
		require.Equal(t, Total{1, 33000}, o.New.Total)
		require.Equal(t, []uint32{3}, numbers(o.Gone))
		require.Equal(t, relief.Fen(62000), o.Gone.Previous)
		require.Equal(t, roll.Exited, o.Gone.Items[0].State)
		require.Equal(t, roll.ExitReason("income"), o.Gone.Items[0].Reason)
		require.Equal(t, relief.Region("530181002"), o.Gone.Items[0].Region)
		require.Equal(t, []uint32{2}, numbers(o.Changed))
		require.Equal(t, []relief.Fen{66000, 48000}, []relief.Fen{*o.Changed.Items[0].Amount, *o.Changed.Items[0].Previous})
		require.Equal(t, []uint32{1}, numbers(o.Payees))
		require.False(t, o.Payees.Items[0].NameChanged)
		require.True(t, o.Payees.Items[0].AccountChanged)
		require.WithinDuration(t, w.n.Ledger.Now(), o.Payees.Items[0].ChangedAt, time.Minute)
		require.Equal(t, []Township{
			{Region: "530181001", Total: Total{2, 99000}, PreviousCount: 2, PreviousSum: 96000},
			{Region: "530181002", Total: Total{1, 48000}, PreviousCount: 2, PreviousSum: 110000},
		}, o.Townships)
		b, err := json.Marshal(o.New)
		require.NoError(t, err)
		require.JSONEq(t, `{"count":1,"sum":"330.00","previous_sum":"0.00","items":[{"subject":"`+o.New.Items[0].Subject.String()+`","number":4,"region":"530181001","amount":"330.00"}]}`, string(b))

		first, err := ix.BatchOverview(t.Context(), "october", 3)
		require.NoError(t, err)
		require.Nil(t, first.Previous)
		require.Equal(t, Total{4, 206000}, first.New.Total)
		require.Equal(t, []uint32{0, 1, 2}, numbers(first.New))
		rest, err := ix.BatchDifferences(t.Context(), "october", NewPeople, first.New.Next, 3)
		require.NoError(t, err)
		require.Len(t, rest.Items, 1)
		require.Equal(t, uint32(3), rest.Items[0].Number)
		require.Empty(t, rest.Next)
		_, err = ix.BatchOverview(t.Context(), "none", 3)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeNotFound})
		_, err = ix.BatchDifferences(t.Context(), "october", NewPeople, "?", 3)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	})
}

// A line that is taken out is in no list any more; the trail says that it was listed and taken out.
func TestLinesThatAreTakenOutLeaveATrail(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		w := newNovember(t)
		ix := open(t, w.l)
		catchUp(t, ix)
		w.do("civil-preparer", "payment:RemoveLines", fmt.Sprintf(`{"batch":"november","subjects":[%q,%q]}`, resident(1, 'b', 0).Ref, resident(4, 'a', 0).Ref), nil)
		catchUp(t, ix)
		page, err := ix.Payments(t.Context(), PaymentQuery{Batch: "november"}, "", 10)
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		acts := func(steps []Step, err error) (acts []string) {
			t.Helper()
			require.NoError(t, err)
			for _, s := range steps {
				if strings.HasPrefix(s.Record, "payment/") || strings.HasPrefix(s.Record, "lines/") {
					acts = append(acts, s.Act+" "+s.Detail["state"]+s.Detail["lines"])
				}
			}
			return acts
		}
		id := relief.PaymentID{Programme: "dibao", County: "530181", Number: 4, Period: november, Attempt: 1}
		require.Equal(t, []string{"payment.add listed", "payment.remove free"}, acts(ix.PaymentTrail(t.Context(), id)))
		require.Equal(t, []string{"payment.add 3", "payment.remove 2"}, acts(ix.BatchTrail(t.Context(), "november")))
		again := resident(4, 'a', 33000)
		w.do("civil-preparer", "payment:AddLines", `{"batch":"november"}`, map[string][]byte{wire.TransientLines: payment.AppendLines(nil, []payment.LineInput{
			{Seq: 9, Number: 4, Ref: again.Ref, Region: again.Region, Amount: again.Amount, Payee: again.Payee.Check()},
		})})
		catchUp(t, ix)
		require.Equal(t, []string{"payment.add listed", "payment.remove free", "payment.add listed"}, acts(ix.PaymentTrail(t.Context(), id)))
		d, _, err := ix.Check(t.Context(), t.TempDir(), func(uint64, uint64) {})
		require.NoError(t, err)
		require.Nil(t, d, "the index says what the ledger says")
	})
}

// An approval that was sent back does not count.
func TestAnApprovalThatWasSentBackIsNotFound(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		w := newNovember(t)
		ix := open(t, w.l)
		found := func() int {
			catchUp(t, ix)
			page, err := ix.Payments(t.Context(), PaymentQuery{Batch: "november", Approver: relief.Official{Agency: "CivilAffairsMSP", Name: "civil-approver"}}, "", 10)
			require.NoError(t, err)
			return len(page.Items)
		}
		w.do("civil-preparer", "payment:Seal", `{"id":"november"}`, nil)
		w.do("civil-approver", "payment:Approve", `{"id":"november"}`, nil)
		require.Equal(t, 3, found())
		w.do("finance-approver", "payment:SendBack", `{"id":"november","reason":"名单有误"}`, nil)
		require.Zero(t, found())
	})
}
