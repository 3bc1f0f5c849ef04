package problem

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/sourcetest"
)

const chinese = `\p{Han}`

func TestEveryKindIsInBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		require.False(t, seen[k.Slug], "%s is there twice", k.Slug)
		seen[k.Slug] = true
		require.GreaterOrEqual(t, k.Status, 400, k.Slug)
		for _, text := range []Text{k.Title, k.Help} {
			require.Regexp(t, chinese, text.Zh, k.Slug)
			require.NotRegexp(t, chinese, text.En, k.Slug)
			require.NotEmpty(t, text.En, k.Slug)
			require.NotContains(t, text.Zh+text.En, bilingual.Separator, k.Slug)
		}
	}
}

// Every code that the domain has, found in its source, has its kind.
func TestEveryRefusalOfTheContractsIsInBothLanguages(t *testing.T) {
	codes := codesOfTheDomain(t)
	require.Len(t, refusals, len(codes))
	for _, code := range codes {
		kind, ok := refusals[code]
		require.True(t, ok, "%s has no kind", code)
		d := Of(relief.Errorf(code, "the reason"))
		require.Equal(t, kind.URI(), d.Type)
		if code == relief.CodeCorrupt {
			require.Equal(t, RecordUnreadable.Help.String(), d.Detail, "what is wrong with the value is for the log")
			continue
		}
		require.Equal(t, bilingual.Refusal(relief.Errorf(code, "the reason")), d.Detail)
	}
}

// codesOfTheDomain are the constants of the type Code.
func codesOfTheDomain(t *testing.T) (codes []relief.Code) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../../../chaincode/relief/errors.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			codes = append(codes, relief.Code(sourcetest.Literal(spec.Values[0])))
		}
		return true
	})
	require.NotEmpty(t, codes)
	return codes
}

// Every reason that the gateway gives is written in Chinese first and in English second.
func TestEveryReasonIsInBothLanguages(t *testing.T) {
	reasons := 0
	sourcetest.EachFile(t, "..", func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || f.Sel.Name != "Because" && f.Sel.Name != "OfField" {
				return true
			}
			zh, en := sourcetest.Words(call.Args[len(call.Args)-2]), sourcetest.Words(call.Args[len(call.Args)-1])
			if !strings.ContainsFunc(zh+en, unicode.IsLetter) { // made of values, which their own tests look at
				return true
			}
			reasons++
			require.Regexp(t, chinese, zh, path)
			require.NotRegexp(t, chinese, en, path)
			return true
		})
	})
	require.Greater(t, reasons, 50)
}

// What an internal error says goes to the log only.
func TestInternalErrorsSayNothing(t *testing.T) {
	for _, err := range []error{
		errors.New("secret"),
		&ledger.CommittedInvalid{Commit: ledger.Commit{TxID: "t", Code: "BAD_PAYLOAD"}},
		relief.Errorf("UNKNOWN", "secret"),
	} {
		d := Of(err)
		require.Equal(t, Internal.URI(), d.Type)
		require.Empty(t, d.Detail)
	}
	require.NotContains(t, Of(relief.Errorf(relief.CodeCorrupt, "secret")).Detail, "secret")
}

// A value on the ledger that cannot be read is named, whoever noticed it.
func TestAnUnreadableRecordIsNamed(t *testing.T) {
	d := Of(fmt.Errorf("reading: %w", &index.Unreadable{Kind: "roll", Key: "dibao/530181/0000012", Block: 7, Reason: "secret"}))
	require.Equal(t, RecordUnreadable.URI(), d.Type)
	require.Equal(t, 409, d.Status)
	require.Contains(t, d.Detail, "roll/dibao/530181/0000012 自区块 7 起无法读取")
	require.Contains(t, d.Detail, "cannot be read since block 7")
	require.NotContains(t, d.Detail, "secret")
}
