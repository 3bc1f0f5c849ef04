package topology

import "slices"

// file is a topology file as it is written. An organisation's nodes are sections of the organisation there, a section for
// each kind with the ports that this kind has.
type file struct {
	Topology      `mapstructure:",squash"`
	Organisations []section `mapstructure:"organisations"`
}

type section struct {
	Organisation `mapstructure:",squash"`

	Host string `mapstructure:"host"`
	CA   struct {
		Port           int `mapstructure:"port"`
		OperationsPort int `mapstructure:"operations_port"`
	} `mapstructure:"ca"`
	RA struct {
		Port int `mapstructure:"port"`
	} `mapstructure:"ra"`
	Peer struct {
		Port           int `mapstructure:"port"`
		ChaincodePort  int `mapstructure:"chaincode_port"`
		OperationsPort int `mapstructure:"operations_port"`
	} `mapstructure:"peer"`
	Orderer struct {
		Port           int `mapstructure:"port"`
		AdminPort      int `mapstructure:"admin_port"`
		OperationsPort int `mapstructure:"operations_port"`
	} `mapstructure:"orderer"`
	Chaincode struct {
		Port int `mapstructure:"port"`
	} `mapstructure:"chaincode"`
	Gateway struct {
		Port int `mapstructure:"port"`
	} `mapstructure:"gateway"`
}

// topology makes the nodes from the sections, with the port offset added to every port.
func (f *file) topology() *Topology {
	t := f.Topology
	for _, s := range f.Organisations {
		o := s.Organisation
		o.Certificates = t.Certificates
		nodes := []*Node{
			{Kind: KindCA, Port: s.CA.Port, OperationsPort: s.CA.OperationsPort},
			{Kind: KindOrderer, Port: s.Orderer.Port, AdminPort: s.Orderer.AdminPort, OperationsPort: s.Orderer.OperationsPort},
			{Kind: KindPeer, Port: s.Peer.Port, ChaincodePort: s.Peer.ChaincodePort, OperationsPort: s.Peer.OperationsPort},
			{Kind: KindChaincode, Port: s.Chaincode.Port},
		}
		if t.Gateway.Package != "" {
			nodes = append(nodes, &Node{Kind: KindGateway, Port: s.Gateway.Port})
		}
		if s.RA.Port != 0 { // an agency may have every certificate issued by its operator
			nodes = slices.Insert(nodes, 1, &Node{Kind: KindRA, Port: s.RA.Port})
		}
		for _, n := range nodes {
			n.Organisation, n.ID, n.Name, n.Host = &o, n.Kind, o.Name+"/"+n.Kind, s.Host
			for _, port := range []*int{&n.Port, &n.AdminPort, &n.ChaincodePort, &n.OperationsPort} {
				if *port != 0 {
					*port += t.PortOffset
				}
			}
		}
		o.Nodes = nodes
		t.Organisations = append(t.Organisations, &o)
	}
	return &t
}
