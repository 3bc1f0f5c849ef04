package relief

import (
	"slices"
	"strconv"
	"time"
)

// Claim is one case that a person is in. The ledger knows people by reference only, so an application elsewhere is found
// without anybody sharing an identity number (R9).
type Claim struct {
	Case      CaseID      `json:"case"`
	Programme ProgrammeID `json:"programme"`
	County    Region      `json:"county"`
	Until     Period      `json:"until,omitzero"` // of relief for once: afterwards the person may ask again
}

// MemberRecord is the cases that a person is in today, as the head of a household or one of its members.
type MemberRecord struct {
	Claims []Claim `json:"claims"`
}

// Overlap is what an application takes note of: somebody of the household is helped by another programme.
type Overlap struct {
	Subject   SubjectRef  `json:"subject"`
	Programme ProgrammeID `json:"programme"`
	County    Region      `json:"county"`
	Case      CaseID      `json:"case,omitempty"` // empty: on that programme's roll by import
}

// Households finds where people stand: in which cases, and on which rolls.
type Households struct {
	Member   func(SubjectRef) (*MemberRecord, error)           // nil for nobody's
	Standing func(SubjectRef, ProgrammeID) (*Admission, error) // nil for nowhere
}

// rolls are the programmes on whose rolls an application looks for the members.
func (v *Version) rolls() []ProgrammeID {
	return append(append([]ProgrammeID{v.ID}, v.OverlapRefused...), v.OverlapFlagged...)
}

// check finds every other claim of the household: DUPLICATE for one that the programme does not suffer beside it, the
// others as what to take note of.
func (h *Households) check(members []SubjectRef, v *Version, except CaseID, at time.Time) ([]Overlap, error) {
	var noted []Overlap
	for n, ref := range members {
		found, err := h.of(ref, v, except, at)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			if v.refusesBeside(o.Programme) {
				where := "is on its roll"
				if o.Case != "" {
					where = "is in case " + string(o.Case)
				}
				return nil, &Error{CodeDuplicate, "members", "member " + strconv.Itoa(n+1) + " of the household " + where +
					" of programme " + string(o.Programme) + " in " + string(o.County)}
			}
			noted = append(noted, o)
		}
	}
	return noted, nil
}

func (v *Version) refusesBeside(p ProgrammeID) bool {
	if p == v.ID {
		return true
	}
	for _, other := range v.OverlapRefused {
		if other == p {
			return true
		}
	}
	return false
}

// of finds one person's claims.
func (h *Households) of(ref SubjectRef, v *Version, except CaseID, at time.Time) ([]Overlap, error) {
	var found []Overlap
	cases := map[ProgrammeID]bool{}
	m, err := h.Member(ref)
	if err != nil {
		return nil, err
	}
	if m != nil {
		for _, c := range m.Claims {
			if c.Case == except || !c.Until.IsZero() && c.Until.FirstMonth() < DefaultCalendar.Day(at).month() {
				continue
			}
			cases[c.Programme] = true
			found = append(found, Overlap{ref, c.Programme, c.County, c.Case})
		}
	}
	for _, p := range v.rolls() {
		r, err := h.Standing(ref, p)
		if err != nil {
			return nil, err
		}
		if r != nil && !r.Exited && !cases[p] && (r.Case == "" || r.Case != except) {
			found = append(found, Overlap{ref, p, r.County, r.Case})
		}
	}
	return found, nil
}

// Claimed is a person's record with the case's claim in it, or without when the case is not live any more or the person
// is not of the household; changed is false when it was so already.
func (c *Case) Claimed(ref SubjectRef, m *MemberRecord) (out MemberRecord, changed bool) {
	want := Claim{Case: c.ID, Programme: c.Programme, County: c.Region.County()}
	if c.Decision != nil {
		want.Until = c.Decision.Until
	}
	claims, there := c.Live() && slices.Contains(c.Members, ref), false
	if m != nil {
		for _, claim := range m.Claims {
			keep := claim.Case != c.ID || claims && claim == want
			there = there || keep && claim.Case == c.ID
			if changed = changed || !keep; keep {
				out.Claims = append(out.Claims, claim)
			}
		}
	}
	if claims && !there {
		out.Claims = append(out.Claims, want)
		changed = true
	}
	return out, changed
}

// ClaimsDiffer tells whether a case claims other people, or claims them otherwise, than it did before an act (nil for none).
func (c *Case) ClaimsDiffer(before *Case) bool {
	if before == nil {
		return true
	}
	until := func(c *Case) Period {
		if c.Decision == nil {
			return Period{}
		}
		return c.Decision.Until
	}
	return c.Live() != before.Live() || until(c) != until(before) || !slices.Equal(c.Members, before.Members)
}
