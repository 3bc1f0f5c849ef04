package topology_test

import (
	"fmt"

	"relieftrail/network/topology"
)

// A second network beside the first has a folder and ports of its own.
func ExampleLoad() {
	offset := 10_000
	network, err := topology.Load(topology.Options{State: "/srv/relief/second", PortOffset: &offset})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, peer := range network.NodesOf(topology.KindPeer) {
		fmt.Println(peer.Name, peer.Address(), peer.Organisation.MSPID)
	}
	gateway, err := network.Node("finance/gateway")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(gateway.URL(), gateway.LogFile())
	// Output:
	// civil-affairs/peer 127.0.0.1:17011 CivilAffairsMSP
	// finance/peer 127.0.0.1:17021 FinanceMSP
	// audit/peer 127.0.0.1:17031 AuditMSP
	// http://127.0.0.1:18402 /srv/relief/second/orgs/finance/logs/gateway.log
}
