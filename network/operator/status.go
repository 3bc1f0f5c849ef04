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
	// Running runs and answers.
	Running = "running"
	// Silent runs but does not answer.
	Silent = "silent"
	// Stopped was taken down, or never started.
	Stopped = "stopped"
	// Died ended although nobody stopped it.
	Died = "died"
)

// NodeStatus is how one node is.
type NodeStatus struct {
	Node         string `json:"node"`
	Organisation string `json:"organisation"`
	State        string `json:"state"`
	PID          int    `json:"pid,omitempty"`
	Port         int    `json:"port"`
	MemoryMB     int64  `json:"memory_mb"`
	// Height is the number of blocks that a peer or orderer has, or that a gateway has indexed.
	Height uint64 `json:"height,omitempty"`
	Log    string `json:"log"`
	// DaysLeft are the whole days until the first of its certificates ends; nil when it has none.
	DaysLeft *int `json:"days_left,omitempty"`
	// Problem is what is wrong, in words.
	Problem string `json:"problem,omitempty"`
	// Alerts are what keeps a gateway from cosigning the transparency log.
	Alerts []string `json:"alerts,omitempty"`
}

// Status is how every node of the network is.
type Status struct {
	Network  string       `json:"network"`
	State    string       `json:"state_dir"`
	MemoryMB int64        `json:"memory_mb"`
	Nodes    []NodeStatus `json:"nodes"`
	// Ending are the certificates whose end is near or past.
	Ending []Ending `json:"ending"`
}

// Up reports whether every node runs and answers.
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
	network, err := admin.Connect(o.Topology)
	if err != nil {
		// Nothing is enrolled yet; then nothing runs either.
		network = nil
	} else {
		defer network.Close()
	}
	nodes := o.Topology.NodesOf(topology.Kinds...)
	for _, n := range nodes {
		record, err := o.runner.Record(n.Name)
		if err != nil {
			return Status{}, err
		}
		bytes += record.Memory()
		s.Nodes = append(s.Nodes, seen(n, record))
	}
	var group sync.WaitGroup
	for i, n := range nodes {
		if s.Nodes[i].State == Running && network != nil {
			group.Go(func() { o.ask(ctx, network, n, &s.Nodes[i]) })
		}
	}
	group.Wait()
	s.MemoryMB = bytes >> 20
	return s, o.addEnds(&s)
}

// seen is the status of a node as far as the machine itself shows it.
func seen(n *topology.Node, record process.Record) NodeStatus {
	s := NodeStatus{
		Node: n.Name, Organisation: n.Organisation.Name, Port: n.Port,
		Log: n.LogFile(), MemoryMB: record.Memory() >> 20,
	}
	switch {
	case record.Alive():
		s.State, s.PID = Running, record.PID
	case record.PID != 0:
		s.State, s.Problem = Died, process.LastWords(record.Log, record.LogBegin)
	default:
		s.State = Stopped
	}
	return s
}

// ask asks a running node whether it answers, and adds what it says to its status.
func (o *Operator) ask(ctx context.Context, network *admin.Network, n *topology.Node, s *NodeStatus) {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	var err error
	switch n.Kind {
	case topology.KindPeer:
		s.Height, err = network.Height(ctx, n)
	case topology.KindOrderer:
		var state channel.State
		state, err = channel.OrdererState(ctx, o.Topology, n)
		s.Height = state.Height
	case topology.KindCA:
		err = ca.Ready(ctx, n)
	case topology.KindRA:
		err = registrationReady(ctx, n)
	case topology.KindGateway:
		var ready readiness
		ready, err = askReadiness(ctx, n)
		s.Height, s.Alerts = ready.Indexed, ready.Alerts
	case topology.KindChaincode:
		_, err = network.Evaluate(ctx, n.Organisation, topology.Admin, o.Topology.Chaincode.Ping)
	}
	if err != nil {
		s.State, s.Problem = Silent, err.Error()
	}
}

// addEnds adds how long the certificates last.
func (o *Operator) addEnds(s *Status) error {
	nearest := map[string]map[string]int{}
	for _, org := range o.Topology.Organisations {
		ends, err := nearestEnds(org)
		if err != nil {
			return err
		}
		nearest[org.Name] = ends
	}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if left, ok := nearest[n.Organisation][n.Node[len(n.Organisation)+1:]]; ok {
			n.DaysLeft = &left
		}
	}
	var err error
	s.Ending, err = o.Expiring(o.Topology.Certificates.Warn)
	return err
}
