package faults

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"relieftrail/network/fabric/admin"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// TestRecord records a small ledger of this state of the program, an index of it and an outbox: scripts/record 2026-12. Later versions have to read what they find there; network/testbed/recorded says when to record.
func TestRecord(t *testing.T) {
	name := os.Getenv("RELIEF_RECORD")
	if name == "" {
		t.Skip("records what later versions have to read: scripts/record NAME, once for each release")
	}
	folder, err := filepath.Abs(filepath.Join("../recorded", name))
	require.NoError(t, err)
	require.NoDirExists(t, folder, "what was recorded once is never changed")
	network := started(t, 22000, "record", "")
	gateways := network.NodesOf(topology.KindGateway)
	require.Len(t, gateways, 3)
	tell(t, network, gateways)
	leaveInDoubt(t, network, gateways[0])
	peer := network.NodesOf(topology.KindPeer)[1]
	require.NoError(t, os.MkdirAll(folder, 0o750))
	pack(t, filepath.Join(folder, "ledger.gz"), func(w io.Writer) error { return writeBlocks(t.Context(), network, peer, w) })
	_, err = network.Reliefnet("down")
	require.NoError(t, err)
	packFile(t, filepath.Join(gateways[2].Data(), "index.db"), filepath.Join(folder, "index.db.gz"))
	packFile(t, filepath.Join(gateways[0].Data(), "outbox.db"), filepath.Join(folder, "outbox.db.gz"))
}

// tell has the demonstration's month told.
func tell(t *testing.T, network *Network, gateways []*topology.Node) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "run", "./network/testbed/demo", "--tokens", network.Tokens(),
		"--civil", gateways[0].URL(), "--finance", gateways[1].URL(), "--audit", gateways[2].URL())
	cmd.Dir = network.Root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// leaveInDoubt ends a gateway when it has sent a transaction and does not know yet what became of it.
func leaveInDoubt(t *testing.T, network *Network, gateway *topology.Node) {
	t.Helper()
	f, err := newFixture(network.Topology)
	require.NoError(t, err)
	binary := filepath.Join(network.NodeSettings.Cache, "gateway-crashpoints")
	s := &Suite{net: network}
	require.NoError(t, s.build(t.Context(), binary, "crashpoints", network.Gateway.Package))
	require.NoError(t, network.restart(gateway.Name, func(p *process.Process) {
		p.Exe = binary
		p.Env = append(p.Env, "CRASHPOINT=submitted:1")
	}))
	// It ends with the first act: this one, or one that it sends by itself, such as the day's head of its readings.
	require.NoError(t, until(t.Context(), 2*time.Minute, func(ctx context.Context) error {
		_, err := f.civilPreparer.Post(ctx, "/v1/programmes", "in-doubt", map[string]any{
			"id": "recorded", "version": 1, "name": "记录", "region": "530181", "unit": "household", "cycle": "monthly", "min_amount": "330.00",
			"max_amount": "6000.00", "starts": "2026-01", "notice_days": 7, "pay_by_day": 10,
			"budget": map[string]string{"functional": "2081901", "economic": "50901"},
		}, nil)
		if _, alive := network.pid(gateway.Name); alive == nil {
			return errors.Join(fmt.Errorf("%s still runs", gateway.Name), err)
		}
		return nil
	}))
	time.Sleep(5 * time.Second) // the block that has the transaction reaches all peers
}

func writeBlocks(ctx context.Context, network *Network, peer *topology.Node, w io.Writer) error {
	as := admin.Member{Organisation: peer.Organisation, User: topology.Admin}
	height, err := network.client.Height(ctx, peer)
	if err != nil {
		return err
	}
	network.client.Blocks(ctx, as, peer, 0, height, func(_ uint64, block *common.Block, failed error) bool {
		var text []byte
		if err = failed; err == nil {
			text, err = proto.Marshal(block)
		}
		if err == nil {
			_, err = w.Write(protowire.AppendBytes(nil, text))
		}
		return err == nil
	})
	return err
}

func packFile(t *testing.T, from, to string) {
	t.Helper()
	require.NoFileExists(t, from+"-wal", "the database was closed")
	pack(t, to, func(w io.Writer) error {
		f, err := os.Open(from)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	})
}

// pack writes a compressed file.
func pack(t *testing.T, path string, write func(io.Writer) error) {
	t.Helper()
	require.True(t, strings.HasSuffix(path, ".gz"))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	z, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	require.NoError(t, err)
	out := bufio.NewWriterSize(z, 1<<20)
	require.NoError(t, errors.Join(write(out), out.Flush(), z.Close(), f.Close()))
}
