package relief_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/statement"
)

// lifeCycle is one table under its title, with every state that a record of it can have.
type lifeCycle struct {
	title  string
	states []string
	table  []relief.Transition[string]
}

func cycle[S ~string](title string, table []relief.Transition[S], states ...S) lifeCycle {
	c := lifeCycle{title: title}
	for _, s := range states {
		c.states = append(c.states, string(s))
	}
	for _, t := range table {
		c.table = append(c.table, relief.Transition[string]{From: string(t.From), Act: t.Act, To: string(t.To), Why: t.Why})
	}
	return c
}

func lifeCycles() []lifeCycle {
	return []lifeCycle{
		cycle("An official's entry", registry.OfficialTransitions, registry.OfficialActive, registry.OfficialRetired),
		cycle("A programme's version", programme.Transitions,
			programme.VersionDrafted, programme.VersionInForce, programme.VersionSuperseded, programme.VersionEnded),
		cycle("The rate of a period", programme.RateTransitions, programme.RateStates...),
		cycle("A tranche", fund.Transitions, fund.TrancheIssued, fund.TrancheClosed),
		cycle("An adjustment of a tranche", fund.AdjustmentTransitions, fund.AdjustmentStates...),
		cycle("A year's end", fund.YearEndTransitions, fund.YearEndStates...),
		cycle("A case", casework.CaseTransitions, casework.CaseStates...),
		cycle("A newly found need", casework.NeedTransitions, casework.NeedFound, casework.NeedTakenUp, casework.NeedDismissed),
		cycle("The import of a roll", roll.ImportTransitions,
			roll.ImportProposed, roll.ImportConfirmed, roll.ImportRefused, roll.ImportWithdrawn),
		cycle("The re-rate of a roll", roll.RerateTransitions, roll.RerateStates...),
		cycle("A roll entry", roll.Transitions, roll.InForce, roll.Exited),
		cycle("A change of a roll entry", roll.ChangeTransitions, roll.ChangeStates...),
		cycle("A shared account's declaration", roll.AccountTransitions,
			roll.AccountProposed, roll.AccountDeclared, roll.AccountRefused, roll.AccountEnded),
		cycle("An erasure", roll.ErasureTransitions, roll.ErasureStates...),
		cycle("A resealing", reseal.Transitions, reseal.States...),
		cycle("A legal hold", roll.HoldTransitions, roll.HoldStates...),
		cycle("A batch", payment.BatchTransitions, payment.BatchOpen, payment.BatchSealed, payment.BatchApproved,
			payment.BatchAuthorised, payment.BatchInstructed, payment.BatchClosed, payment.BatchCancelled),
		cycle("A payment's slot", payment.LineTransitions,
			payment.LineFree, payment.LineListed, payment.LineCredited, payment.LineReturned, payment.LineReversed, payment.LineGranted),
		cycle("A bank's statement", statement.Transitions, statement.States...),
		cycle("A closed month", oversight.MonthTransitions, oversight.MonthClosed),
		cycle("A published list", oversight.PublicationTransitions, oversight.PublicationNone, oversight.PublicationProposed, oversight.PublicationShown,
			oversight.PublicationChanging, oversight.PublicationDown),
		cycle("A draw", draw.Transitions, draw.States...),
		cycle("A visit of a unit that was drawn", draw.VisitTransitions, append([]draw.VisitState{draw.VisitNone}, draw.VisitStates...)...),
		cycle("A measure that settles an overpayment", overpayment.Transitions, overpayment.States...),
	}
}

// Every act is tried in every state: what a table has leads where it says, all else is WRONG_STATE.
func TestTransitionWalk(t *testing.T) {
	acts := api.Acts()
	for _, c := range lifeCycles() {
		for _, row := range c.table {
			acts = append(acts, row.Act)
		}
	}
	slices.Sort(acts)
	acts = slices.Compact(acts)
	for _, c := range lifeCycles() {
		for _, from := range c.states {
			for _, act := range acts {
				walk(t, c, from, act)
			}
		}
		for _, row := range c.table {
			require.NotEmpty(t, row.Why, "%s: %s %s says why", c.title, row.From, row.Act)
			require.Contains(t, c.states, row.From)
			require.Contains(t, c.states, row.To)
		}
	}
}

func walk(t *testing.T, c lifeCycle, from string, act relief.Act) {
	t.Helper()
	var want []string
	for _, row := range c.table {
		if row.From == from && row.Act == act {
			want = append(want, row.To)
		}
	}
	require.LessOrEqual(t, len(want), 1, "%s: %s %s leads to one state", c.title, from, act)
	to, err := relief.Next(c.table, from, act)
	if len(want) == 1 {
		require.NoError(t, err)
		require.Equal(t, want[0], to)
		return
	}
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState}, "%s: %s %s", c.title, from, act)
}

func TestTransitionsPage(t *testing.T) {
	const page = "../../docs/transitions.md"
	if flag.Lookup("update").Value.String() == "true" {
		require.NoError(t, os.WriteFile(page, []byte(transitionsPage()), 0o600))
	}
	b, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, transitionsPage(), string(b), "go test ./chaincode/relief -run Page -update")
}

// transitionsPage is docs/transitions.md: each life cycle as a table, and as a picture in Mermaid.
func transitionsPage() string {
	var b strings.Builder
	b.WriteString("# Life cycles\n\nPrinted from the transition tables of `chaincode/relief/...`; a test keeps this page true.\n")
	for _, c := range lifeCycles() {
		fmt.Fprintf(&b, "\n## %s\n\n| from | act | to | why |\n|---|---|---|---|\n", c.title)
		for _, t := range c.table {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", t.From, t.Act, t.To, t.Why)
		}
		b.WriteString("\n```mermaid\nstateDiagram-v2\n")
		var drawn []string
		for _, t := range c.table {
			line := fmt.Sprintf("    %s --> %s: %s\n", t.From, t.To, t.Act)
			if !slices.Contains(drawn, line) {
				drawn = append(drawn, line)
				b.WriteString(line)
			}
		}
		b.WriteString("```\n")
	}
	return b.String()
}
