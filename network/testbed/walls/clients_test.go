package walls

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clients are the ways in which a program comes to an HTTP client.
var clients = regexp.MustCompile(`http\.(Client\{|DefaultClient|DefaultTransport|Get\(|Post\(|PostForm\(|Head\()`)

// A server that was asked must not send the question to another one: a redirect would carry tokens, identity numbers or the
// gateway's place in the network there. The gateway's clients are made in one package; the operator's tools, which may not
// link the gateway, turn redirects off where they make one.
func TestNobodyFollowsRedirects(t *testing.T) {
	root := "../../.."
	for _, top := range []string{"gateway", "network", "chaincode"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil || strings.HasPrefix(name, "network/testbed/") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			made := clients.FindAllString(string(text), -1)
			switch {
			case top == "gateway" && name != "gateway/internal/httpclient/client.go":
				require.Empty(t, made, "%s makes a client of its own: take httpclient.New", name)
			case len(made) > 0:
				require.Equal(t, []string{"http.Client{"}, made, name)
				require.Contains(t, string(text), "http.ErrUseLastResponse", "%s makes a client that follows redirects", name)
			}
			return nil
		}))
	}
}
