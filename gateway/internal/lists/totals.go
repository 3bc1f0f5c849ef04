package lists

import (
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

// Totals are payments added up by some dimensions, which are the first columns.
func Totals(by []index.Dimension) *table.Table[index.TotalsGroup] {
	var columns []table.Column[index.TotalsGroup]
	for _, dimension := range by {
		value := func(g *index.TotalsGroup) string { return g.Value(dimension) }
		switch dimension {
		case index.ByKind:
			columns = append(columns, table.Word(string(dimension), paymentKinds, value))
		case index.ByState:
			columns = append(columns, table.Word(string(dimension), paymentStates, value))
		default:
			columns = append(columns, table.Text(string(dimension), value))
		}
	}
	return table.New(append(columns,
		table.Integer("count", func(g *index.TotalsGroup) int64 { return g.Count }),
		table.Amount("amount", func(g *index.TotalsGroup) relief.Fen { return g.Amount }),
		table.Amount("deducted", func(g *index.TotalsGroup) relief.Fen { return g.Deducted }),
		table.Amount("transferred", func(g *index.TotalsGroup) relief.Fen { return g.Transferred }),
	)...)
}
