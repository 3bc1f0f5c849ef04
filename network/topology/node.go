package topology

import (
	"net"
	"path/filepath"
	"strconv"
)

// Kinds of node.
const (
	KindCA = "ca"
	// KindRA is the registration authority: the door by which the gateway enrols officials who were invited.
	KindRA        = "ra"
	KindOrderer   = "orderer"
	KindPeer      = "peer"
	KindChaincode = "chaincode"
	KindGateway   = "gateway"
)

// Kinds are all kinds of node, in the order in which a network is shown.
var Kinds = []string{KindCA, KindRA, KindOrderer, KindPeer, KindChaincode, KindGateway}

// What a node takes or sends in one message. The largest transaction that the contracts make has some 4 MiB: an import of four
// segments with large households.
const (
	// OrdererMessageBytes bounds an orderer's: a block.
	OrdererMessageBytes = 16 << 20
	// PeerMessageBytes bounds a peer's: a proposal with its chunks (wire.MaxChunkBytes), or what the reconciler asks for at once.
	PeerMessageBytes = 32 << 20
)

// MessageBytes is the largest message of a peer or orderer.
func (n *Node) MessageBytes() int {
	if n.Kind == KindOrderer {
		return OrdererMessageBytes
	}
	return PeerMessageBytes
}

// Node is one process that an organisation runs on one host.
type Node struct {
	Kind         string
	Organisation *Organisation
	// ID is its name within the organisation: the name of its folder, of its log and of its identity.
	ID string
	// Name is ORGANISATION/ID, its name in commands and messages: "finance/peer".
	Name string
	Host string
	// Port is where the node serves its own protocol. An organisation's certificate authorities share one.
	Port int
	// OperationsPort is where certificate authorities, orderers and peers serve health and metrics; 0 for the other kinds.
	OperationsPort int
	// AdminPort is where an orderer joins channels; 0 for the other kinds.
	AdminPort int
	// ChaincodePort is where a peer would wait for chaincode that connects to it; 0 for the other kinds.
	ChaincodePort int
}

// Address is host:port of what the node serves.
func (n *Node) Address() string { return n.address(n.Port) }

// OperationsAddress is host:port of the node's health and metrics.
func (n *Node) OperationsAddress() string { return n.address(n.OperationsPort) }

// AdminAddress is host:port of an orderer's channel participation API.
func (n *Node) AdminAddress() string { return n.address(n.AdminPort) }

// ChaincodeAddress is host:port of a peer's chaincode listener.
func (n *Node) ChaincodeAddress() string { return n.address(n.ChaincodePort) }

func (n *Node) address(port int) string { return net.JoinHostPort(n.Host, strconv.Itoa(port)) }

// URL is where other systems find a gateway.
func (n *Node) URL() string { return "http://" + n.Host + ":" + strconv.Itoa(n.Port) }

// Dir is the folder of everything the node has.
func (n *Node) Dir() string { return filepath.Join(n.Organisation.dir, n.ID) }

// Data is the folder where the node keeps its databases.
func (n *Node) Data() string { return filepath.Join(n.Dir(), "data") }

// Config is a configuration file of the node.
func (n *Node) Config(file string) string { return filepath.Join(n.Dir(), file) }

// LogFile is the file that the node's output goes to.
func (n *Node) LogFile() string { return filepath.Join(n.Organisation.dir, "logs", n.ID+".log") }

// MSP is the local membership folder of a peer or orderer.
func (n *Node) MSP() string { return filepath.Join(n.Dir(), "msp") }

// TLS is the node's TLS certificate: what it shows as server and as client, a gateway as client of its peer, and certificate
// authorities at their operations port.
func (n *Node) TLS() KeyPair {
	dir := filepath.Join(n.Dir(), "tls")
	if n.Kind == KindCA { // the folder tls is the home of the authority for TLS
		dir = filepath.Join(n.Dir(), "listener")
	}
	return KeyPair{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

// namedPort is a port of a node and the key that it has in the topology file.
type namedPort struct {
	key    string
	number int
}

// ports are all ports that a node of this kind has.
func (n *Node) ports() []namedPort {
	all := []namedPort{{n.Kind + ".port", n.Port}}
	switch n.Kind {
	case KindCA:
		all = append(all, namedPort{"ca.operations_port", n.OperationsPort})
	case KindOrderer:
		all = append(all, namedPort{"orderer.admin_port", n.AdminPort}, namedPort{"orderer.operations_port", n.OperationsPort})
	case KindPeer:
		all = append(all, namedPort{"peer.chaincode_port", n.ChaincodePort}, namedPort{"peer.operations_port", n.OperationsPort})
	}
	return all
}
