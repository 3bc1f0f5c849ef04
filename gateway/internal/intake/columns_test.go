package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/intake"
)

// What is said of the columns is true: a file that is written by it is taken, with English and with Chinese headers, and without any one
// required column it is not.
func TestAFileWrittenByTheColumnsIsTaken(t *testing.T) {
	for _, kind := range intake.Kinds {
		columns := intake.Columns(kind)
		require.NotEmpty(t, columns)
		for _, zh := range []bool{false, true} {
			lines, refusals := readAll(t, fileOf(columns, zh, ""), intake.Options{Kind: kind, Today: "2026-11-20"})
			require.Empty(t, refusals, kind)
			require.Len(t, lines, 1, kind)
		}
		for _, c := range columns {
			require.NotEmpty(t, c.What.Zh, c.Name)
			require.NotEmpty(t, c.What.En, c.Name)
			_, err := intake.NewReader(strings.NewReader(string(fileOf(columns, false, c.Name))), intake.Options{Kind: kind, Today: "2026-11-20"})
			require.Equal(t, c.Required, err != nil, "%s without %s", kind, c.Name)
		}
	}
	require.Nil(t, intake.Columns(intake.KindCases))
}

// Each word for a result is taken, with or without a reason as it needs one.
func TestResultsAreTaken(t *testing.T) {
	for i, word := range intake.Results() {
		columns := intake.Columns(intake.KindSettlements)
		for j := range columns {
			switch {
			case columns[j].Name == "result":
				columns[j].Example = word
			case columns[j].Name == "reason" && i < 3:
				columns[j].Example = ""
			}
		}
		lines, refusals := readAll(t, fileOf(columns, false, ""), intake.Options{Kind: intake.KindSettlements, Today: "2026-11-20"})
		require.Empty(t, refusals, word)
		require.Len(t, lines, 1, word)
	}
}

func fileOf(columns []intake.Column, zh bool, without string) []byte {
	var header, row []string
	for _, c := range columns {
		if c.Name == without {
			continue
		}
		name := c.Name
		if zh {
			name = c.Zh
		}
		header, row = append(header, name), append(row, c.Example)
	}
	return []byte(strings.Join(header, ",") + "\n" + strings.Join(row, ",") + "\n")
}
