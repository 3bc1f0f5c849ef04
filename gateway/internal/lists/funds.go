package lists

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/internal/table"
)

var balances = []table.Column[fund.Balances]{
	table.Amount("issued", func(b *fund.Balances) relief.Fen { return b.Issued }),
	table.Amount("topped_up", func(b *fund.Balances) relief.Fen { return b.ToppedUp }),
	table.Amount("recovered", func(b *fund.Balances) relief.Fen { return b.Recovered }),
	table.Amount("allocated", func(b *fund.Balances) relief.Fen { return b.Allocated }),
	table.Amount("reserved", func(b *fund.Balances) relief.Fen { return b.Reserved }),
	table.Amount("paid", func(b *fund.Balances) relief.Fen { return b.Paid }),
	table.Amount("in_return", func(b *fund.Balances) relief.Fen { return b.InReturn }),
	table.Amount("refunded", func(b *fund.Balances) relief.Fen { return b.Refunded }),
	table.Amount("taken_back", func(b *fund.Balances) relief.Fen { return b.TakenBack }),
	table.Amount("carried_over", func(b *fund.Balances) relief.Fen { return b.CarriedOver }),
	table.Amount("available", func(b *fund.Balances) relief.Fen { return b.Available }),
}

// Tranches are tranches with their balances.
var Tranches = table.Records(append([]table.Column[fund.Tranche]{
	table.Text("id", func(t *fund.Tranche) relief.TrancheID { return t.ID }),
	table.Text("parent", func(t *fund.Tranche) relief.TrancheID { return t.Parent }),
	table.Text("programmes", func(t *fund.Tranche) string { return joined(t.Pool()) }),
	table.Text("region", func(t *fund.Tranche) relief.Region { return t.Region }),
	table.Word("origin", origins, func(t *fund.Tranche) fund.Origin { return t.Origin }),
	table.Text("source", func(t *fund.Tranche) string { return t.Source }),
	table.Integer("fiscal_year", func(t *fund.Tranche) int { return t.FiscalYear }),
	table.Text("account", func(t *fund.Tranche) string { return t.Account }),
	table.Word("state", states, func(t *fund.Tranche) fund.State { return t.State }),
	table.Text("carried_to", func(t *fund.Tranche) relief.TrancheID { return t.CarriedTo }),
}, table.Inside(func(t *fund.Tranche) *fund.Balances { return &t.Balances }, balances...)...)...)

// Branch is a tranche with the tranches below it.
type Branch struct {
	ID         relief.TrancheID     `json:"id"`
	Programmes []relief.ProgrammeID `json:"programmes"`
	Region     relief.Region        `json:"region"`
	Origin     fund.Origin          `json:"origin,omitempty"`
	FiscalYear int                  `json:"fiscal_year"`
	Account    string               `json:"account"`
	State      fund.State           `json:"state"`
	CarriedTo  relief.TrancheID     `json:"carried_to,omitempty"`
	Balances   fund.Balances        `json:"balances"`
	Sum        TreeSum              `json:"sum"`
	Children   []*Branch            `json:"children"` // in the order of their ids
}

// TreeSum is where the money of a tranche and of all below it is.
type TreeSum struct {
	Recovered   relief.Fen `json:"recovered"`
	Reserved    relief.Fen `json:"reserved"`
	Paid        relief.Fen `json:"paid"`
	InReturn    relief.Fen `json:"in_return"`
	Refunded    relief.Fen `json:"refunded"`
	CarriedOver relief.Fen `json:"carried_over"`
	Available   relief.Fen `json:"available"`
}

// Add adds the sums of a tranche below.
func (s *TreeSum) Add(o *TreeSum) {
	s.Recovered += o.Recovered
	s.Reserved += o.Reserved
	s.Paid += o.Paid
	s.InReturn += o.InReturn
	s.Refunded += o.Refunded
	s.CarriedOver += o.CarriedOver
	s.Available += o.Available
}

// TreeRow is a tranche of a tree in a list.
type TreeRow struct {
	Level  int              `json:"level"` // 0: the tranche that was asked for
	Parent relief.TrancheID `json:"parent,omitempty"`
	*Branch
	Children []*Branch `json:"children,omitempty"` // has no place in a list: they have rows of their own
}

// Rows are the tranches of a tree, each after the one above it.
func (b *Branch) Rows() []TreeRow { return b.rows(nil, 0, "") }

func (b *Branch) rows(out []TreeRow, level int, parent relief.TrancheID) []TreeRow {
	out = append(out, TreeRow{Level: level, Parent: parent, Branch: b})
	for _, child := range b.Children {
		out = child.rows(out, level+1, b.ID)
	}
	return out
}

// TrancheTree is the list of a tree's tranches.
var TrancheTree = table.New(append(append([]table.Column[TreeRow]{
	table.Integer("level", func(r *TreeRow) int { return r.Level }),
	table.Text("id", func(r *TreeRow) relief.TrancheID { return r.ID }),
	table.Text("parent", func(r *TreeRow) relief.TrancheID { return r.Parent }),
	table.Text("programmes", func(r *TreeRow) string { return joined(r.Programmes) }),
	table.Text("region", func(r *TreeRow) relief.Region { return r.Region }),
	table.Word("origin", origins, func(r *TreeRow) fund.Origin { return r.Origin }),
	table.Integer("fiscal_year", func(r *TreeRow) int { return r.FiscalYear }),
	table.Text("account", func(r *TreeRow) string { return r.Account }),
	table.Word("state", states, func(r *TreeRow) fund.State { return r.State }),
	table.Text("carried_to", func(r *TreeRow) relief.TrancheID { return r.CarriedTo }),
}, table.Inside(func(r *TreeRow) *fund.Balances { return &r.Balances }, balances...)...),
	table.Amount("sum_recovered", func(r *TreeRow) relief.Fen { return r.Sum.Recovered }),
	table.Amount("sum_reserved", func(r *TreeRow) relief.Fen { return r.Sum.Reserved }),
	table.Amount("sum_paid", func(r *TreeRow) relief.Fen { return r.Sum.Paid }),
	table.Amount("sum_in_return", func(r *TreeRow) relief.Fen { return r.Sum.InReturn }),
	table.Amount("sum_refunded", func(r *TreeRow) relief.Fen { return r.Sum.Refunded }),
	table.Amount("sum_carried_over", func(r *TreeRow) relief.Fen { return r.Sum.CarriedOver }),
	table.Amount("sum_available", func(r *TreeRow) relief.Fen { return r.Sum.Available }),
)...)

// YearEnds are the year's ends that were signed.
var YearEnds = table.Records(
	table.Text("id", func(y *fund.YearEnd) relief.YearEndID { return y.ID }),
	table.Integer("fiscal_year", func(y *fund.YearEnd) int { return y.FiscalYear }),
	table.Text("county", func(y *fund.YearEnd) relief.Region { return y.County }),
	table.Word("state", states, func(y *fund.YearEnd) fund.YearEndState { return y.State }),
	table.Amount("reserved", func(y *fund.YearEnd) relief.Fen { return y.Reserved }),
	table.Amount("in_return", func(y *fund.YearEnd) relief.Fen { return y.InReturn }),
	table.Amount("available", func(y *fund.YearEnd) relief.Fen { return y.Available }),
	table.Amount("outstanding", func(y *fund.YearEnd) relief.Fen { return y.Outstanding }),
	table.Text("sha256", func(y *fund.YearEnd) string { return y.SHA256 }),
)

// YearEndRow is a line of a year's end: a tranche, or an open overpayment.
type YearEndRow struct {
	Kind string `json:"kind"` // tranche, overpayment
	fund.YearEndTranche
	Outstanding *relief.Fen `json:"outstanding,omitempty"` // of an overpayment
	SHA256      string      `json:"sha256"`
}

// YearEndRows are the lines of a year's end.
func YearEndRows(y *api.YearEnd) []YearEndRow {
	var rows []YearEndRow
	for i := range y.Tranches {
		rows = append(rows, YearEndRow{Kind: "tranche", YearEndTranche: y.Tranches[i], SHA256: y.SHA256})
	}
	for i := range y.Overpayments {
		o := &y.Overpayments[i]
		rows = append(rows, YearEndRow{
			Kind: "overpayment", YearEndTranche: fund.YearEndTranche{ID: relief.TrancheID(o.ID)}, Outstanding: &o.Outstanding, SHA256: y.SHA256,
		})
	}
	return rows
}

// YearEnd is the list of a year's end.
var YearEnd = table.New(append(append([]table.Column[YearEndRow]{
	table.Word("kind", map[string]string{"tranche": "资金", "overpayment": "多发款"}, func(r *YearEndRow) string { return r.Kind }),
	table.Text("id", func(r *YearEndRow) relief.TrancheID { return r.ID }),
	table.Text("programmes", func(r *YearEndRow) string { return joined(r.Programmes) }),
	table.Text("region", func(r *YearEndRow) relief.Region { return r.Region }),
	table.Word("origin", origins, func(r *YearEndRow) fund.Origin { return r.Origin }),
	table.Text("parent", func(r *YearEndRow) relief.TrancheID { return r.Parent }),
	table.Word("state", states, func(r *YearEndRow) fund.State { return r.State }),
	table.Text("carried_to", func(r *YearEndRow) relief.TrancheID { return r.CarriedTo }),
}, ifTranche(balances)...),
	table.AmountIfAny("outstanding", func(r *YearEndRow) *relief.Fen { return r.Outstanding }),
	table.Text("sha256", func(r *YearEndRow) string { return r.SHA256 }),
)...)

// ifTranche are the balances of a line that is a tranche.
func ifTranche(columns []table.Column[fund.Balances]) []table.Column[YearEndRow] {
	return table.InsideIfAny(func(r *YearEndRow) *fund.Balances {
		if r.Outstanding != nil {
			return nil
		}
		return &r.Balances
	}, columns...)
}

// AccountStatements are the bank's statements of dedicated accounts.
var AccountStatements = table.Records(
	table.Text("id", func(s *statement.Statement) relief.StatementID { return s.ID }),
	table.Text("account", func(s *statement.Statement) string { return s.Account }),
	table.Text("region", func(s *statement.Statement) relief.Region { return s.Region }),
	table.Text("bank_id", func(s *statement.Statement) string { return s.BankID }),
	table.Day("day", func(s *statement.Statement) relief.Day { return s.Day }),
	table.Balance("opening", func(s *statement.Statement) relief.Balance { return s.Opening }),
	table.Balance("closing", func(s *statement.Statement) relief.Balance { return s.Closing }),
	table.Word("state", states, func(s *statement.Statement) statement.State { return s.State }),
	table.Text("sha256", func(s *statement.Statement) string { return s.SHA256 }),
	table.Text("last_by", func(s *statement.Statement) string { return lastAct(s.Acts) }),
)

// BudgetRow is what a batch transfers under one budget code.
type BudgetRow struct {
	Residence  relief.Residence `json:"residence,omitempty"`
	Tranche    relief.TrancheID `json:"tranche"`
	Functional string           `json:"functional"`
	Economic   string           `json:"economic"`
	Count      int              `json:"count"`
	Amount     *relief.Fen      `json:"amount,omitempty"`
	Credited   *relief.Fen      `json:"credited,omitempty"`
}

// BatchBudget is a batch by budget codes.
var BatchBudget = table.New(
	table.Word("residence", Residences, func(r *BudgetRow) relief.Residence { return r.Residence }),
	table.Text("tranche", func(r *BudgetRow) relief.TrancheID { return r.Tranche }),
	table.Text("functional", func(r *BudgetRow) string { return r.Functional }),
	table.Text("economic", func(r *BudgetRow) string { return r.Economic }),
	table.Integer("count", func(r *BudgetRow) int { return r.Count }),
	table.AmountIfAny("amount", func(r *BudgetRow) *relief.Fen { return r.Amount }),
	table.AmountIfAny("credited", func(r *BudgetRow) *relief.Fen { return r.Credited }),
)

// Reversals are reversals of the bank's answers, proposed and decided.
var Reversals = table.Records(
	table.Text("id", func(r *reversal.Reversal) relief.ReversalID { return r.ID }),
	table.Text("batch", func(r *reversal.Reversal) relief.BatchID { return r.Batch }),
	table.Text("region", func(r *reversal.Reversal) relief.Region { return r.Region }),
	table.Word("state", states, func(r *reversal.Reversal) reversal.State { return r.State }),
	table.Integer("count", func(r *reversal.Reversal) int { return len(r.Items) }),
	table.Text("refusal", func(r *reversal.Reversal) string { return r.Refusal }),
	table.Text("sha256", func(r *reversal.Reversal) string { return r.SHA256 }),
	table.Text("last_by", func(r *reversal.Reversal) string { return lastAct(r.Acts) }),
)
