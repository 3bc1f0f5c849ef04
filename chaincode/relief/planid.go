package relief

// PlanID names a draw by its plan.
type PlanID string

// ParsePlanID checks the form of a plan's id.
func ParsePlanID(s string) (PlanID, error) { return parseRecordID[PlanID]("plan", s) }

// UnmarshalText reads an id.
func (id *PlanID) UnmarshalText(b []byte) (err error) {
	*id, err = ParsePlanID(string(b))
	return err
}
