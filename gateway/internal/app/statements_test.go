package app_test

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/rfc6962"

	"relieftrail/chaincode/receipt"
)

// statements waits until every gateway has cosigned so many statements, and reads them as a stranger does: the bundle of entries held
// against the tile of their hashes, and each held against the log that all agencies have signed. The three gateways give the same.
func (w *world) statements(count int) []string {
	w.t.Helper()
	var entries []string
	for _, name := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
		ask := func(path string) answer { return w.do(name, call{method: http.MethodGet, path: path}) }
		require.Eventually(w.t, func() bool {
			a := ask("/statements/checkpoint")
			head, rest, ok := strings.Cut(string(a.body), "\n")
			size, _, _ := strings.Cut(rest, "\n")
			return ok && head == testOrigin+"/statements" && size == jsonOf(count)
		}, 10*time.Second, 10*time.Millisecond, name)
		require.Equal(w.t, http.StatusNotFound, ask("/statements/tile/entries/000.p/"+jsonOf(count+1)).StatusCode)
		require.Equal(w.t, http.StatusNotFound, ask("/log/tile/entries/000.p/"+jsonOf(count)).StatusCode)
		bundle, hashes := ask("/statements/tile/entries/000.p/"+jsonOf(count)), ask("/statements/tile/0/000.p/"+jsonOf(count))
		require.Equal(w.t, http.StatusOK, bundle.StatusCode, string(bundle.body))
		policy, err := receipt.ParsePolicy(ask("/public/v1/statement-keys?format=policy").body)
		require.NoError(w.t, err)
		var own []string
		for rest := bundle.body; len(rest) > 0; {
			n := int(binary.BigEndian.Uint16(rest))
			own, rest = append(own, string(rest[2:2+n])), rest[2+n:]
		}
		require.Len(w.t, own, count)
		for i, text := range own {
			hash := rfc6962.DefaultHasher.HashLeaf([]byte(text))
			require.Equal(w.t, hash, hashes.body[32*i:32*i+32])
			w.provenStatement(ask("/public/v1/statements/"+hex.EncodeToString(hash)), [32]byte(hash), i, policy)
		}
		require.True(w.t, entries == nil || strings.Join(entries, "\n") == strings.Join(own, "\n"), name)
		entries = own
		page := ask("/statements")
		require.Equal(w.t, http.StatusOK, page.StatusCode)
		require.Less(w.t, len(page.body), 60_000)
		require.Contains(w.t, string(page.body), "月度结账")
	}
	return entries
}

func (w *world) provenStatement(a answer, hash [32]byte, index int, policy *receipt.Policy) {
	w.t.Helper()
	var p struct {
		Index      int
		Path       []string
		Checkpoint string
	}
	require.Equal(w.t, http.StatusOK, a.StatusCode, string(a.body))
	require.NoError(w.t, json.Unmarshal(a.body, &p))
	require.Equal(w.t, index, p.Index)
	path := ""
	for _, node := range p.Path {
		path += node + "\n"
	}
	result, err := receipt.VerifyHash(hash, []byte("c2sp.org/tlog-proof@v1\nindex "+jsonOf(p.Index)+"\n"+path+"\n"+p.Checkpoint), policy)
	require.NoError(w.t, err)
	require.Len(w.t, result.Signers, 3)
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // numbers
	}
	return string(text)
}
