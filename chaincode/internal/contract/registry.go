// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// registryContract holds agencies, regions, duties, cosigning keys and thresholds.
type registryContract struct{ contractapi.Contract }

type proposalID struct {
	ID relief.ProposalID `json:"id"`
}

// Ping answers "pong" to anybody with a certificate: all endorsers that must answer did.
func (*registryContract) Ping(*Context) (string, error) { return `"pong"`, nil }

// Get gives the registry.
func (*registryContract) Get(ctx *Context) (string, error) {
	r, err := ctx.registry()
	if err != nil {
		return "", err
	}
	if r == nil {
		return "", relief.Errorf(relief.CodeNotFound, "the registry is not founded yet")
	}
	return encode(r, relief.Allowed(r.Duties, relief.ActRead, ctx.stamp.By))
}

// Propose proposes a change of the registry.
func (*registryContract) Propose(ctx *Context, input string) (string, error) {
	type propose struct {
		ID     relief.ProposalID `json:"id"`
		Change registry.Change   `json:"change"`
	}
	in, err := decode[propose](input)
	if err != nil {
		return "", err
	}
	reg, err := ctx.registry()
	if err != nil {
		return "", err
	}
	if err := ctx.mayChange(reg, &in.Change, relief.ActRegistryPropose); err != nil {
		return "", err
	}
	existing, err := load[registry.Proposal](ctx, relief.ProposalKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := registry.Propose(in.ID, in.Change, reg, existing, ctx.stamp)
	return finish(ctx, relief.ProposalKey(in.ID), out, changed, err)
}

// Agree agrees with a proposal; with the last agency's agreement it takes effect.
func (*registryContract) Agree(ctx *Context, input string) (string, error) {
	in, err := decode[proposalID](input)
	if err != nil {
		return "", err
	}
	reg, err := ctx.registry()
	if err != nil {
		return "", err
	}
	p, err := mustLoad[registry.Proposal](ctx, relief.ProposalKey(in.ID))
	if err != nil {
		return "", err
	}
	if err := ctx.mayChange(reg, &p.Change, relief.ActRegistryAgree); err != nil {
		return "", err
	}
	out, effective, changed, err := p.Agree(reg, ctx.stamp)
	if err == nil && effective {
		err = ctx.apply(reg, &out.Change)
	}
	return finish(ctx, relief.ProposalKey(in.ID), out, changed, err)
}

// GetProposal gives a proposal. Before the founding those may read it who may agree with it.
func (*registryContract) GetProposal(ctx *Context, input string) (string, error) {
	in, err := decode[proposalID](input)
	if err != nil {
		return "", err
	}
	p, err := mustLoad[registry.Proposal](ctx, relief.ProposalKey(in.ID))
	if err != nil {
		return "", err
	}
	if err := ctx.authorise(relief.ActRead); err != nil && relief.Allowed(p.Change.Duties, relief.ActRead, ctx.stamp.By) != nil {
		return "", err
	}
	return encode(p, nil)
}

// mayChange holds the caller against the duties of the registry; before the founding, against those that it names.
func (ctx *Context) mayChange(registry *registry.Registry, c *registry.Change, act relief.Act) error {
	duties := c.Duties
	if registry != nil {
		duties = registry.Duties
	}
	return relief.Allowed(duties, act, ctx.stamp.By)
}
