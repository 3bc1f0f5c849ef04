package topology

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Topology is a whole network, checked and with absolute paths. Make one with Load.
type Topology struct {
	Name  string `mapstructure:"name"`
	State string `mapstructure:"state"`
	// Test marks a network of tests and demonstrations. Its ledger allows programmes without a public notice; on every other
	// network a notice lasts seven days at least (R16). The founding of the registry fixes it for ever.
	Test         bool         `mapstructure:"test"`
	PortOffset   int          `mapstructure:"port_offset"`
	NodeSettings NodeSettings `mapstructure:"nodes"`
	Channel      Channel      `mapstructure:"channel"`
	Chaincode    Chaincode    `mapstructure:"chaincode"`
	Gateway      Gateway      `mapstructure:"gateway"`
	// Certificates are the terms of all organisations' certificates.
	Certificates Certificates `mapstructure:"certificates"`

	Organisations []*Organisation `mapstructure:"-"`
	// Root is the checkout: relative paths start there, and programs are built there.
	Root string `mapstructure:"-"`
}

// NodeSettings say where the programs of the nodes come from and how much memory they may use.
type NodeSettings struct {
	// Dir has ready-made programs; when empty they are built into Cache.
	Dir   string `mapstructure:"dir"`
	Cache string `mapstructure:"cache"`
	// GOGC is for each kind of node what Go's garbage collector is told; 100 where nothing is said.
	GOGC map[string]int `mapstructure:"gogc"`
	// Memory is what each kind of node tries to stay below, in the form of GOMEMLIMIT; empty is no limit.
	Memory map[string]string `mapstructure:"memory"`
	// ProfileOffset is added to each node's port to give the port of its Go profiles, on the loopback address; 0: none.
	ProfileOffset int `mapstructure:"profile_offset"`
	// TimeWindow is by how much the time that a client gives its proposal may differ from a peer's clock. The contracts hold their
	// own 15 minutes whatever it is.
	TimeWindow time.Duration `mapstructure:"time_window"`
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
	Name  string `mapstructure:"name"`
	MSPID string `mapstructure:"msp_id"`
	// Registrar is the principal who signs for the organisation when the registry is founded or changed.
	Registrar string `mapstructure:"registrar"`
	// KeepsPersons: it is a member of the collection of private details, and its gateway has the key that seals them.
	KeepsPersons bool `mapstructure:"keeps_persons"`
	// NoticesAs is the principal in whose name its gateway reads a name to mask it on a public notice; "" for no names.
	NoticesAs string `mapstructure:"notices_as"`
	// MakesReceipts: its gateway has the key that salts the leaves of receipts; finance.
	MakesReceipts bool `mapstructure:"makes_receipts"`
	// Bank is the section bank of its gateway's configuration, passed on as it is: the gateway checks it.
	Bank map[string]any `mapstructure:"bank"`
	// Matching is the section matching of the same: which departments are asked about households, and how.
	Matching map[string]any `mapstructure:"matching"`
	// OIDC and Sessions are the sections of the same names of its gateway's configuration: the agency's provider, and where
	// officials' browsers find the gateway.
	OIDC     map[string]any `mapstructure:"oidc"`
	Sessions map[string]any `mapstructure:"sessions"`
	// Witnesses are those outside the agencies whom the agency's gateway asks to cosign the log: url and key of each.
	Witnesses  []map[string]any `mapstructure:"witnesses"`
	Principals []Principal      `mapstructure:"principals"`

	// Nodes are what it runs, in the order of Kinds. There is no gateway in a network without gateways.
	Nodes []*Node `mapstructure:"-"`
	// Certificates are the terms of what its authorities issue.
	Certificates Certificates `mapstructure:"-"`

	dir string
}

// Principal is an official or a system that acts for an organisation. Role and region are attributes of its
// certificate, which the chaincode reads.
type Principal struct {
	Name string `mapstructure:"name"`
	// ID is the staff number (工号) with which the agency's registrar registers the principal on the ledger.
	ID     string `mapstructure:"id"`
	Role   string `mapstructure:"role"`
	Region string `mapstructure:"region"`
}

// ProfileAddress is where a node serves Go's profiles, on the loopback address; "" when it serves none.
func (t *Topology) ProfileAddress(n *Node) string {
	if t.NodeSettings.ProfileOffset == 0 {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(n.Port+t.NodeSettings.ProfileOffset))
}

// Organisation finds one by name.
func (t *Topology) Organisation(name string) (*Organisation, error) {
	var names []string
	for _, o := range t.Organisations {
		if o.Name == name {
			return o, nil
		}
		names = append(names, o.Name)
	}
	return nil, fmt.Errorf("no organisation %q in topology %s: there are %s", name, t.Name, strings.Join(names, ", "))
}

// Node finds one by name, such as "finance/peer".
func (t *Topology) Node(name string) (*Node, error) {
	var names []string
	for _, n := range t.NodesOf(Kinds...) {
		if n.Name == name {
			return n, nil
		}
		names = append(names, n.Name)
	}
	return nil, fmt.Errorf("no node %q in topology %s: there are %s", name, t.Name, strings.Join(names, ", "))
}

// NodesOf are the nodes of some kinds, organisation by organisation.
func (t *Topology) NodesOf(kinds ...string) []*Node {
	var found []*Node
	for _, o := range t.Organisations {
		for _, n := range o.Nodes {
			if slices.Contains(kinds, n.Kind) {
				found = append(found, n)
			}
		}
	}
	return found
}

// Node is the organisation's node of a kind, of which it has one; nil when it has none.
func (o *Organisation) Node(kind string) *Node {
	for _, n := range o.Nodes {
		if n.Kind == kind {
			return n
		}
	}
	return nil
}

// Names are the names of nodes, in their order.
func Names(nodes []*Node) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
	}
	return names
}

// MSPIDs are the organisations' ids on the ledger, in the topology's order.
func (t *Topology) MSPIDs() []string {
	ids := make([]string, len(t.Organisations))
	for i, o := range t.Organisations {
		ids[i] = o.MSPID
	}
	return ids
}
