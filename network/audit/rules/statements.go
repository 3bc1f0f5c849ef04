package rules

import (
	"encoding/json"
	"reflect"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
)

// statement checks a bank's statement of a dedicated account: what counts in it leads from its opening to its closing balance and
// was proposed by another official than the one who confirmed it, and other content comes in its place only when it was withdrawn.
func (e *txChanges) statement(r Record) {
	s, ok := unpack[statement.Statement](e, r)
	if !ok {
		return
	}
	name := "statement " + string(s.ID)
	if relief.StatementKey(s.ID).String() != r.Name || len(s.Acts) == 0 || relief.NewStatementID(s.Account, s.BankID, s.Number, s.Day) != s.ID {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	before := statement.Statement{State: statement.Withdrawn}
	if b := e.Segments[r.Name]; b != nil {
		if err := json.Unmarshal(b, &before); err != nil {
			return // reported when it was written
		}
	}
	e.newActs(name, before.Acts, s.Acts)
	if before.State != statement.Withdrawn && before.Content != s.Content {
		e.report(BadRecord, "%s has other content, and was not withdrawn", name)
	}
	e.decidedStatement(name, s, &before)
	e.Segments[r.Name] = r.Value
}

// decidedStatement checks what two officials decided about a statement, against the version before.
func (e *txChanges) decidedStatement(name string, s, before *statement.Statement) {
	by := s.Acts[len(s.Acts)-1].By
	if s.Confirmed != nil && !reflect.DeepEqual(before.Confirmed, s.Confirmed) {
		if err := s.Confirmed.Check(&s.Content); err != nil {
			e.report(Money, "%s: what is confirmed does not lead to its closing balance", name)
		}
		if before.Proposed == nil || !reflect.DeepEqual(&before.Proposed.Classification, s.Confirmed) || sameActor(before.Acts, before.Proposed.Act, by) {
			e.report(BadRecord, "%s: what is confirmed was not proposed by another official", name)
		}
	}
	if s.State == statement.Withdrawn && before.State != statement.Withdrawn && (before.Withdrawal == nil || sameActor(before.Acts, before.Withdrawal.Act, by)) {
		e.report(BadRecord, "%s is withdrawn, which no other official proposed", name)
	}
}

// sameActor reports whether an act of a history is an official's; so is one that the history does not have.
func sameActor(acts []relief.HistoryEntry, act int, by relief.Official) bool {
	return act < 0 || act >= len(acts) || relief.SameOfficial(acts[act].By, by)
}
