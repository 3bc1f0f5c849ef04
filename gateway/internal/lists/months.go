package lists

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

var monthFacts = []table.Column[oversight.Facts]{
	table.Integer("due_payments", func(f *oversight.Facts) int { return f.Due }),
	table.Amount("due_sum", func(f *oversight.Facts) relief.Fen { return f.DueSum }),
	table.Integer("on_time", func(f *oversight.Facts) int { return f.OnTime }),
	table.Amount("on_time_sum", func(f *oversight.Facts) relief.Fen { return f.OnTimeSum }),
	table.Integer("late_5", func(f *oversight.Facts) int { return f.Late5 }),
	table.Integer("late_10", func(f *oversight.Facts) int { return f.Late10 }),
	table.Integer("late_30", func(f *oversight.Facts) int { return f.Late30 }),
	table.Integer("late_more", func(f *oversight.Facts) int { return f.Later }),
	table.Amount("paid_sum", func(f *oversight.Facts) relief.Fen { return f.PaidSum }),
	table.Integer("unpaid", func(f *oversight.Facts) int { return f.Unpaid }),
	table.Integer("returned_open", func(f *oversight.Facts) int { return f.Returned }),
	table.Integer("paid_again", func(f *oversight.Facts) int { return f.PaidAgain }),
	table.Integer("rows", func(f *oversight.Facts) int { return f.Rows }),
	table.Amount("sum", func(f *oversight.Facts) relief.Fen { return f.Sum }),
	table.Amount("deducted", func(f *oversight.Facts) relief.Fen { return f.Deducted }),
	table.Integer("households", func(f *oversight.Facts) int { return f.Households }),
	table.Integer("persons", func(f *oversight.Facts) int { return f.Persons }),
	table.Integer("entered", func(f *oversight.Facts) int { return f.Entered }),
	table.Integer("left", func(f *oversight.Facts) int { return f.Left }),
	table.Integer("suspended", func(f *oversight.Facts) int { return f.Suspended }),
	table.Integer("deaths", func(f *oversight.Facts) int { return f.Deaths }),
}

// Months are the last versions of closed months.
var Months = table.New(append([]table.Column[index.MonthSummary]{
	table.Text("programme", func(m *index.MonthSummary) relief.ProgrammeID { return m.Programme }),
	table.Text("county", func(m *index.MonthSummary) relief.Region { return m.County }),
	table.Period("period", func(m *index.MonthSummary) relief.Period { return m.Period }),
	table.Integer("version", func(m *index.MonthSummary) int { return m.Version }),
	table.Day("closed_on", func(m *index.MonthSummary) relief.Day { return m.ClosedOn }),
	table.Day("pay_by", func(m *index.MonthSummary) relief.Day { return m.PayBy }),
	table.Integer("villages", func(m *index.MonthSummary) int { return m.Villages }),
}, table.Inside(func(m *index.MonthSummary) *oversight.Facts { return &m.Facts }, monthFacts...)...)...)

// MonthVillages are the villages of a closed month.
var MonthVillages = table.New(
	table.Text("region", func(v *oversight.Village) relief.Region { return v.Code }),
	table.Integer("rows", func(v *oversight.Village) int { return v.Rows }),
	table.Integer("households", func(v *oversight.Village) int { return v.Households }),
	table.Integer("persons", func(v *oversight.Village) int { return v.Persons }),
	table.Amount("sum", func(v *oversight.Village) relief.Fen { return v.Sum }),
	table.Amount("deducted", func(v *oversight.Village) relief.Fen { return v.Deducted }),
	table.Text("root", func(v *oversight.Village) string { return v.Root }),
)

// MonthRow is a row of a village with its leaf hash and the inclusion path that leads to the village's root.
type MonthRow struct {
	Row  oversight.Row `json:"row"`
	Hash string        `json:"hash"`
	Path []string      `json:"path"` // from the leaf up
}

// MonthRows are the rows of a village.
var MonthRows = table.New(
	table.Period("period", func(r *MonthRow) relief.Period { return r.Row.Period }),
	table.Word("kind", paymentKinds, func(r *MonthRow) string { return r.Row.Kind.String() }),
	table.Text("class", func(r *MonthRow) string { return r.Row.Class }),
	table.Integer("persons", func(r *MonthRow) uint8 { return r.Row.Persons }),
	table.Amount("amount", func(r *MonthRow) relief.Fen { return r.Row.Amount }),
	table.Amount("deducted", func(r *MonthRow) relief.Fen { return r.Row.Deducted }),
	table.Day("credited_on", func(r *MonthRow) relief.Day { return r.Row.PaidOn }),
	table.Text("leaf_hash", func(r *MonthRow) string { return r.Row.Leaf }),
	table.Text("row_hash", func(r *MonthRow) string { return r.Hash }),
)

// Publications are the published lists of closed months.
var Publications = table.Records(
	table.Text("programme", func(p *oversight.Publication) relief.ProgrammeID { return p.Programme }),
	table.Text("county", func(p *oversight.Publication) relief.Region { return p.County }),
	table.Period("period", func(p *oversight.Publication) relief.Period { return p.Period }),
	table.Word("state", listStates, func(p *oversight.Publication) oversight.PublicationState { return p.State }),
	table.Day("publish_by", func(p *oversight.Publication) relief.Day { return p.Due }),
	table.Day("first_shown", func(p *oversight.Publication) relief.Day { return p.First }),
	table.Day("shown_until", func(p *oversight.Publication) relief.Day { return shownOf(p).OnlineUntil }),
	table.IntegerIfAny("version", func(p *oversight.Publication) *int {
		if p.Shown == nil {
			return nil
		}
		return &p.Shown.Version
	}),
	table.Text("proposal_sha256", func(p *oversight.Publication) string { return proposedOf(p).SHA256 }),
	table.Text("last_by", func(p *oversight.Publication) string { return lastAct(p.Acts) }),
)

// shownOf is what of a list is shown, empty for nothing.
func shownOf(p *oversight.Publication) (shown oversight.ShownList) {
	if p.Shown != nil {
		shown = *p.Shown
	}
	return shown
}

// proposedOf is what is proposed about a list, empty for nothing.
func proposedOf(p *oversight.Publication) (proposed oversight.ListChange) {
	if p.Proposed != nil {
		proposed = *p.Proposed
	}
	return proposed
}
