package roll

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
)

// Terms are what a household is granted: a class, how many persons, what a month.
type Terms struct {
	Class   string     `json:"class"`
	Persons uint8      `json:"persons"`
	Amount  relief.Fen `json:"amount"`
}

// IsZero tells that no terms were named.
func (t Terms) IsZero() bool { return t == Terms{} }

// Number says where a granted household stands on the roll.
type Number struct {
	County relief.Region `json:"county"`
	Number uint32        `json:"number"`
}

// Fit holds terms against the version and the household.
func (t Terms) Fit(v *programme.Version, members int) error {
	switch {
	case !form.IsClass(t.Class):
		return relief.FieldErrorf("class", "the class is one letter A–Z")
	case t.Persons < 1 || int(t.Persons) > members:
		return relief.FieldErrorf("persons", "the household has %d members", members)
	case t.Amount < v.MinAmount || t.Amount > v.MaxAmount:
		return relief.FieldErrorf("amount", "the programme's amounts are %s to %s", v.MinAmount, v.MaxAmount)
	case len(v.RecheckMonths) > 0 && v.RecheckInterval(t.Class, relief.Urban) == 0:
		return relief.FieldErrorf("class", "the programme has no class %s", t.Class)
	}
	if len(v.ClassAmounts) == 0 {
		return nil
	}
	each, ok := v.ClassAmounts[t.Class]
	if !ok {
		return relief.FieldErrorf("class", "the programme has no class %s", t.Class)
	}
	if t.Amount != each*relief.Fen(t.Persons) {
		return relief.FieldErrorf("amount", "class %s pays %s a person: %s for %d", t.Class, each, each*relief.Fen(t.Persons), t.Persons)
	}
	return nil
}
