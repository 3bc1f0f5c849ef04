// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"cmp"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// registryContract holds agencies, regions, duties, cosigning keys and thresholds.
type registryContract struct{ contractapi.Contract }

// Ping answers "pong" to every caller with a certificate: then all endorsers that have to answer did.
func (*registryContract) Ping(*Context) (string, error) { return api.Encode("pong") }

// Get gives the registry.
func (*registryContract) Get(ctx *Context) (string, error) {
	w := newWork(ctx)
	r, err := w.registry()
	if err != nil {
		return "", err
	}
	if r == nil {
		return "", relief.Errorf(relief.CodeNotFound, "the registry is not founded yet")
	}
	if err := w.identify(); err != nil {
		return "", err
	}
	if err := relief.Allowed(r.Duties, api.RegistryGet.Row().Act, w.Actor.By); err != nil {
		return "", err
	}
	return api.Encode(r)
}

// Propose proposes a change of the registry.
func (*registryContract) Propose(ctx *Context, input string) (string, error) {
	return doUnasked(ctx, input, api.RegistryPropose, propose)
}

func propose(w *work, in api.ProposeInput) (registry.Proposal, error) {
	reg, err := w.registryFor(&in.Change)
	if err != nil {
		return registry.Proposal{}, err
	}
	if err := w.mayChange(reg, &in.Change, relief.ActRegistryPropose); err != nil {
		return registry.Proposal{}, err
	}
	existing, err := uow.Find[registry.Proposal](w.Work, relief.ProposalKey(in.ID))
	if err != nil {
		return registry.Proposal{}, err
	}
	out, changed, err := registry.Propose(in.ID, in.Change, api.Acts(), reg, existing, w.Actor)
	if err != nil {
		return out, err
	}
	if changed {
		if err := w.mayRepair(in.Change.Repair); err != nil {
			return out, err
		}
	}
	return putIf(w, changed, relief.ProposalKey(in.ID), out)
}

// Agree agrees with a proposal; with the last agency's agreement it takes effect.
func (*registryContract) Agree(ctx *Context, input string) (string, error) {
	return doUnasked(ctx, input, api.RegistryAgree, agree)
}

func agree(w *work, in api.AgreeInput) (registry.Proposal, error) {
	p, err := uow.Get[registry.Proposal](w.Work, relief.ProposalKey(in.ID))
	if err != nil {
		return p, err
	}
	reg, err := w.registryFor(&p.Change)
	if err != nil {
		return p, err
	}
	if err := w.mayChange(reg, &p.Change, relief.ActRegistryAgree); err != nil {
		return p, err
	}
	out, effective, changed, err := p.Agree(in.Digest, api.Acts(), reg, w.Actor)
	if err != nil {
		return out, err
	}
	if changed {
		if err := w.mayRepair(out.Change.Repair); err != nil {
			return out, err
		}
	}
	if effective {
		if err := w.putRegistry(reg, &out); err != nil {
			return out, err
		}
	}
	return putIf(w, changed, relief.ProposalKey(in.ID), out)
}

// Withdraw takes a proposal back.
func (*registryContract) Withdraw(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RegistryWithdraw, withdrawProposal)
}

func withdrawProposal(w *work, in api.ProposalInput) (registry.Proposal, error) {
	p, err := uow.Get[registry.Proposal](w.Work, relief.ProposalKey(in.ID))
	if err != nil {
		return p, err
	}
	reg, err := w.registry()
	if err != nil {
		return p, err
	}
	out, changed, err := p.Withdraw(reg, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, relief.ProposalKey(in.ID), out)
}

// GetProposal gives a proposal. Before the founding those may read it who may agree with it.
func (*registryContract) GetProposal(ctx *Context, input string) (string, error) {
	return doUnasked(ctx, input, api.RegistryGetProposal, getProposal)
}

func getProposal(w *work, in api.ProposalInput) (registry.Proposal, error) {
	if err := w.Fetch(append(w.asked(relief.ActRead), relief.AgenciesKey(), relief.ProposalKey(in.ID))...); err != nil {
		return registry.Proposal{}, err
	}
	founded, err := w.Value(relief.AgenciesKey())
	if err != nil {
		return registry.Proposal{}, err
	}
	p, err := uow.Get[registry.Proposal](w.Work, relief.ProposalKey(in.ID))
	if founded != nil {
		return p, cmp.Or(w.authorise(relief.ActRead), err)
	}
	if err != nil {
		return p, err
	}
	return p, w.mayFound(&p.Change, relief.ActRead)
}

// mayChange asks for the caller's entry and duty by the registry; before the founding, by the registry that is proposed.
func (w *work) mayChange(reg *registry.Registry, c *registry.Change, act relief.Act) error {
	if reg == nil {
		return w.mayFound(c, act)
	}
	if err := w.identifyFor(c); err != nil {
		return err
	}
	return relief.Allowed(reg.Duties, act, w.Actor.By)
}

// doUnasked is do for a function that asks for the caller's duty itself.
func doUnasked[In, Out any](ctx *Context, input string, f api.Function[In, Out], handle func(*work, In) (Out, error)) (string, error) {
	in, err := api.Decode[In](input)
	if err != nil {
		return "", err
	}
	return action[In, Out]{f: f, handle: handle}.carryOut(newWork(ctx), in)
}
