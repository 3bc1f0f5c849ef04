package walls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What opens the seals of personal data is made in the package reading alone, which records each reading before it gives
// anything. Tests may open what they have sealed.
func TestPersonalDataAreOpenedInOnePlace(t *testing.T) {
	const root = "../../.."
	found := false
	for _, dir := range []string{"gateway", "network", "chaincode"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			require.NoError(t, err)
			folder := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), root+"/"))
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				name, ok := call.Fun.(*ast.SelectorExpr)
				if ok && name.Sel.Name == "Opener" {
					require.Equal(t, "gateway/internal/reading", folder, "%s opens personal data beside the record of readings", path)
					found = true
				}
				return true
			})
			return nil
		}))
	}
	require.True(t, found)
}
