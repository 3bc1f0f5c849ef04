package operator

import (
	"fmt"
	"io"
	"time"

	"relieftrail/network/host/process"
	"relieftrail/network/host/programs"
	"relieftrail/network/topology"
)

// Operator runs one network.
type Operator struct {
	Topology *topology.Topology
	// Out gets a line for each step.
	Out io.Writer

	runner   *process.Runner
	programs programs.Programs
	began    time.Time
}

// New makes the operator of a network, whose steps are printed to out.
func New(t *topology.Topology, out io.Writer) *Operator {
	return &Operator{Topology: t, Out: out, runner: &process.Runner{Dir: t.RunDir()}, began: time.Now()}
}

// say prints a line of progress with the seconds since the start.
func (o *Operator) say(format string, args ...any) {
	fmt.Fprintf(o.Out, "%5.1fs  %s\n", time.Since(o.began).Seconds(), fmt.Sprintf(format, args...))
}

// names are the names of all nodes of some kinds.
func (o *Operator) names(kinds ...string) []string {
	return topology.Names(o.Topology.NodesOf(kinds...))
}
