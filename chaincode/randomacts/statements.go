// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/statement"
)

// onStatement records a statement of the bank, says of one what its entries are, withdraws one, or records another in its place.
func (a *Acts) onStatement() []act {
	var s statement.Statement
	if a.rand.IntN(3) == 0 || !a.read(relief.StatementKey(relief.StatementID(a.recent("statement"))), &s) {
		return a.record(statement.Content{BankID: a.next("s"), Number: uint64(a.rand.IntN(3)), Day: relief.Day(a.day(a.rand.IntN(3)))}) //nolint:gosec // small
	}
	switch {
	case s.State == statement.Withdrawn:
		return a.record(s.Content)
	case a.rand.IntN(3) == 0:
		return []act{{financePreparer, "statement:Withdraw", object{"id": s.ID, "reason": "重复"}, nil}}
	case a.rand.IntN(10) == 0:
		return a.record(s.Content) // though nobody has withdrawn it
	}
	of := s.Confirmed
	if s.Proposed != nil {
		of = &s.Proposed.Classification
	}
	if of == nil {
		return nil
	}
	for i := range of.Entries {
		a.classify(&of.Entries[i])
	}
	return []act{a.recordAs(s.Content, *of)}
}

// record records a statement with other content: payments and entries that lead from its opening to its closing balance.
func (a *Acts) record(c statement.Content) []act {
	c.SHA256, c.Opening = a.paper(), a.closing
	of := statement.Classification{Paid: a.transfers(), PaidBack: a.transfers(), Entries: make([]statement.Entry, a.rand.IntN(4))}
	c.Closing = c.Opening - relief.Balance(of.Paid.Sum) + relief.Balance(of.PaidBack.Sum)
	for i := range of.Entries {
		of.Entries[i] = statement.Entry{
			Name: fmt.Sprint("e", i), Amount: relief.Balance(1 + a.rand.IntN(500_00)), BookedOn: c.Day, Ref: fmt.Sprintf("%032x", 200_000+a.rand.IntN(100_000)),
		}
		if a.rand.IntN(3) == 0 {
			of.Entries[i].Amount *= -1
		}
		a.classify(&of.Entries[i])
		c.Closing += of.Entries[i].Amount
	}
	a.closing = c.Closing
	return []act{a.recordAs(c, of)}
}

// transfers are some transfers, or none.
func (a *Acts) transfers() statement.Tally {
	if a.rand.IntN(2) == 0 {
		return statement.Tally{}
	}
	return statement.Tally{Count: 1 + a.rand.IntN(9), Sum: relief.Fen(1 + a.rand.IntN(900_00))}
}

// classify says what an entry is, or that nobody knows.
func (a *Acts) classify(e *statement.Entry) {
	e.Kind, e.Rule = statement.Kinds[a.rand.IntN(len(statement.Kinds))], ""
	switch a.rand.IntN(4) {
	case 0:
		e.Kind = ""
	case 1:
		e.Kind = statement.Recovery
	case 2:
		e.Rule = "利息 v1"
	}
	if e.Kind == statement.Recovery && e.Amount < 0 {
		e.Kind = statement.Fee
	}
}

func (a *Acts) recordAs(c statement.Content, of statement.Classification) act {
	in := object{}
	b, err := json.Marshal(api.RecordStatementInput{
		Tranche: relief.TrancheID(a.recent("t-" + all[a.rand.IntN(len(all))] + "-")), Content: c, Classification: of,
	})
	if err == nil {
		_ = json.Unmarshal(b, &in) // of what was just written
	}
	return act{financePreparer, "statement:Record", in, nil}
}

// laterOnStatement notes what is to be confirmed of a statement, and money that came back by a confirmed one.
func (a *Acts) laterOnStatement(c *act, answer object) {
	var s statement.Statement
	b, err := json.Marshal(answer)
	if err != nil || json.Unmarshal(b, &s) != nil {
		return
	}
	switch c.function {
	case "statement:Record":
		a.made["statement"] = append(a.made["statement"], string(s.ID))
		if s.Proposed != nil {
			a.waitFor("statement:Confirm", object{"id": s.ID, "sha256": s.Proposed.SHA256}, financeApprover, financeApprover)
		}
	case "statement:Confirm":
		for i := 0; s.Confirmed != nil && i < len(s.Confirmed.Entries); i++ {
			if e := &s.Confirmed.Entries[i]; e.Kind == statement.Recovery {
				a.recovered = append(a.recovered, overpayment.Entry{Ref: e.Ref, Amount: relief.Fen(e.Amount), BookedOn: e.BookedOn})
			}
		}
	case "statement:Withdraw":
		a.waitFor("statement:ConfirmWithdrawal", object{"id": s.ID, "sha256": s.SHA256}, financeApprover, financeApprover)
	}
}
