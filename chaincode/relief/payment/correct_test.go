package payment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

var (
	deputy = relief.Official{Agency: "CivilAffairsMSP", ID: "civil-deputy", Name: "civil-deputy", Role: "preparer", Region: "530181"}
	second = relief.Official{Agency: "CivilAffairsMSP", ID: "civil-second-approver", Name: "civil-second-approver", Role: "approver", Region: "530181"}
)

func (m *month) remove(positions ...int) (removed []int) {
	var after OfPeriod
	after, removed = RemoveLines(&m.b, OfPeriod{Period: m.b.Period, Lines: m.lines, Further: &Further{}}, positions)
	m.lines = after.Lines
	back, err := ParseLineSegment(m.lines.Bytes())
	require.NoError(m.t, err)
	require.Equal(m.t, m.lines.Bytes(), back.Bytes())
	return removed
}

// A line that is taken out leaves its slot free, and can be listed again in the same batch.
func TestLinesAreTakenOutAndReplaced(t *testing.T) {
	m := newMonth(t, 3)
	m.open("b", "", 2, 96000)
	require.Empty(t, m.remove(0), "nothing is listed yet")
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000), line(4, 2, 48000))
	require.Equal(t, []int{2, 0}, m.remove(2, 0, 999))
	require.Empty(t, m.remove(2), "taken out already")
	taken, err := (&OfPeriod{Lines: m.lines}).Taken(2, everything)
	require.NoError(t, err)
	require.False(t, taken)
	require.Equal(t, 1, m.count().total.Listed)
	require.Equal(t, wire.ChunkResult{Accepted: 1, Unchanged: 1, Refused: []wire.Refusal{}}, told(t, m.add(everything, line(7, 1, 48000), line(8, 0, 48000))))
	other := *m
	other.open("other", "", 1, 48000)
	require.Empty(t, other.remove(0), "a line of another batch")
	m.sealToInstruct()
	require.Equal(t, 2, m.settle(credited(0, 1), credited(1, 1)).Accepted)
}

// Taking a line out of a batch that pays again puts the returned attempt back.
func TestTakingOutARepeatedPaymentKeepsItsReturn(t *testing.T) {
	for _, reversed := range []bool{false, true} {
		m := newMonth(t, 2)
		m.open("b", "", 2, 96000)
		m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
		m.sealToInstruct()
		m.settle(returned(1, 1))
		if reversed {
			m.settle(credited(0, 1))
			require.NoError(t, m.reverse(returned(0, 1)))
		}
		m.settle(returned(0, 1))
		before := m.lines.Bytes()
		m.open("again", PurposePayAgain, 2, 96000)
		require.Equal(t, 2, m.add(everything, line(2, 0, 48000), line(3, 1, 48000)).Accepted)
		require.Equal(t, []int{1, 0}, m.remove(1, 0))
		m.lines.batches = m.lines.batches[:1] // the segment remembers the batch; everything else is as before
		require.Equal(t, before, m.lines.Bytes())
		m.open("again", PurposePayAgain, 1, 48000)
		require.Equal(t, 1, m.add(everything, line(2, 1, 48000)).Accepted)
		m.sealToInstruct()
		require.Equal(t, 1, m.settle(credited(1, 2)).Accepted)
	}
}

func TestOnlyThePreparerCorrectsAnOpenBatch(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 2, 96000)
	m.add(everything, line(2, 0, 48000))
	require.NoError(t, m.b.MayRemove(by(preparer)))
	require.ErrorIs(t, m.b.MayRemove(by(deputy)), &relief.Error{Code: relief.CodeForbidden})
	_, _, err := SetControl(m.b, Control{1, 48000}, by(deputy))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeForbidden})
	for _, c := range []Control{{0, 48000}, {MaxBatchLines + 1, 48000}, {1, 0}, {1, relief.MaxFen + 1}} {
		_, _, err = SetControl(m.b, c, by(preparer))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	}
	for i, c := range []Control{{3, 144000}, {1, 48000}, {1, 48000}} {
		var changed bool
		m.b, changed, err = SetControl(m.b, c, by(preparer))
		require.NoError(t, err)
		require.Equal(t, i < 2, changed)
	}
	m.b, m.tr, _, err = SealBatch(m.b, m.tr, m.count(), by(preparer))
	require.NoError(t, err)
	require.ErrorIs(t, m.b.MayRemove(by(preparer)), &relief.Error{Code: relief.CodeWrongState})
	_, _, err = SetControl(m.b, Control{2, 96000}, by(preparer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
}

// A batch is sent back from each state before the bank is told. Its money is free, its lines stay, and the approvals of the
// round before do not count.
func TestABatchIsSentBack(t *testing.T) {
	for i, from := range []BatchState{BatchSealed, BatchApproved, BatchAuthorised} {
		m := newMonth(t, 2)
		m.open("b", "", 2, 96000)
		m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
		_, _, _, err := SendBack(m.b, m.tr, "名单有误", by(approver))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
		m.b, m.tr, _, _ = SealBatch(m.b, m.tr, m.count(), by(preparer))
		if i > 0 {
			m.b, _, _ = ApproveBatch(m.b, by(approver))
		}
		if i > 1 {
			m.b, _, _ = MakeFile(m.b, m.file(), &relief.DefaultCalendar, by(cashier))
			m.b, _, _ = AuthoriseBatch(m.b, fileHash, by(treasurer))
		}
		require.Equal(t, from, m.b.State)
		who, duty, list, acts := approver, relief.ActPaymentApprove, m.b.LinesSHA256, len(m.b.Acts)
		if i > 0 {
			who, duty = treasurer, relief.ActPaymentAuthorise
		}
		require.Equal(t, duty, m.b.SendBackDuty())
		_, _, _, err = SendBack(m.b, m.tr, "", by(who))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
		var changed bool
		m.b, m.tr, changed, err = SendBack(m.b, m.tr, "名单有误", by(who))
		require.NoError(t, err)
		require.True(t, changed)
		_, _, changed, err = SendBack(m.b, m.tr, "名单有误", by(who))
		require.NoError(t, err)
		require.False(t, changed, "sent again")
		require.Equal(t, BatchOpen, m.b.State)
		require.Equal(t, []SentBack{{"名单有误", list, acts}}, m.b.SentBack)
		require.Equal(t, []any{Totals{}, "", "", (*File)(nil)}, []any{m.b.Totals, m.b.LinesSHA256, m.b.FileSHA256, m.b.File})
		require.Equal(t, i > 1, len(m.b.TakenBack) == 1, "a file is not used again")
		require.Zero(t, m.tr[0].Balances.Reserved)
		require.NoError(t, m.tr[0].Balances.Check())
		_, _, err = ApproveBatch(m.b, by(approver))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState}, "the approval does not count")

		m.remove(1)
		m.b, _, err = SetControl(m.b, Control{1, 48000}, by(preparer))
		require.NoError(t, err)
		m.b, m.tr, _, err = SealBatch(m.b, m.tr, m.count(), by(preparer))
		require.NoError(t, err)
		require.NotEqual(t, list, m.b.LinesSHA256)
		_, _, err = ApproveBatch(m.b, by(preparer))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeSamePerson})
		m.b, _, err = ApproveBatch(m.b, by(approver))
		require.NoError(t, err, "who sent it back may approve it")
		again := m.file()
		again.MessageID, again.Count, again.Sum = "RT-2", 1, 48000
		m.b, _, err = MakeFile(m.b, again, &relief.DefaultCalendar, by(cashier))
		require.NoError(t, err)
		m.b, _, err = AuthoriseBatch(m.b, again.FileSHA256, by(treasurer))
		require.NoError(t, err)
		m.b, _, err = InstructBatch(m.b, &relief.DefaultCalendar, by(cashier))
		require.NoError(t, err)
		_, _, _, err = SendBack(m.b, m.tr, "太晚", by(treasurer))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState}, "the bank has been told")
	}
}

// heir is an official of civil affairs who takes a batch over.
func heir(name string) relief.Official {
	return relief.Official{Agency: "CivilAffairsMSP", ID: name, Name: name}
}

// Whoever ever prepared a batch never approves it, and who approved it never prepares it.
func TestABatchIsHandedOver(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	forbidden, same := &relief.Error{Code: relief.CodeForbidden}, &relief.Error{Code: relief.CodeSamePerson}
	_, _, err := HandOver(m.b, heir("civil-deputy"), false, by(deputy))
	require.ErrorIs(t, err, forbidden, "another preparer takes nothing over")
	_, _, err = HandOver(m.b, heir("civil-deputy"), true, by(relief.Official{Agency: "FinanceMSP", ID: "x", Name: "x", Region: "53"}))
	require.ErrorIs(t, err, forbidden, "another agency")
	_, _, err = HandOver(m.b, heir("civil-deputy"), true, by(relief.Official{Agency: "CivilAffairsMSP", ID: "x", Name: "x", Region: "530129"}))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeRegion})
	_, _, err = HandOver(m.b, heir("civil-preparer"), false, by(preparer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid}, "who prepares it already")
	for i := range 2 {
		var changed bool
		m.b, changed, err = HandOver(m.b, heir("civil-deputy"), true, by(approver))
		require.NoError(t, err)
		require.Equal(t, i == 0, changed)
	}
	require.Equal(t, []relief.Official{heir("civil-preparer"), heir("civil-deputy")}, m.b.Preparers)
	require.ErrorIs(t, m.b.MayAdd(by(preparer)), forbidden)
	require.NoError(t, m.b.MayAdd(by(deputy)))
	m.b, m.tr, _, err = SealBatch(m.b, m.tr, m.count(), by(deputy))
	require.NoError(t, err)
	for _, p := range []relief.Official{preparer, deputy} {
		_, _, err = ApproveBatch(m.b, by(p))
		require.ErrorIs(t, err, same, p.Name)
	}
	m.b, _, err = ApproveBatch(m.b, by(approver))
	require.NoError(t, err, "who handed it over is no preparer")
	m.b, m.tr, _, err = SendBack(m.b, m.tr, "名单有误", by(treasurer))
	require.NoError(t, err)
	_, _, err = HandOver(m.b, heir("civil-approver"), true, by(second))
	require.ErrorIs(t, err, same, "who approved the batch in an earlier round")
	m.b, _, err = HandOver(m.b, heir("civil-preparer"), false, by(deputy))
	require.NoError(t, err)
	m.b, _, err = HandOver(m.b, heir("civil-second-approver"), false, by(preparer))
	require.NoError(t, err)
	m.b, m.tr, _, err = SealBatch(m.b, m.tr, m.count(), by(second))
	require.NoError(t, err)
	for _, p := range []relief.Official{preparer, deputy, second} {
		_, _, err = ApproveBatch(m.b, by(p))
		require.ErrorIs(t, err, same, p.Name)
	}
}

// Before it is handed over, a batch is prepared by the official who opened it.
func TestTheOpenerPreparesABatch(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	require.Empty(t, m.b.Preparers)
	require.NoError(t, m.b.MayAdd(by(preparer)))
	m.b, _, _ = HandOver(m.b, heir("civil-deputy"), false, by(preparer))
	require.True(t, m.b.everPrepared(preparer))
	require.Equal(t, "civil-deputy", m.b.Preparer().Name)
}
