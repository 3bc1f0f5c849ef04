package lists

import (
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/gateway/internal/table"
)

var drawStates = map[string]string{"planned": "待承诺", "committed": "已承诺", "framed": "已固定抽样框", "sealed": "已密封", "seeded": "待抽取", "drawn": "已抽取", "finished": "已结束", "void": "作废"}

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

var (
	visitStates  = map[string]string{"recorded": "待同行人员确认", "returned": "已退回", "confirmed": "已确认"}
	visitResults = map[string]string{"met": "见到", "absent": "无人在家", "moved": "已搬离", "deceased": "已去世", "refused": "拒绝"}
	received     = map[string]string{"all": "全部收到", "part": "部分收到", "none": "未收到"}
	standings    = map[string]string{"as_recorded": "与记录一致", "changed": "有变化"}
)

// Visits are the visits of a draw.
var Visits = table.Records(
	table.Integer("place", func(v *draw.Visit) int { return v.Unit }),
	table.Text("leaf_hash", func(v *draw.Visit) string { return v.Leaf.String() }),
	table.Word("state", visitStates, func(v *draw.Visit) draw.VisitState { return v.State }),
	table.Day("made_on", func(v *draw.Visit) relief.Day { return v.MadeOn }),
	table.Word("result", visitResults, func(v *draw.Visit) draw.VisitResult { return v.Result }),
	table.Word("received", received, func(v *draw.Visit) draw.Received { return v.Received }),
	table.Word("situation", standings, func(v *draw.Visit) draw.Standing { return v.Standing }),
	table.Integer("pictures", func(v *draw.Visit) int { return len(v.Pictures) }),
	table.Text("with", func(v *draw.Visit) string { return v.With.Name }),
	table.Text("last_by", func(v *draw.Visit) string { return lastAct(v.Acts) }),
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
