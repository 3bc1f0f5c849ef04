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

// Statuses, types, sizes and bodies that a witness may answer with, and what becomes of each.
func TestAnswersOfAWitness(t *testing.T) {
	const line = "— witness.test/one AAAAAAAA\n"
	for name, c := range map[string]struct {
		status     int
		kind, body string
		lines      string
		size       int64
		refused    string
	}{
		"lines":                    {200, "text/plain", line, line, 0, ""},
		"lines of two keys":        {200, "", line + line, line + line, 0, ""},
		"nothing":                  {200, "", "", "", 0, "nothing"},
		"created":                  {201, "", line, "", 0, "status 201"},
		"a size":                   {409, sizeType, "7\n", "", 7, ""},
		"a size with a charset":    {409, sizeType + "; charset=utf-8", "7\n", "", 7, ""},
		"no size yet":              {409, sizeType, "0\n", "", 0, ""},
		"a size without line end":  {409, sizeType, "7", "", 7, ""},
		"two line ends":            {409, sizeType, "7\n\n", "", 0, "a size that is none"},
		"a sign":                   {409, sizeType, "+7\n", "", 0, "a size that is none"},
		"a leading zero":           {409, sizeType, "07\n", "", 0, "a size that is none"},
		"below zero":               {409, sizeType, "-7\n", "", 0, "a size that is none"},
		"too large":                {409, sizeType, "9223372036854775808\n", "", 0, "a size that is none"},
		"an empty size":            {409, sizeType, "", "", 0, "a size that is none"},
		"a conflict without size":  {409, "text/plain", "7\n", "", 0, "does not say which size"},
		"unreadable":               {400, "", "x", "", 0, "cannot read"},
		"a key it does not know":   {403, "", "x", "", 0, "knows no key"},
		"a log it does not know":   {404, "", "x", "", 0, "origin"},
		"a proof that proves none": {422, "", "x", "", 0, "proof"},
		"an error":                 {500, "", "a secret", "", 0, "status 500"},
		"elsewhere":                {302, "", "", "", 0, "status 302"},
	} {
		t.Run(name, func(t *testing.T) {
			lines, size, err := readAnswer(c.status, c.kind, []byte(c.body))
			require.Equal(t, c.lines, string(lines))
			require.Equal(t, c.size, size)
			if c.refused == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.refused)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

// cosigned is a checkpoint with the line of a witness, its key, and the line of another key under the witness's name.
func cosigned(t testing.TB) (c Checkpoint, key receipt.Key, line, others string) {
	t.Helper()
	var lines []string
	var keys []receipt.Key
	checkpoint := receipt.Checkpoint{Origin: testOrigin, Size: 2, Root: tlog.Hash{9}}
	text := checkpoint.Text()
	for seed := range byte(2) {
		signer, err := receipt.NewCosigner("witness.test/one", ed25519.NewKeyFromSeed(bytes.Repeat([]byte{70 + seed}, ed25519.SeedSize)), time.Now)
		require.NoError(t, err)
		signed, err := signatureLine(text, signer)
		require.NoError(t, err)
		lines, keys = append(lines, signed), append(keys, signer.Key)
	}
	return Checkpoint{Head: Head{2, tlog.Hash{9}}, Note: []byte(text + "\n" + lines[1])}, keys[0], lines[0], lines[1]
}

// Of a witness's lines the one by its key is taken, whatever others are beside it.
func TestTheLineOfAWitness(t *testing.T) {
	c, key, line, others := cosigned(t)
	stranger := "— other.test/x " + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1}, 80)) + "\n"
	bad := []byte(line)
	bad[len(bad)-10] ^= 1
	for name, answer := range map[string][]string{
		"one": {line}, "another key's before it": {others, line}, "a stranger's before it": {stranger, line}, "a stranger's behind it": {line, stranger}, "twice": {line, line},
	} {
		got, err := witnessLine(c, []byte(strings.Join(answer, "")), key)
		require.NoError(t, err, name)
		require.Equal(t, line, got, name)
	}
	for name, answer := range map[string]string{
		"another key's": others, "a stranger's": stranger, "changed": string(bad), "no line end": strings.TrimSuffix(line, "\n"), "a text": "fine", "nothing": "",
		"a blank line before": "\n" + line, "a note of its own": "other\n\n" + line, "CRLF": strings.ReplaceAll(line, "\n", "\r\n"),
		"many": strings.Repeat(stranger, 101) + line,
	} {
		_, err := witnessLine(c, []byte(answer), key)
		require.Error(t, err, name)
	}
}

// Whatever a witness answers: a line that is taken is one line, by its key, over the checkpoint; a size is none below zero.
func FuzzWitnessAnswer(f *testing.F) {
	c, key, line, others := cosigned(f)
	for _, body := range []string{line, others + line, line + line, "7\n", "-1\n", "", "\n" + line, "other\n\n" + line, "— witness.test/one AAAAAAAA\n"} {
		f.Add(http.StatusOK, "text/plain", []byte(body))
		f.Add(http.StatusConflict, sizeType, []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		lines, size, err := readAnswer(status, contentType, body)
		if err != nil || size < 0 {
			require.Error(t, err, "a size below zero")
			return
		}
		if lines == nil {
			return
		}
		got, err := witnessLine(c, lines, key)
		if err != nil {
			return
		}
		require.Equal(t, 1, strings.Count(got, "\n"))
		require.True(t, hasLine(append(bytes.Clone(c.Note), got...), key))
	})
}

func conflict(size string) func(http.ResponseWriter) bool {
	return func(rw http.ResponseWriter) bool {
		rw.Header().Set("Content-Type", sizeType)
		rw.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(rw, size)
		return true
	}
}
