package receipts

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/receiptprint"
	"relieftrail/gateway/internal/translog"
)

// Why a credited payment has no receipt.
var (
	ErrNotSigned = errors.New("the agencies have not cosigned a log that has the payment")
	ErrTooOld    = errors.New("the payment was credited before the ledger kept what receipts are made of")
)

// Leaves finds the leaves of payments.
type Leaves interface {
	LeafOf(ctx context.Context, id relief.PaymentID) (leaf index.Leaf, ok bool, err error)
}

// Log is the transparency log of payments.
type Log interface {
	Prove(leaf tlog.Hash) (p translog.Proof, logged, found bool)
	Verify(r *receipt.Receipt) (*receipt.Result, error)
}

// Records has the names of programmes and regions.
type Records interface {
	Record(ctx context.Context, kind, name string) (json.RawMessage, error)
	Registry(ctx context.Context) (registry.Registry, error)
}

// Maker makes receipts. It is safe for concurrent use.
type Maker struct {
	Keys    [][]byte // salt the leaves, the one in use first
	Log     Log
	Records Records
	URL     string   // the public address, for codes that are links
	Fonts   []string // font files with Chinese; the first that exists is used

	once     sync.Once
	font     []byte
	fontFail error
}

// Make proves a credited payment. It is made of what leaves has of it, and verified.
func (m *Maker) Make(ctx context.Context, leaves Leaves, id relief.PaymentID) (*receipt.Receipt, *receipt.Result, error) {
	found, ok, err := leaves.LeafOf(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, errors.New("a credited payment has no leaf in the index")
	}
	if len(found.Hash) != tlog.HashSize {
		return nil, nil, ErrTooOld
	}
	leaf, err := m.endorsedLeaf(&found)
	if err != nil {
		return nil, nil, err
	}
	p, _, ok := m.Log.Prove([tlog.HashSize]byte(found.Hash))
	if !ok {
		return nil, nil, ErrNotSigned
	}
	made := &receipt.Receipt{Leaf: leaf, Index: uint64(p.Index), Checkpoint: p.Note} //nolint:gosec // not negative
	for _, h := range p.Path {
		made.Path = append(made.Path, h)
	}
	result, err := m.Log.Verify(made)
	if err != nil {
		return nil, nil, fmt.Errorf("a receipt does not verify: %w", err)
	}
	return made, result, nil
}

// endorsedLeaf makes a leaf again, with the key that salted it: the hash on the ledger says which that was.
func (m *Maker) endorsedLeaf(found *index.Leaf) (leaf relief.Leaf, err error) {
	for _, key := range m.Keys {
		if leaf, err = leafOf(found, key); err != nil {
			return leaf, err
		}
		if leaf.Hash() == [tlog.HashSize]byte(found.Hash) {
			return leaf, nil
		}
	}
	return leaf, errors.New("the leaf made again is not the one that was endorsed: earlier_receipt_key_files must name the key of the day")
}

func leafOf(l *index.Leaf, key []byte) (leaf relief.Leaf, err error) {
	p := &l.Payment
	leaf = relief.Leaf{
		Payment: p.ID, Region: l.Region, Subject: p.Subject, Kind: p.Kind, Amount: p.Amount, Deducted: p.Deducted, Batch: p.Batch, Salt: relief.LeafSalt(key, p.ID),
	}
	day, err := time.Parse(time.DateOnly, p.CreditedOn)
	if err != nil {
		return leaf, fmt.Errorf("a credited payment's date: %w", err)
	}
	leaf.Day = uint32(day.Unix() / 86400) //nolint:gosec // after 1970
	if leaf.Tx, err = relief.ParseTx(l.Transaction); err != nil {
		return leaf, err
	}
	if n, err := hex.Decode(leaf.BankRef[:], []byte(p.BankRef)); err != nil || n != len(leaf.BankRef) {
		return leaf, errors.New("a credited payment's bank reference cannot be read")
	}
	return leaf, nil
}

// Code is what a receipt's QR code holds.
func (m *Maker) Code(r *receipt.Receipt) (string, error) {
	code, err := receiptprint.Code(r, m.URL)
	if err != nil {
		return "", fmt.Errorf("a receipt's code: %w", err)
	}
	return code, nil
}

// readFont reads the font once. The error is receiptprint.ErrNoFont where none is installed.
func (m *Maker) readFont() ([]byte, error) {
	m.once.Do(func() { m.font, m.fontFail = receiptprint.Font(m.Fonts) })
	return m.font, m.fontFail
}
