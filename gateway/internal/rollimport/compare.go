package rollimport

import (
	"cmp"
	"slices"
	"strconv"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/payee"
)

// Line is a line of the file that could be read.
type Line struct {
	roll.Input // Seq is the line in the file; Compare sets Seen and Was
	Doubt      payee.Doubt
	Details    Span
	Source
	Refusal              // why it is not imported, as far as the line itself says so
	Under   []roll.Payee // the tags of name and account under the keys of all epochs, those of the key in use first

	kind  Kind // "" for a line that changes nothing
	entry int  // the person's place among the roll's entries, -1 for none
}

// Entry is a person on the roll.
type Entry struct {
	part      *roll.Part
	position  int
	granted   bool            // a decision put the person on the roll, no import
	household *roll.Household // whom an import named beside the head; nil for none
}

func (e *Entry) entry() roll.Entry { return e.part.Segment.Entry(e.position, e.part.At) }

func (e *Entry) subject() relief.SubjectRef { return e.part.Segment.Ref(e.position) }

func (e *Entry) payee() roll.Payee { return e.part.Payees.Payee(e.position) }

func (e *Entry) number() uint32 { return e.part.At.First() + uint32(e.position) } //nolint:gosec // at most 1,000

func (e *Entry) inForce(from relief.Period) bool { return e.part.Segment.InForce(e.position, from) }

// Roll is a county's roll as the ledger has it.
type Roll struct {
	Size    uint32         // of a segment
	Next    uint32         // the first free number
	Counts  map[uint32]int // people, by segment
	Entries []Entry        // in the order of their numbers
	// OneMonth says that the people come from other rolls: an entry is compared for the import's month alone.
	OneMonth bool
}

// Add adds a segment to the roll, the one after those that were added before. standing says what the packed values do
// not.
func (r *Roll) Add(part *roll.Part, standing []api.PersonStanding) {
	first := len(r.Entries)
	for i := range part.Segment.Len() {
		r.Entries = append(r.Entries, Entry{part: part, position: i})
	}
	for i := range standing {
		p := &standing[i]
		position, ok := part.At.Slot(p.Number)
		if !ok || position >= part.Segment.Len() {
			continue
		}
		e := &r.Entries[first+position]
		if e.granted = p.Case != ""; len(p.Members) > 0 {
			e.household = &roll.Household{Members: p.Members}
		}
	}
	r.Counts[part.At.Segment] = part.Segment.Len()
}

// Comparison is what an import would do.
type Comparison struct {
	Summary

	lines   []Line
	roll    *Roll
	from    relief.Period
	number  map[relief.SubjectRef]int // a person's place among the roll's entries
	inFile  map[relief.SubjectRef]int // a person's first line among lines
	unread  []Row                     // lines that could not be read
	doubts  map[int][]Doubt           // by place among lines
	missing []int                     // places among the roll's entries
}

// Compare holds a file against the roll. unread are the lines that could not be read. declared has the accounts that
// several people may share: an institution's or a guardian's, by their tags. It need not have others than those of
// SharedAccounts.
func Compare(lines []Line, unread []Row, on *Roll, from relief.Period, declared map[relief.Tag]bool) *Comparison {
	c := &Comparison{
		lines: lines, roll: on, from: from, unread: unread, doubts: map[int][]Doubt{},
		number: make(map[relief.SubjectRef]int, len(on.Entries)), inFile: make(map[relief.SubjectRef]int, len(lines)),
	}
	for i := range on.Entries {
		c.number[on.Entries[i].subject()] = i
	}
	for i := range lines {
		if _, twice := c.inFile[lines[i].Ref]; !twice {
			c.inFile[lines[i].Ref] = i
		}
		c.judge(&lines[i])
	}
	c.refuseShared(declared)
	for i := range on.Entries {
		e := &on.Entries[i]
		if _, there := c.inFile[e.subject()]; !there && !e.granted && c.holds(e) {
			c.missing = append(c.missing, i)
		}
	}
	c.doubt()
	c.count()
	return c
}

// holds reports whether an import expects the person of an entry in its file.
func (c *Comparison) holds(e *Entry) bool {
	if c.roll.OneMonth {
		return e.part.SeenIn(e.position, c.from) == roll.SeenSame
	}
	return e.inForce(c.from)
}

// judge says what a line does to the roll.
func (c *Comparison) judge(l *Line) {
	at, known := c.number[l.Ref]
	l.entry = -1
	if known {
		l.entry = at
	}
	switch {
	case l.Code != "":
		l.kind = KindRefused
	case known:
		c.judgeKnown(l, &c.roll.Entries[at])
	default:
		l.kind = KindNew
	}
}

// judgeKnown says what a line does to the entry of a person who is or was on the roll.
func (c *Comparison) judgeKnown(l *Line, e *Entry) {
	l.Payee = l.Payee.Keeping(l.Under, e.payee())
	seen, refused := e.part.SeenIn(e.position, c.from), wire.Refusal{}
	if !c.roll.OneMonth {
		seen, refused = e.part.Compare(e.position, &l.Input, c.from, e.household)
	}
	l.Seen = seen
	paid := e.entry().PaidTill
	switch {
	case refused.Code != "":
		l.refuse(columnOf[refused.Code], refused.Code, noteOf(&refused))
	case seen == roll.SeenNew && !paid.IsZero() && !paid.Before(c.from):
		l.refuse("id_number", relief.LineOverlap, "")
	case seen == roll.SeenNew:
		l.kind = KindNew
	case seen == roll.SeenSame:
		l.kind = ""
	case e.granted:
		l.refuse("id_number", relief.LineAlreadyOnRoll, grantedNote)
	default:
		l.kind, l.Was = KindChanged, e.part.WasAt(e.position, &l.Input)
	}
}

// columnOf is the column that a refusal of the domain's comparison is about.
var columnOf = map[relief.LineCode]string{
	relief.LineRegionDiffers: "region", relief.LineToldDiffers: "paid_through", relief.LineOverlap: "id_number",
}

// noteOf says what is done instead, or what the roll has.
func noteOf(r *wire.Refusal) string {
	if r.Code == relief.LineRegionDiffers {
		return moveNote
	}
	return r.Note
}

// What is done instead of an import: the region of a roll number never changes, and nobody changes what was decided but by
// an act on the case.
var (
	moveNote = bilingual.Text{
		Zh: "迁移须先退出，再自下一期起重新纳入", En: "a household that moves leaves the roll and enters it again from the next period on",
	}.String()
	grantedNote = bilingual.Text{
		Zh: "由审批决定纳入，请办理复核或变更", En: "a decision put the person on the roll: use a review or a change",
	}.String()
)

func (l *Line) refuse(field string, code relief.LineCode, note string) {
	l.kind, l.Refusal = KindRefused, Refusal{field, code, note}
}

// changes are the columns in which a line differs from the person's entry.
func (c *Comparison) changes(l *Line) (changes []Change) {
	e := &c.roll.Entries[l.entry]
	if now := e.payee(); !now.Name.Equal(l.Name) {
		changes = append(changes, Change{Column: ColumnName})
	}
	if now := e.payee(); !now.Account.Equal(l.Account) {
		changes = append(changes, Change{Column: ColumnAccount})
	}
	if l.Was.Persons != l.Persons {
		changes = append(changes, Change{ColumnPersons, strconv.Itoa(int(l.Was.Persons)), strconv.Itoa(int(l.Persons))})
	}
	if l.Was.Class != l.Class {
		changes = append(changes, Change{ColumnClass, string(rune(l.Was.Class)), string(rune(l.Class))})
	}
	if l.Was.Amount != l.Amount {
		changes = append(changes, Change{ColumnAmount, l.Was.Amount.String(), l.Amount.String()})
	}
	if l.Residence != "" && l.Was.Residence != l.Residence {
		changes = append(changes, Change{ColumnResidence, string(l.Was.Residence), string(l.Residence)})
	}
	if len(l.Members) > 0 && !e.household.Same(l.Members) {
		before := 0
		if e.household != nil {
			before = len(e.household.Members)
		}
		changes = append(changes, Change{ColumnMembers, strconv.Itoa(before), strconv.Itoa(len(l.Members))})
	}
	return changes
}

// count makes the summary.
func (c *Comparison) count() {
	townships := map[relief.Region]*Township{}
	for i := range c.lines {
		l := &c.lines[i]
		switch l.kind {
		case KindNew:
			c.New.add(l.Amount)
		case KindChanged:
			c.Changed.add(l.Amount)
		case KindRefused:
			c.Refused.add(l.Amount)
			continue
		default:
			c.Unchanged.add(l.Amount)
		}
		region := l.Region[:min(len(l.Region), townshipDigits)]
		t := townships[region]
		if t == nil {
			t = &Township{Region: region}
			townships[region] = t
		}
		t.add(l.Amount)
	}
	c.Refused.Count += len(c.unread)
	for _, i := range c.missing {
		c.Missing.add(c.roll.Entries[i].entry().Amount)
	}
	c.Townships = make([]Township, 0, len(townships))
	for _, t := range townships {
		c.Townships = append(c.Townships, *t)
	}
	slices.SortFunc(c.Townships, func(a, b Township) int { return cmp.Compare(a.Region, b.Region) })
	c.countDoubts()
}

// townshipDigits are those of a region's code that name the township (GB/T 10114).
const townshipDigits = 9

func (c *Comparison) countDoubts() {
	counts := map[DoubtCode]int{}
	for _, doubts := range c.doubts {
		for _, d := range doubts {
			counts[d.Code]++
		}
	}
	c.Doubts = []DoubtCount{}
	for code, n := range counts {
		c.Doubts = append(c.Doubts, DoubtCount{code, n})
	}
	slices.SortFunc(c.Doubts, func(a, b DoubtCount) int { return cmp.Compare(a.Code, b.Code) })
}
