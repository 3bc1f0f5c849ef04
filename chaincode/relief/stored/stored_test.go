package stored

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// collectionKinds are the kinds of which public state has no value.
var collectionKinds = []string{relief.KindFacts, relief.KindCaseDetails}

// kindsOfKeys are all kinds, as relief/keys.go declares them.
func kindsOfKeys(t *testing.T) (kinds []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../keys.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || len(spec.Names[0].Name) < 5 || spec.Names[0].Name[:4] != "Kind" {
			return true
		}
		kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		require.NoError(t, err)
		kinds = append(kinds, kind)
		return true
	})
	require.Greater(t, len(kinds), 30)
	return kinds
}

// Every kind of key has a reader, which refuses what is no value of the kind under whatever key.
func TestEveryKindHasAReader(t *testing.T) {
	kinds := kindsOfKeys(t)
	require.Len(t, readers, len(kinds)-len(collectionKinds))
	for _, kind := range kinds {
		for _, attrs := range [][]string{nil, {""}, {"dibao"}, {"dibao", "530181"}, {"dibao", "530181", "0000000"}, {"a", "b", "c", "d", "e"}} {
			for _, value := range [][]byte{nil, []byte("null"), []byte(`"x"`), []byte("not a value"), {0xff}, []byte(`[7]`)} {
				if value == nil && (kind == relief.KindRoll || kind == relief.KindPayees || kind == relief.KindLines || kind == relief.KindFurther) {
					continue // no value is an empty segment
				}
				err := Check(relief.Key{Kind: kind, Attrs: attrs}, value)
				require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, "%s %q %q", kind, attrs, value)
			}
		}
	}
	require.Error(t, Check(relief.Key{Kind: "new"}, []byte("{}")), "a kind that nobody knows")
}

// A record under another record's key is corrupt, and so is one without what every act relies on.
func TestARecordBelongsToItsKey(t *testing.T) {
	need := `{"id":"n1","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","region":"530181","programme":"dibao","source":"d","acts":[{"act":"need.find"}]}`
	require.NoError(t, Check(relief.NeedKey("n1"), []byte(need)))
	require.Error(t, Check(relief.NeedKey("n2"), []byte(need)))
	require.Error(t, Check(relief.NeedKey("n1"), []byte(`{"id":"n1","acts":[]}`)))
	require.Error(t, Check(relief.CaseKey("c1"), []byte(`{"id":"c1","members":[],"acts":[{"act":"case.apply"}]}`)))
	require.NoError(t, Check(relief.DutyKey("read"), []byte(`[{"act":"read","agency":"A","roles":["r"]}]`)))
	require.Error(t, Check(relief.DutyKey("read"), []byte(`[{"act":"case.apply","agency":"A","roles":["r"]}]`)))
}

// A segment whose numbers are those of another segment or of no roll does not fit.
func TestSegmentsFit(t *testing.T) {
	key := relief.PayeesKey("dibao", "530181", 1)
	require.NoError(t, Fits(key, nil, 4))
	require.Error(t, Fits(relief.PayeesKey("dibao", "530181", 9_999_999), nil, 1000))
	require.Error(t, Fits(relief.PayeesKey("dibao", "530100", 1), nil, 4), "530100 is no county")
}
