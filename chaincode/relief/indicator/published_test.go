package indicator

import (
	"encoding/csv"
	"encoding/json"
	"math/big"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/programme"
)

// published reads a table that an agency has published, one row a map.
func published(t *testing.T, name string) (rows []map[string]string) {
	t.Helper()
	file, err := os.Open("testdata/published/" + name)
	require.NoError(t, err)
	defer file.Close()
	r := csv.NewReader(file)
	r.Comment = '#'
	all, err := r.ReadAll()
	require.NoError(t, err)
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, head := range all[0] {
			row[head] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, text string) *big.Rat {
	t.Helper()
	n, ok := new(big.Rat).SetString(text)
	require.True(t, ok, text)
	return n
}

func whole(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	require.NoError(t, err)
	return n
}

// A self-evaluation gave itself full marks for 4,604 of 4,754 people and for 5,830 yuan where 5,300 was the most.
func TestSuixiScores98Point93AndNot100(t *testing.T) {
	var goals []Goal
	for _, row := range published(t, "suixi-2019.csv") {
		if row["value"] == "" {
			require.Equal(t, row["right"], Points(Total(goals)))
			require.Equal(t, Excellent, GradeOf(Total(goals)))
			continue
		}
		g := Goal{number(t, row["value"]), number(t, row["target"]), row["at_most"] == "yes", number(t, row["weight"])}
		require.Equal(t, row["right"], Points(g.Score()), row["indicator"])
		goals = append(goals, g)
	}
}

// Levels follow from their own sums, or the published figure is something else.
func TestChenxiLevels(t *testing.T) {
	differ := 0
	for _, row := range published(t, "chenxi-2023.csv") {
		r := Ratio{whole(t, row["sum"]) * 100, whole(t, row["people"])}
		require.Equal(t, row["half_up"], r.Shown(Yuan), row["indicator"])
		require.Equal(t, row["truncated"], relief.Fen(r.Num/r.Den).String(), row["indicator"])
		if row["published"] != row["half_up"] && row["published"] != row["truncated"] {
			differ++
		}
	}
	require.Equal(t, 2, differ, "two published levels do not follow from their own sums")
}

func TestTargetsThatWereNotMet(t *testing.T) {
	for _, row := range published(t, "jingdong-2022.csv") {
		r := Ratio{whole(t, row["value"]), whole(t, row["target"])}
		require.Equal(t, row["met"] == "yes", r.Meets(10_000, false), row["indicator"])
	}
	for _, row := range published(t, "daying-2022.csv") {
		r, target, atMost := Ratio{whole(t, row["numerator"]), whole(t, row["denominator"])}, whole(t, row["target"]), row["at_most"] == "yes"
		require.Equal(t, row["met"] == "yes", r.Meets(target, atMost), row["indicator"])
		g := Goal{r.Rat(), big.NewRat(target, 10_000), atMost, number(t, row["weight"])}
		require.Equal(t, row["score"], Points(g.Score()), row["indicator"])
	}
}

// Execution is shown against the adjusted budget and against the first one.
func TestFutianHasTwoExecutions(t *testing.T) {
	for _, row := range published(t, "futian-2021.csv") {
		yuan := func(name string) relief.Fen { return relief.Fen(whole(t, row[name]) * 1_000_000) }
		tranche := fund.Tranche{
			TrancheTerms: fund.TrancheTerms{ID: "futian", Programme: "dibao", Region: "440304", FiscalYear: 2021},
			Balances:     fund.Balances{Issued: yuan("issued"), TakenBack: yuan("taken_back"), Paid: yuan("paid")},
		}
		value, err := json.Marshal(tranche)
		require.NoError(t, err)
		facts, err := Facts(relief.KindTranche, value, nil, &World{Calendar: &relief.DefaultCalendar})
		require.NoError(t, err)
		q := Question{Programme: "dibao", Region: "4403", Period: span(t, "2021")}
		r := NewReport(q, Moment{Today: "2022-03-01"}, q.Counted(facts, "2022-03-01"), nil)
		require.Equal(t, row["against_adjusted"], value1(t, &r, BudgetExecution).Shown)
		require.Equal(t, row["against_first"], value1(t, &r, BudgetExecutionFirst).Shown)
	}
}

func TestWeightsThatDoNotAddUpAreRefused(t *testing.T) {
	for _, row := range published(t, "chengan-2020.csv") {
		w := programme.Weights{
			Execution: int(whole(t, row["execution"])), Output: int(whole(t, row["output"])),
			Benefit: int(whole(t, row["benefit"])), Satisfaction: int(whole(t, row["satisfaction"])),
		}
		err := w.Check()
		require.Equal(t, row["accepted"] == "yes", err == nil, "%v", err)
	}
}
