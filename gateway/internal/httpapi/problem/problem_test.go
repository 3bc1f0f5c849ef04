package problem

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
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
			require.NotContains(t, text.Zh+text.En, separator, k.Slug)
		}
	}
}

// Every code that the domain has, found in its source, has its kind and its Chinese sentence.
func TestEveryRefusalOfTheContractsIsInBothLanguages(t *testing.T) {
	codes := codesOfTheDomain(t)
	require.Len(t, refusals, len(codes))
	for _, code := range codes {
		r, ok := refusals[code]
		require.True(t, ok, "%s has no kind", code)
		require.Regexp(t, chinese, r.zh, code)
		d := Of(relief.Errorf(code, "the reason"))
		require.Equal(t, r.kind.URI(), d.Type)
		if code == relief.CodeCorrupt {
			require.Empty(t, d.Detail, "an internal error says nothing")
			continue
		}
		require.Equal(t, r.zh+"。 · the reason", d.Detail)
	}
	require.Equal(t, "金额（amount）：不符合规则。 · the reason", Of(relief.FieldErrorf("amount", "the reason")).Detail)
	require.Equal(t, "家庭成员的身份证号（members.id_number）：不符合规则。 · x", Of(relief.FieldErrorf("members.id_number", "x")).Detail)
	reason := relief.LineIDChecksum.Reason()
	require.Equal(t, reason, Of(relief.FieldErrorf("id_number", "%s", reason)).Detail, "in both languages already")
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
			codes = append(codes, relief.Code(literal(spec.Values[0])))
		}
		return true
	})
	require.NotEmpty(t, codes)
	return codes
}

// Every field that a refusal names, in the source of the domain, the contracts and the gateway, has its Chinese word.
func TestEveryFieldHasItsChineseName(t *testing.T) {
	fields := map[string]string{}
	for _, root := range []string{"../../../../chaincode", "../../../../gateway"} {
		eachFile(t, root, func(path string, file *ast.File) {
			ast.Inspect(file, func(n ast.Node) bool {
				if field := fieldIn(n); field != "" {
					fields[field] = path
				}
				for _, field := range fieldsOfBody(n) {
					fields[field] = path
				}
				return true
			})
		})
	}
	for _, row := range api.Rows() {
		for _, field := range jsonNames(row.Argument) {
			fields[field] = row.Name
		}
	}
	require.Greater(t, len(fields), 50)
	for field, path := range fields {
		for part := range strings.SplitSeq(field, ".") {
			assert.Contains(t, fieldWords, part, "%s names the field %s", path, field)
		}
	}
	for field, word := range fieldWords {
		require.Regexp(t, chinese, word, field)
	}
}

// jsonNames are the names that a type has in JSON, those of its parts too.
func jsonNames(t reflect.Type) (names []string) {
	if t == nil || !strings.HasPrefix(t.PkgPath(), "relieftrail/") && t.Kind() == reflect.Struct {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return jsonNames(t.Elem())
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" && name != "-" {
				names = append(append(names, name), jsonNames(f.Type)...)
			}
		}
	}
	return names
}

// fieldIn is the field that a call of FieldErrorf or OfField, or an Error in full, names as a literal.
func fieldIn(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.SelectorExpr:
			name = f.Sel.Name
		case *ast.Ident:
			name = f.Name
		}
		if (name == "FieldErrorf" || name == "OfField" || name == "InField") && len(n.Args) > 0 {
			return literal(n.Args[0])
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Field" {
			return literal(n.Value)
		}
	}
	return ""
}

// fieldsOfBody are the JSON names of a type that is the body of a request, or a part of one.
func fieldsOfBody(n ast.Node) (names []string) {
	spec, ok := n.(*ast.TypeSpec)
	if !ok || !strings.HasSuffix(spec.Name.Name, "Body") && !bodyParts[spec.Name.Name] {
		return nil
	}
	ast.Inspect(spec.Type, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok && f.Tag != nil {
			tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
			name, _, _ := strings.Cut(tag, ",")
			names = append(names, name)
		}
		return true
	})
	return names
}

// bodyParts are the types of bodies that are not named for it.
var bodyParts = map[string]bool{"targets": true, "Application": true, "Facts": true, "Member": true}

// Every reason that the gateway gives is written in Chinese first and in English second.
func TestEveryReasonIsInBothLanguages(t *testing.T) {
	reasons := 0
	eachFile(t, "..", func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			f, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || f.Sel.Name != "Because" && f.Sel.Name != "OfField" {
				return true
			}
			zh, en := words(call.Args[len(call.Args)-2]), words(call.Args[len(call.Args)-1])
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

// words are the literals of an expression.
func words(e ast.Expr) string {
	var b strings.Builder
	ast.Inspect(e, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok {
			b.WriteString(literal(l))
		}
		return true
	})
	return b.String()
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(l.Value)
	return text
}

func eachFile(t *testing.T, root string, do func(path string, file *ast.File)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		do(path, file)
		return nil
	}))
}

// What an internal error says goes to the log only.
func TestInternalErrorsSayNothing(t *testing.T) {
	for _, err := range []error{
		errors.New("secret"),
		&ledger.CommittedInvalid{Commit: ledger.Commit{TxID: "t", Code: "BAD_PAYLOAD"}},
		relief.Errorf(relief.CodeCorrupt, "secret"),
		relief.Errorf("UNKNOWN", "secret"),
	} {
		d := Of(err)
		require.Equal(t, Internal.URI(), d.Type)
		require.Empty(t, d.Detail)
	}
}
