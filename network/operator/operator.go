package operator

import (
	"fmt"
	"io"
	"strings"
	"time"

	"relieftrail/network/host/process"
	"relieftrail/network/host/programs"
	"relieftrail/network/topology"
)

// Operator runs one network.
type Operator struct {
	Topology *topology.Topology
	// Out is where progress is told.
	Out io.Writer

	runner   *process.Runner
	programs programs.Programs
	began    time.Time
}

// New is an operator of a network.
func New(t *topology.Topology, out io.Writer) *Operator {
	return &Operator{Topology: t, Out: out, runner: &process.Runner{Dir: t.RunDir()}, began: time.Now()}
}

// say prints a line of progress with the seconds since the start.
func (o *Operator) say(format string, args ...any) {
	fmt.Fprintf(o.Out, "%5.1fs  %s\n", time.Since(o.began).Seconds(), fmt.Sprintf(format, args...))
}

// organisations are pointers to the topology's.
func (o *Operator) organisations() []*topology.Organisation {
	all := make([]*topology.Organisation, len(o.Topology.Organisations))
	for i := range all {
		all[i] = &o.Topology.Organisations[i]
	}
	return all
}

// names are the names of all nodes of some kinds.
func (o *Operator) names(of ...string) []string {
	var all []string
	for _, kind := range of {
		if kind == topology.KindGateway && o.Topology.Gateway.Package == "" {
			continue
		}
		for _, org := range o.organisations() {
			all = append(all, org.NodeName(kind))
		}
	}
	return all
}

// Log is the file that a node writes to.
func (o *Operator) Log(name string) (string, error) {
	for _, org := range o.organisations() {
		for _, kind := range topology.Kinds {
			if org.NodeName(kind) == name {
				return org.LogFile(kind), nil
			}
		}
	}
	return "", fmt.Errorf("no node %q: there are %s", name, strings.Join(o.names(topology.Kinds...), ", "))
}
