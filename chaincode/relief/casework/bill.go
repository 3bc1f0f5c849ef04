package casework

import "relieftrail/chaincode/relief"

// Bill is the record of a bill that was granted: the ledger has it under the bill's tag, so that nobody grants a bill again.
type Bill struct {
	Case   relief.CaseID `json:"case"`
	County relief.Region `json:"county"`
}

// requireUnpaid refuses, with DUPLICATE, a bill that another case was granted. b is the bill's record, nil for none.
func (b *Bill) requireUnpaid(c relief.CaseID) error {
	if b == nil || b.Case == c {
		return nil
	}
	return &relief.Error{
		Code: relief.CodeDuplicate, Field: "bill",
		Detail: "该票据已在 " + string(b.County) + " 的 " + string(b.Case) + " 中获救助 · the bill was granted in case " + string(b.Case) + " of " + string(b.County),
	}
}

// TakeBill is the record of the bill that a grant is for. b is the record that is there, nil for none.
func (c *Case) TakeBill(b *Bill) (Bill, error) {
	return Bill{Case: c.ID, County: c.Region.County()}, b.requireUnpaid(c.ID)
}
