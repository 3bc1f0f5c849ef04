package oversight

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/packed"
)

// A month has a village of some 45 bytes for each that was paid: packed, a county's fits where a JSON document would be four times
// as long. docs/ledger-layout.md says how.
const (
	monthKind    = 'm'
	monthVersion = 1
)

// MarshalBinary packs the month.
func (m Month) MarshalBinary() ([]byte, error) {
	return packed.Write(monthKind, monthVersion, m.fields) //nolint:wrapcheck // of this module
}

// UnmarshalBinary reads a month as the ledger has it; CORRUPT for any other bytes.
func (m *Month) UnmarshalBinary(b []byte) error {
	read := Month{Classes: []ClassFacts{}, Villages: []Village{}}
	if err := packed.Read(b, monthKind, monthVersion, read.fields); err != nil {
		return err //nolint:wrapcheck // of this module
	}
	if !read.valid() {
		return relief.Errorf(relief.CodeCorrupt, "it is not packed as records of its kind are")
	}
	*m = read
	return nil
}

// fields names the fields of a month in the order in which they are packed. A new one is a new version.
func (m *Month) fields(f *packed.Fields) {
	packed.Text(f, &m.Programme)
	packed.Text(f, &m.County)
	f.Period(&m.Period)
	packed.Number(f, &m.Version)
	f.Hash(&m.Before)
	packed.Number(f, &m.ProgrammeVersion)
	packed.Text(f, &m.PayBy)
	m.Facts.fields(f)
	packed.List(f, &m.Classes, (*ClassFacts).fields)
	packed.List(f, &m.Villages, (*Village).fields)
	packed.List(f, &m.Acts, packed.Entry)
}

func (m *Facts) fields(f *packed.Fields) {
	for _, n := range m.counts() {
		packed.Number(f, n)
	}
	for _, sum := range []*relief.Fen{&m.DueSum, &m.OnTimeSum, &m.PaidSum, &m.Sum, &m.Deducted} {
		f.Amount(sum)
	}
}

// counts are the facts that are no money, in the order in which they are packed.
func (m *Facts) counts() []*int {
	return []*int{
		&m.Due, &m.OnTime, &m.Late5, &m.Late10, &m.Late30, &m.Later, &m.Unpaid, &m.Returned, &m.PaidAgain,
		&m.Rows, &m.Households, &m.Persons, &m.Entered, &m.Left, &m.Suspended, &m.Deaths,
	}
}

func (c *ClassFacts) fields(f *packed.Fields) {
	packed.Text(f, &c.Class)
	packed.Number(f, &c.Households)
	packed.Number(f, &c.Persons)
	f.Amount(&c.Sum)
}

func (v *Village) fields(f *packed.Fields) {
	code := v.Code.Code()
	n := int64(code) //nolint:gosec // twelve digits at most
	packed.Number(f, &n)
	if region, err := relief.RegionFromCode(uint64(n)); err == nil { //nolint:gosec // a negative one is no region
		v.Code = region
	} else {
		v.Code = ""
	}
	packed.Number(f, &v.Rows)
	packed.Number(f, &v.Households)
	packed.Number(f, &v.Persons)
	f.Amount(&v.Sum)
	f.Amount(&v.Deducted)
	f.Digest(&v.Root)
}

// valid reports whether Close can have made the month: its parts add up, and each village and class is there once, in order.
func (m *Month) valid() bool {
	for _, n := range m.counts() {
		if *n < 0 {
			return false
		}
	}
	if m.Version < 1 || m.Version != len(m.Acts) || (m.Version == 1) != (m.Before == "") || m.Period.IsZero() {
		return false
	}
	return m.Due == m.OnTime+m.Late5+m.Late10+m.Late30+m.Later+m.Unpaid && m.Returned <= m.Unpaid && m.villagesAddUp() && m.classesAddUp()
}

func (m *Month) villagesAddUp() bool {
	var of Facts
	var last relief.Region
	for i := range m.Villages {
		v := &m.Villages[i]
		if v.Rows < 1 || v.Households < 1 || v.Persons < 0 || !m.County.Covers(v.Code) || i > 0 && compareRegions(last, v.Code) >= 0 {
			return false
		}
		last = v.Code
		of.Rows += v.Rows
		of.Households += v.Households
		of.Persons += v.Persons
		of.Sum += v.Sum
		of.Deducted += v.Deducted
	}
	return of.Rows == m.Rows && of.Households == m.Households && of.Persons == m.Persons && of.Sum == m.Sum && of.Deducted == m.Deducted
}

func (m *Month) classesAddUp() bool {
	households, persons, sum, last := 0, 0, relief.Fen(0), ""
	for i := range m.Classes {
		c := &m.Classes[i]
		if c.Households < 1 || c.Class <= last {
			return false
		}
		last = c.Class
		households += c.Households
		persons += c.Persons
		sum += c.Sum
	}
	return households == m.Households && persons == m.Persons && sum == m.Sum
}
