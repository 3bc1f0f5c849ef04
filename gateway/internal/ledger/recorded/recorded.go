package recorded

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"

	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/fabric"
)

// The files of a recording.
const (
	Ledger = "ledger.gz"    // blocks as a peer gives them, each with its length before it
	Index  = "index.db.gz"  // a gateway's index of this ledger, in SQLite
	Outbox = "outbox.db.gz" // a gateway's outbox that was killed between sending a transaction and its commit
)

// chaincode is the name of the chaincode in every recording.
const chaincode = "relief"

// maxBlock bounds a block, in bytes.
const maxBlock = 64 << 20

// Recording is what was recorded of one state of the program.
type Recording struct {
	Name   string
	folder string
	blocks []ledger.Block
}

// Each runs a test with each recording.
func Each(t *testing.T, test func(t *testing.T, r *Recording)) {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(root(t), "network/testbed/recorded/*/"+Ledger))
	require.NoError(t, err)
	require.NotEmpty(t, folders, "nothing was recorded")
	for _, file := range folders {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			test(t, &Recording{Name: filepath.Base(folder), folder: folder, blocks: blocks(t, file)})
		})
	}
}

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	require.NoError(t, err)
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		require.NotEqual(t, filepath.Dir(folder), folder, "no go.mod above this folder")
		folder = filepath.Dir(folder)
	}
}

func blocks(t *testing.T, file string) (blocks []ledger.Block) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	in, options := bufio.NewReader(z), protodelim.UnmarshalOptions{MaxSize: maxBlock}
	for {
		b := &common.Block{}
		err := options.UnmarshalFrom(in, b)
		if errors.Is(err, io.EOF) {
			return blocks
		}
		require.NoError(t, err)
		blocks = append(blocks, fabric.Decode(b, chaincode))
	}
}

// Path is the path of a file of the recording as it is kept.
func (r *Recording) Path(name string) string { return filepath.Join(r.folder, name) }

// Unpack unpacks a file into a folder of the test's own, and gives its path.
func (r *Recording) Unpack(t *testing.T, name string) string {
	t.Helper()
	in, err := os.Open(r.Path(name))
	require.NoError(t, err)
	defer in.Close()
	z, err := gzip.NewReader(in)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), name[:len(name)-len(".gz")])
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = io.Copy(out, z) //nolint:gosec // of this repository
	require.NoError(t, errors.Join(err, out.Close()))
	return path
}

// Gateway is the port of a gateway to the recorded ledger, which takes no transactions.
func (r *Recording) Gateway() ledger.Ledger { return &port{r.blocks} }

type port struct{ blocks []ledger.Block }

var errRecorded = errors.New("a recorded ledger takes no transactions")

// Evaluate is not possible.
func (*port) Evaluate(context.Context, ledger.Call) ([]byte, error) { return nil, errRecorded }

// Endorse is not possible.
func (*port) Endorse(context.Context, ledger.Call) (ledger.Signed, error) {
	return ledger.Signed{}, errRecorded
}

// Submit is not possible.
func (*port) Submit(context.Context, ledger.Signed) error { return errRecorded }

// Status gives the commit of a transaction that was recorded.
func (p *port) Status(ctx context.Context, tx ledger.Signed) (ledger.Commit, error) {
	c, ok, err := p.Find(ctx, tx.TxID)
	if err == nil && !ok {
		err = errRecorded
	}
	return c, err
}

// Find looks for a transaction.
func (p *port) Find(_ context.Context, txID string) (ledger.Commit, bool, error) {
	for i := range p.blocks {
		for k := range p.blocks[i].Transactions {
			if tx := &p.blocks[i].Transactions[k]; tx.ID == txID {
				return ledger.Commit{TxID: txID, Block: tx.Block, Valid: tx.Valid, Code: tx.Code}, true, nil
			}
		}
	}
	return ledger.Commit{}, false, nil
}

// Blocks gives the blocks from a number on, and then waits for the context's end.
func (p *port) Blocks(ctx context.Context, from uint64, handle func(ledger.Block) error) error {
	for i := from; i < uint64(len(p.blocks)); i++ {
		if err := handle(p.blocks[i]); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// Block gives a block.
func (p *port) Block(_ context.Context, number uint64) (ledger.Block, error) {
	if number >= uint64(len(p.blocks)) {
		return ledger.Block{}, errRecorded
	}
	return p.blocks[number], nil
}

// Height is the number of the blocks.
func (p *port) Height(context.Context) (uint64, error) { return uint64(len(p.blocks)), nil }

// Identity knows nobody.
func (*port) Identity(string) (ledger.Identity, bool) { return ledger.Identity{}, false }
