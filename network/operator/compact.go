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

// Compact rewrites the databases of a peer without what was deleted, and returns how many there are. By itself a database
// keeps deleted bytes on disk until it happens to rewrite that part; after an erasure of private details that is too late.
// A peer whose organisation keeps no private details also loses its store of what was endorsed and is not committed yet,
// which it has no use for. The peer must not run.
func (o *Operator) Compact(peer *topology.Node) (databases int, err error) {
	unlock, err := process.Lock(o.Topology.LockFile())
	if err != nil {
		return 0, err
	}
	defer unlock()
	record, err := o.runner.Record(peer.Name)
	if err != nil {
		return 0, err
	}
	if record.Alive() {
		return 0, fmt.Errorf("%s runs as process %d: stop the network first (scripts/down)", peer.Name, record.PID)
	}
	data := peer.Data()
	if !peer.Organisation.KeepsPersons {
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
