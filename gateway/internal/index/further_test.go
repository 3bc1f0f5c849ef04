package index

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/ledger"
)

// withFurther is a ledger of 20 people and January 2016, and a batch of March that pays two of them for February: person 0
// gets another top-up of 40.00 less 10.00 beside one that is credited, person 7 what came back of a grant.
func withFurther(t *testing.T) *synth {
	t.Helper()
	s := newSynth(t, 20, 1)
	for id, state := range map[relief.BatchID]payment.BatchState{"b-2026-07": payment.BatchInstructed, "b-again": payment.BatchSealed} {
		b := payment.Batch{
			ID: id, Programme: "dibao", ProgrammeVersion: 1, Region: "530181", Period: must(relief.ParsePeriod("2016-03")),
			EarlierFrom: must(relief.ParsePeriod("2016-01")), Tranche: "t1", Purpose: payment.PurposeRegular,
			Control: payment.Control{Count: 2, Sum: 126456}, MinAmount: 1, MaxAmount: 600000, SegmentSize: uint32(s.size), State: state,
			Acts: []relief.HistoryEntry{{Act: relief.ActPaymentOpen, By: relief.Official{Agency: "CivilAffairsMSP", ID: "civil-preparer", Name: "civil-preparer", Role: "preparer", Region: "530181"}, At: s.clock}},
		}
		if state != payment.BatchSealed { // a record that is as a stored one must be
			b.Acts = append(b.Acts, relief.HistoryEntry{Act: relief.ActPaymentInstruct, By: b.Acts[0].By, At: s.clock})
		}
		s.add("preparer", "payment:Open", ledger.Write{Key: relief.BatchKey(id).String(), Value: must(json.Marshal(b))})
	}
	text := must(os.ReadFile("../../../chaincode/relief/payment/testdata/further-v1.hex"))
	value := must(hex.DecodeString(strings.Join(strings.Fields(string(text)), "")))
	s.add("preparer", "payment:AddDue", ledger.Write{Key: relief.FurtherKey("dibao", "530181", must(relief.ParsePeriod("2016-02")), 0).String(), Value: value})
	return s
}

// Top-ups and grants are payments like others: found by kind and accounting period, in trails, leaves and transfers.
func TestFurtherPayments(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, withFurther(t))
		catchUp(t, ix)
		require.Empty(t, ix.Unreadable())
		ids := func(q PaymentQuery) (ids []string) {
			for _, p := range everyPayment(t, ix, q, 3) {
				ids = append(ids, p.ID.String()[len("dibao-530181-"):])
			}
			return ids
		}
		topUp, grant := relief.PaymentTopUp, relief.PaymentGrant
		require.Equal(t, []string{"0000000-201602-2", "0000000-201602-3"}, ids(PaymentQuery{Kind: &topUp}))
		require.Len(t, ids(PaymentQuery{Kind: &grant}), 2, "not the one that no batch holds")
		march := PaymentQuery{Account: must(relief.ParsePeriod("2016-03"))}
		require.Equal(t, []string{"0000000-201602-2", "0000000-201602-3", "0000007-201602-1", "0000007-201602-3"}, ids(march))
		require.Len(t, ids(PaymentQuery{Period: must(relief.ParsePeriod("2016-02"))}), 4)
		require.Len(t, ids(PaymentQuery{}), 24)
		require.Len(t, ids(PaymentQuery{Subject: synthRef(0)}), 3)

		p, err := ix.Payment(t.Context(), must(relief.ParsePaymentID("dibao-530181-0000000-201602-3")))
		require.NoError(t, err)
		require.Equal(t, []relief.Fen{4000, 1000}, []relief.Fen{p.Amount, p.Deducted})
		require.Equal(t, "2016-03", p.AccountingPeriod.String())
		credited := must(relief.ParsePaymentID("dibao-530181-0000000-201602-2"))
		leaf, ok, err := ix.LeafOf(t.Context(), credited)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, relief.PaymentTopUp, leaf.Payment.Kind)
		require.Equal(t, byte(7), leaf.Hash[0])
		steps, err := ix.PaymentTrail(t.Context(), credited)
		require.NoError(t, err)
		kinds := map[string]bool{}
		for _, s := range steps {
			kinds[s.Detail["kind"]] = true
		}
		require.True(t, kinds["top_up"])
		d, _, err := ix.Check(t.Context(), t.TempDir(), quietly)
		require.NoError(t, err)
		require.Nil(t, d)
	})
}

func TestTransfersAndKindsOfABatch(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, withFurther(t))
		catchUp(t, ix)
		page, err := ix.Transfers(t.Context(), "b-again", "", 1)
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Equal(t, "dibao-530181-0000000-201602-3", page.Items[0].ID.String())
		require.EqualValues(t, 3000, page.Items[0].Transferred)
		page, err = ix.Transfers(t.Context(), "b-again", page.Next, 10)
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.EqualValues(t, 7, page.Items[0].Number)
		require.Empty(t, page.Next)
		january, err := ix.Transfers(t.Context(), "b-2016-01", "", 100)
		require.NoError(t, err)
		require.Len(t, january.Items, 20)
		_, err = ix.Transfers(t.Context(), "none", "", 10)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeNotFound})

		o, err := ix.BatchOverview(t.Context(), "b-again", 10)
		require.NoError(t, err)
		require.Equal(t, Total{2, 126456}, o.Listed, "in what is transferred, as the control totals are")
		require.Equal(t, Total{2, 126456}, o.Transfers)
		require.Equal(t, []KindTotal{{relief.PaymentTopUp, Total{1, 4000}, 1000}, {relief.PaymentGrant, Total{1, 123456}, 0}}, o.Kinds)
		o, err = ix.BatchOverview(t.Context(), "b-2016-01", 10)
		require.NoError(t, err)
		require.Equal(t, 20, o.Listed.Count, "what March paid is March's")
		require.Equal(t, 20, o.New.Count)
		require.Zero(t, o.OtherBatches.Count)
	})
}
