// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

const (
	channelID     = "relief"
	chaincodeName = "relief"

	implicitPrefix = "_implicit_org_"
)

// Collection is the configuration of a private data collection.
type Collection struct {
	Name            string
	Members         []string // MSP ids
	MemberOnlyRead  bool     // only clients of members may read, on every peer
	MemberOnlyWrite bool
}

// Fault wraps the chaincode on one organisation's peer. It may wrap the stub, change the response, or not call next at
// all. It must not call the ledger.
type Fault func(stub shim.ChaincodeStubInterface, next func(shim.ChaincodeStubInterface) *peer.Response) *peer.Response

// Ledger is a channel with one peer for each organisation and one chaincode, all in memory. It is safe for concurrent
// use: simulations run side by side, a commit runs alone.
type Ledger struct {
	cc          shim.Chaincode
	orgs        []string
	endorsers   []string // the first of orgs
	collections map[string]*Collection

	clock clock

	mu     sync.RWMutex
	state  *state
	blocks []*Block
	txs    map[string]txRef
	faults map[string]Fault
	grown  chan struct{} // closed at the next commit; nil when nobody waits
}

// Option changes what NewWith makes.
type Option func(*Ledger)

// Organisations sets the MSP ids; without it they are CivilAffairsMSP, FinanceMSP and AuditMSP.
func Organisations(mspIDs ...string) Option {
	return func(l *Ledger) { l.orgs = slices.Clone(mspIDs) }
}

// Endorsers sets how many organisations endorse, counted from the first; without it all do. A single endorser is for
// long runs: it takes a third of the time and finds no non-determinism.
func Endorsers(n int) Option {
	return func(l *Ledger) { l.endorsers = make([]string, n) }
}

// Collections adds private data collections. Every organisation also has its implicit one (_implicit_org_MSP).
func Collections(collections ...Collection) Option {
	return func(l *Ledger) {
		for _, c := range collections {
			c.Members = slices.Clone(c.Members)
			l.collections[c.Name] = &c
		}
	}
}

// TimeStep sets by how much the clock advances with each proposal; without it a second.
func TimeStep(d time.Duration) Option {
	return func(l *Ledger) { l.clock.step = d }
}

// New makes a ledger of three organisations that all endorse.
func New(cc shim.Chaincode, collections ...Collection) *Ledger {
	return NewWith(cc, Collections(collections...))
}

// NewWith makes a ledger with options.
func NewWith(cc shim.Chaincode, options ...Option) *Ledger {
	l := &Ledger{
		cc:          cc,
		orgs:        []string{"CivilAffairsMSP", "FinanceMSP", "AuditMSP"},
		collections: map[string]*Collection{},
		clock:       clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), step: time.Second},
		blocks:      []*Block{{Number: 0}},
		txs:         map[string]txRef{},
		faults:      map[string]Fault{},
	}
	for _, o := range options {
		o(l)
	}
	endorsing := len(l.orgs)
	if l.endorsers != nil {
		endorsing = max(1, min(len(l.endorsers), endorsing))
	}
	l.endorsers = l.orgs[:endorsing:endorsing]
	for _, org := range l.orgs {
		name := implicitPrefix + org
		l.collections[name] = &Collection{Name: name, Members: []string{org}}
	}
	l.state = newState(l.orgs)
	return l
}

// Alter puts a fault on one organisation's endorser and replaces the one before; nil removes it.
func (l *Ledger) Alter(org string, f Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f == nil {
		delete(l.faults, org)
		return
	}
	l.faults[org] = f
}

// Orgs gives the MSP ids of the organisations.
func (l *Ledger) Orgs() []string { return slices.Clone(l.orgs) }

// Height is the number of blocks. A new ledger has one, the empty block 0.
func (l *Ledger) Height() uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return uint64(len(l.blocks))
}

// Block gives a block by number.
func (l *Ledger) Block(n uint64) (*Block, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if n >= uint64(len(l.blocks)) {
		return nil, false
	}
	return l.blocks[n], true
}

// Tx finds a committed transaction, valid or not, and its block. For a duplicate it gives the first.
func (l *Ledger) Tx(id string) (tx *Tx, block uint64, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	ref, ok := l.txs[id]
	if !ok {
		return nil, 0, false
	}
	return &l.blocks[ref.block].Txs[ref.tx], ref.block, true
}

// WaitHeight waits until the ledger has at least n blocks.
func (l *Ledger) WaitHeight(ctx context.Context, n uint64) error {
	for {
		l.mu.Lock()
		if uint64(len(l.blocks)) >= n {
			l.mu.Unlock()
			return nil
		}
		if l.grown == nil {
			l.grown = make(chan struct{})
		}
		grown := l.grown
		l.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Get gives the committed value of a key, nil if there is none.
func (l *Ledger) Get(key string) []byte {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return valueOf(l.state.public.get(key))
}

// Scan calls f with each committed key that starts with prefix, in order, until f returns false. The values belong to
// the ledger; f must not call it.
func (l *Ledger) Scan(prefix string, f func(key string, value []byte) bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s := l.state.public.scan(prefix, "")
	for e := s.next(); e != nil && len(e.key) >= len(prefix) && e.key[:len(prefix)] == prefix; e = s.next() {
		if !f(e.key, e.value) {
			return
		}
	}
}

// GetPrivate gives the private value that the peer of org holds, nil if it holds none.
func (l *Ledger) GetPrivate(org, collection, key string) []byte {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if store := l.state.peers[org]; store != nil {
		return valueOf(store.tables[collection].get(key))
	}
	return nil
}

// ScanPrivate calls f with each private value that the peer of org holds, in the order of the keys. The values belong to the ledger; f
// must not call it.
func (l *Ledger) ScanPrivate(org, collection string, f func(key string, value []byte)) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	store := l.state.peers[org]
	if store == nil || store.tables[collection] == nil {
		return
	}
	s := store.tables[collection].scan("", "")
	for e := s.next(); e != nil; e = s.next() {
		f(e.key, e.value)
	}
}

// GetPrivateHash gives the SHA-256 of a private value as the ledger shows it to all, nil if there is none.
func (l *Ledger) GetPrivateHash(collection, key string) []byte {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return valueOf(l.state.hashes[collection].get(hashKey(key)))
}

// PrivateHistory gives every version of a private value that the peer of org still holds, oldest first.
func (l *Ledger) PrivateHistory(org, collection, key string) []PrivateWrite {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if store := l.state.peers[org]; store != nil {
		return slices.Clone(store.history[collection][key])
	}
	return nil
}

func (l *Ledger) members(collection string) []string {
	if c := l.collections[collection]; c != nil {
		return c.Members
	}
	return nil
}

func valueOf(e *entry) []byte {
	if e == nil {
		return nil
	}
	return bytes.Clone(e.value)
}

func hashKey(key string) string {
	h := sha256.Sum256([]byte(key))
	return string(h[:])
}

// clock gives each proposal its time and nonce, the same in every run.
type clock struct {
	mu              sync.Mutex
	now             time.Time
	step            time.Duration
	writes, queries uint64
}

// SetTime sets the time that the next proposal gets. After each proposal the clock advances by the step.
func (l *Ledger) SetTime(t time.Time) {
	l.clock.mu.Lock()
	defer l.clock.mu.Unlock()
	l.clock.now = t
}

// Now is the time that the next proposal gets.
func (l *Ledger) Now() time.Time {
	l.clock.mu.Lock()
	defer l.clock.mu.Unlock()
	return l.clock.now
}

// Advance moves the clock on.
func (l *Ledger) Advance(d time.Duration) {
	l.clock.mu.Lock()
	defer l.clock.mu.Unlock()
	l.clock.now = l.clock.now.Add(d)
}

// take gives a proposal its time and nonce. Queries have nonces of their own and do not move the clock, so that a query
// never changes a later transaction.
func (c *clock) take(query bool) (time.Time, []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, label, n := c.now, "query", &c.queries
	if !query {
		label, n = "write", &c.writes
		c.now = c.now.Add(c.step)
	}
	*n++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(label), *n))
	return now, sum[:24]
}
