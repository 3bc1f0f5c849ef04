package intake_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/reference"
)

var testKey = bytes.Repeat([]byte{7}, 32)

const today relief.Day = "2026-11-29"

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

// readAll reads a file to its end and admits each line.
func readAll(t testing.TB, file []byte, o intake.Options) (lines []intake.Line, refusals []intake.Refusal) {
	t.Helper()
	return readSome(t, file, o, "")
}

// readSome refuses the lines outside a region before it admits the others.
func readSome(t testing.TB, file []byte, o intake.Options, region relief.Region) (lines []intake.Line, refusals []intake.Refusal) {
	t.Helper()
	o.References, o.Today = reference.New(nil, reference.Key{Epoch: 1, Secret: testKey}).Maker(context.Background()), today
	r, err := intake.NewReader(bytes.NewReader(file), o)
	require.NoError(t, err)
	for {
		l, refusal, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines, refusals
		}
		require.NoError(t, err)
		if refusal == nil && region != "" && !region.Covers(l.Region) {
			refusal = l.Refuse("region", relief.LineRegionOutside)
		}
		if refusal == nil {
			refusal = r.Admit(&l)
		}
		if refusal != nil {
			refusals = append(refusals, *refusal)
		} else {
			lines = append(lines, l)
		}
	}
}

func TestTownListsAreReadWhole(t *testing.T) {
	november, refusals := readAll(t, testdata(t, "payments-2026-11.csv"), intake.Options{Kind: intake.KindLines})
	require.Empty(t, refusals)
	require.Len(t, november, 300)
	december, refusals := readAll(t, testdata(t, "payments-2026-12.gb18030.csv"), intake.Options{Kind: intake.KindLines})
	require.Empty(t, refusals)
	require.Len(t, december, 300)
	roll, refusals := readAll(t, testdata(t, "roll.csv"), intake.Options{Kind: intake.KindRoll})
	require.Empty(t, refusals)
	require.Len(t, roll, 300)
	var sum relief.Fen
	for i := range november {
		sum += november[i].Amount
		require.Equal(t, i+2, november[i].FileLine)
		require.Equal(t, strconv.Itoa(i+1), november[i].Serial)
		require.Equal(t, december[i].Ref, november[i].Ref, "the same people each month")
		require.Equal(t, roll[i].Ref, november[i].Ref)
		require.Equal(t, roll[i].Amount, november[i].Amount)
	}
	require.Equal(t, "347310.00", sum.String())
	require.Equal(t, "孟华", roll[0].Person.Name.Reveal())
	require.Equal(t, byte('B'), roll[0].Class)
	require.Equal(t, relief.NewSubjectRef(1, testKey, "530181196401209708"), roll[0].Ref)
}

// What the roll and the contract refuse is left out here: see package jobs.
func TestTownDefectsAreRefusedEachForItsReason(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(testdata(t, "defects.csv"))).ReadAll()
	require.NoError(t, err)
	want := map[int]string{}
	for _, row := range rows[1:] {
		line, err := strconv.Atoi(row[0])
		require.NoError(t, err)
		if row[2] != "not-on-the-roll" && row[2] != "amount-over-bound" {
			want[line] = row[1] + " " + row[2]
		}
	}
	month, err := relief.ParsePeriod("2027-01")
	require.NoError(t, err)
	lines, refusals := readSome(t, testdata(t, "payments-2027-01.defects.csv"), intake.Options{Kind: intake.KindLines}, "530181")
	for i := range lines {
		require.Equal(t, month, lines[i].Period)
	}
	got := map[int]string{}
	for _, r := range refusals {
		got[r.FileLine] = r.Serial + " " + string(r.Code)
		require.NotEmpty(t, r.Field)
	}
	require.Equal(t, want, got)
}
