// Package topology says what a network consists of: organisations, their nodes, hosts and ports, and where on
// disk each thing lives. It is the only package here that reads settings.
package topology

import (
	"fmt"
	"net"
	"strconv"
	"time"
)

// Topology is a whole network, checked and with absolute paths. Make one with Load.
type Topology struct {
	Name  string `mapstructure:"name"`
	State string `mapstructure:"state"`
	// Test: a network of tests and demonstrations. Its ledger allows programmes without a public notice; on every other one a
	// notice lasts seven days at least. The founding fixes it for ever.
	Test          bool           `mapstructure:"test"`
	PortOffset    int            `mapstructure:"port_offset"`
	Nodes         Nodes          `mapstructure:"nodes"`
	Channel       Channel        `mapstructure:"channel"`
	Chaincode     Chaincode      `mapstructure:"chaincode"`
	Gateway       Gateway        `mapstructure:"gateway"`
	Organisations []Organisation `mapstructure:"organisations"`

	// Root is the checkout: what relative paths start from and where programs are built.
	Root string `mapstructure:"-"`
}

// Nodes says where the Fabric programs come from.
type Nodes struct {
	// Dir has ready-made programs; when empty they are built into Cache.
	Dir   string `mapstructure:"dir"`
	Cache string `mapstructure:"cache"`
	// GOGC is for each kind of node what Go's garbage collector is told; 100 where nothing is said.
	GOGC map[string]int `mapstructure:"gogc"`
	// Memory is what each kind of node tries to stay below, in the form of GOMEMLIMIT; empty is no limit.
	Memory map[string]string `mapstructure:"memory"`
	// ProfileOffset is added to each node's port to give the port of its Go profiles, on the loopback address; 0: none.
	ProfileOffset int `mapstructure:"profile_offset"`
}

// Channel is the one ledger that all organisations share, and how its blocks are cut.
type Channel struct {
	Name           string        `mapstructure:"name"`
	BatchTimeout   time.Duration `mapstructure:"batch_timeout"`
	MaxMessages    uint32        `mapstructure:"max_messages"`
	PreferredBytes uint32        `mapstructure:"preferred_bytes"`
	AbsoluteBytes  uint32        `mapstructure:"absolute_bytes"`
}

// Chaincode is what runs on the channel.
type Chaincode struct {
	Name string `mapstructure:"name"`
	// Package is the Go package of its main.
	Package string `mapstructure:"package"`
	// Collections is the file of its private data collections; a file that is not there means none.
	Collections string `mapstructure:"collections"`
	// Endorsement is the signature policy that every transaction must satisfy.
	Endorsement string `mapstructure:"endorsement"`
	// Ping is a function without arguments that reads and writes nothing.
	Ping string `mapstructure:"ping"`
	// Registry is the founding document; empty means that the network does no founding.
	Registry string `mapstructure:"registry"`
}

// Gateway is the program that serves an organisation's systems.
type Gateway struct {
	// Package is the Go package of its main; empty means a network without gateways.
	Package  string `mapstructure:"package"`
	Timezone string `mapstructure:"timezone"`
	// Region is what the gateways' own identities may read.
	Region string `mapstructure:"region"`
	// LogOrigin is the name of the transparency log, the same at every organisation. Empty: relieftrail/NAME/CHANNEL.
	LogOrigin string `mapstructure:"log_origin"`
	// PublicRate is how many requests a second one address may send to the public paths; 0 is the gateway's default.
	PublicRate float64 `mapstructure:"public_rate"`
}

// Organisation is one agency and what it runs.
type Organisation struct {
	// Name is its name in commands and paths, MSPID the one on the ledger.
	Name      string        `mapstructure:"name"`
	MSPID     string        `mapstructure:"msp_id"`
	Host      string        `mapstructure:"host"`
	CA        CANode        `mapstructure:"ca"`
	Peer      PeerNode      `mapstructure:"peer"`
	Orderer   OrdererNode   `mapstructure:"orderer"`
	Chaincode ChaincodeNode `mapstructure:"chaincode"`
	Gateway   GatewayNode   `mapstructure:"gateway"`
	// Registrar is the principal who signs for the organisation when the registry is founded or changed.
	Registrar string `mapstructure:"registrar"`
	// KeepsPersons: it is a member of the collection of private details, and its gateway has the key that seals them.
	KeepsPersons bool `mapstructure:"keeps_persons"`
	// NoticesAs is the principal in whose name its gateway reads a name to mask it on a public notice; "" for no names.
	NoticesAs string `mapstructure:"notices_as"`
	// MakesReceipts: its gateway has the key that salts the leaves of receipts; finance.
	MakesReceipts bool `mapstructure:"makes_receipts"`
	// Bank is the section bank of its gateway's configuration, passed on as it is: the gateway knows what may stand there.
	Bank map[string]any `mapstructure:"bank"`
	// Matching is the section matching of the same: which departments are asked about households, and how.
	Matching   map[string]any `mapstructure:"matching"`
	Principals []Principal    `mapstructure:"principals"`

	dir string
}

// CANode has the ports of an organisation's certificate authorities, one process for identities and TLS.
type CANode struct {
	Port           int `mapstructure:"port"`
	OperationsPort int `mapstructure:"operations_port"`
}

// PeerNode has the ports of an organisation's peer.
type PeerNode struct {
	Port           int `mapstructure:"port"`
	ChaincodePort  int `mapstructure:"chaincode_port"`
	OperationsPort int `mapstructure:"operations_port"`
}

// OrdererNode has the ports of an organisation's orderer.
type OrdererNode struct {
	Port           int `mapstructure:"port"`
	AdminPort      int `mapstructure:"admin_port"`
	OperationsPort int `mapstructure:"operations_port"`
}

// ChaincodeNode has the port where an organisation's chaincode waits for its peer.
type ChaincodeNode struct {
	Port int `mapstructure:"port"`
}

// GatewayNode has the port where an organisation's gateway serves HTTP.
type GatewayNode struct {
	Port int `mapstructure:"port"`
}

// Principal is a person or system that acts for an organisation. Role and region are attributes of its
// certificate, which the chaincode reads.
type Principal struct {
	Name   string `mapstructure:"name"`
	Role   string `mapstructure:"role"`
	Region string `mapstructure:"region"`
}

// ProfileAddress is where a node that has port serves Go's profiles; empty when none does.
func (t *Topology) ProfileAddress(port int) string {
	if t.Nodes.ProfileOffset == 0 {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port+t.Nodes.ProfileOffset))
}

// Address is host:port on the organisation's machine.
func (o *Organisation) Address(port int) string {
	return net.JoinHostPort(o.Host, strconv.Itoa(port))
}

// Organisation finds one by name.
func (t *Topology) Organisation(name string) (*Organisation, error) {
	for i := range t.Organisations {
		if t.Organisations[i].Name == name {
			return &t.Organisations[i], nil
		}
	}
	return nil, fmt.Errorf("no organisation %q in topology %s: there are %s", name, t.Name, t.organisationNames())
}

// MSPIDs are the organisations' ids on the ledger, in the topology's order.
func (t *Topology) MSPIDs() []string {
	ids := make([]string, len(t.Organisations))
	for i := range t.Organisations {
		ids[i] = t.Organisations[i].MSPID
	}
	return ids
}

// ports are all ports of the organisation by what they are for.
func (o *Organisation) ports() map[string]*int {
	return map[string]*int{
		"ca.port":                 &o.CA.Port,
		"ca.operations_port":      &o.CA.OperationsPort,
		"peer.port":               &o.Peer.Port,
		"peer.chaincode_port":     &o.Peer.ChaincodePort,
		"peer.operations_port":    &o.Peer.OperationsPort,
		"orderer.port":            &o.Orderer.Port,
		"orderer.admin_port":      &o.Orderer.AdminPort,
		"orderer.operations_port": &o.Orderer.OperationsPort,
		"chaincode.port":          &o.Chaincode.Port,
		"gateway.port":            &o.Gateway.Port,
	}
}

func (t *Topology) organisationNames() string {
	names := ""
	for i := range t.Organisations {
		if i > 0 {
			names += ", "
		}
		names += t.Organisations[i].Name
	}
	return names
}
