package operator

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"relieftrail/network/host/process"
)

// Down stops every process that was started and leaves what they wrote. It returns how many there were.
func (o *Operator) Down() (stopped int, err error) {
	if _, err := os.Stat(o.Topology.RunDir()); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return 0, err
	}
	defer unlock()
	return o.stop()
}

func (o *Operator) stop() (stopped int, err error) {
	records, err := o.runner.Records()
	if err != nil {
		return 0, err
	}
	var first, then []string
	for _, record := range records {
		if record.Alive() {
			stopped++
		}
		_, kind, _ := strings.Cut(record.Name, "/")
		if slices.Contains(stopFirst, kind) {
			first = append(first, record.Name)
		} else {
			then = append(then, record.Name)
		}
	}
	if err := o.runner.Stop(first); err != nil {
		return 0, err
	}
	return stopped, o.runner.Stop(then)
}

// owned are the folders under the state folder that belong to this network. Others, such as built programs, may be there too.
func (o *Operator) owned() []string {
	state := o.Topology.State
	all := []string{
		filepath.Join(state, "orgs"), filepath.Dir(o.Topology.Genesis()), filepath.Join(state, "dev"), o.Topology.RunDir(),
	}
	return slices.DeleteFunc(all, func(dir string) bool {
		_, err := os.Stat(dir)
		return err != nil
	})
}

// Reset takes the network down and deletes its ledgers, certificates and keys. Without yes it deletes nothing and returns an
// error that names the folders.
func (o *Operator) Reset(yes bool) error {
	doomed := o.owned()
	if len(doomed) == 0 {
		o.say("there is nothing to delete in %s", o.Topology.State)
		return nil
	}
	if !yes {
		return fmt.Errorf("this would stop network %s and delete its ledgers, certificates and keys for good: %s; "+
			"repeat it with --yes to do that", o.Topology.Name, strings.Join(doomed, ", "))
	}
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := o.stop(); err != nil {
		return err
	}
	for _, dir := range doomed {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		o.say("deleted %s", dir)
	}
	return nil
}
