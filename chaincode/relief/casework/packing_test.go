package casework

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// filled is a case of which no field is empty, each list with one element.
func filled() (c Case) {
	fill(reflect.ValueOf(&c).Elem(), "")
	return c
}

// values are what fill takes for types of which not every text or number is a value.
var values = map[reflect.Type]any{
	reflect.TypeFor[relief.SubjectRef]():      relief.SubjectRef{1, 2, 3},
	reflect.TypeFor[relief.Tag]():             relief.Tag{1, 9, 8},
	reflect.TypeFor[relief.Period]():          relief.MonthPeriod(2026*12 + 10),
	reflect.TypeFor[relief.PaymentID]():       relief.PaymentID{Programme: "dibao", County: "530181", Number: 298, Period: relief.MonthPeriod(2026*12 + 10), Attempt: 1},
	reflect.TypeFor[relief.Day]():             relief.Day("2026-11-30"),
	reflect.TypeFor[relief.Region]():          relief.Region("530181001001"),
	reflect.TypeFor[relief.ProgrammeID]():     relief.ProgrammeID("dibao"),
	reflect.TypeFor[relief.CaseID]():          relief.CaseID("c-2026-1"),
	reflect.TypeFor[relief.NeedID]():          relief.NeedID("need-1"),
	reflect.TypeFor[relief.ChangeID]():        relief.NewChangeID("dibao", "530181", 298, 1),
	reflect.TypeFor[relief.DepartmentID]():    relief.DepartmentID("civil-registry"),
	reflect.TypeFor[programme.EvidenceKind](): programme.EvidenceHomeVisit,
	reflect.TypeFor[time.Time]():              time.Date(2026, 11, 30, 1, 2, 3, 456_000_000, time.UTC),
	reflect.TypeFor[*relief.Inherited]():      (*relief.Inherited)(nil), // no record keeps it
}

func fill(v reflect.Value, name string) {
	if value, ok := values[v.Type()]; ok {
		v.Set(reflect.ValueOf(value))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), name)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name)
	case reflect.String:
		v.SetString(digitsOf(name))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(480_00)
	case reflect.Int:
		v.SetInt(int64(len(name)))
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(uint64(len(name)))
	default:
		panic("no value for " + v.Type().String())
	}
}

// digitsOf is a hash, a transaction's id or a signature for a field that has one, else the field's name.
func digitsOf(name string) string {
	switch {
	case name == "Signature":
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 64)))
	case name == "Tx" || name == "Facts" || strings.HasSuffix(name, "SHA256"):
		return strings.Repeat("0f", 32)
	}
	return name
}

// Every field is packed: what is read back is what was packed.
func TestCasesArePackedWhole(t *testing.T) {
	c := filled()
	b, err := c.MarshalBinary()
	require.NoError(t, err)
	var back Case
	require.NoError(t, back.UnmarshalBinary(b))
	require.Equal(t, c, back)
}

// A packed case must never change under its version, and the document that cases were before is read for ever.
func TestGoldenCase(t *testing.T) {
	document, err := os.ReadFile("testdata/case-v1.json")
	require.NoError(t, err)
	text, err := os.ReadFile("testdata/case-v2.hex")
	require.NoError(t, err)
	var c Case
	require.NoError(t, c.UnmarshalBinary(document))
	require.Equal(t, filled(), c)
	b, err := c.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(string(text), "\n", ""), hex.EncodeToString(b))
	again, err := json.Marshal(c)
	require.NoError(t, err)
	require.JSONEq(t, string(document), string(again))
}

// What is written in an unusual way keeps its text.
func TestCasesKeepUnusualTexts(t *testing.T) {
	c := filled()
	c.Acts[0].Tx, c.Matches[0].Signature, c.Facts = "tx-1", "no base64", strings.Repeat("AB", 32)
	c.Matches[0].QueriedAt = time.Date(1999, 1, 1, 0, 0, 0, 1, time.FixedZone("", -5*3600-30*60))
	c.Notices[0].Opened = time.Time{}
	b, err := c.MarshalBinary()
	require.NoError(t, err)
	var back Case
	require.NoError(t, back.UnmarshalBinary(b))
	wanted, err := json.Marshal(c)
	require.NoError(t, err)
	got, err := json.Marshal(back)
	require.NoError(t, err)
	require.Equal(t, string(wanted), string(got))
}

// What JSON cannot write is not packed either.
func TestCasesThatCannotBeRead(t *testing.T) {
	for name, spoil := range map[string]func(*Case){
		"nobody in the household":   func(c *Case) { c.Members[0] = relief.SubjectRef{} },
		"an amount below zero":      func(c *Case) { c.Asked = -1 },
		"an amount above all":       func(c *Case) { c.Asked = relief.MaxFen + 1 },
		"half a tag":                func(c *Case) { c.Account = relief.Tag{0, 1} },
		"a text that is no UTF-8":   func(c *Case) { c.Decision.HowToAppeal = "\xff" },
		"a year that no text has":   func(c *Case) { c.Acts[0].At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"a zone with seconds":       func(c *Case) { c.Acts[0].At = c.Acts[0].At.In(time.FixedZone("", 61)) },
		"a zone of more than a day": func(c *Case) { c.Acts[0].At = c.Acts[0].At.In(time.FixedZone("", 24*3600)) },
	} {
		c := filled()
		spoil(&c)
		_, err := c.MarshalBinary()
		require.Error(t, err, name)
	}
}

// badCases are values that are no cases.
func badCases(t testing.TB) map[string][]byte {
	c := filled()
	good, err := c.MarshalBinary()
	require.NoError(t, err)
	change := func(at int, to byte) []byte {
		b := append([]byte(nil), good...)
		b[at] = to
		return b
	}
	return map[string][]byte{
		"nothing":                     nil,
		"a kind alone":                {caseKind},
		"another kind":                change(0, 'b'),
		"another version":             change(1, caseVersion+1),
		"no field":                    good[:2],
		"cut short":                   good[:len(good)-1],
		"more than a case":            append(append([]byte(nil), good...), 0),
		"a text that is not there":    change(2, 4),
		"a text below none":           change(2, 1),
		"a text longer than the case": {caseKind, caseVersion, 2, 0xfe, 0xff, 0xff, 0xff, 0x0f},
		"a text twice":                {caseKind, caseVersion, 2, 2, 'a', 4, 2, 'a'},
		"half a document":             []byte(`{"id":"c1"`),
		"null":                        []byte("null"),
		"a list":                      []byte("[]"),
	}
}

func TestBadCases(t *testing.T) {
	for name, b := range badCases(t) {
		c := Case{ID: "kept"}
		require.Error(t, c.UnmarshalBinary(b), name)
		require.Equal(t, Case{ID: "kept"}, c, name)
	}
}

// What can be read is written in the same bytes, unless it was a document.
func FuzzCase(f *testing.F) {
	for _, b := range badCases(f) {
		f.Add(b)
	}
	c := filled()
	b, err := c.MarshalBinary()
	require.NoError(f, err)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var c Case
		if c.UnmarshalBinary(b) != nil || isDocument(b) {
			return
		}
		again, err := c.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, b, again)
		document, err := json.Marshal(c)
		require.NoError(t, err)
		var read Case
		require.NoError(t, json.Unmarshal(document, &read))
	})
}

// BenchmarkCase packs and reads a case of a usual length, and the same as a document.
func BenchmarkCase(b *testing.B) {
	c := filled()
	for len(c.Acts) < 5 {
		c.Acts = append(c.Acts, c.Acts[0])
	}
	packed, err := c.MarshalBinary()
	require.NoError(b, err)
	document, err := json.Marshal(c)
	require.NoError(b, err)
	b.Logf("%d bytes packed, %d as a document", len(packed), len(document))
	for name, f := range map[string]func() error{
		"write":          func() error { _, err := c.MarshalBinary(); return err },
		"read":           func() error { return new(Case).UnmarshalBinary(packed) },
		"write document": func() error { _, err := json.Marshal(c); return err },
		"read document":  func() error { return new(Case).UnmarshalBinary(document) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, f())
			}
		})
	}
}
