// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// Request is a client's call of a function.
type Request struct {
	Identity  *Identity
	Function  string
	Args      []string
	Transient map[string][]byte

	Nonce []byte    // nil: the ledger's next
	TxID  string    // "": SHA-256 of nonce and creator in hex, as Fabric has it
	Time  time.Time // zero: the ledger's clock
}

// Proposal is a transaction that all endorsers have endorsed alike. It never changes. Committing it twice is a
// duplicate.
type Proposal struct {
	ledger  *Ledger
	tx      Tx
	private []privateSet
}

// TxID is the transaction's id.
func (p *Proposal) TxID() string { return p.tx.ID }

// Payload is what the contract returned.
func (p *Proposal) Payload() []byte { return bytes.Clone(p.tx.Payload) }

// Tx is the transaction as its block keeps it, without position and validation code. Do not change it.
func (p *Proposal) Tx() Tx {
	tx := p.tx
	tx.Code = peer.TxValidationCode_NOT_VALIDATED
	return tx
}

// call is a request with the values filled in that all endorsers must see alike: time, nonce, transaction id.
type call struct {
	Request
	sign   sync.Once
	signed *peer.SignedProposal
}

func (l *Ledger) newCall(r Request, query bool) *call {
	now, nonce := l.clock.take(query)
	if r.Nonce == nil {
		r.Nonce = nonce
	}
	if r.Time.IsZero() {
		r.Time = now
	}
	if r.TxID == "" {
		h := sha256.New()
		h.Write(r.Nonce)
		h.Write(r.Identity.serialized)
		r.TxID = hex.EncodeToString(h.Sum(nil))
	}
	return &call{Request: r}
}

// Endorse simulates a transaction on every endorser and fails unless they agree: with *EndorseError when they all
// refuse, with *MismatchError when they differ.
func (l *Ledger) Endorse(id *Identity, function string, args []string, transient map[string][]byte) (*Proposal, error) {
	return l.EndorseRequest(Request{Identity: id, Function: function, Args: args, Transient: transient})
}

// EndorseRequest is Endorse with a choice of nonce, transaction id and time.
func (l *Ledger) EndorseRequest(r Request) (*Proposal, error) {
	c := l.newCall(r, false)
	l.mu.RLock()
	defer l.mu.RUnlock()
	if _, ok := l.txs[c.TxID]; ok {
		message := fmt.Sprintf("duplicate transaction found [%s]. Creator [%x]", c.TxID, c.Identity.serialized)
		return nil, &EndorseError{TxID: c.TxID, Org: l.endorsers[0], Status: shim.ERROR, Message: message}
	}
	first := l.simulate(l.endorsers[0], c)
	for _, org := range l.endorsers[1:] {
		if err := compare(first, l.simulate(org, c)); err != nil {
			return nil, err
		}
	}
	if err := first.refusal(); err != nil {
		return nil, err
	}
	first.tx.Endorsers = l.endorsers
	return &Proposal{ledger: l, tx: first.tx, private: first.private}, nil
}

// Evaluate runs a transaction on the peer of one organisation and commits nothing.
func (l *Ledger) Evaluate(org string, id *Identity, function string, args []string, transient map[string][]byte) ([]byte, error) {
	return l.EvaluateRequest(org, Request{Identity: id, Function: function, Args: args, Transient: transient})
}

// EvaluateRequest is Evaluate with a choice of nonce, transaction id and time.
func (l *Ledger) EvaluateRequest(org string, r Request) ([]byte, error) {
	if !slices.Contains(l.orgs, org) {
		return nil, fmt.Errorf("no peer of organisation %q", org)
	}
	c := l.newCall(r, true)
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := l.simulate(org, c)
	if err := out.refusal(); err != nil {
		return nil, err
	}
	return out.tx.Payload, nil
}

// Submit endorses a transaction and commits it in a block of its own. The error is what Endorse gives, or *CommitError.
func (l *Ledger) Submit(id *Identity, function string, args []string, transient map[string][]byte) (payload []byte, txID string, err error) {
	return l.SubmitRequest(Request{Identity: id, Function: function, Args: args, Transient: transient})
}

// SubmitRequest is Submit with a choice of nonce, transaction id and time.
func (l *Ledger) SubmitRequest(r Request) (payload []byte, txID string, err error) {
	p, err := l.EndorseRequest(r)
	if err != nil {
		return nil, "", err
	}
	return p.Payload(), p.TxID(), l.Commit(p)[0].Err()
}

// outcome is the result of a call on one endorser.
type outcome struct {
	org     string
	message string // of a refusal
	tx      Tx
	private []privateSet
}

func (o *outcome) refused() bool {
	return o.tx.Status < shim.OK || o.tx.Status >= shim.ERRORTHRESHOLD
}

func (o *outcome) refusal() error {
	if !o.refused() {
		return nil
	}
	return &EndorseError{TxID: o.tx.ID, Org: o.org, Status: o.tx.Status, Message: o.message}
}

// simulate runs the chaincode on the peer of org. The caller holds the ledger's lock.
func (l *Ledger) simulate(org string, c *call) *outcome {
	s := &stub{ledger: l, org: org, call: c}
	defer func() { s.done = true }()
	var response *peer.Response
	if fault := l.faults[org]; fault != nil {
		response = fault(s, l.cc.Invoke)
	} else {
		response = l.cc.Invoke(s)
	}
	out := &outcome{org: org, tx: Tx{
		ID:       c.TxID,
		Time:     c.Time,
		Creator:  Creator{MSPID: c.Identity.mspID, Cert: c.Identity.pem},
		Function: c.Function,
		Args:     slices.Clone(c.Args),
		Status:   response.GetStatus(),
		Payload:  bytes.Clone(response.GetPayload()),
	}, message: response.GetMessage()}
	if err := s.FinishWriteBatch(); err != nil { // the shim sends the rest of the batch after the chaincode has returned
		out.tx.Status, out.tx.Payload, out.message = shim.ERROR, nil, err.Error()
	}
	if !out.refused() {
		out.tx.Event = s.event
		s.rw.fill(out)
	}
	return out
}

// compare finds the first difference between two endorsers.
func compare(a, b *outcome) error {
	e := &MismatchError{TxID: a.tx.ID, Function: a.tx.Function, Orgs: [2]string{a.org, b.org}}
	e.What, e.Detail = difference(a, b)
	if e.What == "" {
		return nil
	}
	for _, o := range []*outcome{a, b} {
		if o.refused() && e.refusal == nil {
			e.refusal = &EndorseError{TxID: o.tx.ID, Org: o.org, Status: o.tx.Status, Message: o.message}
		}
	}
	return e
}

func difference(a, b *outcome) (what, detail string) {
	x, y := &a.tx, &b.tx
	switch {
	case x.Status != y.Status:
		return "status", fmt.Sprintf("%d (%s) against %d (%s)", x.Status, shown(a.message), y.Status, shown(b.message))
	case a.refused() && a.message != b.message:
		return "message", shown(a.message) + " against " + shown(b.message)
	case !bytes.Equal(x.Payload, y.Payload):
		return "payload", shown(x.Payload) + " against " + shown(y.Payload)
	case !sameEvent(x.Event, y.Event):
		return "event", describeEvent(x.Event) + " against " + describeEvent(y.Event)
	}
	for _, check := range []struct{ what, detail string }{
		{"read set", diff(x.Reads, y.Reads)},
		{"range queries", diff(x.Ranges, y.Ranges)},
		{"write set", diff(x.Writes, y.Writes)},
		{"key policies", diff(x.Policies, y.Policies)},
	} {
		if check.detail != "" {
			return check.what, check.detail
		}
	}
	return privateDifference(x.Private, y.Private)
}

func privateDifference(x, y []CollectionHashes) (what, detail string) {
	byName := map[string][2]CollectionHashes{}
	for side, sets := range [][]CollectionHashes{x, y} {
		for _, set := range sets {
			pair := byName[set.Collection]
			pair[side] = set
			byName[set.Collection] = pair
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		p := byName[name]
		for _, check := range []struct{ what, detail string }{
			{"reads", diff(p[0].Reads, p[1].Reads)},
			{"writes", diff(p[0].Writes, p[1].Writes)},
			{"policies", diff(p[0].Policies, p[1].Policies)},
		} {
			if check.detail != "" {
				return "private " + check.what + " in collection " + name, check.detail
			}
		}
	}
	return "", ""
}
