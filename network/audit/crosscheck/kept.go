package crosscheck

import (
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-protos-go/common"

	"relieftrail/chaincode/relief"
)

// keptVersion is the form of what is kept between two runs. Another form is refused: then one begins anew.
const keptVersion = 1

// kept is a checker at rest: a long ledger is gone through once, and later runs go on from there.
type kept struct {
	Version    int
	Chaincode  string
	Channel    string
	Next       uint64
	LastConfig uint64
	First      []byte
	Previous   []byte
	Commit     []byte
	Blind      string
	Config     []byte // common.Config
	Versions   map[digest]version
	Seen       map[digest]struct{}
	Count      Count
	Sizes      map[relief.ProgrammeID]uint32
	Segments   map[string][]byte
	Leaves     [][32]byte
	Keys       []relief.CosigningKey
	Answered   uint64
	Records    []byte // JSON of records, whose types gob does not know
}

type records struct {
	Tranches map[relief.TrancheID]*relief.Tranche `json:"tranches"`
	Batches  map[relief.BatchID]*relief.Batch     `json:"batches"`
	Counted  map[relief.BatchID]*relief.Totals    `json:"counted"`
}

// Keep writes what a later run needs to go on. Whoever can change it can hide what came before: it is the auditor's own.
func (c *Checker) Keep(w io.Writer) error {
	if c.config == nil {
		return errors.New("nothing was checked")
	}
	config, err := proto.Marshal(c.config.raw)
	if err != nil {
		return err
	}
	b := c.replay.books
	list, err := json.Marshal(records{b.Tranches, b.Batches, b.Counted})
	if err != nil {
		return err
	}
	return gob.NewEncoder(w).Encode(kept{
		Version: keptVersion, Chaincode: c.Chaincode, Channel: c.config.channel, Next: c.next, LastConfig: c.lastConfig,
		First: c.first, Previous: c.previous, Commit: c.commit, Blind: c.blind, Config: config,
		Versions: c.replay.versions, Seen: c.replay.seen, Count: c.replay.count,
		Sizes: b.Sizes, Segments: b.Segments, Leaves: b.Leaves, Keys: b.Keys, Answered: b.Answered, Records: list,
	})
}

// Resume goes on from what an earlier run kept.
func (c *Checker) Resume(r io.Reader) error {
	var k kept
	if err := gob.NewDecoder(r).Decode(&k); err != nil {
		return fmt.Errorf("what an earlier run kept cannot be read: %w", err)
	}
	if k.Version != keptVersion || k.Chaincode != c.Chaincode {
		return errors.New("what an earlier run kept is of another version or chaincode: begin anew")
	}
	config, list := &common.Config{}, records{}
	if err := errors.Join(proto.Unmarshal(k.Config, config), json.Unmarshal(k.Records, &list)); err != nil {
		return fmt.Errorf("what an earlier run kept cannot be read: %w", err)
	}
	var err error
	if c.config, err = newConfiguration(k.Channel, config); err != nil {
		return err
	}
	c.next, c.lastConfig, c.first, c.previous, c.commit, c.blind = k.Next, k.LastConfig, k.First, k.Previous, k.Commit, k.Blind
	c.replay = newReplay(k.Chaincode)
	c.replay.count = k.Count
	fill(c.replay.versions, k.Versions)
	fill(c.replay.seen, k.Seen)
	b := c.replay.books
	fill(b.Tranches, list.Tranches)
	fill(b.Batches, list.Batches)
	fill(b.Counted, list.Counted)
	fill(b.Sizes, k.Sizes)
	fill(b.Segments, k.Segments)
	b.Leaves, b.Answered, b.Keys = k.Leaves, k.Answered, k.Keys
	return nil
}

// fill copies a map that gob leaves out when it is empty.
func fill[K comparable, V any](to, from map[K]V) {
	for k, v := range from {
		to[k] = v
	}
}
