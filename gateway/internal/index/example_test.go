package index_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

// oneBlock is a ledger with one block, in which finance issued a tranche. The index uses no other part of the port.
type oneBlock struct{ ledger.Ledger }

func (oneBlock) Height(context.Context) (uint64, error) { return 1, nil }

func (oneBlock) Blocks(_ context.Context, _ uint64, handle func(ledger.Block) error) error {
	return handle(ledger.Block{Transactions: []ledger.Transaction{{
		ID: fmt.Sprintf("%064x", 1), Function: "fund:Issue", Valid: true, Code: "VALID",
		Time:    time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC),
		Creator: ledger.Identity{MSPID: "FinanceMSP", Name: "finance-preparer"},
		Writes:  []ledger.Write{{Key: relief.TrancheKey("t-2026").String(), Value: []byte(`{"id":"t-2026"}`)}},
	}}})
}

// An index is built from the blocks of a ledger, and then answers what happened.
func ExampleIndex() {
	dir, err := os.MkdirTemp("", "index-")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	ix, err := index.Open(ctx, filepath.Join(dir, "index.db"), oneBlock{}, slog.New(slog.DiscardHandler))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = ix.Close() }()
	if err := ix.Rebuild(ctx, func(done, of uint64) { fmt.Println("indexed", done, "of", of) }); err != nil {
		log.Fatal(err)
	}
	steps, err := ix.TrancheTrail(ctx, "t-2026")
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range steps {
		fmt.Println(s.Act, "by", s.By.Name, "wrote", s.Record)
	}
	// Output:
	// indexed 1 of 1
	// fund.issue by finance-preparer wrote tranche/t-2026
}
