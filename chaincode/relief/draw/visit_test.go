package draw

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// fieldwork is a draw of four units, each with a reserve, that three inspectors visit.
type fieldwork struct {
	t      *testing.T
	plan   Plan
	drawn  DrawnUnits
	visits []*Visit
	home   Household
	now    time.Time
}

func newFieldwork(t *testing.T) *fieldwork {
	t.Helper()
	in := terms()
	in.Inspectors = []Inspector{{Agency: "AuditMSP", Name: "a", ID: "no-a"}, {Agency: "FinanceMSP", Name: "b", ID: "no-b"}, {Agency: "AuditMSP", Name: "c", ID: "no-c", Serves: "530181003"}}
	p, err := New("visits", in, agencies, by("AuditMSP", monday))
	require.NoError(t, err)
	for _, agency := range agencies {
		p, _, err = Commit(p, Commitment(agency, p.ID, nonceOf(agency)), by(agency, monday))
		require.NoError(t, err)
	}
	frame, units := framed(t, &p)
	f := &fieldwork{t: t, now: monday.Add(48 * time.Hour), home: Household{Village: "530181001001"}}
	p, err = Fix(p, frame, by("AuditMSP", monday.Add(2*time.Hour)))
	require.NoError(t, err)
	for _, agency := range agencies {
		p, _, err = Reveal(p, nonceOf(agency), by(agency, monday.Add(3*time.Hour)))
		require.NoError(t, err)
	}
	f.drawn = Draw(&p, units)
	f.drawn.Inspect(Seed(p.Seed), p.Inspectors[:2], make([]Household, len(f.drawn.Units)))
	f.plan, err = NoteDrawn(p, &f.drawn, by("AuditMSP", monday.Add(4*time.Hour)))
	require.NoError(t, err)
	f.visits = make([]*Visit, len(f.drawn.Units))
	return f
}

func (f *fieldwork) at(unit int) *At {
	at := &At{Plan: &f.plan, Drawn: &f.drawn, Unit: unit, Home: &f.home, Before: f.visits[unit]}
	for _, i := range f.drawn.Earlier(unit) {
		at.Earlier = append(at.Earlier, f.visits[i])
	}
	return at
}

func (f *fieldwork) actor(agency, id string, region relief.Region) relief.Actor {
	return relief.Actor{By: relief.Official{Agency: agency, ID: id, Name: id, Role: "approver", Region: region}, At: f.now, Tx: strings.Repeat("0f", 32)}
}

func found(result VisitResult) VisitTerms {
	t := VisitTerms{MadeOn: "2026-12-01", With: Visitor{Agency: "FinanceMSP", Name: "b", ID: "no-b"}, Result: result}
	if result == Met {
		t.Received, t.Standing = ReceivedAll, AsRecorded
		t.Pictures = []Picture{{strings.Repeat("ab", 32), "image/jpeg"}}
	}
	return t
}

// visit has a unit visited by the two who were drawn.
func (f *fieldwork) visit(unit int, t VisitTerms) {
	f.t.Helper()
	v, changed, err := RecordVisit(f.at(unit), t, f.actor("AuditMSP", "no-a", "53"))
	require.NoError(f.t, err)
	require.True(f.t, changed)
	f.visits[unit] = &v
	v, err = ConfirmVisit(f.at(unit), VisitDecision{v.SHA256, true}, f.actor("FinanceMSP", "no-b", "53"))
	require.NoError(f.t, err)
	require.Equal(f.t, VisitConfirmed, v.State)
	f.visits[unit] = &v
}

// Two go, reserves stand in one after the other, and the draw ends when everybody was visited or stood in for.
func TestVisitsOfADraw(t *testing.T) {
	f := newFieldwork(t)
	audit := f.actor("AuditMSP", "no-a", "53")
	require.Equal(t, []bool{false, true, false, true}, []bool{f.drawn.Units[0].Reserve, f.drawn.Units[1].Reserve, f.drawn.Units[2].Reserve, f.drawn.Units[3].Reserve})
	_, _, err := RecordVisit(f.at(1), found(Met), audit)
	requireCode(t, relief.CodePending, err) // nobody was missed yet
	f.visit(0, found(Absent))
	_, err = Finish(f.plan, &f.drawn, f.visits, audit)
	requireCode(t, relief.CodePending, err)
	_, _, err = RecordVisit(f.at(3), found(Met), audit)
	requireCode(t, relief.CodePending, err) // of another stratum
	f.visit(2, found(Met))
	paid := found(Met)
	paid.Received, paid.Standing = ReceivedPart, Changed
	f.visit(4, paid)
	f.visit(6, found(Moved))
	_, err = Finish(f.plan, &f.drawn, f.visits, audit)
	requireCode(t, relief.CodePending, err) // reserves are left
	f.visit(1, found(Met))
	f.visit(7, found(Refused))
	done, err := Finish(f.plan, &f.drawn, f.visits, audit)
	require.NoError(t, err)
	require.Equal(t, Finished, done.State)
	require.True(t, done.Whole())
	require.Equal(t, &Visited{Met: 3, Absent: 1, Moved: 1, Refused: 1, Reserves: 2, Unfilled: 1, NotPaid: 1, Changed: 1}, done.Visited)
	text, err := done.Statement()
	require.NoError(t, err)
	require.Contains(t, string(text), `"unfilled":1`)
	f.plan = done
	_, _, err = RecordVisit(f.at(3), found(Met), audit)
	requireCode(t, relief.CodeWrongState, err)
}

// Reserves come in their order: the second after the first was not met, either.
func TestReservesInTheirOrder(t *testing.T) {
	f := newFieldwork(t)
	second := f.drawn.Units[1]
	second.Rank++
	f.drawn.Units = append([]DrawnUnit{f.drawn.Units[0], f.drawn.Units[1], second}, f.drawn.Units[2:]...)
	f.visits = append(f.visits, nil)
	f.visit(0, found(Absent))
	_, _, err := RecordVisit(f.at(2), found(Met), f.actor("AuditMSP", "no-a", "53"))
	requireCode(t, relief.CodePending, err)
	f.visit(1, found(Deceased))
	f.visit(2, found(Met))
}

func TestVisitsThatAreRefused(t *testing.T) {
	f := newFieldwork(t)
	audit := f.actor("AuditMSP", "no-a", "53")
	drawn := f.drawn.Units[0].Inspectors
	require.Len(t, drawn, 2)
	for name, c := range map[string]struct {
		code  relief.Code
		field string
		actor relief.Actor
		spoil func(*VisitTerms)
	}{
		"alone":                    {relief.CodeSamePerson, "", f.actor("FinanceMSP", "no-b", "53"), func(*VisitTerms) {}},
		"another county":           {relief.CodeRegion, "", f.actor("AuditMSP", "no-a", "530129"), func(*VisitTerms) {}},
		"serves the village":       {relief.CodeForbidden, "", f.actor("AuditMSP", "no-a", "530181001"), func(*VisitTerms) {}},
		"not drawn, no reason":     {relief.CodeInvalid, "replaced", f.actor("AuditMSP", "no-c", "53"), func(*VisitTerms) {}},
		"no inspector":             {relief.CodeForbidden, "", f.actor("AuditMSP", "no-d", "53"), func(t *VisitTerms) { t.Replaced = []Replaced{{"AuditMSP", "no-a", Away}} }},
		"a reason of its own":      {relief.CodeInvalid, "replaced", f.actor("AuditMSP", "no-c", "53"), func(t *VisitTerms) { t.Replaced = []Replaced{{"AuditMSP", "no-a", "tired"}} }},
		"replaces nobody":          {relief.CodeInvalid, "replaced", audit, func(t *VisitTerms) { t.Replaced = []Replaced{{"AuditMSP", "no-c", Away}} }},
		"no result":                {relief.CodeInvalid, "result", audit, func(t *VisitTerms) { t.Result = "fine" }},
		"met, and no answer":       {relief.CodeInvalid, "received", audit, func(t *VisitTerms) { t.Received = "" }},
		"met, and no situation":    {relief.CodeInvalid, "situation", audit, func(t *VisitTerms) { t.Standing = "" }},
		"absent, and an answer":    {relief.CodeInvalid, "received", audit, func(t *VisitTerms) { t.Result = Absent }},
		"before the frame":         {relief.CodeInvalid, "made_on", audit, func(t *VisitTerms) { t.MadeOn = "2026-11-29" }},
		"tomorrow":                 {relief.CodeInvalid, "made_on", audit, func(t *VisitTerms) { t.MadeOn = "2026-12-03" }},
		"no day":                   {relief.CodeInvalid, "made_on", audit, func(t *VisitTerms) { t.MadeOn = "" }},
		"met, and no picture":      {relief.CodeInvalid, "pictures", audit, func(t *VisitTerms) { t.Pictures = nil }},
		"a picture twice":          {relief.CodeInvalid, "pictures", audit, func(t *VisitTerms) { t.Pictures = append(t.Pictures, t.Pictures[0]) }},
		"a picture without a hash": {relief.CodeInvalid, "pictures", audit, func(t *VisitTerms) { t.Pictures[0].SHA256 = "AB" }},
		"a picture of no kind":     {relief.CodeInvalid, "pictures", audit, func(t *VisitTerms) { t.Pictures[0].MediaType = "text/html" }},
		"many pictures":            {relief.CodeInvalid, "pictures", audit, func(t *VisitTerms) { t.Pictures = make([]Picture, MaxPictures+1) }},
	} {
		in := found(Met)
		c.spoil(&in)
		_, _, err := RecordVisit(f.at(0), in, c.actor)
		requireCode(t, c.code, err)
		var refused *relief.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, c.field, refused.Field, name)
	}
	require.Error(t, f.drawn.FindUnit(-1))
	require.Error(t, f.drawn.FindUnit(len(f.drawn.Units)))

	// Who acted in the household's case visits it neither as the one nor as the other.
	for _, acted := range drawn {
		f.home.Acted = []relief.Official{acted}
		_, _, err := RecordVisit(f.at(0), found(Met), audit)
		requireCode(t, relief.CodeForbidden, err)
	}
	f.home = Household{Village: "530181003001"}
	in := found(Met)
	in.Replaced = []Replaced{{"AuditMSP", "no-a", Recused}}
	_, _, err := RecordVisit(f.at(0), in, f.actor("AuditMSP", "no-c", "53"))
	requireCode(t, relief.CodeForbidden, err) // it serves the township by the plan
	f.home.Village = "530181001001"
	_, _, err = RecordVisit(f.at(0), in, f.actor("AuditMSP", "no-c", "53"))
	require.NoError(t, err)
}

// The other visitor confirms what was recorded, and nobody else; what is returned is recorded again.
func TestAVisitIsConfirmedByTheOther(t *testing.T) {
	f := newFieldwork(t)
	audit, finance := f.actor("AuditMSP", "no-a", "53"), f.actor("FinanceMSP", "no-b", "53")
	v, _, err := RecordVisit(f.at(0), found(Absent), audit)
	require.NoError(t, err)
	f.visits[0] = &v
	_, changed, err := RecordVisit(f.at(0), found(Absent), audit)
	require.True(t, err == nil && !changed)
	corrected, changed, err := RecordVisit(f.at(0), found(Moved), audit)
	require.True(t, err == nil && changed)
	require.Equal(t, VisitRecorded, corrected.State)
	other := found(Moved)
	other.With = Visitor{Agency: "AuditMSP", Name: "a", ID: "no-a"}
	_, _, err = RecordVisit(f.at(0), other, finance)
	requireCode(t, relief.CodeWrongState, err) // what another has recorded is returned, not written over
	for _, c := range []struct {
		code  relief.Code
		hash  string
		actor relief.Actor
	}{
		{relief.CodeSamePerson, v.SHA256, audit}, {relief.CodeForbidden, v.SHA256, f.actor("AuditMSP", "no-c", "53")}, {relief.CodeConflict, strings.Repeat("ab", 32), finance},
		{relief.CodeForbidden, v.SHA256, f.actor("FinanceMSP", "no-b", "530181001001")}, {relief.CodeRegion, v.SHA256, f.actor("FinanceMSP", "no-b", "530129")},
	} {
		_, err = ConfirmVisit(f.at(0), VisitDecision{c.hash, true}, c.actor)
		requireCode(t, c.code, err)
	}
	_, err = Finish(f.plan, &f.drawn, f.visits, audit)
	requireCode(t, relief.CodePending, err)
	v, err = ConfirmVisit(f.at(0), VisitDecision{v.SHA256, false}, finance)
	require.NoError(t, err)
	require.Equal(t, VisitReturned, v.State)
	f.visits[0] = &v
	f.visit(0, found(Met))
	_, _, err = RecordVisit(f.at(0), found(Absent), audit)
	requireCode(t, relief.CodeWrongState, err)
	require.True(t, f.visits[0].Digests())
}
