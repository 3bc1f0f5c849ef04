package operator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// Compact rewrites the databases of an organisation's peer without what was deleted, which they otherwise keep on disk
// until they happen to rewrite that part: after private details were erased. Of a peer that keeps no private details, it
// drops the store of what was endorsed and not committed yet, which such a peer has no use for. The peer must not run.
func (o *Operator) Compact(organisation string) (databases int, err error) {
	org, err := o.Topology.Organisation(organisation)
	if err != nil {
		return 0, err
	}
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return 0, err
	}
	defer unlock()
	name := org.NodeName(topology.KindPeer)
	record, err := o.runner.Record(name)
	if err != nil {
		return 0, err
	}
	if record.Alive() {
		return 0, fmt.Errorf("%s runs: stop it first (process %d)", name, record.PID)
	}
	data := filepath.Join(org.NodeDir(topology.KindPeer), "data")
	if !org.KeepsPersons {
		if err := os.RemoveAll(filepath.Join(data, "transientstore")); err != nil {
			return 0, err
		}
	}
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() != "CURRENT" { // every LevelDB has one
			return err
		}
		databases++
		return compact(filepath.Dir(path))
	})
	return databases, err
}

// compact rewrites one database. Files that it no longer needs are deleted when it is opened the next time.
func compact(dir string) error {
	for range 2 {
		db, err := leveldb.OpenFile(dir, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		if err := errors.Join(db.CompactRange(util.Range{}), db.Close()); err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
	}
	return nil
}
