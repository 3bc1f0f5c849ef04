package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// FactsVersion is what a household said about itself at one time: the collection holds it sealed, under relief.FactsKey of
// the case and Act.
type FactsVersion struct {
	Act    int    `json:"act"`    // the place of the act that brought it in the case's history, from 0
	SHA256 string `json:"sha256"` // salted, of the sealed facts
}

// FactsVersions are the versions that the collection holds: those on which earlier decisions rested, then the one in force, then
// that of a review that is not confirmed.
func (c *Case) FactsVersions() []FactsVersion {
	versions := slices.Clip(c.EarlierFacts)
	if c.Facts != "" { // an import brought none
		versions = append(versions, FactsVersion{c.FactsAct, c.Facts})
	}
	if pending, ok := c.PendingFacts(); ok {
		versions = append(versions, pending)
	}
	return versions
}

// PendingFacts are the facts of a review that is not confirmed; false when there are none.
func (c *Case) PendingFacts() (FactsVersion, bool) {
	if c.Review == nil || c.Review.Facts == "" {
		return FactsVersion{}, false
	}
	return FactsVersion{c.Review.Act, c.Review.Facts}, true
}

// takeFacts puts the facts of the case's review in force. Those before stay: decisions rested on them (R20).
func (c *Case) takeFacts() {
	pending, ok := c.PendingFacts()
	if !ok {
		return
	}
	if c.Facts != "" {
		c.EarlierFacts = append(slices.Clip(c.EarlierFacts), FactsVersion{c.FactsAct, c.Facts})
	}
	c.FactsAct, c.Facts = pending.Act, pending.SHA256
}

// LostFacts are the versions that before held and c does not: of a review that is replaced, sent back, or overtaken by an exit.
func (c *Case) LostFacts(before *Case) []FactsVersion {
	kept := c.FactsVersions()
	return slices.DeleteFunc(before.FactsVersions(), func(v FactsVersion) bool { return slices.Contains(kept, v) })
}

// checkFacts compares the payee whom the facts of a review name with the payee on the roll: a review never changes whom the
// money goes to.
func (t *ReviewTerms) checkFacts(facts string, onRoll roll.Payee) error {
	switch {
	case facts == "" && t.Payee != (roll.Payee{}):
		return relief.FieldErrorf("facts", "the tags of a payee come with the facts that name the payee")
	case facts == "":
		return nil
	case !t.Payee.Name.Valid():
		return relief.FieldErrorf("name_tag", "the tag of the head's name is missing")
	case !t.Payee.Account.Valid():
		return relief.FieldErrorf("account_tag", "the tag of the account is missing")
	}
	switch t.Payee.Differs(onRoll) {
	case relief.LineNameDiffers:
		return relief.FieldErrorf("name_tag", "姓名与名册不一致：复核不能更改收款人，请另行办理收款人变更 · "+
			"the head's name is not the roll's: a review does not change the payee, propose a change of payee")
	case relief.LineAccountDiffers:
		return relief.FieldErrorf("account_tag", "账号与名册不一致：复核不能更改收款账户，请另行办理收款人变更 · "+
			"the account is not the roll's: a review does not change the payee, propose a change of payee")
	}
	return nil
}
