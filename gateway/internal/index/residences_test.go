package index

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/ledger"
)

// livesIn says by two officials that the nth person lives in an urban or rural place from a month on.
func (w *county) livesIn(n int, is relief.Residence, from string) {
	w.t.Helper()
	var c roll.Change
	argument := fmt.Sprintf(`{"programme":"dibao","subject":%q,"residence":%q,"from":%q,"document":"7"}`, resident(n, 'a', 0).Ref, is, from)
	require.NoError(w.t, json.Unmarshal(w.do("civil-preparer", "roll:SetResidence", argument, nil), &c))
	w.do("civil-approver", "roll:ConfirmChange", fmt.Sprintf(`{"change":%q,"sha256":%q,"agree":true}`, c.ID, c.SHA256), nil)
}

// What the roll says of the accounting month at the listing is kept with the payment, until it is listed again.
func TestPaymentsKeepTheResidenceOfTheirListing(t *testing.T) {
	forEachDatabase(t, residencesAreKept)
}

func residencesAreKept(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
	w := newCounty(t)
	people := []roll.Input{resident(0, 'a', 48000), resident(1, 'a', 48000), resident(2, 'a', 48000)}
	people[0].Residence, people[1].Residence = relief.Urban, relief.Rural
	w.enrol("2026-10", people...)
	w.livesIn(1, relief.Urban, "2026-12")
	w.list("b-11", "2026-11", people...)
	ix := open(t, w.l)
	residences := func(batch relief.BatchID) (all []relief.Residence) {
		catchUp(t, ix)
		page, err := ix.Payments(t.Context(), PaymentQuery{Batch: batch}, "", MaxPage)
		require.NoError(t, err)
		for i := range page.Items {
			p, err := ix.Payment(t.Context(), page.Items[i].ID)
			require.NoError(t, err)
			require.Equal(t, page.Items[i].Residence, p.Residence)
			all = append(all, p.Residence)
		}
		return all
	}
	require.Equal(t, []relief.Residence{relief.Urban, relief.Rural, ""}, residences("b-11"))

	w.livesIn(0, relief.Rural, "2026-10")
	w.livesIn(2, relief.Rural, "2026-11")
	w.pay("b-11", people...)
	require.Equal(t, []relief.Residence{relief.Urban, relief.Rural, ""}, residences("b-11"), "what was booked stays")

	w.list("b-12", "2026-12", people...)
	require.Equal(t, []relief.Residence{relief.Rural, relief.Urban, relief.Rural}, residences("b-12"))
	w.do("civil-preparer", "payment:RemoveLines", fmt.Sprintf(`{"batch":"b-12","subjects":[%q,%q]}`, people[0].Ref, people[1].Ref), nil)
	require.Equal(t, []relief.Residence{relief.Rural}, residences("b-12"))
	w.livesIn(1, relief.Rural, "2026-12")
	lines := make([]payment.LineInput, 2)
	for i, p := range people[:2] {
		lines[i] = payment.LineInput{Seq: p.Seq, Number: p.Seq - 2, Ref: p.Ref, Region: p.Region, Amount: p.Amount, Payee: p.Payee.Check()}
	}
	w.do("civil-preparer", "payment:AddLines", `{"batch":"b-12"}`, map[string][]byte{"lines": payment.AppendLines(nil, lines)})
	require.Equal(t, []relief.Residence{relief.Rural, relief.Rural, relief.Rural}, residences("b-12"), "listed again, as the roll has it now")
	require.Equal(t, 5, ix.count(t, "residences"))
	checked(t, ix)
	require.NoError(t, ix.Rebuild(t.Context(), quietly))
	require.Equal(t, []relief.Residence{relief.Urban, relief.Rural, ""}, residences("b-11"))
	entries, err := ix.Subject(t.Context(), people[1].Ref)
	require.NoError(t, err)
	require.Equal(t, relief.Rural, entries[0].Residence)
}
