package crosscheck

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/msp"
)

// group is a level of the channel's configuration, reduced to its policies.
type group struct {
	policies map[string]*common.Policy
	groups   map[string]*group
}

func newGroup(g *common.ConfigGroup) *group {
	out := &group{policies: map[string]*common.Policy{}, groups: map[string]*group{}}
	for name, p := range g.GetPolicies() {
		out.policies[name] = p.GetPolicy()
	}
	for name, sub := range g.GetGroups() {
		out.groups[name] = newGroup(sub)
	}
	return out
}

// satisfied reports whether the signers satisfy the policy at a path such as "Orderer/BlockValidation". A policy that
// is missing or of an unknown kind is never satisfied.
func (g *group) satisfied(path string, signers []*identity) bool {
	for {
		name, rest, more := strings.Cut(path, "/")
		if !more {
			return g.satisfies(name, signers)
		}
		if g = g.groups[name]; g == nil {
			return false
		}
		path = rest
	}
}

func (g *group) satisfies(name string, signers []*identity) bool {
	policy := g.policies[name]
	switch common.Policy_PolicyType(policy.GetType()) {
	case common.Policy_SIGNATURE:
		envelope := &common.SignaturePolicyEnvelope{}
		return proto.Unmarshal(policy.GetValue(), envelope) == nil && signaturePolicy(envelope, signers)
	case common.Policy_IMPLICIT_META:
		meta := &common.ImplicitMetaPolicy{}
		if proto.Unmarshal(policy.GetValue(), meta) != nil {
			return false
		}
		need := map[common.ImplicitMetaPolicy_Rule]int{
			common.ImplicitMetaPolicy_ANY: min(1, len(g.groups)), common.ImplicitMetaPolicy_ALL: len(g.groups),
			common.ImplicitMetaPolicy_MAJORITY: len(g.groups)/2 + 1,
		}
		threshold, ok := need[meta.GetRule()]
		if !ok {
			return false
		}
		for _, sub := range g.groups {
			if sub.satisfies(meta.GetSubPolicy(), signers) {
				threshold--
			}
		}
		return threshold <= 0
	}
	return false
}

// signaturePolicy evaluates a signature rule; each signer counts once.
func signaturePolicy(p *common.SignaturePolicyEnvelope, signers []*identity) bool {
	used := make([]bool, len(signers))
	return rule(p.GetRule(), p.GetIdentities(), signers, used, 0)
}

const maxPolicyDepth = 20

func rule(r *common.SignaturePolicy, principals []*msp.MSPPrincipal, signers []*identity, used []bool, depth int) bool {
	if depth > maxPolicyDepth {
		return false
	}
	if n := r.GetNOutOf(); n != nil {
		satisfied := int32(0)
		for _, sub := range n.GetRules() {
			tentative := bytesOf(used)
			if rule(sub, principals, signers, tentative, depth+1) {
				satisfied++
				copy(used, tentative)
			}
		}
		return satisfied >= n.GetN()
	}
	by, ok := r.GetType().(*common.SignaturePolicy_SignedBy)
	if !ok || by.SignedBy < 0 || int(by.SignedBy) >= len(principals) {
		return false
	}
	for i, s := range signers {
		if !used[i] && s.isPrincipal(principals[by.SignedBy]) {
			used[i] = true
			return true
		}
	}
	return false
}

func bytesOf(used []bool) []bool { return append([]bool(nil), used...) }

// isPrincipal supports roles and single certificates; relieftrail's policies use nothing else.
func (i *identity) isPrincipal(p *msp.MSPPrincipal) bool {
	switch p.GetPrincipalClassification() {
	case msp.MSPPrincipal_ROLE:
		role := &msp.MSPRole{}
		return proto.Unmarshal(p.GetPrincipal(), role) == nil && role.GetMspIdentifier() == i.mspID && i.has(role.GetRole())
	case msp.MSPPrincipal_IDENTITY:
		s := &msp.SerializedIdentity{}
		if proto.Unmarshal(p.GetPrincipal(), s) != nil || s.GetMspid() != i.mspID {
			return false
		}
		cert, err := parseCertificate(s.GetIdBytes())
		return err == nil && bytes.Equal(cert.Raw, i.cert.Raw)
	}
	return false
}

// resolve makes the name of a modification policy absolute: a name without a slash belongs to the group at path.
func resolve(path []string, name string) (string, error) {
	if absolute, ok := strings.CutPrefix(name, "/Channel/"); ok {
		return absolute, nil
	}
	if strings.HasPrefix(name, "/") || name == "" {
		return "", fmt.Errorf("%.60q is not a policy of the channel", name)
	}
	return strings.Join(append(append([]string(nil), path...), name), "/"), nil
}
