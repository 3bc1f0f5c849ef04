package admin

import (
	"path/filepath"

	"relieftrail/network/topology"
)

type object = map[string]any

// profile is the SDK's connection profile of a topology. The orderers stand under the channel: with channel capability
// V3_0 there are no global orderer addresses for the SDK to find, and it ends in "orderers is nil".
func profile(t *topology.Topology) object {
	organisations, peers, orderers, channelPeers := object{}, object{}, object{}, object{}
	var ordererKeys []string
	for _, o := range All(t) {
		organisations[o.Name] = object{
			"mspid": o.MSPID, "cryptoPath": filepath.Join(o.Dir(), "users"), "peers": []string{PeerKey(o)},
		}
		peers[PeerKey(o)] = endpoint(o, o.Peer.Port)
		orderers[OrdererKey(o)] = endpoint(o, o.Orderer.Port)
		ordererKeys = append(ordererKeys, OrdererKey(o))
		channelPeers[PeerKey(o)] = object{
			"endorsingPeer": true, "chaincodeQuery": true, "ledgerQuery": true, "eventSource": true,
		}
	}
	return object{
		"version": "1.0.0",
		"client": object{
			"organization": t.Organisations[0].Name,
			"logging":      object{"level": "error"},
			"BCCSP": object{"security": object{
				"enabled": true, "default": object{"provider": "SW"},
				"hashAlgorithm": "SHA2", "softVerify": true, "level": 256,
			}},
			"peer":    object{"timeout": object{"connection": "5s", "response": "60s"}},
			"orderer": object{"timeout": object{"connection": "5s", "response": "15s"}},
		},
		"channels": object{t.Channel.Name: object{
			"orderers": ordererKeys,
			"peers":    channelPeers,
		}},
		"organizations": organisations,
		"orderers":      orderers,
		"peers":         peers,
	}
}

func endpoint(o *topology.Organisation, port int) object {
	return object{
		"url":        o.Address(port),
		"tlsCACerts": object{"path": o.TLSRoot()},
		"grpcOptions": object{
			"keep-alive-time": "0s", "keep-alive-timeout": "20s", "keep-alive-permit": false,
			"fail-fast": true, "allow-insecure": false,
		},
	}
}
