package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
)

// ProposalState is the state of a proposal.
type ProposalState string

// The states of a proposal.
const (
	ProposalOpen      ProposalState = "open"
	ProposalEffective ProposalState = "effective"
	ProposalWithdrawn ProposalState = "withdrawn"
)

// ProposalDays is how many days a proposal can be agreed to. Later the agencies would agree to what was meant for another
// time.
const ProposalDays = 90

// Proposal is a change that takes effect once every agency has agreed. It rests on the sections that it replaces: when
// one of them has changed meanwhile, or its days are over, it has lapsed and nobody can agree to it any more.
type Proposal struct {
	ID       relief.ProposalID     `json:"id"`
	State    ProposalState         `json:"state"`
	Base     string                `json:"base,omitempty"` // SHA-256 of the sections that it replaces and their revisions; empty at the founding
	Digest   string                `json:"digest"`         // SHA-256 of the base and of the change's canonical JSON
	AgreedBy []string              `json:"agreed_by"`
	Change   Change                `json:"change"`
	Acts     []relief.HistoryEntry `json:"acts"`
}

// Propose proposes a change to the registry, nil before the founding. Its duties may be for the given acts only. The proposal
// counts as the proposer's agreement. A founding has the id FoundingID.
func Propose(id relief.ProposalID, c Change, acts []relief.Act, registry *Registry, existing *Proposal, actor relief.Actor) (Proposal, bool, error) {
	if _, err := relief.ParseProposalID(string(id)); err != nil {
		return Proposal{}, false, err
	}
	if err := c.validate(acts, registry); err != nil {
		return Proposal{}, false, err
	}
	if err := c.requireRegion(registry, actor); err != nil {
		return Proposal{}, false, err
	}
	if registry == nil {
		if want, err := FoundingID(&c); err != nil || id != want {
			return Proposal{}, false, relief.FieldErrorf("id", "the proposal of a founding has the id of its content, %s", want)
		}
	}
	if existing != nil {
		same, err := hashOf(existing.Base, &c)
		if err != nil {
			return Proposal{}, false, err
		}
		if existing.Digest == same && relief.SameOfficial(existing.Acts[0].By, actor.By) {
			return *existing, false, nil
		}
		return Proposal{}, false, relief.Errorf(relief.CodeConflict, "proposal %s exists with other content", id)
	}
	p := Proposal{ID: id, State: ProposalOpen, Change: c}
	if !slices.Contains(p.voters(registry), actor.By.Agency) {
		return Proposal{}, false, relief.Errorf(relief.CodeForbidden, "%s is not one of the agencies", actor.By.Agency)
	}
	var err error
	if p.Base, err = c.base(registry); err != nil {
		return Proposal{}, false, err
	}
	if p.Digest, err = hashOf(p.Base, &c); err != nil {
		return Proposal{}, false, err
	}
	p.AgreedBy = []string{actor.By.Agency}
	p.Acts = []relief.HistoryEntry{actor.Entry(relief.ActRegistryPropose)}
	return p, true, nil
}

// Agree adds an agency's agreement to exactly the proposal with a digest. effective is true when no other agreement is
// missing. CONFLICT for another digest, LATE for a proposal that has lapsed.
func (p Proposal) Agree(digest string, acts []relief.Act, registry *Registry, actor relief.Actor) (out Proposal, effective, changed bool, err error) {
	if digest != p.Digest {
		return p, false, false, &relief.Error{Code: relief.CodeConflict, Field: "digest", Detail: "proposal " + string(p.ID) + " has the digest " + p.Digest}
	}
	if p.State != ProposalWithdrawn && slices.Contains(p.AgreedBy, actor.By.Agency) {
		return p, false, false, nil
	}
	if p.State != ProposalOpen {
		return p, false, false, relief.Errorf(relief.CodeWrongState, "proposal %s is %s", p.ID, p.State)
	}
	if err := p.Change.requireRegion(registry, actor); err != nil {
		return p, false, false, err
	}
	if err := p.requireFresh(registry, actor); err != nil {
		return p, false, false, err
	}
	if err := p.Change.validate(acts, registry); err != nil { // what the rest of the registry says may have changed
		return p, false, false, err
	}
	voters := p.voters(registry)
	if !slices.Contains(voters, actor.By.Agency) {
		return p, false, false, relief.Errorf(relief.CodeForbidden, "%s is not one of the agencies", actor.By.Agency)
	}
	if err := actor.Follows(p.Acts); err != nil {
		return p, false, false, err
	}
	p.AgreedBy = append(slices.Clone(p.AgreedBy), actor.By.Agency)
	p.Acts = append(slices.Clone(p.Acts), actor.Entry(relief.ActRegistryAgree))
	for _, v := range voters {
		if !slices.Contains(p.AgreedBy, v) {
			return p, false, true, nil
		}
	}
	p.State = ProposalEffective
	return p, true, true, nil
}

// Withdraw takes a proposal back before the last agency has agreed. FORBIDDEN for another agency than the proposer's.
func (p Proposal) Withdraw(registry *Registry, actor relief.Actor) (Proposal, bool, error) {
	if p.State == ProposalWithdrawn && actor.Repeats(p.Acts, relief.ActRegistryWithdraw) {
		return p, false, nil
	}
	if p.State != ProposalOpen {
		return p, false, relief.Errorf(relief.CodeWrongState, "proposal %s is %s", p.ID, p.State)
	}
	if p.Acts[0].By.Agency != actor.By.Agency {
		return p, false, relief.Errorf(relief.CodeForbidden, "proposal %s is withdrawn by the agency that proposed it, %s", p.ID, p.Acts[0].By.Agency)
	}
	if err := p.Change.requireRegion(registry, actor); err != nil {
		return p, false, err
	}
	if err := actor.Follows(p.Acts); err != nil {
		return p, false, err
	}
	p.State = ProposalWithdrawn
	p.Acts = append(slices.Clone(p.Acts), actor.Entry(relief.ActRegistryWithdraw))
	return p, true, nil
}

// FoundingID is the id of a founding's proposal: it names the content, so that nobody can take it with another content.
func FoundingID(c *Change) (relief.ProposalID, error) {
	hash, err := hashOf("", c)
	if err != nil {
		return "", err
	}
	return relief.ProposalID("founding-" + hash[:30]), nil
}

// requireRegion refuses, with REGION, an official whose region does not cover all regions of the registry, before the change and
// after it: an agency speaks through those who answer for all of it.
func (c *Change) requireRegion(registry *Registry, actor relief.Actor) error {
	regions := c.Regions
	if registry != nil {
		regions = slices.Concat(registry.Regions, c.Regions)
	}
	for i := range regions {
		if err := relief.RequireRegion(actor.By, regions[i].Code); err != nil {
			return err
		}
	}
	return nil
}

// requireFresh refuses, with LATE, a proposal whose days are over or whose sections have changed since it was made.
func (p *Proposal) requireFresh(registry *Registry, actor relief.Actor) error {
	if actor.At.After(p.Acts[0].At.AddDate(0, 0, ProposalDays)) {
		return relief.Errorf(relief.CodeLate, "proposal %s has lapsed: it could be agreed to for %d days; propose it again", p.ID, ProposalDays)
	}
	base, err := p.Change.base(registry)
	if err != nil {
		return err
	}
	if base != p.Base {
		return relief.Errorf(relief.CodeLate, "proposal %s has lapsed: the registry has changed since it was made; propose it again", p.ID)
	}
	return nil
}

// voters lists the agencies that must agree: those of the registry, or at the founding those that the change names.
func (p *Proposal) voters(registry *Registry) []string {
	agencies := p.Change.Agencies
	if registry != nil {
		agencies = registry.Agencies
	}
	var ids []string
	for _, a := range agencies {
		ids = append(ids, a.MSPID)
	}
	return ids
}

// base is the hash of the registry's sections that a change replaces, and of its agencies, who agree, with the proposals that
// replaced them last; "" before the founding. A repair itself names the hashes of the values that it replaces.
func (c *Change) base(registry *Registry) (string, error) {
	if registry == nil {
		return "", nil
	}
	replaced := Change{Agencies: registry.Agencies}
	if c.Regions != nil {
		replaced.Regions = registry.Regions
	}
	if c.Duties != nil {
		replaced.Duties = registry.Duties
	}
	if c.CosigningKeys != nil {
		replaced.CosigningKeys = registry.CosigningKeys
	}
	if c.Thresholds != nil {
		replaced.Thresholds = registry.Thresholds
	}
	if c.Sources != nil {
		replaced.Sources = registry.Sources
	}
	if c.Calendar != nil {
		replaced.Calendar = &registry.Calendar
	}
	if c.ReferenceKey != nil {
		replaced.ReferenceKey = registry.ReferenceKey
	}
	if c.Contacts != nil {
		replaced.Contacts = registry.Contacts
	}
	return hashOf(registry.Revisions.of(replaced.Sections()), &replaced)
}

// hashOf is the hash of a base and a change.
func hashOf(base string, c *Change) (string, error) {
	b, err := json.Marshal(c) // maps are written in the order of their keys
	if err != nil {
		return "", relief.FieldErrorf("change", "the change cannot be written as JSON")
	}
	sum := sha256.Sum256(slices.Concat([]byte("relieftrail/registry/v2\x00"+base+"\x00"), b))
	return hex.EncodeToString(sum[:]), nil
}
