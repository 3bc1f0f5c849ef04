package payment

import (
	"strings"
	"testing"

	"relieftrail/chaincode/relief"

	"github.com/stretchr/testify/require"
)

// A file that the bank rejects as a whole is taken back by two of finance and goes out again as another file; no payment
// counts as returned.
func TestARejectedFileIsTakenBackByTwo(t *testing.T) {
	m := newMonth(t, 2)
	m.open("b", "", 2, 96000)
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
	m.sealToInstruct()
	balances := m.tr[0].Balances
	_, _, err := ConfirmTakeBack(m.b, m.count(), by(treasurer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodePending}, "nobody has asked")
	_, _, err = TakeBack(m.b, m.count(), "", by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	var changed bool
	for i, reason := range []string{"整批退回 DT01", "整批退回 DT01", "撤回"} {
		m.b, changed, err = TakeBack(m.b, m.count(), reason, by(cashier))
		require.NoError(t, err)
		require.Equal(t, i != 1, changed, "%d", i)
	}
	require.Equal(t, BatchInstructed, m.b.State)
	_, _, err = ConfirmTakeBack(m.b, m.count(), by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeSamePerson})

	asked := *m
	m.settle(credited(0, 1))
	_, _, err = ConfirmTakeBack(m.b, m.count(), by(treasurer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState}, "a payment has an answer")
	_, _, err = TakeBack(m.b, m.count(), "撤回", by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})

	m = &asked
	sent := m.file().File
	m.b, changed, err = ConfirmTakeBack(m.b, m.count(), by(treasurer))
	require.NoError(t, err)
	require.True(t, changed)
	_, changed, err = ConfirmTakeBack(m.b, m.count(), by(treasurer))
	require.NoError(t, err)
	require.False(t, changed, "sent again")
	require.Equal(t, BatchApproved, m.b.State)
	require.Equal(t, []TakenFile{{fileHash, sent, "撤回"}}, m.b.TakenBack)
	require.Equal(t, []any{"", (*File)(nil), ""}, []any{m.b.FileSHA256, m.b.File, m.b.TakeBackReason})
	count := m.count()
	require.Equal(t, Totals{Listed: 2, ListedSum: 96000, Pending: 2, PendingSum: 96000}, count.totals())
	require.Equal(t, balances, m.tr[0].Balances)
	require.ErrorIs(t, m.b.MaySettle(by(cashier)), &relief.Error{Code: relief.CodeWrongState}, "a late answer")

	again := m.file()
	_, _, err = MakeFile(m.b, again, &relief.DefaultCalendar, by(cashier))
	require.ErrorContains(t, err, "message_id", "another file has another message id")
	again.MessageID, again.FileSHA256 = "RT-2", strings.Repeat("cd", 32)
	m.b, _, err = MakeFile(m.b, again, &relief.DefaultCalendar, by(cashier))
	require.NoError(t, err)
	m.b, _, err = AuthoriseBatch(m.b, again.FileSHA256, by(treasurer))
	require.NoError(t, err)
	m.b, _, err = InstructBatch(m.b, &relief.DefaultCalendar, by(cashier))
	require.NoError(t, err)
	m.settle(credited(0, 1), credited(1, 1))
	require.Equal(t, relief.Fen(96000), m.tr[0].Balances.Paid)
}
