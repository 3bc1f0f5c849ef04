package operator

import (
	"context"
	"sync"
	"time"

	"relieftrail/network/fabric/admin"
	"relieftrail/network/fabric/ca"
	"relieftrail/network/fabric/channel"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// States of a node.
const (
	// Running and answering.
	Running = "running"
	// Silent runs but does not answer.
	Silent = "silent"
	// Stopped was taken down, or never started.
	Stopped = "stopped"
	// Died ended without being asked to.
	Died = "died"
)

// Node is how one node is.
type Node struct {
	Node         string `json:"node"`
	Organisation string `json:"organisation"`
	State        string `json:"state"`
	PID          int    `json:"pid,omitempty"`
	Port         int    `json:"port"`
	MemoryMB     int64  `json:"memory_mb"`
	// Height is the number of blocks that a peer or orderer has.
	Height uint64 `json:"height,omitempty"`
	Log    string `json:"log"`
	// Problem is what is wrong, in words.
	Problem string `json:"problem,omitempty"`
	// Alerts are what keeps a gateway from cosigning the transparency log.
	Alerts []string `json:"alerts,omitempty"`
}

// Status is how the network is.
type Status struct {
	Network  string `json:"network"`
	State    string `json:"state_dir"`
	MemoryMB int64  `json:"memory_mb"`
	Nodes    []Node `json:"nodes"`
}

// Up says whether every node runs and answers.
func (s Status) Up() bool {
	for _, n := range s.Nodes {
		if n.State != Running {
			return false
		}
	}
	return true
}

// answerPatience is how long a node may take to answer before it counts as silent.
const answerPatience = 5 * time.Second

// Status asks every node how it is.
func (o *Operator) Status(ctx context.Context) (Status, error) {
	s := Status{Network: o.Topology.Name, State: o.Topology.State}
	var bytes int64
	var answers []func()
	network, err := admin.Connect(o.Topology)
	if err != nil {
		// Nothing is enrolled yet; then nothing runs either.
		network = nil
	} else {
		defer network.Close()
	}
	for _, org := range o.organisations() {
		for _, kind := range topology.Kinds {
			if kind == topology.KindGateway && o.Topology.Gateway.Package == "" {
				continue
			}
			record, err := o.runner.Record(org.NodeName(kind))
			if err != nil {
				return Status{}, err
			}
			bytes += record.Memory()
			s.Nodes = append(s.Nodes, o.seen(org, kind, record))
		}
	}
	for i := range s.Nodes {
		if s.Nodes[i].State == Running && network != nil {
			answers = append(answers, func() { o.ask(ctx, network, &s.Nodes[i]) })
		}
	}
	var group sync.WaitGroup
	for _, ask := range answers {
		group.Go(ask)
	}
	group.Wait()
	s.MemoryMB = bytes >> 20
	return s, nil
}

// seen is what the machine itself tells of a node.
func (o *Operator) seen(org *topology.Organisation, kind string, record process.Record) Node {
	n := Node{
		Node: org.NodeName(kind), Organisation: org.Name, Port: port(org, kind),
		Log: org.LogFile(kind), MemoryMB: record.Memory() >> 20,
	}
	switch {
	case record.Alive():
		n.State, n.PID = Running, record.PID
	case record.PID != 0:
		n.State, n.Problem = Died, process.LastWords(record.Log, record.LogBegin)
	default:
		n.State = Stopped
	}
	return n
}

// ask has a node that runs answer.
func (o *Operator) ask(ctx context.Context, network *admin.Network, n *Node) {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	org, err := o.Topology.Organisation(n.Organisation)
	if err == nil {
		switch n.Node {
		case org.NodeName(topology.KindPeer):
			n.Height, err = network.Height(ctx, org)
		case org.NodeName(topology.KindOrderer):
			var state channel.State
			state, err = channel.OrdererState(ctx, o.Topology, org)
			n.Height = state.Height
		case org.NodeName(topology.KindCA):
			err = ca.Ready(ctx, org)
		case org.NodeName(topology.KindGateway):
			n.Alerts, err = gatewayAlerts(ctx, org)
		case org.NodeName(topology.KindChaincode):
			_, err = network.Evaluate(ctx, org, topology.Admin, o.Topology.Chaincode.Ping)
		}
	}
	if err != nil {
		n.State, n.Problem = Silent, err.Error()
	}
}

func port(org *topology.Organisation, kind string) int {
	return map[string]int{
		topology.KindCA:        org.CA.Port,
		topology.KindOrderer:   org.Orderer.Port,
		topology.KindPeer:      org.Peer.Port,
		topology.KindChaincode: org.Chaincode.Port,
		topology.KindGateway:   org.Gateway.Port,
	}[kind]
}
