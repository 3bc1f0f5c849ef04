package web_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/web"
	"relieftrail/network/testbed/browser"
)

// notary is the log of statements that three agencies sign, of two entries.
type notary struct {
	policy     string
	checkpoint string
	entries    [2]string
	hashes     [2]tlog.Hash
}

// checkingPages are the pages with the verifier for the browser.
func checkingPages(t *testing.T) *web.Pages {
	t.Helper()
	dir, err := verifier()
	require.NoError(t, err)
	pages, err := web.New([]byte(document), nil, dir, "", web.Apart{})
	require.NoError(t, err)
	return pages
}

const statementsOrigin = "relief.test/log/statements"

func newNotary(t *testing.T, entries [2]string) *notary {
	t.Helper()
	n := &notary{entries: entries}
	for i, text := range entries {
		n.hashes[i] = sha256.Sum256(append([]byte{0}, text...))
	}
	key := func(seed byte) ed25519.PrivateKey {
		return ed25519.NewKeyFromSeed(append([]byte{seed}, make([]byte, ed25519.SeedSize-1)...))
	}
	public := func(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) } //nolint:forcetypeassert // it is one
	log, err := receipt.LogKey(statementsOrigin, public(key(1)))
	require.NoError(t, err)
	signer, err := receipt.NewLogSigner(statementsOrigin, key(1))
	require.NoError(t, err)
	signers, members := []note.Signer{signer}, ""
	n.policy = "# " + statementsOrigin + "\nlog " + log.String() + "\n"
	for i, agency := range []string{"民政局", "财政局", "审计局"} {
		k, err := receipt.CosignerKey(statementsOrigin+"/"+agency, public(key(byte(i+2))))
		require.NoError(t, err)
		name := receipt.AgencyName(agency, "Agency "+string(rune('A'+i)))
		n.policy += "witness " + name + " " + k.String() + "\n"
		members += " " + name
		cosigner, err := receipt.NewCosigner(statementsOrigin+"/"+agency, key(byte(i+2)), time.Now)
		require.NoError(t, err)
		signers = append(signers, cosigner)
	}
	n.policy += "group agencies all" + members + "\nquorum agencies\n"
	c := receipt.Checkpoint{Origin: statementsOrigin, Size: 2, Root: tlog.NodeHash(n.hashes[0], n.hashes[1])}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signers...)
	require.NoError(t, err)
	n.checkpoint = string(signed)
	return n
}

// serve answers as a gateway does about the log of statements.
func (n *notary) serve(mux *http.ServeMux, pages *web.Pages) {
	mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) {
		if !pages.Asset(w, r, r.PathValue("name")) {
			http.NotFound(w, r)
		}
	})
	mux.HandleFunc("GET /public/v1/statement-keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(n.policy)) })
	mux.HandleFunc("GET /public/v1/statements/{hash}", func(w http.ResponseWriter, r *http.Request) {
		for i, h := range n.hashes {
			if r.PathValue("hash") == hex.EncodeToString(h[:]) {
				_ = json.NewEncoder(w).Encode(map[string]any{
					"index": i, "path": []string{base64.StdEncoding.EncodeToString(n.hashes[1-i][:])}, "checkpoint": n.checkpoint,
				})
				return
			}
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte("{}"))
	})
}

// The page checks each statement in the browser: one that was changed, or put in another's place, is red, the others are not.
func TestStatementsInTheBrowser(t *testing.T) {
	pages := checkingPages(t)
	n := newNotary(t, [2]string{`{"kind":"month","period":"2026-10"}`, `{"kind":"month","period":"2026-11"}`})
	shown := web.StatementsPage{Size: 2, Signed: true}
	show := func(entries ...string) {
		shown.Entries = nil
		for i, text := range entries {
			shown.Entries = append(shown.Entries, web.StatementEntry{
				N: uint64(i), Title: bilingual.Text{Zh: "月度结账", En: "Closed"}, Content: text,
			})
		}
	}
	mux := http.NewServeMux()
	n.serve(mux, pages)
	mux.HandleFunc("GET /statements", func(w http.ResponseWriter, r *http.Request) { _ = pages.Statements(w, r, shown) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := browser.Open(t, 360, 800)
	for _, test := range []struct {
		name, first, second string
		result              string
		bad                 int
	}{
		{"as they are", n.entries[0], n.entries[1], "2 份属实", 0},
		{"one was changed", n.entries[0], strings.Replace(n.entries[1], "11", "12", 1), "1 份属实", 1},
		{"they were swapped", n.entries[1], n.entries[0], "0 份属实", 2},
	} {
		show(test.first, test.second)
		p.Do(chromedp.Navigate(server.URL + "/statements"))
		p.Do(chromedp.Click("#check", chromedp.ByQuery))
		p.Until(`document.getElementById("result").textContent !== ""`)
		require.Contains(t, p.Text("#result"), test.result, test.name)
		require.Equal(t, test.bad, browser.Eval[int](p, `document.querySelectorAll(".verdict.bad").length`), test.name)
	}
	p.Picture("statements")
	require.LessOrEqual(t, browser.Eval[int](p, `document.documentElement.scrollWidth`), 360)
}

// Without the verifier the page shows the statements and says where they can be checked.
func TestStatementsWithoutTheVerifier(t *testing.T) {
	pages, err := web.New([]byte(document), nil, "", "", web.Apart{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	require.NoError(t, pages.Statements(w, get(), web.StatementsPage{Entries: []web.StatementEntry{{Content: "</pre><script>"}}}))
	require.NotContains(t, w.Body.String(), "<script")
	require.Contains(t, w.Body.String(), "其他部门网关")
	require.Contains(t, w.Header().Get("X-Robots-Tag"), "noindex")
}
