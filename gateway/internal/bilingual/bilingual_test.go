package bilingual

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/sourcetest"
)

const chinese = `\p{Han}`

func TestTexts(t *testing.T) {
	require.Equal(t, "没有 7 · no 7", Textf("没有 %d", "no %d", 7).String())
	require.Equal(t, Text{"无效", "not valid"}, Both("无效", "not valid"))
	require.Equal(t, Text{"别的", "other"}, Both("无效", "别的 · other"), "in both languages already")
	for text, want := range map[string]bool{
		"别的 · other": true, "other · 别的": false, "别的": false, "别的 · ": false, "one · two": false, "": false,
	} {
		require.Equal(t, want, Complete(text), text)
	}
}

// Every code that the domain has, found in its source, has its Chinese sentence.
func TestEveryRefusalOfTheContractsIsInBothLanguages(t *testing.T) {
	codes := codesOfTheDomain(t)
	require.Len(t, codeWords, len(codes))
	for _, code := range codes {
		require.Regexp(t, chinese, codeWords[code], code)
		require.Equal(t, codeWords[code]+"。 · the reason", Refusal(relief.Errorf(code, "the reason")))
	}
	require.Equal(t, "金额（amount）：不符合规则。 · the reason", Refusal(relief.FieldErrorf("amount", "the reason")))
	require.Equal(t, "家庭成员的身份证号（members.id_number）：不符合规则。 · x", Refusal(relief.FieldErrorf("members.id_number", "x")))
	reason := relief.LineIDChecksum.Reason()
	require.Equal(t, reason, Refusal(relief.FieldErrorf("id_number", "%s", reason)), "in both languages already")
	require.True(t, Complete(Refusal(relief.Errorf("UNKNOWN", "x"))))
}

func TestCodedKeepsCodeAndField(t *testing.T) {
	coded := Coded(relief.FieldErrorf("amount", "the reason"))
	require.Equal(t, "INVALID[amount]: 金额（amount）：不符合规则。 · the reason", coded)
	back := relief.ParseError(coded)
	require.Equal(t, relief.CodeInvalid, back.Code)
	require.Equal(t, "amount", back.Field)
	require.Equal(t, back.Detail, Refusal(back))
}

// codesOfTheDomain are the constants of the type Code.
func codesOfTheDomain(t *testing.T) (codes []relief.Code) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../../chaincode/relief/errors.go", nil, 0)
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

// Every field that a refusal names, in the source of the domain, the contracts and the gateway, has its Chinese word.
func TestEveryFieldHasItsChineseName(t *testing.T) {
	fields := map[string]string{}
	for _, root := range []string{"../../../chaincode", "../../../gateway"} {
		sourcetest.EachFile(t, root, func(path string, file *ast.File) {
			ast.Inspect(file, func(n ast.Node) bool {
				if field := fieldIn(n); field != "" {
					fields[field] = path
				}
				for _, field := range fieldsOfBody(file.Name.Name, n) {
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
			return sourcetest.Literal(n.Args[0])
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Field" {
			return sourcetest.Literal(n.Value)
		}
	}
	return ""
}

// fieldsOfBody are the JSON names of a type that is the body of a request, or a part of one.
func fieldsOfBody(pkg string, n ast.Node) (names []string) {
	spec, ok := n.(*ast.TypeSpec)
	if !ok || !strings.HasSuffix(spec.Name.Name, "Body") && !bodyParts[pkg+"."+spec.Name.Name] {
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
var bodyParts = map[string]bool{
	"api.Facts": true, "casework.Application": true, "seal.Application": true, "seal.Facts": true, "seal.Member": true,
}
