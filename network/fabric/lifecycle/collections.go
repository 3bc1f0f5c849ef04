package lifecycle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/hyperledger/fabric-sdk-go/third_party/github.com/hyperledger/fabric/common/policydsl"
)

// collection is a private data collection as Fabric's own tools write it in JSON.
type collection struct {
	Name              string `json:"name"`
	Policy            string `json:"policy"`
	RequiredPeerCount int32  `json:"requiredPeerCount"`
	// MaxPeerCount is spelled maxPeerCount in Fabric's documents.
	MaxPeerCount      int32  `json:"maxPeerCount"`
	BlockToLive       uint64 `json:"blockToLive"`
	MemberOnlyRead    bool   `json:"memberOnlyRead"`
	MemberOnlyWrite   bool   `json:"memberOnlyWrite"`
	EndorsementPolicy *struct {
		SignaturePolicy     string `json:"signaturePolicy"`
		ChannelConfigPolicy string `json:"channelConfigPolicy"`
	} `json:"endorsementPolicy"`
}

// parseCollections reads a collections file; nothing is no collections.
func parseCollections(text []byte) ([]*peer.CollectionConfig, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var all []collection
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("collections: %w", err)
	}
	seen := map[string]bool{}
	var configs []*peer.CollectionConfig
	for _, c := range all {
		config, err := c.config()
		if err != nil {
			return nil, fmt.Errorf("collection %q: %w", c.Name, err)
		}
		if seen[c.Name] {
			return nil, fmt.Errorf("collection %q: is there twice", c.Name)
		}
		seen[c.Name] = true
		configs = append(configs, config)
	}
	return configs, nil
}

func (c collection) config() (*peer.CollectionConfig, error) {
	switch {
	case c.Name == "":
		return nil, errors.New("has no name")
	case c.RequiredPeerCount < 0 || c.MaxPeerCount < c.RequiredPeerCount:
		return nil, fmt.Errorf("requiredPeerCount %d and maxPeerCount %d do not fit", c.RequiredPeerCount, c.MaxPeerCount)
	}
	members, err := signaturePolicy(c.Policy)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	endorsement, err := c.endorsement()
	if err != nil {
		return nil, fmt.Errorf("endorsementPolicy: %w", err)
	}
	return &peer.CollectionConfig{Payload: &peer.CollectionConfig_StaticCollectionConfig{
		StaticCollectionConfig: &peer.StaticCollectionConfig{
			Name: c.Name,
			MemberOrgsPolicy: &peer.CollectionPolicyConfig{
				Payload: &peer.CollectionPolicyConfig_SignaturePolicy{SignaturePolicy: members},
			},
			RequiredPeerCount: c.RequiredPeerCount,
			MaximumPeerCount:  c.MaxPeerCount,
			BlockToLive:       c.BlockToLive,
			MemberOnlyRead:    c.MemberOnlyRead,
			MemberOnlyWrite:   c.MemberOnlyWrite,
			EndorsementPolicy: endorsement,
		},
	}}, nil
}

// endorsement is the collection's own endorsement policy, nil when the chaincode's holds.
func (c collection) endorsement() (*peer.ApplicationPolicy, error) {
	p := c.EndorsementPolicy
	switch {
	case p == nil:
		return nil, nil
	case p.SignaturePolicy != "" && p.ChannelConfigPolicy != "":
		return nil, errors.New("names both a signaturePolicy and a channelConfigPolicy")
	case p.SignaturePolicy != "":
		policy, err := signaturePolicy(p.SignaturePolicy)
		if err != nil {
			return nil, err
		}
		return &peer.ApplicationPolicy{Type: &peer.ApplicationPolicy_SignaturePolicy{SignaturePolicy: policy}}, nil
	case p.ChannelConfigPolicy != "":
		return &peer.ApplicationPolicy{Type: &peer.ApplicationPolicy_ChannelConfigPolicyReference{
			ChannelConfigPolicyReference: p.ChannelConfigPolicy,
		}}, nil
	}
	return nil, errors.New("names no policy")
}

func signaturePolicy(text string) (*common.SignaturePolicyEnvelope, error) {
	policy, err := policydsl.FromString(text)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	return policy, nil
}
