package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is Linux's USER_HZ, the unit of /proc/PID/stat.
const ticksPerSecond = 100

// usage is processor time by kind of process: peer, orderer, chaincode, gateway, ca, and bench itself, the client.
type usage map[string]time.Duration

// cpu is the processor time that the network's processes have used since they started. A process that does not run counts 0.
func (n *net) cpu() (usage, error) {
	processes, err := n.processes()
	if err != nil {
		return nil, err
	}
	u := usage{}
	for _, p := range append(processes, process{Name: "bench/bench", PID: os.Getpid()}) {
		ticks, err := processorTicks(p.PID)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		_, kind, _ := strings.Cut(p.Name, "/")
		u[kind] += time.Duration(ticks) * time.Second / ticksPerSecond
	}
	return u, nil
}

// processorTicks are user and system time of a process and its threads.
func processorTicks(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before it may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat cannot be read", pid)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return user + system, err
}

// since is the difference of two readings.
func (u usage) since(before usage) usage {
	d := usage{}
	for kind, t := range u {
		d[kind] = t - before[kind]
	}
	return d
}

func (u usage) total() (sum time.Duration) {
	for _, t := range u {
		sum += t
	}
	return sum
}

// per lists how much of one of n units of work each kind used, the largest first.
func (u usage) per(n int, unit string) string {
	kinds := make([]string, 0, len(u))
	for kind, t := range u {
		if t > 0 {
			kinds = append(kinds, kind)
		}
	}
	slices.SortFunc(kinds, func(a, b string) int { return int(u[b] - u[a]) })
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = kind + " " + number(float64(u[kind].Microseconds())/float64(n))
	}
	return strings.Join(words, ", ") + " µs a " + unit
}
