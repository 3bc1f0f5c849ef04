package draw

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// The bounds of a frame.
const (
	MaxUnits  = 100_000 // 37 bytes each: a transaction takes them
	MaxStrata = 300
)

// Frame is what is drawn from: the rows of the closed months at one moment. The ledger keeps them by stratum, so that nothing that comes
// later changes what is drawn.
type Frame struct {
	Size     int           `json:"size"` // units
	Root     Hash          `json:"root"` // RFC 6962, over the months' roots in their order
	Months   []FramedMonth `json:"months"`
	Strata   []Stratum     `json:"strata"` // in the order of region and class
	RevealBy time.Time     `json:"reveal_by"`
}

// FramedMonth is the version of a closed month that a frame has, with the root over its villages' lines as its public statement has it.
type FramedMonth struct {
	MonthName
	Version int  `json:"version"`
	Root    Hash `json:"root"`
}

// MonthName names a closed month of the plan's county.
type MonthName struct {
	Programme relief.ProgrammeID `json:"programme"`
	Period    relief.Period      `json:"period"`
}

// Stratum is the units of a class of one township. Those of villages with few households, of which nobody is told whose class is which, are
// the county's.
type Stratum struct {
	Region   relief.Region `json:"region"`
	Class    string        `json:"class"`
	Units    int           `json:"units"`
	Root     Hash          `json:"root"`     // RFC 6962, over the units' leaf hashes as entries, in their order
	Take     int           `json:"take"`     // how many are drawn
	Reserves int           `json:"reserves"` // how many stand by
}

// Framing puts a frame together, month after month in the plan's order.
type Framing struct {
	county  relief.Region
	names   []MonthName
	months  []FramedMonth
	month   *oversight.Month
	regions map[relief.Region]relief.Region // the stratum's, by village of the month at hand
	hashes  map[relief.Region][][32]byte    // of the rows of the month at hand
	units   map[stratumName]Units
	size    int
}

type stratumName struct {
	region relief.Region
	class  string
}

// NewFraming begins the frame of a plan.
func NewFraming(p *Plan) *Framing {
	return &Framing{county: p.County, names: p.Months, units: map[stratumName]Units{}}
}

// Begin goes on to the next month of the plan: its last version.
func (f *Framing) Begin(m *oversight.Month) error {
	if err := f.complete(); err != nil {
		return err
	}
	lines := m.VillageLines()
	now := FramedMonth{MonthName: f.names[len(f.months)], Version: m.Version}
	if err := now.Root.UnmarshalText([]byte(oversight.TreeOf(lines).Root)); err != nil {
		return err
	}
	f.month, f.months = m, append(f.months, now)
	f.regions, f.hashes = make(map[relief.Region]relief.Region, len(lines)), make(map[relief.Region][][32]byte, len(lines))
	for i := range lines {
		region := f.county
		if code := lines[i].Code; !lines[i].Counts {
			region = code[:min(len(code), townshipDigits)]
		}
		f.regions[lines[i].Code] = region
	}
	return nil
}

const townshipDigits = 9

// Segment takes in a segment of the roll of the month at hand: its first number, and all that batches of the accounting period hold in it.
func (f *Framing) Segment(of oversight.RowsOf, entries roll.Segment, first uint32, values []payment.Value) error {
	var refused error
	err := of.Each(entries, values, func(position int, row oversight.Row) {
		if refused == nil {
			refused = f.add(entries.Region(position), first+uint32(position), &row) //nolint:gosec // less than a segment's size
		}
	})
	return cmp.Or(err, refused) //nolint:wrapcheck // of this module
}

// add takes in a row of the month at hand, in the order of the roll: its village, and the roll number of whoever was paid.
func (f *Framing) add(village relief.Region, number uint32, row *oversight.Row) error {
	region, known := f.regions[village]
	if !known {
		return errRowsChanged
	}
	if f.size++; f.size > MaxUnits {
		return relief.Errorf(relief.CodeTotals, "抽样框最多 %d 笔 · a frame has %d rows at most", MaxUnits, MaxUnits)
	}
	u := Unit{Month: uint8(len(f.months) - 1), Number: number} //nolint:gosec // at most MaxMonths
	if err := u.Leaf.UnmarshalText([]byte(row.Leaf)); err != nil {
		return err
	}
	name := stratumName{region, row.Class}
	f.units[name] = append(f.units[name], u)
	f.hashes[village] = append(f.hashes[village], row.Hash())
	return nil
}

var errRowsChanged = relief.Errorf(relief.CodeConflict, "结账后明细已变化，请重新结账 · the rows have changed since the month was closed: close it again")

// complete compares the rows of the month at hand with what the month's villages have.
func (f *Framing) complete() error {
	if f.month == nil {
		return nil
	}
	for i := range f.month.Villages {
		v := &f.month.Villages[i]
		if rows := f.hashes[v.Code]; len(rows) != v.Rows || Hash(oversight.RootOf(rows)).String() != v.Root {
			return errRowsChanged
		}
	}
	return nil
}

// Frame is the frame with the units of each stratum, after the last month: how many are drawn by the plan.
func (f *Framing) Frame(p *Plan) (Frame, []Units, error) {
	out := Frame{Size: f.size, Months: f.months}
	if err := f.complete(); err != nil {
		return out, nil, err
	}
	if f.size == 0 || len(f.units) > MaxStrata {
		return out, nil, relief.Errorf(relief.CodeTotals, "抽样框须有明细，且不超过 %d 层 · a frame has rows, of %d strata at most", MaxStrata, MaxStrata)
	}
	entries := make([][32]byte, len(f.months))
	for i := range f.months {
		entries[i] = entryHash(f.months[i].Root)
	}
	out.Root = oversight.RootOf(entries)
	var all []Units
	var counts []int
	for name, units := range f.units {
		units.sort()
		out.Strata = append(out.Strata, Stratum{Region: name.region, Class: name.class, Units: len(units)})
	}
	slices.SortFunc(out.Strata, func(a, b Stratum) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Class, b.Class))
	})
	for i := range out.Strata {
		s := &out.Strata[i]
		units := f.units[stratumName{s.Region, s.Class}]
		s.Root = units.root()
		all, counts = append(all, units), append(counts, len(units))
	}
	for i, n := range apportion(p.Size, p.Least, counts) {
		out.Strata[i].Take, out.Strata[i].Reserves = n, min(p.Reserves, counts[i]-n)
	}
	return out, all, nil
}

// entryHash is the RFC 6962 hash of an entry that is a hash.
func entryHash(h Hash) [32]byte { return sha256.Sum256(append([]byte{0}, h[:]...)) }

// root is the RFC 6962 root over the units' leaf hashes as entries.
func (u Units) root() Hash {
	entries := make([][32]byte, len(u))
	for i := range u {
		entries[i] = entryHash(u[i].Leaf)
	}
	return oversight.RootOf(entries)
}
