package ledgertest

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

// ErrFault is the error of a call that a fault lets fail.
var ErrFault = errors.New("fault injected by the test")

// Fault is what goes wrong in one call.
type Fault int

// The faults.
const (
	None     Fault = iota
	Before         // the call fails and has no effect
	After          // the call fails although it has taken effect
	LoseIt         // the call succeeds, but the orderer loses the transaction
	NoAnswer       // the call does not return before its context ends
)

// Network is one channel that several gateways share.
type Network struct {
	Ledger *fakeledger.Ledger

	mu        sync.Mutex
	officials map[string]*fakeledger.Identity
	proposals map[string]*fakeledger.Proposal // by transaction id, which is the envelope
	commits   map[string]ledger.Commit        // of the first copy of each transaction

	// OnEndorse, OnSubmit and OnStatus choose the fault of each call; nil: no faults. OnEndorse gets no transaction id.
	OnEndorse, OnSubmit, OnStatus func(txID string) Fault
	// Newcomers are who sign once a gateway has enrolled them, by their names.
	Newcomers map[string]*fakeledger.Identity
	Submitted []string // the transaction ids in the order of submission
}

// New makes a founded network with the officials of the development topology.
func New(t testing.TB) *Network {
	t.Helper()
	l, err := fakeledger.New()
	require.NoError(t, err)
	l.SetTime(time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)) // the month of the lists in testdata
	l.Found(t)
	n := &Network{
		Ledger: l, officials: map[string]*fakeledger.Identity{},
		proposals: map[string]*fakeledger.Proposal{}, commits: map[string]ledger.Commit{},
	}
	for _, p := range [][4]string{
		{"civil-preparer", fakeledger.CivilAffairs, "preparer", "530181"}, {"civil-approver", fakeledger.CivilAffairs, "approver", "530181"},
		{"civil-second-approver", fakeledger.CivilAffairs, "approver", "530181"},
		{"audit-preparer", fakeledger.Audit, "preparer", "53"}, {"audit-approver", fakeledger.Audit, "approver", "53"},
		{"civil-other-county", fakeledger.CivilAffairs, "preparer", "530129"}, {"finance-preparer", fakeledger.Finance, "preparer", "53"},
		{"finance-approver", fakeledger.Finance, "approver", "53"}, {"audit-reader", fakeledger.Audit, "reader", "53"},
		{"civil-registrar", fakeledger.CivilAffairs, "registrar", "53"}, {"finance-registrar", fakeledger.Finance, "registrar", "53"},
		{"audit-registrar", fakeledger.Audit, "registrar", "53"},
	} {
		n.officials[p[0]] = fakeledger.Official(p[1], p[0], p[2], p[3])
	}
	return n
}

// Gateway is the port of an organisation's gateway.
func (n *Network) Gateway(msp string) ledger.Ledger { return &port{n, msp} }

type port struct {
	*Network
	msp string
}

func (n *Network) fault(ask func(string) Fault, txID string) Fault {
	if ask == nil {
		return None
	}
	return ask(txID)
}

func arguments(call ledger.Call) []string {
	if call.Argument == nil {
		return nil
	}
	return []string{string(call.Argument)}
}

func refusal(txID string, err error) error {
	var refused *fakeledger.EndorseError
	if errors.As(err, &refused) {
		if e := relief.ParseError(refused.Message); e != nil {
			return &ledger.NotEndorsed{TxID: txID, Refusal: e}
		}
	}
	return &ledger.NotEndorsed{TxID: txID, Err: err}
}

func (p *port) Evaluate(_ context.Context, call ledger.Call) ([]byte, error) {
	b, err := p.Ledger.Evaluate(p.msp, p.official(call.Signer), call.Function, arguments(call), call.Transient)
	if err != nil {
		return nil, refusal("", err)
	}
	return b, nil
}

func (p *port) Endorse(_ context.Context, call ledger.Call) (ledger.Signed, error) {
	if p.fault(p.OnEndorse, "") != None {
		return ledger.Signed{}, &ledger.NotEndorsed{Err: ErrFault}
	}
	proposal, err := p.Ledger.Endorse(p.official(call.Signer), call.Function, arguments(call), call.Transient)
	if err != nil {
		return ledger.Signed{}, refusal("", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proposals[proposal.TxID()] = proposal
	return ledger.Signed{TxID: proposal.TxID(), Signer: call.Signer, Envelope: []byte(proposal.TxID()), Result: proposal.Payload()}, nil
}

func (p *port) Submit(_ context.Context, tx ledger.Signed) error {
	fault := p.fault(p.OnSubmit, tx.TxID)
	if fault == Before {
		return &ledger.NotSubmitted{TxID: tx.TxID, Err: ErrFault}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Submitted = append(p.Submitted, tx.TxID)
	proposal := p.proposals[string(tx.Envelope)]
	if proposal == nil {
		return &ledger.NotSubmitted{TxID: tx.TxID, Err: errors.New("not an envelope")}
	}
	if fault != LoseIt {
		r := p.Ledger.Commit(proposal)[0]
		if _, known := p.commits[tx.TxID]; !known {
			p.commits[tx.TxID] = ledger.Commit{TxID: tx.TxID, Block: r.Block, Valid: r.Err() == nil, Code: r.Code.String()}
		}
	}
	if fault == After {
		return &ledger.NotSubmitted{TxID: tx.TxID, Err: ErrFault}
	}
	return nil
}

func (p *port) Status(ctx context.Context, tx ledger.Signed) (ledger.Commit, error) {
	if fault := p.fault(p.OnStatus, tx.TxID); fault == Before || fault == After {
		return ledger.Commit{}, &ledger.StatusUnknown{TxID: tx.TxID, Err: ErrFault}
	} else if fault == NoAnswer {
		<-ctx.Done()
		return ledger.Commit{}, &ledger.StatusUnknown{TxID: tx.TxID, Err: ctx.Err()}
	}
	c, ok, _ := p.Find(ctx, tx.TxID)
	if !ok {
		<-ctx.Done()
		return ledger.Commit{}, &ledger.StatusUnknown{TxID: tx.TxID, Err: ctx.Err()}
	}
	if !c.Valid {
		return c, &ledger.CommittedInvalid{Commit: c}
	}
	return c, nil
}

func (p *port) Find(_ context.Context, txID string) (ledger.Commit, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.commits[txID]
	return c, ok, nil
}

func (p *port) Height(context.Context) (uint64, error) { return p.Ledger.Height(), nil }

// Enrol has a newcomer sign from now on. Which key signs is no matter here.
func (p *port) Enrol(name, _ string, _, _ []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	newcomer, ok := p.Newcomers[name]
	if !ok {
		return errors.New("the test has no such newcomer")
	}
	p.officials[name] = newcomer
	return nil
}

// official is who signs under a name; nil for nobody.
func (p *port) official(name string) *fakeledger.Identity {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.officials[name]
}

func (p *port) Identity(signer string) (ledger.Identity, bool) {
	official := p.official(signer)
	if official == nil {
		return ledger.Identity{}, false
	}
	return ledger.IdentityOf(official.MSPID(), []byte(official.PEM())), true
}

func (p *port) Block(_ context.Context, number uint64) (ledger.Block, error) {
	b, ok := p.Ledger.Block(number)
	if !ok {
		return ledger.Block{}, errors.New("no such block")
	}
	return convert(b), nil
}

func (p *port) Blocks(ctx context.Context, from uint64, handle func(ledger.Block) error) error {
	for n := from; ; n++ {
		if err := p.Ledger.WaitHeight(ctx, n+1); err != nil {
			return err
		}
		b, _ := p.Ledger.Block(n)
		if err := handle(convert(b)); err != nil {
			return err
		}
	}
}

func convert(b *fakeledger.Block) ledger.Block {
	hash := sha256.New()
	out := ledger.Block{Number: b.Number}
	for i := range b.Txs {
		tx := &b.Txs[i]
		t := ledger.Transaction{
			ID: tx.ID, Block: b.Number, Index: tx.Number, Time: tx.Time, Function: tx.Function, Code: tx.Code.String(),
			Valid: tx.Code.String() == "VALID", Creator: ledger.IdentityOf(tx.Creator.MSPID, []byte(tx.Creator.Cert)),
		}
		for _, e := range tx.Endorsers {
			t.Endorsers = append(t.Endorsers, ledger.Identity{MSPID: e, Name: "peer"})
		}
		for _, w := range tx.Writes {
			t.Writes = append(t.Writes, ledger.Write{Key: w.Key, Value: w.Value, Deleted: w.IsDelete})
		}
		hash.Write([]byte(tx.ID))
		out.Transactions = append(out.Transactions, t)
	}
	out.Hash = hash.Sum(nil)
	return out
}
