package translog

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
)

// outsider is a witness as C2SP tlog-witness describes one: it checks that the log only grows, and cosigns.
type outsider struct {
	t      *testing.T
	server *httptest.Server
	signer *receipt.Signer

	mu    sync.Mutex
	size  int64
	root  tlog.Hash
	asked []string // the first line of each request
	fault func(http.ResponseWriter) bool
}

func newOutsider(t *testing.T) *outsider {
	t.Helper()
	signer, err := receipt.NewCosigner("witness.test/one", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{77}, ed25519.SeedSize)), time.Now)
	require.NoError(t, err)
	o := &outsider{t: t, signer: signer}
	o.server = httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(o.server.Close)
	return o
}

func (o *outsider) serve(rw http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	request, err := io.ReadAll(r.Body)
	if err != nil || r.URL.Path != "/add-checkpoint" || r.Method != http.MethodPost {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	if o.fault != nil && o.fault(rw) {
		return
	}
	head, checkpoint, _ := strings.Cut(string(request), "\n\n")
	lines := strings.Split(head, "\n")
	o.asked = append(o.asked, lines[0])
	text, _, _ := strings.Cut(checkpoint, "\n\n")
	c, err := receipt.ParseCheckpoint(text + "\n")
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	if lines[0] != fmt.Sprint("old ", o.size) {
		rw.Header().Set("Content-Type", sizeType)
		rw.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintln(rw, o.size)
		return
	}
	if !o.grows(c, lines[1:]) {
		rw.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	o.size, o.root = int64(c.Size), c.Root
	line, err := signatureLine(c.Text(), o.signer)
	if err != nil {
		rw.WriteHeader(http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(rw, line)
}

// grows checks the proof that the log has only grown.
func (o *outsider) grows(c receipt.Checkpoint, lines []string) bool {
	if o.size == 0 || o.size == int64(c.Size) {
		return len(lines) == 0 && (o.size == 0 || o.root == c.Root)
	}
	var proof tlog.TreeProof
	for _, line := range lines {
		b, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(b) != tlog.HashSize {
			return false
		}
		proof = append(proof, tlog.Hash(b))
	}
	return tlog.CheckTree(proof, int64(c.Size), c.Root, o.size, o.root) == nil
}

func (o *outsider) edit(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// witnessedAt waits until an office publishes a size with the witness's line, and gives the checkpoint.
func (o *office) witnessedAt(size int64, w *outsider) (c Checkpoint) {
	o.t.Helper()
	eventually(o.t, "a witnessed checkpoint of "+strconv.FormatInt(size, 10), func() bool {
		c, _ = o.log.Published()
		return c.Size == size && hasLine(c.Note, w.signer.Key)
	})
	return c
}

// askWitness starts an office again with a witness.
func (o *office) askWitness(w *outsider) {
	o.halt()
	o.witness = w
	o.start()
}

// The witness's cosignature is in the published checkpoint and in proofs, also after a restart, after which the witness knows more than the gateway
// remembers of it; all verify by the agencies' policy, and by one that asks for the witness.
func TestAWitnessCosigns(t *testing.T) {
	w := newWorld(t)
	outside := newOutsider(t)
	finance := w.offices[1]
	finance.askWitness(outside)
	w.block(tlog.Hash{1}, tlog.Hash{2})
	w.published(t, 2)
	finance.witnessedAt(2, outside)
	w.block(tlog.Hash{3})
	finance.witnessedAt(3, outside)
	require.Equal(t, []string{"old 0", "old 2"}, outside.asked)

	finance.askWitness(outside)
	finance.witnessedAt(3, outside)
	w.block(tlog.Hash{4}, tlog.Hash{5})
	c := finance.witnessedAt(5, outside)
	require.Equal(t, []string{"old 0", "old 2", "old 0", "old 3"}, outside.asked, "told by 409 which size it has")
	p, _, found := finance.log.Prove(tlog.Hash{1})
	require.True(t, found)
	require.Equal(t, string(c.Note), string(p.Note))

	agencies, err := w.agencies(t.Context())
	require.NoError(t, err)
	text, err := Policy(testOrigin, agencies, "FinanceMSP")
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(text, "\nlog "))
	asked := strings.Replace(text, "quorum agencies", "witness outside "+outside.signer.Key.String()+"\ngroup both all agencies outside\nquorum both", 1)
	for _, policy := range []string{text, asked} {
		parsed, err := receipt.ParsePolicy([]byte(policy))
		require.NoError(t, err)
		_, _, err = receipt.OpenCheckpoint(c.Note, parsed)
		require.NoError(t, err)
	}
	civil, _ := w.offices[0].log.Published()
	parsed, err := receipt.ParsePolicy([]byte(asked))
	require.NoError(t, err)
	_, _, err = receipt.OpenCheckpoint(civil.Note, parsed)
	require.Error(t, err, "the other agencies ask no witness")
}

// A witness that is away, or answers what is none, keeps nothing back: it is asked again. What it sends is used only if it is its cosignature.
func TestAWitnessThatFails(t *testing.T) {
	for name, fault := range map[string]func(http.ResponseWriter) bool{
		"an empty answer": func(http.ResponseWriter) bool { return true },
		"another key's line": func(rw http.ResponseWriter) bool {
			_, _ = io.WriteString(rw, "— witness.test/one AAAAAAAA\n")
			return true
		},
		"no line":                func(rw http.ResponseWriter) bool { _, _ = io.WriteString(rw, "fine"); return true },
		"endless":                func(rw http.ResponseWriter) bool { _, _ = rw.Write(bytes.Repeat([]byte("x"), 1<<20)); return true },
		"a size that is none":    conflict("many\n"),
		"a size below zero":      conflict("-1\n"),
		"a size that it has not": conflict("0\n"),
		"a size beyond the log":  conflict("99\n"),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			outside := newOutsider(t)
			outside.fault = fault
			finance := w.offices[1]
			finance.askWitness(outside)
			w.block(tlog.Hash{1}, tlog.Hash{2})
			w.published(t, 2)
			eventually(t, "the fault is told", func() bool {
				s := finance.log.Status()
				return s.Witnesses["witness.test/one"].Problem != "" && strings.Contains(s.String(), "does not cosign")
			})
			c, _ := finance.log.Published()
			require.False(t, hasLine(c.Note, outside.signer.Key))
			outside.edit(func() { outside.fault = nil })
			finance.witnessedAt(2, outside)
			eventually(t, "it is told that it cosigns again", func() bool { return finance.log.Status().Witnesses["witness.test/one"].Problem == "" })
		})
	}
}

func conflict(size string) func(http.ResponseWriter) bool {
	return func(rw http.ResponseWriter) bool {
		rw.Header().Set("Content-Type", sizeType)
		rw.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(rw, size)
		return true
	}
}
