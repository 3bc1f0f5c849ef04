package index

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

var (
	november = must(relief.ParsePeriod("2026-11"))
	person   = relief.SubjectRef{1, 7}
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// neighbour is whom the money of the person with roll number 0 is paid to.
var neighbour = roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, 'b'}}

// importPeople puts people on a roll by two officials, and says how many came in.
func importPeople(t *testing.T, l ledger.Ledger, in fakeledger.Import, people map[string][]byte) int {
	t.Helper()
	terms, err := in.Terms(people)
	require.NoError(t, err)
	argument := func(v any) []byte { return must(json.Marshal(v)) }
	var result wire.ChunkResult
	for _, call := range []ledger.Call{
		{Signer: "civil-preparer", Function: "roll:ProposeImport", Argument: argument(terms)},
		{Signer: "civil-approver", Function: "roll:ConfirmImport", Argument: fmt.Appendf(nil, `{"id":%q,"digest":%q,"agree":true}`, in.ID, terms.Digest())},
		{
			Signer: "civil-approver", Function: "roll:Import", Transient: people,
			Argument: argument(map[string]any{"import": in.ID, "segments": in.Segments}),
		},
	} {
		tx, err := l.Endorse(t.Context(), call)
		require.NoError(t, err, call.Function)
		require.NoError(t, l.Submit(t.Context(), tx))
		if call.Transient != nil {
			require.NoError(t, json.Unmarshal(tx.Result, &result))
		}
	}
	return result.Accepted
}

// tell writes one month of one person to the ledger: returned once, paid again.
func tell(t *testing.T, l ledger.Ledger) {
	t.Helper()
	call := func(signer, function, argument string, transient map[string][]byte) {
		t.Helper()
		tx, err := l.Endorse(t.Context(), ledger.Call{Signer: signer, Function: function, Argument: []byte(argument), Transient: transient})
		require.NoError(t, err, function)
		require.NotContains(t, string(tx.Result), `"code"`, function)
		require.NoError(t, l.Submit(t.Context(), tx))
	}
	call("civil-preparer", "programme:Draft", `{"id":"dibao","version":1,"name":"低保","region":"530181","unit":"household","cycle":"monthly","min_amount":"330.00","max_amount":"6000.00","starts":"2026-01","import_until":"2027-12-31","notice_days":7,"pay_by_day":10,"budget":{"functional":"2081901","economic":"50901"}}`, nil)
	call("finance-approver", "programme:Enact", `{"id":"dibao","version":1}`, nil)
	call("finance-approver", "fund:Issue", `{"id":"t1","programme":"dibao","region":"530181","amount":"4000.00","source":"云财社","account":"5301810100000088","fiscal_year":2026,"targets":{"coverage":"98.00","timeliness":"98.00","accuracy":"98.00","satisfaction":"98.00"}}`, nil)
	people := map[string][]byte{
		wire.TransientRoll: roll.AppendRoll(nil, []roll.Input{
			{Seq: 2, Ref: relief.SubjectRef{1, 6}, Region: "530181", Persons: 1, Class: 'B', Amount: 48000, Payee: neighbour},
			{Seq: 3, Ref: person, Region: "530181", Persons: 1, Class: 'B', Amount: 48000, Payee: payee},
		}),
		wire.TransientPersons: roll.AppendDetails(nil, [][]byte{[]byte(`{"v":1}`), []byte(`{"v":1}`)}),
	}
	importPeople(t, l, fakeledger.Import{
		ID: "i1", Programme: "dibao", County: "530181", From: relief.MonthPeriod(2026 * 12), Segments: []uint32{0},
	}, people)
	for attempt, batch := range []string{"b1", "b2"} {
		purpose := []string{"regular", "pay_again"}[attempt]
		call("civil-preparer", "payment:Open", fmt.Sprintf(`{"id":%q,"programme":"dibao","region":"530181","period":"2026-11","tranche":"t1","count":1,"sum":"480.00","purpose":%q}`, batch, purpose), nil)
		call("civil-preparer", "payment:AddLines", fmt.Sprintf(`{"batch":%q}`, batch), map[string][]byte{wire.TransientLines: payment.AppendLines(nil, []payment.LineInput{{Seq: 2, Number: 1, Ref: person, Region: "530181", Amount: 48000, Payee: payee.Check()}})})
		id := fmt.Sprintf(`{"id":%q}`, batch)
		call("civil-preparer", "payment:Seal", id, nil)
		call("civil-approver", "payment:Approve", id, nil)
		file := strings.Repeat("ab", 32)
		call("finance-preparer", "payment:MakeFile", fmt.Sprintf(`{"id":%q,"file_sha256":%q,"message_id":"m","execute_on":"2099-12-31","count":1,"sum":"480.00"}`, batch, file), nil)
		call("finance-approver", "payment:Authorise", fmt.Sprintf(`{"id":%q,"file_sha256":%q}`, batch, file), nil)
		call("finance-preparer", "payment:Instruct", id, nil)
		answer := payment.AnswerInput{Seq: 2, Number: 1, Attempt: uint8(attempt + 1), Outcome: payment.OutcomeReturned, Amount: 48000, Reason: [4]byte{'A', 'C', '0', '4'}, Day: 20766, Salt: [16]byte{1}}
		if attempt == 1 {
			answer.Outcome, answer.Reason = payment.OutcomeCredited, [4]byte{}
		}
		call("finance-preparer", "payment:Settle", fmt.Sprintf(`{"batch":%q}`, batch), map[string][]byte{wire.TransientSettlements: payment.AppendAnswers(nil, []payment.AnswerInput{answer})})
		call("finance-preparer", "payment:Tally", id, nil)
	}
}

// catchUp indexes everything that the ledger has.
func catchUp(t testing.TB, ix *Index) {
	t.Helper()
	height, err := ix.ledger.Height(t.Context())
	require.NoError(t, err)
	require.NoError(t, ix.upTo(t.Context(), height, func(uint64, uint64) {}))
}

func TestTrails(t *testing.T) {
	n := ledgertest.New(t)
	l := n.Gateway(fakeledger.Audit)
	tell(t, l)
	m := openFile(t, l)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- m.Run(ctx) }()
	require.NoError(t, m.WaitFor(t.Context(), n.Ledger.Height()-1))

	steps, err := m.PaymentTrail(t.Context(), relief.PaymentID{Programme: "dibao", County: "530181", Number: 1, Period: november, Attempt: 2})
	require.NoError(t, err)
	var acts []string
	for i, s := range steps {
		acts = append(acts, s.Act)
		require.Len(t, s.Endorsers, 3)
		require.NotEmpty(t, s.By.Name)
		require.NotEmpty(t, s.Transaction)
		if i > 0 {
			require.GreaterOrEqual(t, s.Block, steps[i-1].Block)
		}
	}
	batch := []string{"payment.open", "payment.add", "payment.seal", "payment.approve", "payment.make_file", "payment.authorise", "payment.instruct", "payment.settle", "payment.tally"}
	require.Equal(t, append(append([]string{"programme.draft", "programme.enact", "fund.issue", "roll.import"}, batch...), batch...), acts)

	none, err := m.PaymentTrail(t.Context(), relief.PaymentID{Programme: "dibao", County: "530181", Number: 0, Period: november, Attempt: 1})
	require.NoError(t, err)
	require.Empty(t, none, "a neighbour who was not paid has no trail of a payment")
	none, err = m.PaymentTrail(t.Context(), relief.PaymentID{Programme: "nowhere", County: "530181", Number: 0, Period: november, Attempt: 1})
	require.NoError(t, err)
	require.Empty(t, none)

	steps, err = m.SubjectTrail(t.Context(), person, "")
	require.NoError(t, err)
	require.Len(t, steps, 5, "on the roll, listed, returned, listed again, credited")
	require.Equal(t, "入账 · credited", steps[4].Title)
	steps, err = m.SubjectTrail(t.Context(), relief.SubjectRef{1, 99}, "")
	require.NoError(t, err)
	require.Empty(t, steps)

	stop()
	require.ErrorIs(t, <-ended, context.Canceled)

	require.Equal(t, uint64(1), m.LeafCount())
	leaf, ok, err := m.LeafOf(t.Context(), must(relief.ParsePaymentID("dibao-530181-0000001-202611-2")))
	require.NoError(t, err)
	require.True(t, ok)
	require.Zero(t, leaf.N)
	require.Equal(t, "dibao-530181-0000001-202611-2", leaf.Payment.ID.String())
	require.Equal(t, person, leaf.Payment.Subject)
	require.Equal(t, relief.Region("530181"), leaf.Region)
	require.Equal(t, relief.Fen(48000), leaf.Payment.Amount)
	hashes, err := m.LeafHashes(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Equal(t, []LeafHash{{[32]byte(leaf.Hash), leaf.Block}}, hashes)
	returned := leaf.Payment.ID
	returned.Attempt = 1
	_, ok, err = m.LeafOf(t.Context(), returned)
	require.NoError(t, err)
	require.False(t, ok, "what came back was never credited")
}
