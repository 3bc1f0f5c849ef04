// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"slices"

	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// importedPeople is what the ledger has of the people of a chunk of an import.
type importedPeople struct {
	*work
	proposal *roll.ImportProposal
	version  *programme.Version
	entries  []roll.Input
	details  [][]byte // sealed, in the order of the entries

	index  map[relief.SubjectRef][]byte // roll index entries; only looked up, never ranged over
	claims map[relief.SubjectRef]bool   // who has or had a claim in the programme; likewise
	paying map[relief.SubjectRef]bool   // who has a payment without an answer; likewise
	links  map[relief.SubjectRef][]byte // who has several references; likewise. Nil when each person is asked for
	rolls  *takings                     // of a programme that takes its people from other rolls; nil for any other
	taken  map[relief.SubjectRef]uint32 // people of the lines before, and their lines; nil for a chunk without members

	endings *registry.Endings      // what the county has to know of regions that end; nil for nothing
	key     *registry.ReferenceKey // of references of new people; nil when every one is
}

// read reads segments of a roll with their payees, and what is known of the chunk's people: in one message to the
// peer, and one for each range. Under a programme that excludes no other the claims are always one range, since an
// imported roll has few or none: a key for each person would take half of the import's rate.
func (p *importedPeople) read(addrs []roll.SegmentAddr, byRange bool) ([]roll.Part, error) {
	var keys []relief.Key
	if err := p.readRanges(byRange); err != nil {
		return nil, err
	}
	if !byRange {
		keys = make([]relief.Key, 0, 2*(len(p.entries)+len(addrs)))
		for i := range p.entries {
			keys = append(keys, relief.RollIndexKey(p.entries[i].Ref, p.version.ID))
		}
	}
	people := len(keys)
	for _, at := range addrs {
		keys = append(keys, rollKey(at), payeesKey(at))
	}
	values, err := p.Values(p.appendKeys(keys)...)
	if err != nil {
		return nil, err
	}
	if !byRange {
		p.index = make(map[relief.SubjectRef][]byte, people)
		for i := range people {
			p.index[p.entries[i].Ref] = values[i]
		}
	}
	parts := make([]roll.Part, len(addrs))
	for i, at := range addrs {
		if parts[i], err = p.part(at); err != nil {
			return nil, err
		}
	}
	if p.version.FromRolls() {
		if err := p.readRolls(); err != nil {
			return nil, err
		}
	}
	if p.endings, err = uow.Find[registry.Endings](p.Work, relief.EndingsKey(p.proposal.County)); err != nil {
		return nil, err
	}
	if p.key, err = p.referenceKey(); err != nil {
		return nil, err
	}
	p.paying, err = p.work.paying(p.version.ID, addrs[0].Size, p.entries, p.onRoll)
	return parts, err
}

// appendKeys appends the keys of what a chunk's people have beside their entries on the roll, unless a range has given it.
func (p *importedPeople) appendKeys(keys []relief.Key) []relief.Key {
	id, excluding := p.version.ID, p.version.Excluding()
	for i := range p.entries {
		e := &p.entries[i]
		switch {
		case e.Seen != roll.SeenNew:
		case len(excluding) > 0:
			keys = append(keys, besideKeys(e.Ref, excluding)...)
		case p.claims == nil:
			keys = append(keys, relief.ClaimKey(e.Ref, id))
		}
		if len(e.Members) == 0 {
			continue
		}
		if p.taken == nil {
			p.taken = map[relief.SubjectRef]uint32{}
		}
		keys = append(keys, relief.HouseholdKey(id, e.Ref))
		for _, ref := range e.Members {
			keys = append(keys, relief.RollIndexKey(ref, id), relief.ClaimKey(ref, id))
			keys = append(keys, besideKeys(ref, excluding)...)
		}
	}
	return keys
}

// readRolls reads what other rolls have of the chunk's people.
func (p *importedPeople) readRolls() (err error) {
	if p.rolls, err = p.takings(p.version.ID, p.proposal.From); err != nil {
		return err
	}
	refs := make([]relief.SubjectRef, len(p.entries))
	for i := range p.entries {
		refs[i] = p.entries[i].Ref
	}
	return p.rolls.fetch(refs)
}

// besideKeys are the claims of a person and their entries on the rolls of other programmes.
func besideKeys(ref relief.SubjectRef, programmes []relief.ProgrammeID) []relief.Key {
	keys := []relief.Key{relief.MemberKey(ref)}
	for _, id := range programmes {
		keys = append(keys, relief.RollIndexKey(ref, id))
	}
	return keys
}

// maxBetween bounds the people who may be between those of a chunk that is read by range: beyond, asking for each is
// cheaper.
func maxBetween(entries int) int { return 1000 + 4*entries }

// readRanges reads the claims from the first to the last of a chunk's people, and the roll index entries when that was
// asked for. The ranges are closed: the ledger refuses the transaction if another person comes into them before the
// commit. Where too many have claims, each person of the chunk is asked for.
func (p *importedPeople) readRanges(index bool) error {
	byRef := func(a, b roll.Input) int { return a.Ref.Compare(b.Ref) }
	first, last := slices.MinFunc(p.entries, byRef).Ref, slices.MaxFunc(p.entries, byRef).Ref
	id := p.version.ID
	var err error
	if index {
		if p.index, err = p.between(relief.RollIndexKey(first, id), relief.RollIndexKey(last, id)); err != nil {
			return err
		}
	}
	if err := p.readLinks(); err != nil {
		return err
	}
	if len(p.version.Excluding()) > 0 {
		return nil
	}
	claims, err := p.between(relief.ClaimKey(first, id), relief.ClaimKey(last, id))
	if !index && errors.Is(err, &relief.Error{Code: relief.CodeInvalid}) {
		return nil
	}
	if err != nil {
		return err
	}
	p.claims = make(map[relief.SubjectRef]bool, len(claims))
	for i := range p.entries {
		ref := p.entries[i].Ref
		p.claims[ref] = claims[ref] != nil
	}
	return nil
}

// readLinks reads the references that are linked, from the first to the last of the chunk's people, heads and members.
// Few people have several. Where too many have, each person of the chunk is asked for.
func (p *importedPeople) readLinks() error {
	first, last := p.entries[0].Ref, p.entries[0].Ref
	for i := range p.entries {
		first, last = earlier(first, p.entries[i].Ref), later(last, p.entries[i].Ref)
		for _, ref := range p.entries[i].Members {
			first, last = earlier(first, ref), later(last, ref)
		}
	}
	links, err := p.between(relief.LinkedKey(first), relief.LinkedKey(last))
	if errors.Is(err, &relief.Error{Code: relief.CodeInvalid}) {
		return nil
	}
	p.links = links
	return err
}

// earlier and later are the one of two references whose key comes first, and the one whose key comes last.
func earlier(a, b relief.SubjectRef) relief.SubjectRef {
	if b.Compare(a) < 0 {
		return b
	}
	return a
}

func later(a, b relief.SubjectRef) relief.SubjectRef {
	if b.Compare(a) > 0 {
		return b
	}
	return a
}

// linked are all references of one of the chunk's people, that one first.
func (p *importedPeople) linked(ref relief.SubjectRef) ([]relief.SubjectRef, error) {
	if p.links != nil && p.links[ref] == nil {
		return []relief.SubjectRef{ref}, nil
	}
	return p.work.linked(ref)
}

// plain reports whether it is known that everybody of a line has a single reference, under which somebody may be new. Nearly
// everybody has.
func (p *importedPeople) plain(e *roll.Input) bool {
	special := func(ref relief.SubjectRef) bool { return p.links[ref] != nil || !p.key.MayBeNew(ref) }
	return p.links != nil && !special(e.Ref) && !slices.ContainsFunc(e.Members, special)
}

// replaced is the refusal of a line with a reference that another one has replaced, or with a head who is entitled under another
// reference.
func (p *importedPeople) replaced(e *roll.Input) (wire.Refusal, error) {
	for _, ref := range append([]relief.SubjectRef{e.Ref}, e.Members...) {
		if p.index[ref] == nil { // anybody on the roll is known
			if may, err := p.mayHave(ref); err != nil || !may {
				return wire.Refusal{Code: relief.LineReferenceEpoch}, err
			}
		}
		refs, err := p.linked(ref)
		if err != nil {
			return wire.Refusal{}, err
		}
		if len(refs) == 1 {
			continue
		}
		l, err := p.work.links(ref)
		if err != nil {
			return wire.Refusal{}, err
		}
		if _, replaced := l.Replaced(ref); replaced {
			return wire.Refusal{Code: relief.LineNumberCorrected}, nil
		}
		if ref != e.Ref || e.Seen != roll.SeenNew {
			continue
		}
		taken, err := p.takenUnder(refs[1:], p.version.ID, p.proposal.From)
		if err != nil {
			return wire.Refusal{}, err
		}
		if taken != nil {
			return wire.Refusal{Code: relief.LineOverlap, Note: string(taken.County)}, nil
		}
	}
	return wire.Refusal{}, nil
}

func (p *importedPeople) between(first, last relief.Key) (map[relief.SubjectRef][]byte, error) {
	between := map[relief.SubjectRef][]byte{}
	return between, p.Range(first, last, func(attrs []string, value []byte) error {
		if len(between) == maxBetween(len(p.entries)) {
			return relief.FieldErrorf("range", "more than %d people are between those of the chunk: ask for each of them", len(between))
		}
		if len(attrs) == 0 {
			return relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		ref, err := relief.ParseSubjectRef(attrs[len(attrs)-1])
		if err != nil {
			return relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		between[ref] = value
		return nil
	})
}

// onRoll is a person's roll index entry in the programme, nil for a person who was never on its roll.
func (p *importedPeople) onRoll(ref relief.SubjectRef) (*roll.IndexEntry, error) {
	b := p.index[ref]
	if b == nil {
		return nil, nil //nolint:nilnil // not on the roll: the domain asks for nil
	}
	return uow.Parse[roll.IndexEntry](relief.KindRollIndex, b)
}

// claimed reports whether a person has or had a claim in the programme.
func (p *importedPeople) claimed(ref relief.SubjectRef) (bool, error) {
	if p.claims != nil {
		return p.claims[ref], nil
	}
	b, err := p.Value(relief.ClaimKey(ref, p.version.ID))
	return b != nil, err
}

// known is what the ledger has of a line's person, for the domain.
func (p *importedPeople) known(e *roll.Input) (roll.Known, error) {
	var k roll.Known
	var err error
	if k.Index, err = p.onRoll(e.Ref); err != nil {
		return k, err
	}
	if k.Index != nil {
		k.Index.Paying = p.paying[e.Ref]
		if k.Index.Moved, err = p.movedSince(p.version.ID, uint32(p.version.SegmentSize), k.Index, e.Region); err != nil { //nolint:gosec // 1 to 1000
			return k, err
		}
	}
	if len(e.Members) > 0 {
		if k.Household, err = uow.Find[roll.Household](p.Work, relief.HouseholdKey(p.version.ID, e.Ref)); err != nil {
			return k, err
		}
	}
	k.Excluded, err = p.excluded(e, k.Household)
	return k, err
}

// excluded is the refusal of a household that has relief from elsewhere, or shares a person with a line before.
func (p *importedPeople) excluded(e *roll.Input, household *roll.Household) (wire.Refusal, error) {
	if !p.plain(e) {
		if refusal, err := p.replaced(e); err != nil || refusal.Code != "" {
			return refusal, err
		}
	}
	if p.rolls != nil { // relief from elsewhere is what they are taken for
		return p.rolls.refuses(e, p.proposal.County)
	}
	if ended := p.ended(e); ended.Code != "" {
		return ended, nil
	}
	isNew, members := e.Seen == roll.SeenNew, casework.NewMembers(e, household)
	if line, twice := p.take(e, isNew, members); twice {
		return wire.Refusal{Code: relief.LineDuplicateOf(int(line))}, nil
	}
	if isNew && len(p.version.Excluding()) == 0 { // then only a claim in the programme itself keeps the head out
		var err error
		if isNew, err = p.claimed(e.Ref); err != nil {
			return wire.Refusal{}, err
		}
	}
	line := casework.Importing{Head: e.Ref, IsNew: isNew, Members: members, County: p.proposal.County, From: p.proposal.From}
	known := p.households()
	known.Linked = p.linked
	return known.ExcludeImported(&line, p.version, p.Actor.At) //nolint:wrapcheck // of this module
}

// ended is the refusal of a line that begins something in a region that has ended before.
func (p *importedPeople) ended(e *roll.Input) wire.Refusal {
	if e.Seen == roll.SeenSame {
		return wire.Refusal{}
	}
	if in := p.endings.EndedBefore(e.Region, p.proposal.From); in != nil {
		return wire.Refusal{Code: relief.LineRegionEnded, Note: in.Into()}
	}
	return wire.Refusal{}
}

// take notes that the new people of a line are taken. It gives the line before that has one of them already.
func (p *importedPeople) take(e *roll.Input, isNew bool, members []relief.SubjectRef) (line uint32, twice bool) {
	if p.taken == nil {
		return 0, false
	}
	people := slices.Clone(members)
	if isNew {
		people = append(people, e.Ref)
	}
	for _, ref := range people {
		if line, twice := p.taken[ref]; twice {
			return line, true
		}
	}
	for _, ref := range people {
		p.taken[ref] = e.Seq
	}
	return 0, false
}

// putHouseholds has the households written that came with members, and the claims of those who are in them or were.
func (p *importedPeople) putHouseholds(enrolled []roll.Enrolled) error {
	id := p.version.ID
	for i := range enrolled {
		entry, in := &enrolled[i].Record, &p.entries[enrolled[i].Input]
		if len(in.Members) == 0 {
			continue // they stay as they are
		}
		key := relief.HouseholdKey(id, in.Ref)
		before, err := uow.Find[roll.Household](p.Work, key)
		if err != nil {
			return err
		}
		claim := casework.Claim{Programme: id, County: entry.County, Head: in.Ref, Number: entry.Number, Until: entry.Until}
		if err := p.putHouseholdClaims(claim, before, in.Members); err != nil {
			return err
		}
		if before.Same(in.Members) {
			continue
		}
		if err := p.Put(key, roll.Household{Members: in.Members}); err != nil {
			return err
		}
	}
	return nil
}

// putHouseholdClaims has the claim of an imported household's members written, and those of former members removed.
func (w *work) putHouseholdClaims(claim casework.Claim, before *roll.Household, members []relief.SubjectRef) error {
	people := slices.Clone(members)
	if before != nil {
		for _, ref := range before.Members {
			if !slices.Contains(people, ref) {
				people = append(people, ref)
			}
		}
	}
	for i, ref := range people {
		m, err := uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(ref))
		if err != nil {
			return err
		}
		out, changed := m.Imported(claim, i < len(members))
		if !changed {
			continue
		}
		if err := w.putMember(ref, claim.Programme, out); err != nil {
			return err
		}
	}
	return nil
}

// releaseHousehold removes the claims of an imported household's members when the household leaves the roll.
func (w *work) releaseHousehold(programme relief.ProgrammeID, head relief.SubjectRef) error {
	key := relief.HouseholdKey(programme, head)
	household, err := uow.Find[roll.Household](w.Work, key)
	if err != nil || household == nil || len(household.Members) == 0 {
		return err
	}
	if err := w.putHouseholdClaims(casework.Claim{Programme: programme, Head: head}, household, nil); err != nil {
		return err
	}
	return w.Put(key, roll.Household{Members: []relief.SubjectRef{}})
}
