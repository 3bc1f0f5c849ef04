package roll

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// Behind says why a re-rate leaves an entry as it is.
type Behind string

// The reasons.
const (
	BehindNoStandard Behind = "no-standard" // the version has no amount for the class
	BehindOwnAmount  Behind = "own-amount"  // the amount is not the standard before: it was granted to this household alone
	BehindAbove      Behind = "above"       // more is granted than the new standard: nobody gets less by a re-rate
	BehindBounds     Behind = "bounds"      // the new amount lies outside the version's bounds
	BehindFull       Behind = "full"        // the entry has no room for another change
)

// Behinds lists the reasons. A packed value holds a reason's index in this list, from 1.
var Behinds = []Behind{BehindNoStandard, BehindOwnAmount, BehindAbove, BehindBounds, BehindFull}

// Standards are what a version of a programme pays a person and month from a month on.
type Standards struct {
	Version *programme.Version
	Before  *programme.Version // whose standards held until then; nil for none
	From    relief.Period
}

// Rerated is what a re-rate does to one entry, or why it does nothing. Was and Now are a month's amounts of the latest terms that hold: after an exit
// those of the last month.
type Rerated struct {
	Position int
	Class    string
	Persons  uint8
	Was, Now relief.Fen
	Behind   Behind
}

// Rerate gives every run of terms of a segment's entries, from a month on, the standard of its class for its own persons: also
// of those who have left or were away. An entry with a run that cannot get it stays behind as it is. The lists are in the order
// of the positions; entries that have the standard already are in neither.
func Rerate(seg Segment, s *Standards) (after Segment, changed, behind []Rerated) {
	e := seg.edit(0)
	for i := range seg.Len() {
		runs, why := e.rerated(i, s)
		t := e.latest(i)
		r := Rerated{Position: i, Class: t.unpacked().Class, Persons: t.persons, Was: t.amount, Now: t.amount, Behind: why}
		if why == "" && len(runs) > 0 {
			why = e.giveRuns(i, runs)
			r.Behind, r.Now = why, e.latest(i).amount
		}
		switch {
		case why != "":
			behind = append(behind, r)
		case len(runs) > 0:
			changed = append(changed, r)
		}
	}
	if len(changed) == 0 {
		return seg, nil, behind
	}
	return e.segment(), changed, behind
}

// rerated are the runs of terms of an entry with their new amounts, from the standards' first month on; none when nothing
// changes. The run of the slot is the last one and has no end.
func (e *editor) rerated(position int, s *Standards) ([]span, Behind) {
	var runs []span
	changes := false
	for _, run := range e.runs(position) {
		if !run.to.IsZero() && run.to.Before(s.From) {
			continue
		}
		now, why := run.amount, Behind("")
		if !e.ended(position, &run) {
			now, why = s.amount(run.terms())
		}
		if why != "" {
			return nil, why
		}
		changes = changes || now != run.amount
		run.amount = now
		if run.from.Before(s.From) {
			run.from = s.From
		}
		runs = append(runs, run)
	}
	if !changes {
		return nil, ""
	}
	return runs, ""
}

// runs are the spans of an entry's terms, with the slot's as the last one, which has no end.
func (e *editor) runs(position int) []span {
	runs := make([]span, 0, len(e.spans[position])+1)
	for _, sp := range e.spans[position] {
		if sp.isTerms() {
			runs = append(runs, sp)
		}
	}
	return append(runs, e.terms(position).span(position, e.since(position), relief.Period{}))
}

// latest are the last terms by which an entry is or was owed something.
func (e *editor) latest(position int) packedTerms {
	runs := e.runs(position)
	for i := len(runs) - 1; i > 0; i-- {
		if !e.ended(position, &runs[i]) {
			return runs[i].terms()
		}
	}
	return runs[0].terms()
}

// ended reports whether a run begins after the end of the entry's range: nothing was ever owed by it.
func (e *editor) ended(position int, run *span) bool {
	until := e.slots.periodAt(position, rollUntil)
	return !until.IsZero() && until.Before(run.from) && !run.from.Before(e.slots.From(position))
}

// amount is what a version's standard gives terms, or why they keep what they have.
func (s *Standards) amount(t packedTerms) (relief.Fen, Behind) {
	class := t.unpacked().Class
	each, ok := s.Version.ClassAmounts[class]
	now := each * relief.Fen(t.persons)
	switch {
	case !ok:
		return 0, BehindNoStandard
	case now == t.amount:
		return now, ""
	case s.Before != nil && s.Before.ClassAmounts[class] != 0 && s.Before.ClassAmounts[class]*relief.Fen(t.persons) != t.amount:
		return 0, BehindOwnAmount
	case now < t.amount:
		return 0, BehindAbove
	case now < s.Version.MinAmount || now > s.Version.MaxAmount:
		return 0, BehindBounds
	}
	return now, ""
}

// giveRuns replaces an entry's terms by runs that begin with the standards' first month or later.
func (e *editor) giveRuns(position int, runs []span) Behind {
	from := runs[0].from
	spans := make([]span, 0, len(e.spans[position])+2)
	for _, sp := range e.spans[position] {
		switch {
		case !sp.isTerms() || sp.to.Before(from):
			spans = append(spans, sp)
		case sp.from.Before(from):
			sp.to = from.Previous()
			spans = append(spans, sp)
		}
	}
	last := runs[len(runs)-1] // the slot's
	if since := e.since(position); since.Before(last.from) {
		spans = append(spans, e.terms(position).span(position, since, last.from.Previous()))
	}
	if err := e.keep(position, append(spans, runs[:len(runs)-1]...)); err != nil {
		return BehindFull
	}
	e.setTerms(position, last.terms())
	return ""
}

// RerateDigest is the SHA-256 of what a re-rate does to a segment.
func RerateDigest(at SegmentAddr, s *Standards, changed, behind []Rerated) string {
	b := []byte("relieftrail/rerate-segment/v1\x00")
	for _, text := range []string{string(at.Programme), string(at.County), s.From.String()} {
		b = append(append(b, text...), 0)
	}
	for _, n := range []int{int(at.Segment), s.Version.Version, len(changed), len(behind)} {
		b = binary.BigEndian.AppendUint64(b, uint64(n)) //nolint:gosec // never negative
	}
	sum := sha256.Sum256(AppendRerated(b, slices.Concat(changed, behind)))
	return hex.EncodeToString(sum[:])
}

// reratedWidth is the width of a packed Rerated.
const reratedWidth = 2 + 1 + 1 + 1 + 6 + 6

// AppendRerated packs what a re-rate did to entries: position, class, persons, index of the reason, both amounts.
func AppendRerated(b []byte, list []Rerated) []byte {
	for i := range list {
		r := &list[i]
		b = binary.BigEndian.AppendUint16(b, uint16(r.Position))                      //nolint:gosec // below 1000
		b = append(b, r.Class[0], r.Persons, byte(slices.Index(Behinds, r.Behind)+1)) //nolint:gosec // few reasons
		b = append(b, make([]byte, 12)...)
		putUint48(b[len(b)-12:], uint64(r.Was)) //nolint:gosec // never negative
		putUint48(b[len(b)-6:], uint64(r.Now))  //nolint:gosec // never negative
	}
	return b
}

var errRerated = relief.Errorf(relief.CodeCorrupt, "what a re-rate did to a segment cannot be read")

// ReadRerated reads what AppendRerated packed.
func ReadRerated(b []byte) (list []Rerated, err error) {
	if len(b)%reratedWidth != 0 || len(b)/reratedWidth > programme.DefaultSegmentSize {
		return nil, errRerated
	}
	list = make([]Rerated, 0, len(b)/reratedWidth)
	for ; len(b) > 0; b = b[reratedWidth:] {
		r := Rerated{
			Position: int(binary.BigEndian.Uint16(b)), Class: string(rune(b[2])), Persons: b[3],
			Was: relief.Fen(uint48(b[5:])), Now: relief.Fen(uint48(b[11:])), //nolint:gosec // 48 bits
		}
		if int(b[4]) > len(Behinds) || b[2] < 'A' || b[2] > 'Z' {
			return nil, errRerated
		}
		if b[4] > 0 {
			r.Behind = Behinds[b[4]-1]
		}
		list = append(list, r)
	}
	return list, nil
}
