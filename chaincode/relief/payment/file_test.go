package payment

import (
	"strings"
	"testing"

	"relieftrail/chaincode/relief"

	"github.com/stretchr/testify/require"
)

var fileHash = strings.Repeat("ab", 32)

// file is the payment file of the month's batch, to be carried out on the day of the tests.
func (m *month) file() FileTerms {
	return FileTerms{m.b.ID, fileHash, File{"RT-1", start, "2026-11-02", m.b.Control.Count, m.b.Control.Sum}}
}

// approved is a month whose batch of one payment has the approval of civil affairs.
func approved(t *testing.T) *month {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	var err error
	m.b, m.tr, _, err = SealBatch(m.b, m.tr, m.count(), by(preparer))
	require.NoError(t, err)
	_, _, err = MakeFile(m.b, m.file(), &relief.DefaultCalendar, by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState}, "civil affairs approves first")
	m.b, _, err = ApproveBatch(m.b, by(approver))
	require.NoError(t, err)
	return m
}

func TestARefusedFileSaysWhy(t *testing.T) {
	m := approved(t)
	calendar := relief.Calendar{UTCOffset: 480, Holidays: []relief.Day{"2026-11-05"}, Workdays: []relief.Day{"2026-11-07"}}
	for name, c := range map[string]struct {
		code   relief.Code
		field  string
		change func(f *FileTerms)
	}{
		"no hash":          {relief.CodeInvalid, "file_sha256", func(f *FileTerms) { f.FileSHA256 = "" }},
		"capital letters":  {relief.CodeInvalid, "file_sha256", func(f *FileTerms) { f.FileSHA256 = strings.ToUpper(fileHash) }},
		"no message id":    {relief.CodeInvalid, "message_id", func(f *FileTerms) { f.MessageID = "" }},
		"a long one":       {relief.CodeInvalid, "message_id", func(f *FileTerms) { f.MessageID = strings.Repeat("x", 36) }},
		"another count":    {relief.CodeTotals, "", func(f *FileTerms) { f.Count = 2 }},
		"another sum":      {relief.CodeTotals, "", func(f *FileTerms) { f.Sum++ }},
		"no day":           {relief.CodeInvalid, "execute_on", func(f *FileTerms) { f.ExecuteOn = "" }},
		"yesterday":        {relief.CodeInvalid, "execute_on", func(f *FileTerms) { f.ExecuteOn = "2026-11-01" }},
		"a Sunday":         {relief.CodeInvalid, "execute_on", func(f *FileTerms) { f.ExecuteOn = "2026-11-08" }},
		"a public holiday": {relief.CodeInvalid, "execute_on", func(f *FileTerms) { f.ExecuteOn = "2026-11-05" }},
	} {
		in := m.file()
		c.change(&in)
		_, changed, err := MakeFile(m.b, in, &calendar, by(cashier))
		var refused *relief.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, []string{string(c.code), c.field}, []string{string(refused.Code), refused.Field}, name)
		require.False(t, changed)
	}
	in := m.file()
	in.ExecuteOn = "2026-11-07"
	_, _, err := MakeFile(m.b, in, &calendar, by(cashier))
	require.NoError(t, err, "a Saturday that is worked")
}

// What finance authorises is one file, and that file is sent.
func TestFinanceAuthorisesOneFile(t *testing.T) {
	m := approved(t)
	calendar := &relief.DefaultCalendar
	_, _, err := AuthoriseBatch(m.b, fileHash, by(treasurer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodePending}, "there is no file yet")
	m.b, _, err = MakeFile(m.b, m.file(), calendar, by(cashier))
	require.NoError(t, err)
	_, changed, err := MakeFile(m.b, m.file(), calendar, by(cashier))
	require.NoError(t, err)
	require.False(t, changed, "sent again")

	_, _, err = AuthoriseBatch(m.b, strings.Repeat("cd", 32), by(treasurer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeConflict}, "another file")
	_, _, err = AuthoriseBatch(m.b, "", by(treasurer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	_, _, err = AuthoriseBatch(m.b, fileHash, by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeSamePerson}, "who made it")
	m.b, _, err = AuthoriseBatch(m.b, fileHash, by(treasurer))
	require.NoError(t, err)
	_, _, err = AuthoriseBatch(m.b, strings.Repeat("cd", 32), by(treasurer))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeConflict}, "sent again with another file")

	// Another file takes its place, and what was authorised is not authorised any more.
	second := relief.Official{Agency: "FinanceMSP", ID: "finance-second", Name: "finance-second", Role: "preparer", Region: "53"}
	other := m.file()
	other.FileSHA256, other.MessageID, other.ExecuteOn = strings.Repeat("cd", 32), "RT-2", "2026-11-03"
	m.b, _, err = MakeFile(m.b, other, calendar, by(second))
	require.NoError(t, err)
	require.Equal(t, BatchApproved, m.b.State)
	_, _, err = InstructBatch(m.b, calendar, by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	for _, maker := range []relief.Official{cashier, second} {
		_, _, err = AuthoriseBatch(m.b, other.FileSHA256, by(maker))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeSamePerson}, "who made one of the files")
	}
	m.b, _, err = AuthoriseBatch(m.b, other.FileSHA256, by(treasurer))
	require.NoError(t, err)

	late := by(cashier)
	late.At = start.AddDate(0, 0, 2)
	_, _, err = InstructBatch(m.b, calendar, late)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeLate})
	late.At = start.AddDate(0, 0, 1)
	m.b, _, err = InstructBatch(m.b, calendar, late)
	require.NoError(t, err)
	require.Equal(t, other.FileSHA256, m.b.FileSHA256)
	_, _, err = MakeFile(m.b, m.file(), calendar, by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState}, "the bank has been told")
}

// An earlier version authorised batches without a file: they get one before the bank is told.
func TestABatchAuthorisedWithoutAFileNeedsOne(t *testing.T) {
	m := approved(t)
	m.b.State = BatchAuthorised
	_, _, err := InstructBatch(m.b, &relief.DefaultCalendar, by(cashier))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodePending})
	m.b, _, err = MakeFile(m.b, m.file(), &relief.DefaultCalendar, by(cashier))
	require.NoError(t, err)
	require.Equal(t, BatchApproved, m.b.State)
}
