package oversight

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/relief"
)

func stated(households ...int) *Month {
	m := &Month{
		Programme: "dibao", County: "530181", Period: relief.MonthPeriod(2026*12 + 10), Version: 2, ProgrammeVersion: 1, PayBy: "2026-11-10",
		Facts: Facts{Due: 7, OnTime: 6, Unpaid: 1, Sum: 123_45}, Classes: []ClassFacts{{Class: "A", Households: 3, Persons: 5, Sum: 123_45}},
		Acts: []relief.HistoryEntry{{
			Act: relief.ActOversightCloseMonth, By: relief.Official{Name: "preparer"}, At: time.Date(2026, 11, 11, 8, 0, 0, 0, time.UTC), Tx: strings.Repeat("ab", 32),
		}},
	}
	for i, n := range households {
		m.Villages = append(m.Villages, Village{
			Code: relief.Region("53018110020" + string(rune('0'+i))), Rows: n, Households: n, Persons: 2 * n, Sum: relief.Fen(100 * n), Root: strings.Repeat("0f", 32),
		})
	}
	return m
}

// A statement is one form of JSON, its members in order; it names nobody, and its root is that of the lines.
func TestStatement(t *testing.T) {
	m := stated(6, 7)
	text, err := m.Statement()
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(members); string(again) != string(text) {
		t.Fatalf("the members are not in order: %s", text)
	}
	if strings.Contains(string(text), "preparer") || strings.Contains(string(text), m.Acts[0].Tx) {
		t.Fatalf("the statement names an official or a transaction: %s", text)
	}
	lines := m.VillageLines()
	root := RootOf([][32]byte{lines[0].Hash(), lines[1].Hash()})
	if of := members["villages"].(map[string]any); of["root"] != hex.EncodeToString(root[:]) || of["count"] != 2.0 {
		t.Fatalf("the root of the villages is %v", of)
	}
	const want = `{"code":"530181100200","deducted":"0.00","households":6,"persons":12,"root":"` +
		`0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","rows":6,"schema":"relieftrail/village/v1","sum":"6.00"}`
	if got := string(lines[0].AppendJSON(nil)); got != want {
		t.Fatal(got)
	}
}

// Small villages have counts alone, and never so few of them that the county's sum gives theirs away.
func TestVillageLines(t *testing.T) {
	for _, test := range []struct {
		households []int
		counts     []bool
	}{
		{nil, nil},
		{[]int{5, 6, 60}, []bool{false, false, false}},
		{[]int{60, 4, 3}, []bool{false, true, true}},
		{[]int{60, 1, 7}, []bool{false, true, true}},
		{[]int{1, 60}, []bool{true, true}},
		{[]int{4, 1, 5}, []bool{true, true, false}},
		{[]int{3}, []bool{true}},
	} {
		m := stated(test.households...)
		for i, l := range m.VillageLines() {
			text := string(l.AppendJSON(nil))
			if l.Counts != test.counts[i] || l.Counts != !strings.Contains(text, `"sum"`) || l.Counts != !strings.Contains(text, `"persons"`) {
				t.Fatalf("%v: line %d is %s", test.households, i, text)
			}
			if l.Counts == (l.Root == m.Villages[i].Root) {
				t.Fatalf("%v: line %d has the root %s", test.households, i, l.Root)
			}
		}
	}
}

// A list's statement names no official and has its members in order.
func TestPublicationStatement(t *testing.T) {
	p := NewPublication(stated(6), "2026-12-08")
	actor := relief.Actor{By: relief.Official{Agency: "CivilAffairsMSP", Name: "preparer", Region: "530181"}, At: time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC), Tx: strings.Repeat("cd", 32)}
	p, changed, err := ProposeList(p, stated(6), actor)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	text, err := p.Statement()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"at":"2026-11-30T04:00:00Z","county":"530181","due":"2026-12-08","kind":"publication","period":"2026-11","programme":"dibao","proposed":{"month":2,"sha256":"` +
		p.Proposed.SHA256 + `"},"schema":"relieftrail/statement/v1","state":"proposed"}`
	if string(text) != want {
		t.Fatalf("%s, want %s", text, want)
	}
}
