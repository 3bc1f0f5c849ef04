package roll

import (
	"math"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// Enrolled is a person whose entry an import made or changed: the index of their line in the chunk, and the index
// entry, now and before, which is nil for a person who was on no roll. With Details the line's private details are the person's
// from now on, and the index entry is to be stored.
type Enrolled struct {
	Input   int
	Ref     relief.SubjectRef
	Record  IndexEntry
	Before  *IndexEntry
	Details bool
}

// ImportRule is what holds for all lines of an import.
type ImportRule struct {
	From relief.Period // the first month of entitlement of new people, and of changed terms
	Once bool          // the programme pays once: an entry ends with its first month
	// OneMonth says that the people come from other rolls for the month From alone. Months may come in any order.
	OneMonth bool
	Month    int // of the import, as Period.FirstMonth numbers it: nothing is told of later months
	// Quarterly says that the programme pays by the quarter: what was paid before this record began ends with one.
	Quarterly bool
}

// Known is what the ledger has of a line's person.
type Known struct {
	Index     *IndexEntry // nil for a person who was never on this programme's roll
	Household *Household  // nil for a household without other members
	// Excluded is the refusal of a person who cannot be on this roll, because of relief from elsewhere.
	Excluded wire.Refusal
}

// Import carries out the lines of a chunk on segments of one county's roll and returns the changed segments. New
// people get the next free numbers, in the order of the chunk, in the first segment that has room. People who exited
// come back under their old number. A line whose person is not on the roll as the proposer saw is refused.
//
// A person whose private details are new shares a page of them with the next such people.
func Import(
	parts []Part, rule ImportRule, entries []Input, known func(*Input) (Known, error),
) ([]Part, []Enrolled, wire.ChunkResult, error) {
	im := newImporter(parts, rule, len(entries))
	enrolled := make([]Enrolled, 0, len(entries))
	result := wire.ChunkResult{Refused: []wire.Refusal{}}
	lines := make(map[relief.SubjectRef]uint32, len(entries)) // only looked up, never ranged over
	var page relief.DetailPageID
	room := 0
	for i := range entries {
		e := &entries[i]
		if first, twice := lines[e.Ref]; twice {
			result.Refused = append(result.Refused, wire.Refusal{Seq: e.Seq, Code: relief.LineDuplicateOf(int(first))})
			continue
		}
		lines[e.Ref] = e.Seq
		k, err := known(e)
		if err != nil {
			return nil, nil, result, err
		}
		done, refusal := im.takeIn(e, &k)
		switch {
		case refusal.Code != "":
			refusal.Seq = e.Seq
			result.Refused = append(result.Refused, refusal)
			continue
		case done == nil:
			result.Unchanged++
			continue
		}
		result.Accepted++
		if done != k.Index && !done.Kept && done.roomForPage() {
			if room == 0 {
				page, room = im.pageFrom(done), DetailPagePeople
			}
			done.putOnPage(page)
			room--
		}
		enrolled = append(enrolled, Enrolled{i, e.Ref, *done, k.Index, done != k.Index})
	}
	return im.after(), enrolled, result, nil
}

// importer puts people on parts of a county's roll.
type importer struct {
	parts []draft
	rule  ImportRule
}

// draft is a part with the changes of an import. Segment is the part's before them: a person is in a chunk once.
type draft struct {
	Part
	edit *editor
}

func newImporter(parts []Part, rule ImportRule, people int) *importer {
	im := &importer{parts: make([]draft, len(parts)), rule: rule}
	for i := range parts {
		p := &parts[i]
		im.parts[i] = draft{Part{At: p.At, Segment: p.Segment, Payees: p.Payees.withRoom(people)}, p.Segment.edit(people)}
	}
	return im
}

// after are the parts with the changes.
func (im *importer) after() []Part {
	parts := make([]Part, len(im.parts))
	for i := range im.parts {
		d := &im.parts[i]
		parts[i] = Part{At: d.At, Segment: d.edit.segment(), Payees: d.Payees}
	}
	return parts
}

// pageFrom names the page of which a person is the first one.
func (im *importer) pageFrom(entry *IndexEntry) relief.DetailPageID {
	id := relief.DetailPageID{County: entry.County, First: entry.Number}
	if own, position := im.draftOf(entry); own != nil {
		id.Replaced = own.Payees.Version(position) - 1
	}
	return id
}

// takeIn carries out one line, or refuses it. A nil entry without a refusal means that nothing changes; the entry that
// was known, that the details stay.
func (im *importer) takeIn(e *Input, k *Known) (*IndexEntry, wire.Refusal) {
	if code := im.check(im.parts[0].At.County, e); code != "" {
		return nil, wire.Refusal{Code: code}
	}
	own, position := im.draftOf(k.Index)
	seen, refusal := im.compare(own, position, e, k)
	switch {
	case refusal.Code != "":
		return nil, refusal
	case seen != e.Seen || seen == SeenChanged && own.WasAt(position, e) != e.Was:
		return nil, wire.Refusal{Code: relief.LineNotAsProposed, Note: seen.String()}
	case k.Excluded.Code != "":
		return nil, k.Excluded
	case seen == SeenSame:
		return nil, wire.Refusal{}
	case seen == SeenChanged:
		return im.change(own, position, e, k.Index)
	}
	return im.enter(e, k.Index)
}

// compare says what the import finds of a line's person, who is in a position of own if own is not nil, or refuses the
// line.
func (im *importer) compare(own *draft, position int, e *Input, k *Known) (Seen, wire.Refusal) {
	county, current := im.parts[0].At.County, k.Index
	switch {
	case current == nil || current.Exited && (current.County != county || current.Moved):
		return SeenNew, wire.Refusal{}
	case current.County != county:
		return SeenNew, wire.Refusal{Code: relief.LineAlreadyOnRoll, Note: string(current.County)}
	case im.rule.OneMonth && own != nil:
		return own.SeenIn(position, im.rule.From), wire.Refusal{}
	case own == nil && e.Seen == SeenNew && !current.Exited: // came onto the roll since: other segments do not help
		return SeenSame, wire.Refusal{Code: relief.LineNotAsProposed, Note: SeenSame.String()}
	case own == nil:
		return SeenNew, wire.Refusal{Code: relief.LineWrongSegment}
	}
	seen, refusal := own.Compare(position, e, im.rule.From, k.Household)
	if seen == SeenChanged && current.Case != "" { // only a decision changes what a decision granted
		refusal = wire.Refusal{Code: relief.LineAlreadyOnRoll, Note: string(current.Case)}
	}
	return seen, refusal
}

func (im *importer) check(county relief.Region, e *Input) relief.LineCode {
	if code := checkRollInput(county, e); code != "" {
		return code
	}
	told := e.Told.PaidThrough
	if !told.IsZero() && (told.Quarterly() || told.FirstMonth() > im.rule.Month || im.rule.Quarterly && relief.QuarterOf(told.FirstMonth()).End() != told) {
		return relief.LinePeriod
	}
	if slices.Contains(e.Members, e.Ref) || len(e.Members) > MaxInputMembers {
		return relief.LineMembers
	}
	for i, ref := range e.Members {
		if slices.Contains(e.Members[:i], ref) {
			return relief.LineMembers
		}
	}
	return ""
}

// change gives a person in force what the line says: another name or account, other terms from the import's first month on.
func (im *importer) change(own *draft, position int, e *Input, current *IndexEntry) (*IndexEntry, wire.Refusal) {
	entry := current
	payee := own.Payees.Payee(position).Differs(e.Payee) != ""
	switch {
	case payee && current.Paying:
		return nil, wire.Refusal{Code: relief.LineUnanswered}
	case payee && own.Payees.Version(position) == math.MaxUint16:
		return nil, wire.Refusal{Code: relief.LineSegmentFull}
	}
	if refusal := im.changeEntry(own, position, e); refusal.Code != "" {
		return nil, refusal
	}
	if payee {
		own.setPayee(position, e.Payee)
		entry = newIndexEntry(current, current.County, current.Number)
	}
	return entry, wire.Refusal{}
}

// changeEntry gives an entry the terms and the residence of a line from the import's first month on, where they are others.
func (im *importer) changeEntry(own *draft, position int, e *Input) wire.Refusal {
	sameTerms, sameResidence := own.sameTerms(position, e), own.sameResidence(position, e)
	if sameTerms && sameResidence {
		return wire.Refusal{}
	}
	if first := own.Segment.From(position); im.rule.From.Before(first) {
		return wire.Refusal{Code: relief.LineBeforeEntry, Note: first.String()}
	}
	var terms, residence error
	if !sameTerms {
		terms = own.edit.changeTerms(position, packedTerms{e.Class, e.Persons, e.Amount}, im.rule.From)
	}
	if !sameResidence {
		residence = own.edit.setResidence(position, e.Residence, im.rule.From)
	}
	if terms != nil || residence != nil {
		return wire.Refusal{Code: relief.LineSegmentFull}
	}
	return wire.Refusal{}
}

// setPayee puts the payee of new private details beside an entry, and its check into the entry. It reports whether it could:
// versions of the details end with 65,535.
func (d *draft) setPayee(position int, payee Payee) bool {
	if !d.Payees.set(position, payee) {
		return false
	}
	d.edit.slots.setPayeeCheck(position, payee)
	return true
}

// enter puts a person on the roll who is not in force on it.
func (im *importer) enter(e *Input, current *IndexEntry) (*IndexEntry, wire.Refusal) {
	from := im.rule.From
	if im.rule.Once && !e.Told.PaidThrough.IsZero() {
		from = e.Told.PaidThrough // the only month, and it is paid
	}
	if current == nil {
		return im.enterNew(e, from, nil)
	}
	if im.rule.OneMonth && current.County == im.parts[0].At.County && !current.Moved {
		return im.enterMonth(e, from, current)
	}
	if !current.FreeFrom(from) {
		return nil, wire.Refusal{Code: relief.LineOverlap, Note: string(current.County)}
	}
	if current.Paying {
		return nil, wire.Refusal{Code: relief.LineUnanswered, Note: string(current.County)}
	}
	if told := e.Told.PaidThrough; !told.IsZero() && !current.Until.Before(told) {
		return nil, wire.Refusal{Code: relief.LineToldDiffers, Note: current.Until.String()} // the range before is on this record
	}
	if current.County != im.parts[0].At.County || current.Moved {
		return im.enterNew(e, from, current)
	}
	return im.enterAgain(e, from, current)
}

// enterAgain gives a person who comes back a new range under the old number.
func (im *importer) enterAgain(e *Input, from relief.Period, current *IndexEntry) (*IndexEntry, wire.Refusal) {
	own, position := im.draftOf(current)
	switch {
	case own == nil:
		return nil, wire.Refusal{Code: relief.LineWrongSegment}
	case own.Payees.Version(position) == math.MaxUint16 || len(own.edit.spans[position]) > maxSpans-3: // its terms, what is told, and where it lives
		return nil, wire.Refusal{Code: relief.LineSegmentFull}
	}
	if err := own.edit.comeBack(position, packRoll(e, from, current.PaidTill)); err != nil {
		return nil, wire.Refusal{Code: relief.LineSegmentFull}
	}
	own.setPayee(position, e.Payee)
	return im.entered(own, position, e, from, current), wire.Refusal{}
}

// enterNew gives a person the next free number.
func (im *importer) enterNew(e *Input, from relief.Period, current *IndexEntry) (*IndexEntry, wire.Refusal) {
	for i := range im.parts {
		p := &im.parts[i]
		position := p.edit.slots.Len()
		number := p.At.First() + uint32(position) //nolint:gosec // at most 1000
		if position < int(p.At.Size) && number <= relief.MaxRollNumber {
			p.edit.add(packRoll(e, from, relief.Period{}))
			p.Payees.set(position, e.Payee)
			return im.entered(p, position, e, from, current), wire.Refusal{}
		}
	}
	return nil, wire.Refusal{Code: relief.LineWrongSegment}
}

// entered completes a new range and gives its index entry.
func (im *importer) entered(p *draft, position int, e *Input, from relief.Period, current *IndexEntry) *IndexEntry {
	entry := newIndexEntry(current, p.At.County, p.At.First()+uint32(position)) //nolint:gosec // at most 1000
	_ = p.edit.tell(position, from, e.Told)                                     // there is room: enterAgain
	if e.Residence != "" {
		_ = p.edit.setResidence(position, e.Residence, from) // as above
	}
	if im.rule.Once || im.rule.OneMonth {
		p.edit.setUntil(position, from)
		entry.Exited, entry.Until = true, from
	}
	return entry
}

// Enrol puts one person on a segment of the roll by a decision: from a month on, and only for that month where relief is paid
// once. current is the person's index entry, nil for a person who was never on this programme's roll. Enrol does not change
// part.
func Enrol(part Part, in *Input, from relief.Period, once bool, current *IndexEntry) (Part, *IndexEntry, relief.LineCode) {
	im := newImporter([]Part{part}, ImportRule{From: from, Once: once}, 1)
	if current != nil && !current.Exited {
		return part, nil, relief.LineAlreadyOnRoll
	}
	if code := checkRollInput(part.At.County, in); code != "" {
		return part, nil, code
	}
	entry, refusal := im.enter(in, current)
	return im.after()[0], entry, refusal.Code
}

// draftOf finds a person's part among those of the chunk, and the person's position in it; nil when it is not among them.
func (im *importer) draftOf(entry *IndexEntry) (*draft, int) {
	if entry == nil {
		return nil, 0
	}
	for i := range im.parts {
		d := &im.parts[i]
		pos, here := d.At.Slot(entry.Number)
		if here && entry.County == d.At.County && pos < d.Segment.Len() {
			return d, pos
		}
	}
	return nil, 0
}

func checkRollInput(county relief.Region, e *Input) relief.LineCode {
	switch {
	case !county.Covers(e.Region):
		return relief.LineRegionOutside
	case e.Persons < 1 || e.Persons > 99:
		return relief.LinePersons
	case e.Class < 'A' || e.Class > 'Z':
		return relief.LineClass
	case e.Amount <= 0:
		return relief.LineAmountUnderBound
	case !e.Payee.Valid():
		return relief.LineMissing // the name or the account: their tags are not there
	}
	return ""
}
