package bankdesk

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/bilingual/bilingualtest"
	"relieftrail/gateway/internal/jobs"
)

// Every reason of the desk, and every problem of an entry, found in the source, has its words.
func TestEveryReasonIsInBothLanguages(t *testing.T) {
	reasons := append(constants(t, "reasons.go", "Reason"), constants(t, "../../bankfile/bank.go", "Problem")...)
	require.Len(t, reasonWords, len(reasons))
	for _, reason := range reasons {
		require.Contains(t, reasonWords, Reason(reason))
		require.True(t, bilingual.Complete(Reason(reason).Words().String()), reason)
	}
	require.True(t, bilingual.Complete(Reason("other").Words().String()))
}

// constants are the values of a type's constants that are not empty.
func constants(t *testing.T, path, kind string) (values []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == kind {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			if value != "" {
				values = append(values, value)
			}
		}
		return true
	})
	require.NotEmpty(t, values)
	return values
}

func TestEveryRefusalOfTheDeskIsInBothLanguages(t *testing.T) {
	require.GreaterOrEqual(t, bilingualtest.Refusals(t, "."), 4)
	for _, text := range []string{
		refusedBy("金额 · the amount").String(), refusedBy("").String(), failureText(relief.Errorf(relief.CodeTotals, "x")),
		failedJob(&jobs.Job{ID: "7", Error: "文件 · the file"}), failureText(&jobFailed{failedJob(&jobs.Job{Error: "x"})}),
		failureText(errors.Join(relief.Errorf(relief.CodeFunds, "x"))),
	} {
		require.True(t, bilingual.Complete(text), text)
	}
	require.Equal(t, "任务 7：文件 · job 7: the file", failedJob(&jobs.Job{ID: "7", Error: "文件 · the file"}))
}

func TestEveryDiscrepancyIsInBothLanguages(t *testing.T) {
	batch := BatchReconciliation{State: payment.BatchSealed, OpenExceptions: Tally{Count: 1}}
	batch.Pending.Count = 1
	batch.find()
	differs := BatchReconciliation{}
	differs.Statements.Files, differs.Credited.Sum = []string{"f"}, 1
	differs.find()
	account := AccountReconciliation{OpenExceptions: Tally{Count: 1}}
	account.Pending.Count = 1
	account.find()
	one, two := bankfile.Balance(1), bankfile.Balance(2)
	chained := AccountReconciliation{Statements: []StatementLine{
		{Statement: bankfile.Statement{ID: "a", Sequence: 1, Opening: &one, Closing: &two}},
		{Statement: bankfile.Statement{ID: "b", Sequence: 3, Opening: &one}},
	}}
	chained.Credited.Sum = 1
	chained.find()
	codes := map[string]bool{}
	for _, list := range [][]Discrepancy{
		batch.Discrepancies, differs.Discrepancies, account.Discrepancies, chained.Discrepancies,
	} {
		for _, d := range list {
			codes[d.Code] = true
			require.True(t, bilingual.Complete(d.Text), "%s: %s", d.Code, d.Text)
		}
	}
	require.Len(t, codes, 10, codes)
}
