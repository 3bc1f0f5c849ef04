package founding

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/topology"
)

// proposal is the chaincode's answer about a proposal.
type proposal struct {
	State    string          `json:"state"`
	Digest   string          `json:"digest"`
	AgreedBy []string        `json:"agreed_by"`
	Change   registry.Change `json:"change"`
}

// Found has the registry founded unless it is founded already, and reports whether it did so. Only signatures that are
// missing are asked for, so it may be cut short and run again. The cosigning keys become part of the document, the
// agencies' registrars do, and the least days of a public notice: none on a network of tests.
func Found(ctx context.Context, n *admin.Network, keys []registry.CosigningKey) (founded bool, err error) {
	t := n.Topology
	if t.Chaincode.Registry == "" {
		return false, nil
	}
	first := t.Organisations[0]
	_, err = n.Evaluate(ctx, first, first.Registrar, api.RegistryGet.Name())
	if !admin.Refused(err, "NOT_FOUND") {
		return false, err
	}
	document, err := os.ReadFile(t.Chaincode.Registry)
	if err != nil {
		return false, fmt.Errorf("the founding document: %w", err)
	}
	change, err := founding(document, keys, registrars(t), t.Test)
	if err != nil {
		return false, fmt.Errorf("the founding document %s: %w", t.Chaincode.Registry, err)
	}
	var content registry.Change
	if err := json.Unmarshal(change, &content); err != nil {
		return false, fmt.Errorf("the founding document %s: %w", t.Chaincode.Registry, err)
	}
	id, err := registry.FoundingID(&content)
	if err != nil {
		return false, fmt.Errorf("the founding document %s: %w", t.Chaincode.Registry, err)
	}
	return true, agreeAll(ctx, n, string(id), change)
}

// wanted is what all organisations are to sign.
type wanted struct {
	id      string
	change  registry.Change
	propose string // the argument of registry:Propose
}

// agreeAll has the first organisation propose a change and all others agree with it, and with nothing else under its id.
func agreeAll(ctx context.Context, n *admin.Network, id string, change json.RawMessage) error {
	propose, err := json.Marshal(map[string]any{"id": id, "change": change})
	if err != nil {
		return fmt.Errorf("proposal %s: %w", id, err)
	}
	want := wanted{id: id, propose: string(propose)}
	if err := json.Unmarshal(change, &want.change); err != nil {
		return fmt.Errorf("proposal %s: %w", id, err)
	}
	for _, o := range n.Topology.Organisations {
		if err := sign(ctx, n, o, &want); err != nil {
			return err
		}
	}
	return nil
}

// attempts and pause bound how long an act waits for the other peers to have the one before.
const (
	attempts = 10
	pause    = 500 * time.Millisecond
)

// sign submits an organisation's signature unless it is there, and returns when its own peer has it: the first one
// proposes, the others agree with what they read.
func sign(ctx context.Context, n *admin.Network, o *topology.Organisation, want *wanted) error {
	if err := patiently(ctx, func() error { return signOnce(ctx, n, o, want) }); err != nil {
		return fmt.Errorf("proposal %s of the registry: %w", want.id, err)
	}
	return nil
}

func patiently(ctx context.Context, try func() error) error {
	var err error
	for range attempts {
		if err = try(); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	return err
}

func signOnce(ctx context.Context, n *admin.Network, o *topology.Organisation, want *wanted) error {
	p, err := proposalOf(ctx, n, o, want.id)
	switch {
	case err != nil:
		return err
	case p == nil:
		if o != n.Topology.Organisations[0] {
			return fmt.Errorf("the peer of %s does not have it yet", o.Name)
		}
		return n.Submit(ctx, o, o.Registrar, api.RegistryPropose.Name(), want.propose)
	case !same(&p.Change, &want.change):
		return fmt.Errorf("the ledger has another change under this id: its proposer withdraws it, and the change is proposed under another id")
	case p.State == "effective" || slices.Contains(p.AgreedBy, o.MSPID):
		return nil
	}
	return n.Submit(ctx, o, o.Registrar, api.RegistryAgree.Name(), fmt.Sprintf(`{"id":%q,"digest":%q}`, want.id, p.Digest))
}

// same reports whether two changes say the same.
func same(a, b *registry.Change) bool {
	one, err := registry.FoundingID(a)
	if err != nil {
		return false
	}
	other, err := registry.FoundingID(b)
	return err == nil && one == other
}

// proposalOf reads a proposal from an organisation's own peer; nil when there is none.
func proposalOf(ctx context.Context, n *admin.Network, o *topology.Organisation, id string) (*proposal, error) {
	text, err := n.Evaluate(ctx, o, o.Registrar, api.RegistryGetProposal.Name(), `{"id":"`+id+`"}`)
	if admin.Refused(err, "NOT_FOUND") {
		return nil, nil //nolint:nilnil // nobody has proposed it yet
	}
	if err != nil {
		return nil, err
	}
	var p proposal
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("proposal %s: %w", id, err)
	}
	return &p, nil
}
