package rollimport

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/payee"
)

// SharedAccounts lists the accounts that several lines have, or a line and the entry of somebody else: those of which it
// matters whether they are declared as shared.
func SharedAccounts(lines []Line, on *Roll) (accounts []relief.Tag) {
	holder := make(map[relief.Tag]relief.SubjectRef, len(lines)+len(on.Entries))
	listed := map[relief.Tag]bool{}
	see := func(account relief.Tag, ref relief.SubjectRef) {
		if first, seen := holder[account]; seen && first != ref && !listed[account] {
			listed[account] = true
			accounts = append(accounts, account)
		} else if !seen {
			holder[account] = ref
		}
	}
	for i := range lines {
		for _, account := range lines[i].accounts() {
			see(account, lines[i].Ref) //nolint:gosec // i is below their number
		}
	}
	for i := range on.Entries {
		if p := on.Entries[i].payee(); p.Valid() {
			see(p.Account, on.Entries[i].subject())
		}
	}
	return accounts
}

// accounts are the tags of a line's account under the keys of all epochs, that of the key in use first.
func (l *Line) accounts() []relief.Tag {
	if len(l.Under) == 0 {
		return []relief.Tag{l.Account}
	}
	tags := make([]relief.Tag, len(l.Under))
	for i := range l.Under {
		tags[i] = l.Under[i].Account
	}
	return tags
}

// names are accounts for the line's name.
func (l *Line) names() []relief.Tag {
	if len(l.Under) == 0 {
		return []relief.Tag{l.Name}
	}
	tags := make([]relief.Tag, len(l.Under))
	for i := range l.Under {
		tags[i] = l.Under[i].Name
	}
	return tags
}

// anyOf reports whether a set has one of some tags.
func anyOf(set map[relief.Tag]bool, tags []relief.Tag) bool {
	return slices.ContainsFunc(tags, func(t relief.Tag) bool { return set[t] })
}

// refuseShared refuses lines whose account several people of the file have, or somebody else on the roll, unless it is
// declared as shared.
func (c *Comparison) refuseShared(declared map[relief.Tag]bool) {
	byAccount := map[relief.Tag][]int{}
	for i := range c.lines {
		if l := &c.lines[i]; l.kind != KindRefused && !anyOf(declared, l.accounts()) {
			account := l.accounts()[0]
			byAccount[account] = append(byAccount[account], i)
		}
	}
	for _, sharing := range byAccount {
		if len(sharing) == 1 {
			continue
		}
		for _, i := range sharing {
			c.shared(i, Doubt{Code: DoubtShared, Lines: c.otherLines(i, sharing)})
		}
	}
	holders := map[relief.Tag][]int{} // places among the roll's entries
	for i := range c.roll.Entries {
		if e := &c.roll.Entries[i]; e.inForce(c.from) && e.payee().Valid() {
			holders[e.payee().Account] = append(holders[e.payee().Account], i)
		}
	}
	// A refused line leaves its person's account on the roll, where it may be another line's.
	for again := true; again; {
		again = false
		for i := range c.lines {
			l := &c.lines[i]
			if l.kind == KindRefused || anyOf(declared, l.accounts()) {
				continue
			}
			var held []int
			for _, account := range l.accounts() {
				held = append(held, holders[account]...)
			}
			if c.refuseHeld(i, held) {
				again = true
			}
		}
	}
}

// refuseHeld refuses a line whose account others on the roll keep, and reports whether it did.
func (c *Comparison) refuseHeld(i int, holders []int) bool {
	doubt := Doubt{Code: DoubtShared}
	for _, h := range holders {
		e := &c.roll.Entries[h]
		line, inFile := c.inFile[e.subject()]
		if e.subject() == c.lines[i].Ref || inFile && c.lines[line].kind != KindRefused {
			continue // it is the person's own, or the file gives the holder another one
		}
		if len(doubt.Numbers) < maxOthers {
			doubt.Numbers = append(doubt.Numbers, e.number())
		}
	}
	if len(doubt.Numbers) == 0 {
		return false
	}
	c.shared(i, doubt)
	return true
}

func (c *Comparison) shared(i int, d Doubt) {
	c.lines[i].refuse("account", relief.LineSharedAccount, sharedNote(&d))
	c.doubts[i] = append(c.doubts[i], d)
}

// sharedNote names those who share an account.
func sharedNote(d *Doubt) string {
	if len(d.Numbers) == 0 {
		return bilingual.Textf("与第%s行相同", "the same as in line %s", joined(d.Lines)).String()
	}
	return bilingual.Textf("与名册序号%s相同", "the same as of roll number %s", joined(d.Numbers)).String()
}

func joined[T int | uint32](numbers []T) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(int(n))
	}
	return strings.Join(texts, ", ")
}

// otherLines are some of the lines of a list, without line i.
func (c *Comparison) otherLines(i int, list []int) (lines []int) {
	for _, other := range list {
		if other != i && len(lines) < maxOthers {
			lines = append(lines, int(c.lines[other].Seq))
		}
	}
	return lines
}

// doubt looks for what should be compared with the originals.
func (c *Comparison) doubt() {
	for i := range c.lines {
		switch c.lines[i].Doubt {
		case payee.DoubtCheckDigit:
			c.doubts[i] = append(c.doubts[i], Doubt{Code: DoubtCheckDigit})
		case payee.DoubtRounded:
			c.doubts[i] = append(c.doubts[i], Doubt{Code: DoubtRounded})
		}
	}
	c.doubtNames()
	c.doubtNumbers()
}

// namedIn is a name in a region. In a whole county thousands share theirs; in a village those who do are few.
type namedIn struct {
	name   relief.Tag
	region relief.Region
}

// doubtNames marks lines of people who have the name of somebody else in the same region: of another line, or of an
// entry that the file does not have.
func (c *Comparison) doubtNames() {
	lines, numbers := map[namedIn][]int{}, map[namedIn][]uint32{}
	for i := range c.lines {
		if l := &c.lines[i]; c.inFile[l.Ref] == i {
			n := namedIn{l.names()[0], l.Region}
			lines[n] = append(lines[n], i)
		}
	}
	for i := range c.roll.Entries {
		e := &c.roll.Entries[i]
		if _, there := c.inFile[e.subject()]; !there && e.inForce(c.from) {
			n := namedIn{e.payee().Name, e.entry().Region}
			numbers[n] = append(numbers[n], e.number())
		}
	}
	for _, same := range lines {
		var others []uint32
		for _, name := range c.lines[same[0]].names() {
			others = append(others, numbers[namedIn{name, c.lines[same[0]].Region}]...)
		}
		if len(same) == 1 && len(others) == 0 {
			continue
		}
		for _, i := range same {
			c.doubts[i] = append(c.doubts[i], Doubt{
				Code: DoubtSameName, Lines: c.otherLines(i, same), Numbers: others[:min(len(others), maxOthers)],
			})
		}
	}
}

// doubtNumbers marks the lines whose identity number is in the file more than once.
func (c *Comparison) doubtNumbers() {
	twice := map[relief.SubjectRef][]int{}
	for i := range c.lines {
		if c.roll.OneMonth {
			break // several rolls may have the same person
		}
		if first := c.inFile[c.lines[i].Ref]; first != i {
			if twice[c.lines[i].Ref] == nil {
				twice[c.lines[i].Ref] = []int{first}
			}
			twice[c.lines[i].Ref] = append(twice[c.lines[i].Ref], i)
		}
	}
	for _, same := range twice {
		for _, i := range same {
			c.doubts[i] = append(c.doubts[i], Doubt{Code: DoubtNumberTwice, Lines: c.otherLines(i, same)})
		}
	}
}

// rows are the lines of a kind: entries that the file lacks in the order of their numbers, others in the file's order.
func (c *Comparison) rows(kind Kind) (rows []Row) {
	if kind == KindMissing {
		for _, i := range c.missing {
			e := c.roll.Entries[i].entry()
			rows = append(rows, Row{Number: &e.Number, Subject: e.Subject, Terms: Terms{e.Region, e.Persons, e.Class, e.Amount, e.Residence}})
		}
		return rows
	}
	if kind == KindRefused {
		rows = slices.Clone(c.unread)
	}
	for i := range c.lines {
		l := &c.lines[i]
		if l.kind == kind || kind == KindDoubtful && len(c.doubts[i]) > 0 {
			rows = append(rows, c.row(i))
		}
	}
	if kind == KindRefused {
		slices.SortStableFunc(rows, func(a, b Row) int { return a.Line - b.Line })
	}
	return rows
}

func (c *Comparison) row(i int) Row {
	l := &c.lines[i]
	r := Row{
		Line: int(l.Seq), Subject: l.Ref, Terms: Terms{l.Region, l.Persons, string(rune(l.Class)), l.Amount, l.Residence},
		Doubts: c.doubts[i], Refusal: l.Refusal, Source: l.Source,
	}
	if l.Details.Length > 0 {
		r.Details = &l.Details
	}
	if l.entry >= 0 {
		number := c.roll.Entries[l.entry].number()
		r.Number = &number
		if l.kind == KindChanged {
			r.Changes = c.changes(l)
		}
	}
	return r
}

// String names a span in an error.
func (s Span) String() string { return fmt.Sprintf("%d bytes at %d", s.Length, s.Offset) }
