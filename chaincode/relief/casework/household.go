package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
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

// Cases are the cases that the person is or was in, as far as the record still says so, each once.
func (m *MemberRecord) Cases() []relief.CaseID {
	all := slices.Clone(m.Kept)
	for i := range m.Claims {
		if id := m.Claims[i].Case; id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// Overlap is a fact that an application notes: a member of the household receives relief from another programme, or another
// county knows the member.
type Overlap struct {
	Subject   relief.SubjectRef  `json:"subject"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Case      relief.CaseID      `json:"case,omitempty"` // empty when the person is on that programme's roll by an import
	// State is pending when the case cannot be granted before that county has confirmed the claim or let the person go.
	State ClaimState `json:"state,omitempty"`
}

// KnownElsewhere are the members whom another county knows, by the overlaps of the case: each once.
func (c *Case) KnownElsewhere() []relief.SubjectRef {
	var known []relief.SubjectRef
	for i := range c.Overlaps {
		o := &c.Overlaps[i]
		if o.County != c.Region.County() && !slices.Contains(known, o.Subject) {
			known = append(known, o.Subject)
		}
	}
	return known
}

// Households looks people up on the ledger: their claims, the cases that claim them, and their roll index entries.
type Households struct {
	Member     func(relief.SubjectRef) (*MemberRecord, error) // nil for a person without claims
	Case       func(relief.CaseID) (*Case, error)
	IndexEntry func(relief.SubjectRef, relief.ProgrammeID) (*roll.IndexEntry, error) // nil for a person not on the roll
	// Linked are all references of the human being whom a reference stands for, that one first.
	Linked func(relief.SubjectRef) ([]relief.SubjectRef, error)
}

// tie is what binds a person to a county: a claim of a case or of an imported household, or an entry on a roll.
type tie struct {
	Overlap
	decided bool  // relief was granted or imported: the county has decided it, by two officials at least
	leads   bool  // the person applies, or is on the roll, as the head of the household
	record  *Case // of a claim by a case
}

// ties finds the claims on one person, under all references of theirs, and the entries of the person on the rolls of some
// programmes. except is the case at
// hand, whose own claim is none. from is the first period of the new relief: an entry that has ended counts up to its last
// period, but not one of the programme own.
func (h *Households) ties(
	ref relief.SubjectRef, rolls []relief.ProgrammeID, own relief.ProgrammeID, except relief.CaseID, at time.Time, from relief.Period,
) ([]tie, error) {
	refs, err := h.Linked(ref)
	if err != nil {
		return nil, err
	}
	var found []tie
	for _, linked := range refs {
		if found, err = h.claimsOf(found, ref, linked, except, at); err != nil {
			return nil, err
		}
	}
	for _, linked := range refs {
		if found, err = h.entriesOf(found, ref, linked, rolls, own, except, from); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// claimsOf adds the claims on a person under one reference of theirs. The ties name the person by ref.
func (h *Households) claimsOf(found []tie, ref, linked relief.SubjectRef, except relief.CaseID, at time.Time) ([]tie, error) {
	m, err := h.Member(linked)
	if err != nil || m == nil {
		return found, err
	}
	for _, c := range m.Claims {
		if c.over(at) || c.Case != "" && c.Case == except {
			continue
		}
		t, err := h.claimTie(linked, &c)
		if err != nil {
			return nil, err
		}
		t.Subject = ref
		found = append(found, t)
	}
	return found, nil
}

// entriesOf adds the entries of a person on the rolls of some programmes, under one reference of theirs.
func (h *Households) entriesOf(
	found []tie, ref, linked relief.SubjectRef, rolls []relief.ProgrammeID, own relief.ProgrammeID, except relief.CaseID, from relief.Period,
) ([]tie, error) {
	for _, p := range rolls {
		r, err := h.IndexEntry(linked, p)
		if err != nil {
			return nil, err
		}
		if !lasts(r, from, p == own) || r.Case != "" && r.Case == except {
			continue
		}
		on := Overlap{Subject: ref, Programme: p, County: r.County, Case: r.Case}
		if !slices.ContainsFunc(found, func(t tie) bool { return t.Overlap == on }) { // the case's own claim is the same
			found = append(found, tie{Overlap: on, decided: true, leads: true})
		}
	}
	return found, nil
}

// over reports whether a claim of one-off relief has ended before the month of a time.
func (c *Claim) over(at time.Time) bool {
	return !c.Until.IsZero() && c.Until.FirstMonth() < relief.DefaultCalendar.Day(at).Month()
}

// claimTie is the tie of a claim. Whether a case has been decided, and who leads it, the case says.
func (h *Households) claimTie(ref relief.SubjectRef, c *Claim) (tie, error) {
	t := tie{Overlap: Overlap{Subject: ref, Programme: c.Programme, County: c.County, Case: c.Case}, decided: true}
	if c.Case == "" {
		return t, nil
	}
	record, err := h.Case(c.Case)
	if err != nil {
		return t, err
	}
	if record == nil {
		return t, relief.Errorf(relief.CodeCorrupt, "case %s claims a person and is not there", c.Case)
	}
	t.record, t.decided, t.leads = record, record.InForce(), record.Head() == ref
	return t, nil
}

// lasts reports whether an entry is in force or, unless that alone counts, ends with from or later. r is nil for a person
// not on the roll.
func lasts(r *roll.IndexEntry, from relief.Period, inForce bool) bool {
	return r != nil && (!r.Exited || !inForce && r.Until.LastMonth() >= from.FirstMonth())
}

// Claimed is a person's member record after an act on the case. The record has the case's claim while the case is live
// and the person is a member of the household, and does not have it otherwise. The case stays in Kept. changed is false when m is so already.
func (c *Case) Claimed(ref relief.SubjectRef, m *MemberRecord) (out MemberRecord, changed bool) {
	want := Claim{Case: c.ID, Programme: c.Programme, County: c.Region.County(), Until: c.until()}
	claims, there := c.Live() && slices.Contains(c.Members, ref), false
	if m != nil {
		out.Kept = m.Kept
		for _, claim := range m.Claims {
			keep := claim.Case != c.ID && !c.replaces(&claim) || claims && claim == want
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
	if claims && c.keeps() && !slices.Contains(out.Kept, c.ID) {
		out.Kept = append(slices.Clip(out.Kept), c.ID)
		changed = true
	}
	return out, changed
}

// ClaimsDiffer reports whether an act has changed what the records of a case's people say of it. before is the case before the act, nil for a
// new case.
func (c *Case) ClaimsDiffer(before *Case) bool {
	if before == nil {
		return true
	}
	return c.Live() != before.Live() || c.keeps() != before.keeps() || c.until() != before.until() || !slices.Equal(c.Members, before.Members)
}
