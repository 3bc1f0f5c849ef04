package crosscheck

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/msp"
)

// Names of groups and values in a channel's configuration.
const (
	groupApplication = "Application"
	groupOrderer     = "Orderer"
	valueMSP         = "MSP"
)

// configuration is a channel's configuration after some block. It does not change, but its directory caches the
// certificates that it has checked.
type configuration struct {
	channel      string
	raw          *common.Config
	policies     *group
	directory    *directory
	applications []string          // MSP ids of the organisations that must endorse, sorted
	groups       map[string]string // their groups' names, by MSP id
}

func newConfiguration(channel string, raw *common.Config) (*configuration, error) {
	root := raw.GetChannelGroup()
	c := &configuration{
		channel: channel, raw: raw, policies: newGroup(root), directory: &directory{members: map[string]*members{}},
		groups: map[string]string{},
	}
	for _, level := range []string{groupApplication, groupOrderer} {
		for name, organisation := range root.GetGroups()[level].GetGroups() {
			id, err := c.addMembers(organisation)
			if err != nil {
				return nil, fmt.Errorf("%s of the configuration: %w", name, err)
			}
			if level == groupApplication {
				c.applications = append(c.applications, id)
				c.groups[id] = name
			}
		}
	}
	if len(c.applications) == 0 {
		return nil, errors.New("the configuration has no organisations")
	}
	slices.Sort(c.applications)
	return c, nil
}

func (c *configuration) addMembers(organisation *common.ConfigGroup) (string, error) {
	outer, inner := &msp.MSPConfig{}, &msp.FabricMSPConfig{}
	err := decodeAll(
		func() error {
			return decode("the membership", organisation.GetValues()[valueMSP].GetValue(), outer)
		},
		func() error { return decode("the membership", outer.GetConfig(), inner) },
	)
	if err != nil {
		return "", err
	}
	m, err := newMembers(inner)
	if err != nil {
		return "", err
	}
	if m.id == "" {
		return "", errors.New("an organisation of the configuration has no name")
	}
	if before := c.directory.members[m.id]; before != nil && !before.sameAs(m) {
		return "", errors.New("its membership as an orderer differs from that as an organisation")
	}
	c.directory.members[m.id] = m
	return m.id, nil
}

func (m *members) sameAs(other *members) bool {
	return m.roots.Equal(other.roots) && m.intermediates.Equal(other.intermediates) && len(m.revoked) == len(other.revoked) &&
		maps.Equal(m.roles, other.roles)
}

// configOf returns the configuration that a block holds and its channel; nil when it holds none.
func configOf(b *Block) (*common.ConfigEnvelope, string, error) {
	if len(b.Data) != 1 {
		return nil, "", nil
	}
	envelope, payload, header := &common.Envelope{}, &common.Payload{}, &common.ChannelHeader{}
	if decodeAll(
		func() error { return decode("the envelope", b.Data[0], envelope) },
		func() error { return decode("the payload", envelope.GetPayload(), payload) },
		func() error { return decode("the header", payload.GetHeader().GetChannelHeader(), header) },
	) != nil || common.HeaderType(header.GetType()) != common.HeaderType_CONFIG {
		return nil, "", nil
	}
	config := &common.ConfigEnvelope{}
	if err := decode("the configuration", payload.GetData(), config); err != nil {
		return nil, "", err
	}
	return config, header.GetChannelId(), nil
}

// next checks a configuration block and returns the new configuration: its sequence is the next one, and every change
// is signed as the configuration before it requires.
func (c *configuration) next(config *common.ConfigEnvelope, channel string) (*configuration, error) {
	if channel != c.channel {
		return nil, fmt.Errorf("the configuration is for channel %.60q", channel)
	}
	if got, want := config.GetConfig().GetSequence(), c.raw.GetSequence()+1; got != want {
		return nil, fmt.Errorf("the configuration has sequence %d, but the one before it has %d", got, want-1)
	}
	signers, asked, err := c.updateSigners(config.GetLastUpdate())
	if err != nil {
		return nil, err
	}
	if asked.GetChannelId() != channel {
		return nil, errors.New("the change was asked for another channel")
	}
	var changed []change
	compareGroups(nil, c.raw.GetChannelGroup(), config.GetConfig().GetChannelGroup(), asked.GetWriteSet(), &changed)
	for _, ch := range changed {
		path, err := resolve(ch.level, ch.policy)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s was changed: %w", ch.what, err)
		case !ch.asked:
			return nil, fmt.Errorf("%s was changed without a request", ch.what)
		case !c.policies.satisfied(path, signers):
			return nil, fmt.Errorf("%s was changed without the signatures that policy %s requires", ch.what, path)
		}
	}
	return newConfiguration(channel, config.GetConfig())
}

// updateSigners verifies the signatures under the request for a change; it returns the signers and what they asked for.
func (c *configuration) updateSigners(lastUpdate *common.Envelope) (signers []*identity, asked *common.ConfigUpdate, err error) {
	const what = "the request for the change"
	payload, update := &common.Payload{}, &common.ConfigUpdateEnvelope{}
	asked = &common.ConfigUpdate{}
	if err := decodeAll(
		func() error { return decode(what, lastUpdate.GetPayload(), payload) },
		func() error { return decode(what, payload.GetData(), update) },
		func() error { return decode(what, update.GetConfigUpdate(), asked) },
	); err != nil {
		return nil, nil, err
	}
	for _, s := range update.GetSignatures() {
		header := &common.SignatureHeader{}
		if err := decode("a signature of the change", s.GetSignatureHeader(), header); err != nil {
			return nil, nil, err
		}
		id, err := c.directory.find(header.GetCreator())
		if err != nil {
			return nil, nil, fmt.Errorf("a signature of the change: %w", err)
		}
		if err := id.verify(join(s.GetSignatureHeader(), update.GetConfigUpdate()), s.GetSignature()); err != nil {
			return nil, nil, fmt.Errorf("the signature of the change by %s %w", id, err)
		}
		signers = appendOnce(signers, id)
	}
	return signers, asked, nil
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// appendOnce adds a signer whose certificate is not in the list yet, so that no certificate counts twice.
func appendOnce(signers []*identity, id *identity) []*identity {
	for _, s := range signers {
		if bytes.Equal(s.cert.Raw, id.cert.Raw) {
			return signers
		}
	}
	return append(signers, id)
}

// change is a part of the configuration that differs, the policy that must allow it, and whether it was requested.
type change struct {
	level  []string // of the group that the policy's name belongs to
	what   string
	policy string
	asked  bool
}

// compareGroups lists the differences between two configurations. An added or removed member is a change of its group.
// A change was requested when the request holds the same bytes: versions count up, so no request can be used twice.
func compareGroups(level []string, before, after, asked *common.ConfigGroup, out *[]change) {
	name := "the channel"
	if len(level) > 0 {
		name = level[len(level)-1]
	}
	if before.GetModPolicy() != after.GetModPolicy() || !sameMembers(before, after) {
		*out = append(*out, change{level, name, before.GetModPolicy(), after.GetVersion() == before.GetVersion()+1 && sameAdditions(before, after, asked)})
	}
	for key, v := range before.GetValues() {
		if w, ok := after.GetValues()[key]; ok && !proto.Equal(v, w) {
			*out = append(*out, change{level, name + "'s " + key, v.GetModPolicy(), w.GetVersion() == v.GetVersion()+1 && proto.Equal(w, asked.GetValues()[key])})
		}
	}
	for key, p := range before.GetPolicies() {
		if q, ok := after.GetPolicies()[key]; ok && !proto.Equal(p, q) {
			*out = append(*out, change{level, name + "'s policy " + key, p.GetModPolicy(), q.GetVersion() == p.GetVersion()+1 && proto.Equal(q, asked.GetPolicies()[key])})
		}
	}
	for key, g := range before.GetGroups() {
		if h, ok := after.GetGroups()[key]; ok {
			compareGroups(append(slices.Clone(level), key), g, h, asked.GetGroups()[key], out)
		}
	}
}

func sameMembers(a, b *common.ConfigGroup) bool {
	return sameKeys(a.GetGroups(), b.GetGroups()) && sameKeys(a.GetValues(), b.GetValues()) && sameKeys(a.GetPolicies(), b.GetPolicies())
}

// sameAdditions reports whether a request lists the members of a group as they are now, and its new members unchanged.
func sameAdditions(before, after, asked *common.ConfigGroup) bool {
	if asked == nil || asked.GetVersion() != after.GetVersion() || asked.GetModPolicy() != after.GetModPolicy() || !sameMembers(asked, after) {
		return false
	}
	for key, v := range after.GetValues() {
		if before.GetValues()[key] == nil && !proto.Equal(v, asked.GetValues()[key]) {
			return false
		}
	}
	for key, p := range after.GetPolicies() {
		if before.GetPolicies()[key] == nil && !proto.Equal(p, asked.GetPolicies()[key]) {
			return false
		}
	}
	for key, g := range after.GetGroups() {
		if before.GetGroups()[key] == nil && !proto.Equal(g, asked.GetGroups()[key]) {
			return false
		}
	}
	return true
}

func sameKeys[T any](a, b map[string]T) bool {
	if len(a) != len(b) {
		return false
	}
	for k := range a {
		if _, ok := b[k]; !ok {
			return false
		}
	}
	return true
}
