package bilingualtest

import (
	"go/ast"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/sourcetest"
)

// Refusals checks the refusals that a package makes itself, by Errorf and FieldErrorf of package relief: each says in
// both languages what is wrong. A detail that is made of values only is left to the tests of where they come from. It
// returns how many refusals there are.
func Refusals(t *testing.T, dir string) (found int) {
	t.Helper()
	eachCall(t, dir, func(path string, call *ast.CallExpr) {
		if name := called(call); name != "relief.Errorf" && name != "relief.FieldErrorf" || len(call.Args) < 2 {
			return
		}
		if code, ok := call.Args[0].(*ast.SelectorExpr); ok && code.Sel.Name == "CodeCorrupt" {
			return // an internal error, which callers never see
		}
		text := sourcetest.Words(call.Args[1])
		if !strings.ContainsFunc(withoutVerbs(text), isLetter) {
			return
		}
		found++
		require.True(t, bilingual.Complete(text), "%s: %q has no Chinese half", path, text)
	})
	return found
}

// Pairs checks the calls of a function whose arguments at and at + 1 are a Chinese and an English text. It returns how
// many calls there are.
func Pairs(t *testing.T, dir, function string, at int) (found int) {
	t.Helper()
	eachCall(t, dir, func(path string, call *ast.CallExpr) {
		if called(call) != function || len(call.Args) < at+2 {
			return
		}
		zh, en := sourcetest.Words(call.Args[at]), sourcetest.Words(call.Args[at+1])
		if !strings.ContainsFunc(zh+en, isLetter) {
			return
		}
		found++
		require.Regexp(t, `\p{Han}`, zh, path)
		require.NotRegexp(t, `\p{Han}`, en, path)
		require.Regexp(t, `[a-z]`, en, path)
	})
	return found
}

// eachCall visits the calls in the package's own files; packages below it have tests of their own.
func eachCall(t *testing.T, dir string, visit func(path string, call *ast.CallExpr)) {
	t.Helper()
	sourcetest.EachFile(t, dir, func(path string, file *ast.File) {
		if filepath.Dir(path) != filepath.Clean(dir) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				visit(path, call)
			}
			return true
		})
	})
}

// called is the name of the function that is called, with its package or receiver.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
	}
	return ""
}

var verb = regexp.MustCompile(`%[-+# 0]*[a-zA-Z]`)

func withoutVerbs(text string) string { return verb.ReplaceAllString(text, "") }

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x2000 }
