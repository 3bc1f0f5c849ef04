package casework

import (
	"slices"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Claim is one live case that a person is a member of, or one imported household. Claims are kept by subject reference, so
// an application elsewhere is found although no agency shares identity numbers (R9).
type Claim struct {
	Case      relief.CaseID      `json:"case,omitempty"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Until     relief.Period      `json:"until,omitzero"` // the last period of one-off relief, after which the person may apply again
	// Head and Number are those of an imported household, in place of a case. The claim ends when the head leaves the roll.
	Head   relief.SubjectRef `json:"head,omitzero"`
	Number uint32            `json:"number,omitempty"`
}

// MemberRecord holds the claims of one person, as the head of a household or another member.
type MemberRecord struct {
	Claims []Claim `json:"claims"`
	// Kept are the cases that keep facts of the person as the head of their household or another member, in whatever state
	// they are. An erasure needs them.
	Kept []relief.CaseID `json:"kept,omitempty"`
}

// Overlap is a fact that an application notes: a member of the household receives relief from another programme.
type Overlap struct {
	Subject   relief.SubjectRef  `json:"subject"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Case      relief.CaseID      `json:"case,omitempty"` // empty when the person is on that programme's roll by an import
}

// Households looks people up on the ledger: their claims, and their roll index entries.
type Households struct {
	Member     func(relief.SubjectRef) (*MemberRecord, error)                        // nil for a person without claims
	IndexEntry func(relief.SubjectRef, relief.ProgrammeID) (*roll.IndexEntry, error) // nil for a person not on the roll
}

// check looks for other claims of the household's members. It returns DUPLICATE for a claim that the programme forbids
// in parallel, and the other claims as overlaps. Relief of another programme that has ended counts up to its last period,
// since a decision of the day may pay for that period, too. A return to the same programme is the roll's matter.
func (h *Households) check(members []relief.SubjectRef, v *programme.Version, except relief.CaseID, at time.Time) ([]Overlap, error) {
	var overlaps []Overlap
	from := v.FirstPeriod(relief.DefaultCalendar.Day(at))
	for n, ref := range members {
		found, err := h.of(ref, v.Rolls(), v.ID, except, at, from)
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
			overlaps = append(overlaps, o)
		}
	}
	return overlaps, nil
}

// of finds the claims of one person, and the entries of the person on the rolls of some programmes. from is the first
// period of the new relief: an entry that has ended counts up to its last period, but not one of the programme own.
func (h *Households) of(
	ref relief.SubjectRef, rolls []relief.ProgrammeID, own relief.ProgrammeID, except relief.CaseID, at time.Time, from relief.Period,
) ([]Overlap, error) {
	var found []Overlap
	cases := map[relief.ProgrammeID]bool{}
	m, err := h.Member(ref)
	if err != nil {
		return nil, err
	}
	if m != nil {
		for _, c := range m.Claims {
			if c.Case != "" && c.Case == except || !c.Until.IsZero() && c.Until.FirstMonth() < relief.DefaultCalendar.Day(at).Month() {
				continue
			}
			cases[c.Programme] = true
			found = append(found, Overlap{ref, c.Programme, c.County, c.Case})
		}
	}
	for _, p := range rolls {
		r, err := h.IndexEntry(ref, p)
		if err != nil {
			return nil, err
		}
		if lasts(r, from, p == own) && !cases[p] && (r.Case == "" || r.Case != except) {
			found = append(found, Overlap{ref, p, r.County, r.Case})
		}
	}
	return found, nil
}

// lasts reports whether an entry is in force or, unless that alone counts, ends with from or later. r is nil for a person
// not on the roll.
func lasts(r *roll.IndexEntry, from relief.Period, inForce bool) bool {
	return r != nil && (!r.Exited || !inForce && r.Until.LastMonth() >= from.FirstMonth())
}

// Claimed is a person's member record after an act on the case. The record has the case's claim while the case is live
// and the person is a member of the household, and does not have it otherwise. The case stays in Kept. changed is false when m is so already.
func (c *Case) Claimed(ref relief.SubjectRef, m *MemberRecord) (out MemberRecord, changed bool) {
	want := Claim{Case: c.ID, Programme: c.Programme, County: c.Region.County()}
	if c.Decision != nil {
		want.Until = c.Decision.Until
	}
	claims, there := c.Live() && slices.Contains(c.Members, ref), false
	if m != nil {
		out.Kept = m.Kept
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
	if claims && !slices.Contains(out.Kept, c.ID) {
		out.Kept = append(slices.Clip(out.Kept), c.ID)
		changed = true
	}
	return out, changed
}

// ClaimsDiffer reports whether an act has changed the claims of a case. before is the case before the act, nil for a
// new case.
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
