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
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/audit/rules"
)

// savedStateVersion is the version of the saved form. A file of another version is refused; the check then starts at
// block 0.
const savedStateVersion = 8

// savedState is a checker between two runs: a long ledger is read once, and later runs continue where the last one
// ended.
type savedState struct {
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
	Statements [][32]byte
	Keys       []registry.CosigningKey
	Answered   uint64
	LastMonth  int
	Records    []byte // JSON of records, whose types gob does not know
}

type records struct {
	Tranches map[relief.TrancheID]*fund.Tranche `json:"tranches"`
	Batches  map[relief.BatchID]*payment.Batch  `json:"batches"`
	Counted  map[relief.BatchID]*payment.Totals `json:"counted"`

	Officials map[string]*registry.OfficialEntry `json:"officials"`
	Founded   bool                               `json:"founded"`

	Overpayments map[relief.OverpaymentID]*overpayment.Overpayment `json:"overpayments"`
	Recovered    map[relief.TrancheID]relief.Fen                   `json:"recovered"`
	YearEnds     map[relief.YearEndID]*fund.YearEnd                `json:"year_ends"`

	Cycles     map[relief.ProgrammeID]programme.PayCycle   `json:"cycles"`
	Takes      map[relief.ProgrammeID][]relief.ProgrammeID `json:"takes"`
	Excluded   map[relief.ProgrammeID][]relief.ProgrammeID `json:"excluded"`
	Cases      map[relief.CaseID]*rules.CaseState          `json:"cases"`
	Households map[relief.SubjectRef][]relief.CaseID       `json:"households"`
	Bills      map[relief.Tag]relief.CaseID                `json:"bills"`

	Facts map[string][]indicator.Fact `json:"facts"`
	Days  []rules.LedgerDay           `json:"days"`
}

// Keep writes what a later run needs to continue. A person who can change the file can hide earlier findings: the
// auditor keeps it.
func (c *Checker) Keep(w io.Writer) error {
	if c.config == nil {
		return errors.New("no block was checked yet: there is nothing to save")
	}
	config, err := proto.Marshal(c.config.raw)
	if err != nil {
		return err
	}
	b := c.replay.ledger
	list, err := json.Marshal(records{
		b.Tranches, b.Batches, b.Counted, b.Officials, b.Founded, b.Overpayments, b.Recovered, b.YearEnds, b.Cycles, b.Takes, b.Excluded,
		b.Cases, b.Households, b.Bills, b.Facts, b.Days,
	})
	if err != nil {
		return err
	}
	return gob.NewEncoder(w).Encode(savedState{
		Version: savedStateVersion, Chaincode: c.Chaincode, Channel: c.config.channel, Next: c.next, LastConfig: c.lastConfig,
		First: c.first, Previous: c.previous, Commit: c.commit, Blind: c.blind, Config: config,
		Versions: c.replay.versions, Seen: c.replay.seen, Count: c.replay.count,
		Sizes: b.Sizes, Segments: b.Segments, Leaves: b.Leaves, Statements: b.Statements, Keys: b.Keys, Answered: b.Answered, LastMonth: b.LastMonth, Records: list,
	})
}

// Resume continues from what an earlier run saved with Keep.
func (c *Checker) Resume(r io.Reader) error {
	var k savedState
	if err := gob.NewDecoder(r).Decode(&k); err != nil {
		return fmt.Errorf("the saved state of an earlier run cannot be read: %w", err)
	}
	if k.Version != savedStateVersion || k.Chaincode != c.Chaincode {
		return errors.New("the saved state is of another version or chaincode: delete the file and check from block 0")
	}
	config, list := &common.Config{}, records{}
	if err := errors.Join(proto.Unmarshal(k.Config, config), json.Unmarshal(k.Records, &list)); err != nil {
		return fmt.Errorf("the saved state of an earlier run cannot be read: %w", err)
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
	b := c.replay.ledger
	fill(b.Tranches, list.Tranches)
	fill(b.Batches, list.Batches)
	fill(b.Counted, list.Counted)
	fill(b.Officials, list.Officials)
	b.Founded = list.Founded
	fill(b.Overpayments, list.Overpayments)
	fill(b.Recovered, list.Recovered)
	fill(b.YearEnds, list.YearEnds)
	fill(b.Cycles, list.Cycles)
	fill(b.Takes, list.Takes)
	fill(b.Excluded, list.Excluded)
	fill(b.Cases, list.Cases)
	fill(b.Households, list.Households)
	fill(b.Bills, list.Bills)
	fill(b.Facts, list.Facts)
	b.Days = list.Days
	fill(b.Sizes, k.Sizes)
	fill(b.Segments, k.Segments)
	b.Leaves, b.Statements, b.Answered, b.Keys, b.LastMonth = k.Leaves, k.Statements, k.Answered, k.Keys, k.LastMonth
	return nil
}

// fill copies a map; gob decodes an empty map as nil.
func fill[K comparable, V any](to, from map[K]V) {
	for k, v := range from {
		to[k] = v
	}
}
