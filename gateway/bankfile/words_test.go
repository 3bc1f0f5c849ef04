package bankfile

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every refusal of a bank's file is said in Chinese too, and the table has no others.
func TestEveryRefusalIsSaidInChinese(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	call := regexp.MustCompile(`errorf\(Code[A-Za-z]+, [^"]*?"((?:[^"\\]|\\.)*)"`)
	said := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, found := range call.FindAllStringSubmatch(string(source), -1) {
			said[found[1]] = true
			require.NotEmpty(t, chinese[found[1]], found[1])
		}
		require.Len(t, call.FindAllString(string(source), -1), strings.Count(string(source), "errorf(Code"), name)
	}
	for words := range chinese {
		require.True(t, said[words], words)
	}
	require.Equal(t, "表头缺少列“金额”", errorf(CodeContent, 1, "the header lacks the column %s", "金额").Zh)
}
