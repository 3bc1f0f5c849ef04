package lists

import (
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/gateway/internal/table"
)

var drawStates = map[string]string{"planned": "待承诺", "committed": "已承诺", "framed": "已固定抽样框", "sealed": "已密封", "seeded": "待抽取", "drawn": "已抽取", "void": "作废"}

// Draws are the draws, from their plans on.
var Draws = table.Records(
	table.Text("id", func(p *draw.Plan) relief.PlanID { return p.ID }),
	table.Text("purpose", func(p *draw.Plan) draw.Purpose { return p.Purpose }),
	table.Text("county", func(p *draw.Plan) relief.Region { return p.County }),
	table.Word("state", drawStates, func(p *draw.Plan) draw.State { return p.State }),
	table.Integer("size", func(p *draw.Plan) int { return p.Size }),
	table.Integer("frame_units", func(p *draw.Plan) int {
		if p.Frame == nil {
			return 0
		}
		return p.Frame.Size
	}),
	table.Text("withheld", func(p *draw.Plan) string {
		var names []string
		for i := range p.Nonces {
			if p.Nonces[i].Withheld {
				names = append(names, p.Nonces[i].Agency)
			}
		}
		return strings.Join(names, " ")
	}),
	table.Text("draw_seed", func(p *draw.Plan) string {
		if p.Seed.IsZero() {
			return ""
		}
		return p.Seed.String()
	}),
	table.Text("last_by", func(p *draw.Plan) string { return lastAct(p.Acts) }),
)

// DrawnUnits are the units that were drawn.
var DrawnUnits = table.New(
	table.Integer("stratum", func(u *draw.DrawnUnit) int { return u.Stratum }),
	table.Integer("rank", func(u *draw.DrawnUnit) int { return u.Rank }),
	table.Flag("reserve", func(u *draw.DrawnUnit) bool { return u.Reserve }),
	table.Text("programme", func(u *draw.DrawnUnit) relief.ProgrammeID { return u.Programme }),
	table.Period("period", func(u *draw.DrawnUnit) relief.Period { return u.Period }),
	table.Integer("roll_number", func(u *draw.DrawnUnit) int { return int(u.Number) }),
	table.Text("leaf_hash", func(u *draw.DrawnUnit) string { return u.Leaf.String() }),
	table.Text("inspectors", func(u *draw.DrawnUnit) string {
		names := make([]string, len(u.Inspectors))
		for i := range names {
			names[i] = u.Inspectors[i].Name
		}
		return strings.Join(names, " ")
	}),
)

// FrameUnit is a unit that a draw is made from.
type FrameUnit struct {
	Leaf draw.Hash `json:"leaf"`
	draw.MonthName
	Number uint32 `json:"number"`
}

// Frame are the units of a stratum.
var Frame = table.New(
	table.Text("leaf_hash", func(u *FrameUnit) string { return u.Leaf.String() }),
	table.Text("programme", func(u *FrameUnit) relief.ProgrammeID { return u.Programme }),
	table.Period("period", func(u *FrameUnit) relief.Period { return u.Period }),
	table.Integer("roll_number", func(u *FrameUnit) int { return int(u.Number) }),
)
