package casework

import (
	"slices"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Claim is one case that a person is in. The ledger knows people by reference only, so an application elsewhere is
// found without anybody sharing an identity number (R9).
type Claim struct {
	Case      relief.CaseID      `json:"case"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Until     relief.Period      `json:"until,omitzero"` // of relief for once: afterwards the person may ask again
}

// MemberRecord is the cases that a person is in today, as the head of a household or one of its members.
type MemberRecord struct {
	Claims []Claim `json:"claims"`
}

// Overlap is what an application takes note of: somebody of the household is helped by another programme.
type Overlap struct {
	Subject   relief.SubjectRef  `json:"subject"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Case      relief.CaseID      `json:"case,omitempty"` // empty: on that programme's roll by import
}

// Households finds where people stand: in which cases, and on which rolls.
type Households struct {
	Member   func(relief.SubjectRef) (*MemberRecord, error)                        // nil for nobody's
	Standing func(relief.SubjectRef, relief.ProgrammeID) (*roll.IndexEntry, error) // nil for nowhere
}

// check finds every other claim of the household: DUPLICATE for one that the programme does not suffer beside it, the
// others as what to take note of.
func (h *Households) check(members []relief.SubjectRef, v *programme.Version, except relief.CaseID, at time.Time) ([]Overlap, error) {
	var noted []Overlap
	for n, ref := range members {
		found, err := h.of(ref, v, except, at)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			if v.RefusesBeside(o.Programme) {
				where := "is on its roll"
				if o.Case != "" {
					where = "is in case " + string(o.Case)
				}
				return nil, &relief.Error{Code: relief.CodeDuplicate, Field: "members", Detail: "member " + strconv.Itoa(n+1) + " of the household " + where +
					" of programme " + string(o.Programme) + " in " + string(o.County)}
			}
			noted = append(noted, o)
		}
	}
	return noted, nil
}

// of finds one person's claims.
func (h *Households) of(ref relief.SubjectRef, v *programme.Version, except relief.CaseID, at time.Time) ([]Overlap, error) {
	var found []Overlap
	cases := map[relief.ProgrammeID]bool{}
	m, err := h.Member(ref)
	if err != nil {
		return nil, err
	}
	if m != nil {
		for _, c := range m.Claims {
			if c.Case == except || !c.Until.IsZero() && c.Until.FirstMonth() < relief.DefaultCalendar.Day(at).Month() {
				continue
			}
			cases[c.Programme] = true
			found = append(found, Overlap{ref, c.Programme, c.County, c.Case})
		}
	}
	for _, p := range v.Rolls() {
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
func (c *Case) Claimed(ref relief.SubjectRef, m *MemberRecord) (out MemberRecord, changed bool) {
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

// ClaimsDiffer reports whether a case claims other people, or claims them otherwise, than it did before an act (nil for
// none).
func (c *Case) ClaimsDiffer(before *Case) bool {
	if before == nil {
		return true
	}
	until := func(c *Case) relief.Period {
		if c.Decision == nil {
			return relief.Period{}
		}
		return c.Decision.Until
	}
	return c.Live() != before.Live() || until(c) != until(before) || !slices.Equal(c.Members, before.Members)
}
