package crosscheck

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// recording is one organisation's copy of a recorded ledger.
type recording struct {
	organisation string
	blocks       []Block
}

func (r *recording) Organisation() string { return r.organisation }

func (r *recording) Height(context.Context) (uint64, error) { return uint64(len(r.blocks)), nil }

func (r *recording) Blocks(_ context.Context, from, until uint64, yield func(Block, error) bool) {
	for _, b := range r.blocks[from:until] {
		if !yield(b, nil) {
			return
		}
	}
}

// The ledgers of all earlier states of the program pass the rules of this one: whoever follows the money of years checks it in one go.
func TestRecordedLedgersAreChecked(t *testing.T) {
	files, err := filepath.Glob("../../testbed/recorded/*/ledger.gz")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			blocks := readRecording(t, file)
			c := New([]Source{&recording{"finance", blocks}}, Options{Chaincode: "relief", Screen: true})
			require.NoError(t, c.To(t.Context(), uint64(len(blocks))))
			require.Empty(t, c.Report(0, 0).Findings)
			found, err := c.Screening("53")
			require.NoError(t, err)
			var out strings.Builder
			found.Print(&out)
			require.Contains(t, out.String(), found.SHA256)
		})
	}
}

func readRecording(t *testing.T, file string) (blocks []Block) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	all, err := io.ReadAll(bufio.NewReader(z))
	require.NoError(t, errors.Join(err, z.Close()))
	for len(all) > 0 {
		raw, n := protowire.ConsumeBytes(all)
		require.Positive(t, n)
		b := &common.Block{}
		require.NoError(t, proto.Unmarshal(raw, b))
		blocks, all = append(blocks, FromMessage(b)), all[n:]
	}
	return blocks
}
