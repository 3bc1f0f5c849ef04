package admin

import (
	"path/filepath"

	"relieftrail/network/topology"
)

type object = map[string]any

// profile is the SDK's connection profile of a topology, for one of its organisations. The orderers are listed under the channel: with channel capability
// V3_0 there are no global orderer addresses for the SDK to find, and it ends in "orderers is nil".
func profile(t *topology.Topology, client *topology.Organisation) object {
	tls := client.OperatorTLS()
	organisations, peers, orderers, channelPeers := object{}, object{}, object{}, object{}
	for _, o := range t.Organisations {
		organisations[o.Name] = object{
			"mspid": o.MSPID, "cryptoPath": filepath.Join(o.Dir(), "users"), "peers": []string{Key(o.Node(topology.KindPeer))},
		}
	}
	for _, n := range t.NodesOf(topology.KindOrderer) {
		orderers[Key(n)] = endpoint(n)
	}
	for _, n := range t.NodesOf(topology.KindPeer) {
		peers[Key(n)] = endpoint(n)
		channelPeers[Key(n)] = object{
			"endorsingPeer": true, "chaincodeQuery": true, "ledgerQuery": true, "eventSource": true,
		}
	}
	return object{
		"version": "1.0.0",
		"client": object{
			"organization": client.Name,
			"tlsCerts":     object{"client": object{"cert": object{"path": tls.Cert}, "key": object{"path": tls.Key}}},
			"logging":      object{"level": "error"},
			"BCCSP": object{"security": object{
				"enabled": true, "default": object{"provider": "SW"},
				"hashAlgorithm": "SHA2", "softVerify": true, "level": 256,
			}},
			"peer":    object{"timeout": object{"connection": "5s", "response": "60s"}},
			"orderer": object{"timeout": object{"connection": "5s", "response": "15s"}},
		},
		"channels": object{t.Channel.Name: object{
			"orderers": Keys(t.NodesOf(topology.KindOrderer)),
			"peers":    channelPeers,
		}},
		"organizations": organisations,
		"orderers":      orderers,
		"peers":         peers,
	}
}

func endpoint(n *topology.Node) object {
	return object{
		"url":        n.Address(),
		"tlsCACerts": object{"path": n.Organisation.TLSRoot()},
		"grpcOptions": object{
			"keep-alive-time": "0s", "keep-alive-timeout": "20s", "keep-alive-permit": false,
			"fail-fast": true, "allow-insecure": false,
		},
	}
}
