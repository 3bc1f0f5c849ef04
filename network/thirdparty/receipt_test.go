package thirdparty

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

const receipts = "../../chaincode/receipt/testdata"

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return b
}

// oneSpelling are the receipts that the formats of C2SP allow and that this project refuses (docs/guides/receipts.md, One spelling).
var oneSpelling = []string{
	"crlf.receipt", "leading-zero.receipt", "no-last-line-end.receipt", "spare-bits-path.receipt", "spare-bits-signature.receipt",
	"signed-twice.receipt", "extension.receipt", "more-text.receipt",
}

// Torchwood verifies the receipts of the vectors that are valid, and none of the others but for their spelling.
func TestTorchwoodVerifiesReceipts(t *testing.T) {
	policy, err := torchwood.ParsePolicy(read(t, receipts, "policy.txt"))
	require.NoError(t, err)
	var vectors []struct {
		File  string
		Valid bool
	}
	require.NoError(t, json.Unmarshal(read(t, receipts, "vectors.json"), &vectors))
	valid := 0
	for _, v := range vectors {
		if !strings.HasSuffix(v.File, ".receipt") {
			continue
		}
		t.Run(v.File, func(t *testing.T) {
			err := verify(policy, read(t, receipts, v.File))
			if v.Valid {
				valid++
				require.NoError(t, err)
				return
			}
			if !strings.Contains(strings.Join(oneSpelling, " "), v.File) {
				require.Error(t, err)
			}
		})
	}
	require.GreaterOrEqual(t, valid, 9)
}

func verify(policy torchwood.Policy, file []byte) error {
	extra, err := torchwood.ProofExtraData(file)
	if err != nil {
		return err
	}
	hash, err := leafHash(extra)
	if err != nil {
		return err
	}
	return torchwood.VerifyProof(policy, tlog.Hash(hash), file)
}

// It verifies their checkpoints too, and writes a receipt as this project does.
func TestTorchwoodWritesTheSameReceipt(t *testing.T) {
	policy, err := torchwood.ParsePolicy(read(t, receipts, "policy.txt"))
	require.NoError(t, err)
	file := read(t, receipts, "county.receipt")
	head, signed, ok := bytes.Cut(file, []byte("\n\n"))
	require.True(t, ok)
	checkpoint, opened, err := torchwood.VerifyCheckpoint(signed, policy)
	require.NoError(t, err)
	require.EqualValues(t, 266, checkpoint.N)
	require.Len(t, opened.Sigs, 4, "the log's, and one of each agency")
	extra, err := torchwood.ProofExtraData(file)
	require.NoError(t, err)
	var path tlog.RecordProof
	for _, line := range strings.Split(string(head), "\n")[3:] {
		hash, err := tlog.ParseHash(line)
		require.NoError(t, err)
		path = append(path, hash)
	}
	require.Equal(t, string(file), string(torchwood.FormatProofWithExtraData(73, extra, path, signed)))
}
