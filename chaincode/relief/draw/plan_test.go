package draw

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
)

var (
	monday   = time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)
	agencies = []string{"FinanceMSP", "AuditMSP", "CivilAffairsMSP"}
	november = relief.MonthPeriod(2026*12 + 10)
)

func by(agency string, at time.Time) relief.Actor {
	return relief.Actor{By: relief.Official{Agency: agency, ID: "no-1", Name: "one", Role: "approver", Region: "530181"}, At: at, Tx: strings.Repeat("0f", 32)}
}

func terms() Terms {
	return Terms{
		Purpose: FollowUp, County: "530181", Months: []MonthName{{"dibao", november}}, Size: 4, Least: 1, Reserves: 1,
		CloseAt: monday.Add(time.Hour), RevealHours: 24,
		Inspectors: []Inspector{{Agency: "AuditMSP", Name: "a", ID: "no-1"}, {Agency: "AuditMSP", Name: "b", ID: "no-2", Serves: "530181001"}},
	}
}

func planned(t testing.TB) Plan {
	t.Helper()
	p, err := New("visits", terms(), agencies, by("AuditMSP", monday))
	require.NoError(t, err)
	return p
}

func TestPlansThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		field  string
		change func(*Terms)
	}{
		"no months":           {"months", func(t *Terms) { t.Months = nil }},
		"a month twice":       {"months", func(t *Terms) { t.Months = append(t.Months, t.Months[0]) }},
		"a month of nothing":  {"months", func(t *Terms) { t.Months[0].Programme = "" }},
		"no period":           {"months", func(t *Terms) { t.Months[0].Period = relief.Period{} }},
		"many months":         {"months", func(t *Terms) { t.Months = make([]MonthName, MaxMonths+1) }},
		"nobody is drawn":     {"size", func(t *Terms) { t.Size = 0 }},
		"too many are drawn":  {"size", func(t *Terms) { t.Size = MaxSize + 1 }},
		"less than none":      {"min_per_stratum", func(t *Terms) { t.Least = -1 }},
		"many reserves":       {"reserves", func(t *Terms) { t.Reserves = MaxReserves + 1 }},
		"no time to reveal":   {"reveal_hours", func(t *Terms) { t.RevealHours = 0 }},
		"a township":          {"county", func(t *Terms) { t.County = "530181001" }},
		"no county":           {"county", func(t *Terms) { t.County = "" }},
		"another county":      {"", func(t *Terms) { t.County = "530129" }},
		"another purpose":     {"purpose", func(t *Terms) { t.Purpose = "curiosity" }},
		"no time to commit":   {"close_at", func(t *Terms) { t.CloseAt = monday }},
		"years to commit":     {"close_at", func(t *Terms) { t.CloseAt = monday.AddDate(2, 0, 0) }},
		"sealed for ever":     {"open_days", func(t *Terms) { t.Sealed = true }},
		"sealed for a year":   {"open_days", func(t *Terms) { t.Sealed, t.OpenDays = true, 365 }},
		"open, and sealed":    {"open_days", func(t *Terms) { t.OpenDays = 1 }},
		"one inspector":       {"inspectors", func(t *Terms) { t.Inspectors = t.Inspectors[:1] }},
		"many inspectors":     {"inspectors", func(t *Terms) { t.Inspectors = make([]Inspector, MaxInspectors+1) }},
		"an inspector twice":  {"inspectors", func(t *Terms) { t.Inspectors[1].ID = "no-1" }},
		"serves a county":     {"inspectors", func(t *Terms) { t.Inspectors[1].Serves = "530181" }},
		"serves another town": {"inspectors", func(t *Terms) { t.Inspectors[1].Serves = "530129001" }},
	} {
		in := terms()
		c.change(&in)
		_, err := New("visits", in, agencies, by("AuditMSP", monday))
		require.Error(t, err, name)
		var refused *relief.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, c.field, refused.Field, name)
	}
	_, err := New("", terms(), agencies, by("AuditMSP", monday))
	require.Error(t, err)
}

// month is a closed month of three villages. One is so small that its rows are the county's, with those of the next one.
func month(t testing.TB) (*oversight.Month, map[relief.Region][]oversight.Row) {
	t.Helper()
	rows := map[relief.Region][]oversight.Row{}
	for i := range 24 {
		village := relief.Region("530181001001")
		switch {
		case i >= 14:
			village = "530181003001"
		case i >= 9:
			village = "530181002001"
		}
		rows[village] = append(rows[village], oversight.Row{
			Amount: 62000, Class: string("AB"[i%2]), Leaf: hashed(fmt.Sprint("leaf", i)).String(), PaidOn: "2026-11-09", Period: november, Persons: 2, Schema: oversight.RowSchema,
		})
	}
	m := &oversight.Month{Programme: "dibao", County: "530181", Period: november, Version: 1, Acts: []relief.HistoryEntry{{Tx: strings.Repeat("0e", 32)}}}
	for _, code := range []relief.Region{"530181001001", "530181002001", "530181003001"} {
		m.Villages = append(m.Villages, oversight.Village{Code: code, Rows: len(rows[code]), Households: len(rows[code]), Root: Hash(oversight.Root(rows[code])).String()})
	}
	m.Villages[1].Households = 4 // somebody was paid twice
	return m, rows
}

func framed(t testing.TB, p *Plan) (Frame, []Units) {
	t.Helper()
	m, rows := month(t)
	f := NewFraming(p)
	require.NoError(t, f.Begin(m))
	for _, v := range m.Villages {
		for i := range rows[v.Code] {
			require.NoError(t, f.add(v.Code, uint32(i), &rows[v.Code][i]))
		}
	}
	frame, units, err := f.Frame(p)
	require.NoError(t, err)
	return frame, units
}

func nonceOf(agency string) Hash { return hashed("nonce of " + agency) }

func committed(t testing.TB, who ...string) Plan {
	t.Helper()
	p := planned(t)
	for _, agency := range who {
		next, changed, err := Commit(p, Commitment(agency, p.ID, nonceOf(agency)), by(agency, monday))
		require.NoError(t, err)
		require.True(t, changed)
		p = next
	}
	return p
}

// A draw from its plan on, as the ledger keeps each step.
func TestADraw(t *testing.T) {
	p := committed(t, agencies...)
	require.Equal(t, Committed, p.State)
	frame, units := framed(t, &p)
	_, err := Fix(p, frame, by("AuditMSP", monday))
	requireCode(t, relief.CodePending, err)
	later := monday.Add(2 * time.Hour)
	p, err = Fix(p, frame, by("CivilAffairsMSP", later))
	require.NoError(t, err)
	require.Equal(t, later.Add(24*time.Hour), p.Frame.RevealBy)
	for i, agency := range agencies {
		require.Equal(t, Framed, p.State)
		p, _, err = Reveal(p, nonceOf(agency), by(agency, later))
		require.NoError(t, err)
		require.Equal(t, i == 2, !p.Seed.IsZero())
	}
	require.Equal(t, Seeded, p.State)
	require.Equal(t, Hash(NewSeed("visits", 24, p.Frame.Root, []Hash{nonceOf("AuditMSP"), nonceOf("CivilAffairsMSP"), nonceOf("FinanceMSP")})), p.Seed)

	drawn := Draw(&p, units)
	p, err = NoteDrawn(p, &drawn, by("FinanceMSP", later))
	require.NoError(t, err)
	require.Equal(t, Drawn, p.State)
	require.Len(t, drawn.Units, p.Drawn.Units+p.Drawn.Reserves)
	require.Len(t, drawn.Units, 8, "one unit of each of four strata, and a reserve")
	for i, u := range drawn.Units {
		require.Equal(t, u.Rank > frame.Strata[u.Stratum].Take, u.Reserve)
		require.Equal(t, relief.ProgrammeID("dibao"), u.Programme)
		require.True(t, i == 0 || drawn.Units[i-1].Stratum < u.Stratum || drawn.Units[i-1].Rank == u.Rank-1)
	}

	text, err := p.Statement()
	require.NoError(t, err)
	require.NotContains(t, string(text), "inspectors")
	require.NotContains(t, string(text), "no-1")
	var back PlanStatement
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, 4, back.Frame.Strata.Count)
}

// The months' roots are those of their public statements, and rows of small villages are the county's.
func TestAFrame(t *testing.T) {
	p := planned(t)
	frame, units := framed(t, &p)
	m, _ := month(t)
	require.Equal(t, oversight.TreeOf(m.VillageLines()).Root, frame.Months[0].Root.String())
	require.Equal(t, Hash(entryHash(frame.Months[0].Root)), frame.Root)
	var names []string
	for i, s := range frame.Strata {
		require.Len(t, units[i], s.Units)
		require.Equal(t, units[i].root(), s.Root)
		names = append(names, fmt.Sprintf("%s %s %d %d %d", s.Region, s.Class, s.Units, s.Take, s.Reserves))
	}
	require.Equal(t, []string{"530181 A 7 1 1", "530181 B 7 1 1", "530181003 A 5 1 1", "530181003 B 5 1 1"}, names)
}

// What does not belong to the months that were closed makes no frame.
func TestFramesThatAreRefused(t *testing.T) {
	m, rows := month(t)
	p := planned(t)
	for name, c := range map[string]struct {
		code relief.Code
		add  func(f *Framing) error
	}{
		"no rows": {relief.CodeTotals, func(*Framing) error { return nil }},
		"a row is missing": {relief.CodeConflict, func(f *Framing) error {
			return f.add("530181001001", 1, &rows["530181001001"][0])
		}},
		"another village": {relief.CodeConflict, func(f *Framing) error { return f.add("530181009001", 1, &rows["530181001001"][0]) }},
		"no leaf":         {relief.CodeInvalid, func(f *Framing) error { return f.add("530181001001", 1, &oversight.Row{}) }},
	} {
		empty := *m
		if name == "no rows" {
			empty.Villages = nil
		}
		f := NewFraming(&p)
		require.NoError(t, f.Begin(&empty), name)
		err := c.add(f)
		if err == nil {
			_, _, err = f.Frame(&p)
		}
		requireCode(t, c.code, err)
	}
}

func requireCode(t *testing.T, code relief.Code, err error) {
	t.Helper()
	var refused *relief.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, code, refused.Code, refused.Detail)
}

// Nobody commits late, twice or for another agency; nobody reveals what they did not commit to.
func TestNobodySteersADraw(t *testing.T) {
	later, own := monday.Add(2*time.Hour), func(agency string) Hash { return Commitment(agency, "visits", nonceOf(agency)) }
	p := planned(t)
	_, _, err := Commit(p, own("AuditMSP"), by("AuditMSP", later))
	requireCode(t, relief.CodeLate, err)
	_, _, err = Commit(p, Hash{}, by("AuditMSP", monday))
	requireCode(t, relief.CodeInvalid, err)
	_, _, err = Commit(p, own("OtherMSP"), by("OtherMSP", monday))
	requireCode(t, relief.CodeForbidden, err)

	p = committed(t, "AuditMSP")
	_, changed, err := Commit(p, own("AuditMSP"), by("AuditMSP", monday))
	require.True(t, err == nil && !changed, "the same again changes nothing")
	_, _, err = Commit(p, own("FinanceMSP"), by("AuditMSP", monday))
	requireCode(t, relief.CodeConflict, err)
	requireCode(t, relief.CodeWrongState, p.MayFrame(by("AuditMSP", later))) // one agency alone

	p = committed(t, "AuditMSP", "FinanceMSP")
	_, _, err = Reveal(p, nonceOf("AuditMSP"), by("AuditMSP", monday))
	requireCode(t, relief.CodeWrongState, err) // before the frame
	frame, _ := framed(t, &p)
	p, err = Fix(p, frame, by("AuditMSP", later))
	require.NoError(t, err)
	require.True(t, p.Nonces[1].Withheld, "civil affairs has not committed")
	for _, nonce := range []Hash{{}, nonceOf("FinanceMSP"), hashed("another")} {
		_, _, err = Reveal(p, nonce, by("AuditMSP", later))
		requireCode(t, relief.CodeInvalid, err)
	}
	_, _, err = Reveal(p, nonceOf("CivilAffairsMSP"), by("CivilAffairsMSP", later))
	requireCode(t, relief.CodeInvalid, err) // who has not committed
	_, _, err = Commit(p, own("CivilAffairsMSP"), by("CivilAffairsMSP", later))
	requireCode(t, relief.CodeWrongState, err)
	_, err = Default(p, by("AuditMSP", later))
	requireCode(t, relief.CodePending, err)
	over := p.Frame.RevealBy.Add(time.Second)
	_, err = Default(p, by("AuditMSP", over))
	requireCode(t, relief.CodeWrongState, err) // nobody has revealed

	before := p.Nonces
	p, _, err = Reveal(p, nonceOf("AuditMSP"), by("AuditMSP", later))
	require.NoError(t, err)
	require.True(t, before[0].Nonce.IsZero(), "the record of before is as it was")
	_, changed, err = Reveal(p, nonceOf("AuditMSP"), by("AuditMSP", later))
	require.True(t, err == nil && !changed)
	_, err = NoteDrawn(p, &DrawnUnits{}, by("AuditMSP", over))
	requireCode(t, relief.CodeWrongState, err)
	p, err = Default(p, by("CivilAffairsMSP", over))
	require.NoError(t, err)
	require.Equal(t, Seeded, p.State)
	require.True(t, p.Nonces[2].Withheld, "finance is named")
	require.Equal(t, Hash(NewSeed("visits", 24, p.Frame.Root, []Hash{nonceOf("AuditMSP")})), p.Seed)
}

// The packed units of a stratum must never change under their version.
func TestGoldenUnits(t *testing.T) {
	u := Units{{filled(1), 0, 12}, {filled(2), 11, relief.MaxRollNumber}}
	b, err := u.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, "6601"+strings.Repeat("01", 32)+"00"+"0000000c"+strings.Repeat("02", 32)+"0b"+"0098967f", hex.EncodeToString(b))
	for name, none := range map[string]Units{
		"none": {}, "out of order": {u[1], u[0]}, "one twice": {u[0], u[0]}, "no such month": {{Month: MaxMonths}}, "no such number": {{Number: relief.MaxRollNumber + 1}},
	} {
		_, err := none.MarshalBinary()
		require.Error(t, err, name)
	}
}

// Whatever is read as units is written again as it was.
func FuzzUnits(f *testing.F) {
	p := planned(f)
	_, units := framed(f, &p)
	for _, u := range units {
		b, err := u.MarshalBinary()
		require.NoError(f, err)
		f.Add(b)
		f.Add(slices.Concat(b, b[2:])) // each unit twice
		f.Add(b[:len(b)-1])
	}
	f.Add([]byte("f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var u Units
		if u.UnmarshalBinary(b) != nil {
			return
		}
		again, err := u.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, b, again)
		document, err := json.Marshal(u)
		require.NoError(t, err)
		var back Units
		require.NoError(t, json.Unmarshal(document, &back))
		require.Equal(t, u, back)
	})
}

// A hash has one form.
func TestHashesThatAreNone(t *testing.T) {
	for _, text := range []string{"", "00", strings.Repeat("0", 63), strings.Repeat("0", 66), strings.Repeat("AB", 32), strings.Repeat("g", 64)} {
		var h Hash
		require.Error(t, h.UnmarshalText([]byte(text)), text)
	}
}

// sealedDraw is a draw that audit seals, for three days at most, with the units of its frame.
func sealedDraw(t *testing.T, who ...string) (Plan, []Units) {
	t.Helper()
	in := terms()
	in.Sealed, in.OpenDays = true, 3
	p, err := New("visits", in, agencies, by("AuditMSP", monday))
	require.NoError(t, err)
	require.Equal(t, "AuditMSP", p.Keeper)
	for _, agency := range who {
		p, _, err = Commit(p, Commitment(agency, p.ID, nonceOf(agency)), by(agency, monday))
		require.NoError(t, err)
	}
	frame, units := framed(t, &p)
	p, err = Fix(p, frame, by("AuditMSP", monday.Add(2*time.Hour)))
	require.NoError(t, err)
	return p, units
}

// What is drawn is fixed by commitments and known to the keeper alone, until the keeper tells the nonce that fits its commitment.
func TestASealedDraw(t *testing.T) {
	p, units := sealedDraw(t, agencies...)
	later := monday.Add(3 * time.Hour)
	_, _, err := Reveal(p, nonceOf("AuditMSP"), by("AuditMSP", later))
	requireCode(t, relief.CodePending, err)
	_, err = Foresee(p, nonceOf("AuditMSP"))
	requireCode(t, relief.CodeWrongState, err)
	for i, agency := range []string{"FinanceMSP", "CivilAffairsMSP"} {
		p, _, err = Reveal(p, nonceOf(agency), by(agency, later))
		require.NoError(t, err)
		require.Equal(t, []State{Framed, Sealed}[i], p.State)
		require.True(t, p.Seed.IsZero() && p.Whole())
	}
	_, err = NoteDrawn(p, &DrawnUnits{}, by("AuditMSP", later))
	requireCode(t, relief.CodeWrongState, err)
	_, changed, err := Reveal(p, nonceOf("FinanceMSP"), by("FinanceMSP", later))
	require.True(t, err == nil && !changed)
	for _, nonce := range []Hash{{}, nonceOf("FinanceMSP"), hashed("another list")} {
		_, err = Foresee(p, nonce)
		requireCode(t, relief.CodeInvalid, err)
		_, _, err = Reveal(p, nonce, by("AuditMSP", later))
		requireCode(t, relief.CodeInvalid, err)
	}
	seen, err := Foresee(p, nonceOf("AuditMSP"))
	require.NoError(t, err)
	require.True(t, p.Seed.IsZero() && p.keeps().Nonce.IsZero(), "nothing of the record is changed")
	_, err = Default(p, by("FinanceMSP", p.OpenBy().Add(-time.Second)))
	requireCode(t, relief.CodePending, err)

	text, err := p.Statement()
	require.NoError(t, err)
	require.NotContains(t, string(text), nonceOf("AuditMSP").String())
	require.Contains(t, string(text), `"open_by":"2026-12-04T03:00:00Z"`)

	opened, _, err := Reveal(p, nonceOf("AuditMSP"), by("AuditMSP", p.OpenBy().Add(time.Hour)))
	require.NoError(t, err, "late, and nobody has called it off")
	require.Equal(t, Seeded, opened.State)
	require.Equal(t, seen.Seed, opened.Seed)
	require.Equal(t, Draw(&seen, units), Draw(&opened, units))
}

// A sealed draw that is not opened in time is void; whoever withheld a nonce before is named, and without its keeper there is none.
func TestASealedDrawThatIsNotOpened(t *testing.T) {
	p, _ := sealedDraw(t, agencies...)
	p, _, err := Reveal(p, nonceOf("FinanceMSP"), by("FinanceMSP", monday.Add(3*time.Hour)))
	require.NoError(t, err)
	p, err = Default(p, by("AuditMSP", p.Frame.RevealBy))
	require.NoError(t, err)
	require.Equal(t, Sealed, p.State)
	require.Equal(t, []bool{false, true, false}, []bool{p.Nonces[0].Withheld, p.Nonces[1].Withheld, p.Nonces[2].Withheld})
	_, _, err = Reveal(p, nonceOf("CivilAffairsMSP"), by("CivilAffairsMSP", p.Frame.RevealBy))
	requireCode(t, relief.CodeLate, err)
	p, err = Default(p, by("FinanceMSP", p.OpenBy()))
	require.NoError(t, err)
	require.Equal(t, Void, p.State)
	require.True(t, p.Nonces[0].Withheld && p.Nonces[1].Withheld && !p.Nonces[2].Withheld && p.Seed.IsZero() && p.Whole())
	_, _, err = Reveal(p, nonceOf("AuditMSP"), by("AuditMSP", p.OpenBy()))
	requireCode(t, relief.CodeWrongState, err)

	in := terms()
	in.Sealed, in.OpenDays = true, 3
	p, err = New("visits", in, agencies, by("AuditMSP", monday))
	require.NoError(t, err)
	for _, agency := range []string{"FinanceMSP", "CivilAffairsMSP"} {
		p, _, err = Commit(p, Commitment(agency, p.ID, nonceOf(agency)), by(agency, monday))
		require.NoError(t, err)
	}
	requireCode(t, relief.CodeWrongState, p.MayFrame(by("AuditMSP", monday.Add(2*time.Hour))))
}
