package redteam

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/fabric/channel"
	"relieftrail/network/fabric/fabrictest"
	"relieftrail/network/host/programs"
)

var update = flag.Bool("update", false, "write the generated page again")

// TestPoliciesPage evaluates every policy of the channel that a topology makes, with every kind of identity, and keeps
// docs/policies.md as they are.
func TestPoliciesPage(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program with Fabric in it")
	}
	top := fabrictest.Topology(t)
	_, _, err := channel.Genesis(top)
	require.NoError(t, err)
	program, err := programs.Probe(t.Context(), top, t.Logf)
	require.NoError(t, err)
	tables, err := Policies(t.Context(), program, top)
	require.NoError(t, err)
	const page = "../../../docs/policies.md"
	want := head + PortTable() + "\n" + between + string(tables[:len(tables)-1]) + after
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o600))
	}
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, want, string(text), "go test ./network/testbed/redteam -run Page -update")
}

const head = `# Who may do what: ports and policies

Printed by a test that evaluates every policy of the channel with every kind of identity; the whole-system test tries every port with
every certificate. What the contracts decide, by duty and region, is in [contracts.md](contracts.md); what follows for an attacker, in the
[threat model](threat-model.md).

## Ports

A node shows and asks for TLS certificates. Each agency has three authorities: one for identities, which sign messages; one for the TLS of
nodes, gateways and the operator's tool; one for operations, whose certificates only the operator's tool and monitoring have. No node
trusts the authority for identities in TLS, so an official's key opens no port of a node. Nodes trust the TLS authorities of all agencies
of the channel.

`

const between = `Every TLS certificate of the channel's agencies opens a peer and an orderer: Go trusts all certificates under a root. What is asked there is signed,
and the signature decides. Whoever has a gateway's TLS key and no other can do nothing; with an official's key as well they can have that
official's transactions ordered, of at most 8 MiB, throttled by the orderers.

` + `A gateway's port is in [the interface](../gateway/internal/httpapi/openapi.yaml): tokens for officials, limits for the public. Go's
profiles are served on the loopback address, and only when the topology asks for them.

## Policies

Columns are kinds of identity; a cell says whose signatures are enough. "any": one, of any agency. "all": one of each agency. "its own": one
of the agency that the policy is of. "–": never. An official is an official here, whatever the role, and so is a gateway: what either may do
is up to the contracts. Chaincode has no identity, and a TLS certificate is none.

`

const after = `
## When an agency is away, or gone

The ordering service, the channel and the chaincode change only when the administrators of all agencies sign. There is no rule by which two
decide without the third, in an emergency either: such a rule would be a way to write without it. Every change, with its signatures, is a
configuration block of the ledger, and the cross-check verifies it.

| what happened | what goes on | what to do |
|---|---|---|
| an agency's orderer is down | ordering, by the two others | start it again |
| its peer, chaincode or gateway is down | reading; nothing is endorsed, so nothing is written | start it again; its own data, or another agency's blocks, are enough |
| its administrator's key is lost or stolen | everything but changes of the configuration | its own authority enrols a new administrator and revokes the old certificate: an administrator is whoever that authority certifies |
| its authority's key is stolen | everything | its administrator replaces its roots in its own part of the configuration, which no other agency has to sign |
| its administrator's and its authority's keys are lost | everything, as long as its nodes' certificates last | keep the authority's key offline, too: without it the channel can never be changed again, and what follows is the last row |
| it is dissolved, or refuses for good | reading | a successor takes over its keys; or the agencies that are left found a new ledger, and name the old one's last block in its founding |
`
