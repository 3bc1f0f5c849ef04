package lifecycle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/topology"
)

const good = `[{
  "name": "persons",
  "policy": "OR('CivilAffairsMSP.member','FinanceMSP.member')",
  "requiredPeerCount": 1, "maxPeerCount": 2, "blockToLive": 7,
  "memberOnlyRead": true, "memberOnlyWrite": true,
  "endorsementPolicy": {"signaturePolicy": "AND('CivilAffairsMSP.peer','FinanceMSP.peer')"}
}]`

func TestCollections(t *testing.T) {
	configs, err := parseCollections([]byte(good))
	require.NoError(t, err)
	require.Len(t, configs, 1)
	c := configs[0].GetStaticCollectionConfig()
	require.Equal(t, "persons", c.GetName())
	require.Equal(t, int32(1), c.GetRequiredPeerCount())
	require.Equal(t, int32(2), c.GetMaximumPeerCount())
	require.Equal(t, uint64(7), c.GetBlockToLive())
	require.True(t, c.GetMemberOnlyRead())
	require.True(t, c.GetMemberOnlyWrite())
	require.Len(t, c.GetMemberOrgsPolicy().GetSignaturePolicy().GetIdentities(), 2)
	require.Equal(t, int32(2), c.GetEndorsementPolicy().GetSignaturePolicy().GetRule().GetNOutOf().GetN())

	none, err := parseCollections(nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestTheProductsCollections(t *testing.T) {
	text, err := os.ReadFile("../../../chaincode/collections_config.json")
	require.NoError(t, err)
	configs, err := parseCollections(text)
	require.NoError(t, err)
	require.NotEmpty(t, configs)
}

func TestBadCollections(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"not JSON":        {"[{", "[", "collections"},
		"unknown key":     {`"blockToLive"`, `"blocksToLive"`, "blocksToLive"},
		"no name":         {`"persons"`, `""`, "has no name"},
		"no policy":       {`"OR('CivilAffairsMSP.member','FinanceMSP.member')"`, `""`, "policy"},
		"bad policy":      {"OR(", "XOR(", "policy"},
		"too few peers":   {`"maxPeerCount": 2`, `"maxPeerCount": 0`, "do not fit"},
		"two policies":    {`"signaturePolicy"`, `"channelConfigPolicy": "/Channel/Application/Endorsement", "signaturePolicy"`, "both"},
		"an empty policy": {`{"signaturePolicy": "AND('CivilAffairsMSP.peer','FinanceMSP.peer')"}`, `{}`, "names no policy"},
		"twice":           {good[1 : len(good)-1], good[1:len(good)-1] + "," + good[1:len(good)-1], "there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, c.from)
			_, err := parseCollections([]byte(strings.Replace(good, c.from, c.to, 1)))
			require.ErrorContains(t, err, c.want)
		})
	}
}

// The id must be the same at every organisation, and another one for whatever changes what is agreed.
func TestPackageIsItsContent(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	base := topology.Topology{Chaincode: topology.Chaincode{
		Name: "relief", Collections: write("collections", good), Endorsement: "AND('A.peer','B.peer')",
	}}
	program := write("program", "one")
	first, err := NewPackage(&base, program)
	require.NoError(t, err)
	require.Equal(t, "relief_"+first.Version, first.Label)
	require.True(t, strings.HasPrefix(first.ID, first.Label+":"))
	again, err := NewPackage(&base, program)
	require.NoError(t, err)
	require.Equal(t, first, again)

	policy, collections := base, base
	policy.Chaincode.Endorsement = "AND('A.peer')"
	collections.Chaincode.Collections = filepath.Join(dir, "none")
	for name, change := range map[string]func() (Package, error){
		"program":     func() (Package, error) { return NewPackage(&base, write("other", "two")) },
		"policy":      func() (Package, error) { return NewPackage(&policy, program) },
		"collections": func() (Package, error) { return NewPackage(&collections, program) },
	} {
		other, err := change()
		require.NoError(t, err, name)
		require.NotEqual(t, first.ID, other.ID, name)
		require.NotEqual(t, first.Version, other.Version, name)
	}
	_, err = NewPackage(&base, filepath.Join(dir, "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
