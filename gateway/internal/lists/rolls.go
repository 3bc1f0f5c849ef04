package lists

import (
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

var rollEntry = []table.Column[index.RollEntry]{
	table.Text("programme", func(e *index.RollEntry) relief.ProgrammeID { return e.Programme }),
	table.Text("county", func(e *index.RollEntry) relief.Region { return e.County }),
	table.Integer("number", func(e *index.RollEntry) uint32 { return e.Number }),
	table.Text("subject", func(e *index.RollEntry) string { return e.Subject.String() }),
	table.Text("region", func(e *index.RollEntry) relief.Region { return e.Region }),
	table.Text("class", func(e *index.RollEntry) string { return e.Class }),
	table.Integer("persons", func(e *index.RollEntry) uint8 { return e.Persons }),
	table.Amount("amount", func(e *index.RollEntry) relief.Fen { return e.Amount }),
	table.Period("from", func(e *index.RollEntry) relief.Period { return e.From }),
	table.Period("until", func(e *index.RollEntry) relief.Period { return e.Until }),
	table.Period("paid_through", func(e *index.RollEntry) relief.Period { return e.PaidTill }),
	table.Word("state", rollStates, func(e *index.RollEntry) roll.State { return e.State }),
	table.Word("exit_reason", exitReasons, func(e *index.RollEntry) roll.ExitReason { return e.ExitReason }),
	table.Day("died_on", func(e *index.RollEntry) relief.Day { return e.DiedOn }),
	table.Text("case", func(e *index.RollEntry) relief.CaseID { return e.Case }),
	table.Word("residence", Residences, func(e *index.RollEntry) relief.Residence { return e.Residence }),
}

// RollEntries are entries of rolls, without names.
var RollEntries = table.New(rollEntry...)

// RollPerson is an entry of a roll with who the person is. The words are absent of those whose details were erased.
type RollPerson struct {
	index.RollEntry
	Name        string `json:"name,omitempty"`
	IDNumber    string `json:"id_number,omitempty"`
	Account     string `json:"account,omitempty"`
	Bank        string `json:"bank,omitempty"`
	Phone       string `json:"phone,omitempty"`
	HouseholdNo string `json:"household_no,omitempty"`
}

// RollPeople are entries of rolls with names and accounts: personal data.
var RollPeople = table.New(slices.Concat(
	table.Inside(func(p *RollPerson) *index.RollEntry { return &p.RollEntry }, rollEntry...),
	[]table.Column[RollPerson]{
		table.Text("name", func(p *RollPerson) string { return p.Name }),
		table.Text("id_number", func(p *RollPerson) string { return p.IDNumber }),
		table.Text("account", func(p *RollPerson) string { return p.Account }),
		table.Text("bank", func(p *RollPerson) string { return p.Bank }),
		table.Text("phone", func(p *RollPerson) string { return p.Phone }),
		table.Text("household_no", func(p *RollPerson) string { return p.HouseholdNo }),
	})...)

// Overpayments are what people were paid too much.
var Overpayments = table.New(
	table.Text("id", func(o *api.Overpayment) relief.OverpaymentID { return o.ID }),
	table.Text("programme", func(o *api.Overpayment) relief.ProgrammeID { return o.Programme }),
	table.Text("region", func(o *api.Overpayment) relief.Region { return o.Region }),
	table.Text("subject", func(o *api.Overpayment) string { return o.Subject.String() }),
	table.Word("state", states, func(o *api.Overpayment) api.OverpaymentState { return o.State }),
	table.Day("opened_on", func(o *api.Overpayment) relief.Day { return o.OpenedOn }),
	table.Integer("days", func(o *api.Overpayment) int { return o.Days }),
	table.Amount("excess", func(o *api.Overpayment) relief.Fen { return o.Excess }),
	table.Amount("recovered", func(o *api.Overpayment) relief.Fen { return o.Recovered }),
	table.Amount("deducted", func(o *api.Overpayment) relief.Fen { return o.Deducted }),
	table.Amount("written_off", func(o *api.Overpayment) relief.Fen { return o.WrittenOff }),
	table.Amount("outstanding", func(o *api.Overpayment) relief.Fen { return o.Outstanding }),
)

// Changes are changes of roll entries.
var Changes = table.Records(
	table.Text("id", func(c *roll.Change) relief.ChangeID { return c.ID }),
	table.Word("kind", changeKinds, func(c *roll.Change) roll.ChangeKind { return c.Kind }),
	table.Word("state", states, func(c *roll.Change) roll.ChangeState { return c.State }),
	table.Text("programme", func(c *roll.Change) relief.ProgrammeID { return c.Programme }),
	table.Text("county", func(c *roll.Change) relief.Region { return c.County }),
	table.Text("region", func(c *roll.Change) relief.Region { return c.Region }),
	table.Integer("number", func(c *roll.Change) uint32 { return c.Number }),
	table.Text("subject", func(c *roll.Change) string { return c.Subject.String() }),
	table.Word("reason", exitReasons, func(c *roll.Change) string { return c.Reason }),
	table.Day("died_on", func(c *roll.Change) relief.Day { return c.DiedOn }),
	table.Period("last_period", func(c *roll.Change) relief.Period { return c.LastPeriod }),
	table.Period("from", func(c *roll.Change) relief.Period { return c.From }),
	table.Text("class", func(c *roll.Change) string { return c.Class }),
	table.Integer("persons", func(c *roll.Change) uint8 { return c.Persons }),
	table.Amount("amount", func(c *roll.Change) relief.Fen { return c.Amount }),
	table.Word("residence", Residences, func(c *roll.Change) relief.Residence { return c.Residence }),
	table.Text("refusal", func(c *roll.Change) string { return c.Refusal }),
	table.Text("last_by", func(c *roll.Change) string { return lastAct(c.Acts) }),
)

// Imports are imports of rolls.
var Imports = table.Records(
	table.Text("id", func(p *roll.ImportProposal) relief.ImportID { return p.ID }),
	table.Text("programme", func(p *roll.ImportProposal) relief.ProgrammeID { return p.Programme }),
	table.Text("county", func(p *roll.ImportProposal) relief.Region { return p.County }),
	table.Period("from", func(p *roll.ImportProposal) relief.Period { return p.From }),
	table.Word("state", states, func(p *roll.ImportProposal) roll.ImportState { return p.State }),
	table.Integer("count", func(p *roll.ImportProposal) int { return p.Count }),
	table.Amount("sum", func(p *roll.ImportProposal) relief.Fen { return p.Sum }),
	table.Integer("new", func(p *roll.ImportProposal) int { return p.New }),
	table.Integer("changed", func(p *roll.ImportProposal) int { return p.Changed }),
	table.Integer("same", func(p *roll.ImportProposal) int { return p.Same }),
	table.Integer("missing", func(p *roll.ImportProposal) int { return p.Missing }),
	table.Integer("refused", func(p *roll.ImportProposal) int { return p.Refused }),
	table.Text("reason", func(p *roll.ImportProposal) string { return p.Reason }),
	table.Text("last_by", func(p *roll.ImportProposal) string { return lastAct(p.Acts) }),
)

// Rerates are re-rates of rolls.
var Rerates = table.Records(
	table.Text("id", func(p *roll.RerateProposal) relief.RerateID { return p.ID }),
	table.Text("programme", func(p *roll.RerateProposal) relief.ProgrammeID { return p.Programme }),
	table.Text("county", func(p *roll.RerateProposal) relief.Region { return p.County }),
	table.Integer("version", func(p *roll.RerateProposal) int { return p.Version }),
	table.Period("from", func(p *roll.RerateProposal) relief.Period { return p.From }),
	table.Text("document", func(p *roll.RerateProposal) string { return p.Document }),
	table.Word("state", states, func(p *roll.RerateProposal) roll.RerateState { return p.State }),
	table.Integer("changed", func(p *roll.RerateProposal) int { return p.Changed }),
	table.Integer("behind", func(p *roll.RerateProposal) int { return p.Behind }),
	table.Amount("more", func(p *roll.RerateProposal) relief.Fen { return p.More }),
	table.Text("reason", func(p *roll.RerateProposal) string { return p.Reason }),
	table.Text("last_by", func(p *roll.RerateProposal) string { return lastAct(p.Acts) }),
)

// Cases are cases.
var Cases = table.Records(
	table.Text("id", func(c *casework.Case) relief.CaseID { return c.ID }),
	table.Text("programme", func(c *casework.Case) relief.ProgrammeID { return c.Programme }),
	table.Text("region", func(c *casework.Case) relief.Region { return c.Region }),
	table.Word("state", caseStates, func(c *casework.Case) casework.CaseState { return c.State }),
	table.Text("subject", headOf),
	table.Integer("members", func(c *casework.Case) int { return len(c.Members) }),
	table.Text("class", func(c *casework.Case) string { return c.Terms.Class }),
	table.Amount("amount", func(c *casework.Case) relief.Fen { return c.Terms.Amount }),
	table.Day("due", func(c *casework.Case) relief.Day { return c.Due }),
	table.Day("recheck_on", func(c *casework.Case) relief.Day { return c.RecheckOn }),
	table.Word("exit_reason", exitReasons, func(c *casework.Case) string { return string(ended(c).Reason) }),
	table.Day("died_on", func(c *casework.Case) relief.Day { return ended(c).On }),
	table.Period("last_period", func(c *casework.Case) relief.Period { return ended(c).LastPeriod }),
	table.Text("last_by", func(c *casework.Case) string { return lastAct(c.Acts) }),
)

func headOf(c *casework.Case) string {
	if len(c.Members) == 0 {
		return ""
	}
	return c.Members[0].String()
}

func ended(c *casework.Case) casework.Ending {
	if c.Ended == nil {
		return casework.Ending{}
	}
	return *c.Ended
}

// Claims are the live cases that a person is in.
var Claims = table.New(
	table.Text("case", func(c *casework.Claim) relief.CaseID { return c.Case }),
	table.Text("programme", func(c *casework.Claim) relief.ProgrammeID { return c.Programme }),
	table.Text("county", func(c *casework.Claim) relief.Region { return c.County }),
	table.Period("until", func(c *casework.Claim) relief.Period { return c.Until }),
	table.Integer("number", func(c *casework.Claim) uint32 { return c.Number }),
)

// Needs are needs that departments' data show.
var Needs = table.Records(
	table.Text("id", func(n *casework.Need) relief.NeedID { return n.ID }),
	table.Text("subject", func(n *casework.Need) string { return n.Subject.String() }),
	table.Text("region", func(n *casework.Need) relief.Region { return n.Region }),
	table.Text("programme", func(n *casework.Need) relief.ProgrammeID { return n.Programme }),
	table.Text("source", func(n *casework.Need) relief.DepartmentID { return n.Source }),
	table.Word("state", states, func(n *casework.Need) casework.NeedState { return n.State }),
	table.Text("case", func(n *casework.Need) relief.CaseID { return n.Case }),
	table.Text("reason", func(n *casework.Need) string { return n.Reason }),
	table.Text("last_by", func(n *casework.Need) string { return lastAct(n.Acts) }),
)
