package chart

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func rowOf(code Code, cells ...Cell) Row { return Row{Of(code).Columns, cells} }

func TestARowIsAnObjectInTheOrderOfItsColumns(t *testing.T) {
	text, err := json.Marshal(rowOf(Progress, Cell{Text: "credited"}, Cell{Number: 96}, Cell{Number: 59_520_00}))
	require.NoError(t, err)
	require.Equal(t, `{"stands":"credited","people":96,"sum":"59520.00"}`, string(text)) //nolint:testifylint // the order counts, too
	text, err = json.Marshal(Row{[]Column{{"difference", "", Amount, false}}, []Cell{{Number: -7}}})
	require.NoError(t, err)
	require.JSONEq(t, `{"difference":"-0.07"}`, string(text))
}

// Every chart says in both languages what it is and how it is read, and draws some of its columns; those that anybody may see name no
// official and no case.
func TestEveryChartIsDescribed(t *testing.T) {
	seen := map[Code]bool{}
	for i := range All {
		c := &All[i]
		require.False(t, seen[c.Code], c.Code)
		seen[c.Code] = true
		require.Same(t, c, Of(c.Code))
		drawn := 0
		for _, column := range c.Columns {
			require.NotEmpty(t, column.En, column.Name)
			if column.Drawn {
				drawn++
			}
		}
		require.Positive(t, drawn, c.Code)
		for _, text := range []string{c.Title.Zh, c.Title.En, c.Reading.Zh, c.Reading.En} {
			require.NotEmpty(t, text, c.Code)
		}
	}
	require.Nil(t, Of("weather"))
	for _, code := range []Code{Progress, Cases, Rechecks, Returns} {
		require.False(t, Of(code).Public, code)
	}
}

func TestAnybodySeesNothingOfFewHouseholds(t *testing.T) {
	place := func(households int64) Row {
		return rowOf(Places, Cell{Text: "530181001"}, Cell{Number: households}, Cell{Number: households}, Cell{Number: 9}, Cell{Number: 1}, Cell{Number: 1})
	}
	f := Figures{Rows: []Row{place(5), place(4), place(60)}}
	require.Equal(t, 1, f.ForAnybody(Places))
	require.Equal(t, []Row{place(5), place(60)}, f.Rows)

	month := func(due int64) Row {
		return rowOf(Months, Cell{Text: "2026-11"}, Cell{Number: due}, Cell{Number: due}, Cell{}, Cell{}, Cell{Number: 1})
	}
	f = Figures{Rows: []Row{month(4), month(5)}}
	require.Equal(t, 1, f.ForAnybody(Months))
	require.Equal(t, []Row{month(5)}, f.Rows)

	days := func(people int64) Row { return rowOf(Lateness, Cell{Text: "0"}, Cell{Number: people}) }
	f = Figures{Rows: []Row{days(3), days(1)}}
	require.Equal(t, 2, f.ForAnybody(Lateness))
	require.Empty(t, f.Rows)
	f = Figures{Rows: []Row{days(3), days(2)}}
	require.Zero(t, f.ForAnybody(Lateness))
	require.Zero(t, f.ForAnybody(Money))
}
