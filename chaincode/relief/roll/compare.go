package roll

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// InForce reports whether the person in a position is entitled in a period, or later. An import finds anybody else new.
func (s Segment) InForce(position int, p relief.Period) bool {
	return position < s.Len() && !s.exited(position) && !s.Ended(position, p)
}

// WasAt is what the roll says of the person in a position, for the line of an import that changes it.
func (p *Part) WasAt(position int, in *Input) Was {
	t := p.Segment.slotTerms(position)
	was := Was{Version: p.Payees.Version(position), Persons: t.persons, Class: t.class, Amount: t.amount}
	if in.Residence != "" {
		was.Residence = p.Segment.Residence(position)
	}
	return was
}

// Compare says what an import with the first period from finds of the person in a position: new, the same, or changed.
// A refusal with a code says that no import can make the difference. household is the record of the household's
// members, nil for none; a line without members leaves them as they are.
func (p *Part) Compare(position int, in *Input, from relief.Period, household *Household) (Seen, wire.Refusal) {
	if !p.Segment.InForce(position, from) {
		return SeenNew, wire.Refusal{}
	}
	switch told := p.Segment.Told(position); {
	case !p.Segment.InRegion(position, in.Region): // a roll number's region never changes
		return SeenChanged, wire.Refusal{Seq: in.Seq, Code: relief.LineRegionDiffers, Note: string(p.Segment.Region(position))}
	case in.Told != Told{} && in.Told != told:
		return SeenChanged, wire.Refusal{Seq: in.Seq, Code: relief.LineToldDiffers, Note: told.PaidThrough.String()}
	case p.sameTerms(position, in) && p.sameResidence(position, in) && p.Payees.Payee(position).Differs(in.Payee) == "" &&
		(len(in.Members) == 0 || household.Same(in.Members)):
		return SeenSame, wire.Refusal{}
	case !p.Segment.periodAt(position, rollUntil).IsZero(): // one-off relief is granted once
		return SeenChanged, wire.Refusal{Seq: in.Seq, Code: relief.LineOverlap, Note: string(p.At.County)}
	}
	return SeenChanged, wire.Refusal{}
}

// sameTerms reports whether the person in a position has the terms of a line now.
func (p *Part) sameTerms(position int, in *Input) bool {
	return p.Segment.slotTerms(position) == packedTerms{in.Class, in.Persons, in.Amount}
}

// sameResidence reports whether a line leaves what the roll says of where the household lives.
func (p *Part) sameResidence(position int, in *Input) bool {
	return in.Residence == "" || in.Residence == p.Segment.Residence(position)
}
