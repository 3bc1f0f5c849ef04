package roll

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
)

// Terms are what a household is granted: a class, the number of persons, the amount a month.
type Terms struct {
	Class   string     `json:"class"`
	Persons uint8      `json:"persons"`
	Amount  relief.Fen `json:"amount"`
}

// IsZero reports whether there are no terms.
func (t Terms) IsZero() bool { return t == Terms{} }

// Number is the roll number of a granted household's head, with the county of the roll.
type Number struct {
	County relief.Region `json:"county"`
	Number uint32        `json:"number"`
}

// checkForm refuses terms that no segment can hold.
func (t *Terms) checkForm() error {
	switch {
	case !form.IsClass(t.Class):
		return relief.FieldErrorf("class", "the class is one letter A–Z")
	case t.Persons < 1 || t.Persons > MaxPersons:
		return relief.FieldErrorf("persons", "a household has 1 to %d persons", MaxPersons)
	case t.Amount <= 0 || t.Amount > relief.MaxFen:
		return relief.FieldErrorf("amount", "the amount is above 0.00 and at most %s", relief.MaxFen)
	}
	return nil
}

// MaxPersons is the largest number of persons of a household on a roll.
const MaxPersons = 99

// Fit refuses, with INVALID, terms that the programme's version or the size of the household does not allow.
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
