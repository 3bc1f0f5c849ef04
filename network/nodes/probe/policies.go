package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hyperledger/fabric-lib-go/bccsp/factory"
	cb "github.com/hyperledger/fabric-protos-go-apiv2/common"
	"github.com/hyperledger/fabric/common/cauthdsl"
	"github.com/hyperledger/fabric/common/channelconfig"
	"github.com/hyperledger/fabric/common/policydsl"
	"github.com/hyperledger/fabric/protoutil"
	"google.golang.org/protobuf/proto"
)

// policies prints what each policy of the channel asks for, which policy each part of its configuration changes by, and who
// may ask a peer for what.
func policies(s *spec, out io.Writer) error {
	bundle, err := configuration(s.Block)
	if err != nil {
		return err
	}
	who, err := s.signers()
	if err != nil {
		return err
	}
	t := tables{spec: s, bundle: bundle, who: who, out: out}
	return errors.Join(t.policies(), t.changes(), t.resources())
}

// configuration is the channel's configuration in a block.
func configuration(file string) (*channelconfig.Bundle, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block := &cb.Block{}
	if err := proto.Unmarshal(text, block); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	envelope, err := protoutil.ExtractEnvelope(block, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return channelconfig.NewBundleFromEnvelope(envelope, factory.GetDefault())
}

// tables prints what was found out of a channel.
type tables struct {
	*spec
	bundle *channelconfig.Bundle
	who    []*signer
	out    io.Writer
}

// policy is a policy at its place, and whose it is: an organisation's, or "" when it is everybody's.
type policy struct {
	path, agency string
	allows       gate
}

// policies prints all policies of the channel, those of the chaincode, and those of its private data collections.
func (t tables) policies() error {
	var all []policy
	for _, group := range groups("/Channel", t.bundle.ConfigtxValidator().ConfigProto().ChannelGroup) {
		for _, name := range slices.Sorted(maps.Keys(group.Policies)) {
			p, err := t.policyAt(group.path + "/" + name)
			if err != nil {
				return err
			}
			all = append(all, p)
		}
	}
	more, err := t.ofChaincode()
	if err != nil {
		return err
	}
	var rows []row
	for _, p := range append(all, more...) {
		r, err := t.row(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
		rows = append(rows, r)
	}
	return write(t.out, append(append([]string{"policy"}, kinds...), "two agencies with every key"), merged(rows))
}

// policyAt is the channel's policy of a name.
func (t tables) policyAt(path string) (policy, error) {
	p, ok := t.bundle.PolicyManager().GetPolicy(path)
	if !ok {
		return policy{}, fmt.Errorf("%s: the channel does not know this policy", path)
	}
	return policy{path, t.agencyIn(path), signatures(p)}, nil
}

// agencyIn is the organisation that a path is in, "" when it is in none.
func (t tables) agencyIn(path string) string {
	for _, a := range t.Agencies {
		if strings.Contains(path+"/", "/"+a.MSPID+"/") {
			return a.Name
		}
	}
	return ""
}

// ofChaincode are the policies of the chaincode and of its collections.
func (t tables) ofChaincode() ([]policy, error) {
	text, err := os.ReadFile(t.Collections)
	if err != nil {
		return nil, err
	}
	var collections []struct {
		Name              string
		Policy            string
		EndorsementPolicy struct{ SignaturePolicy string }
	}
	if err := json.Unmarshal(text, &collections); err != nil {
		return nil, fmt.Errorf("%s: %w", t.Collections, err)
	}
	rules := [][2]string{{"chaincode " + t.Chaincode + ", endorsement", t.Endorsement}}
	for _, c := range collections {
		rules = append(rules, [2]string{"collection " + c.Name + ", members", c.Policy},
			[2]string{"collection " + c.Name + ", endorsement", c.EndorsementPolicy.SignaturePolicy})
	}
	var all []policy
	for _, rule := range rules {
		envelope, err := policydsl.FromString(rule[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rule[0], err)
		}
		p, err := (&cauthdsl.EnvelopeBasedPolicyProvider{Deserializer: t.bundle.MSPManager()}).NewPolicy(envelope)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rule[0], err)
		}
		all = append(all, policy{path: rule[0], allows: signatures(p)})
	}
	return all, nil
}

// changes prints by which policy each part of the configuration changes, and how many administrators that takes.
func (t tables) changes() error {
	var rows []row
	for _, group := range groups("/Channel", t.bundle.ConfigtxValidator().ConfigProto().ChannelGroup) {
		parts := map[string]string{"members and parts": group.ModPolicy}
		for name, value := range group.Values {
			parts[name] = value.ModPolicy
		}
		for name, p := range group.Policies {
			parts["policy "+name] = p.ModPolicy
		}
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			by := parts[name]
			if !strings.HasPrefix(by, "/") {
				by = group.path + "/" + by
			}
			p, err := t.policyAt(by)
			if err != nil {
				return err
			}
			r, err := t.row(p)
			if err != nil {
				return fmt.Errorf("%s: %w", by, err)
			}
			admins := r.cells[slices.Index(kinds, kindAdmin)]
			rows = append(rows, row{p.agency, t.general(group.path) + ": " + name, []string{t.general(by), admins}})
		}
	}
	return write(t.out, []string{"part of the configuration", "changes by", "administrators"}, together(merged(rows)))
}

// group is a group of the configuration at its place.
type group struct {
	path string
	*cb.ConfigGroup
}

// groups are a group and all groups in it, in the order of their paths.
func groups(path string, g *cb.ConfigGroup) []group {
	all := []group{{path, g}}
	for _, name := range slices.Sorted(maps.Keys(g.Groups)) {
		all = append(all, groups(path+"/"+name, g.Groups[name])...)
	}
	return all
}
