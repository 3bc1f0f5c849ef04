package seal

import (
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payee"
)

// Tagger makes the tags by which the ledger knows a payee. It is for one goroutine.
type Tagger struct{ tags *payee.Tagger }

// Tagger makes a tagger of the agencies' key of tags.
func (k *Key) Tagger() *Tagger { return &Tagger{k.tags.Tagger()} }

// Payee gives the tags of a person's name and account, each in its one form. Its error is a *payee.Error for the field
// name or account.
func (t *Tagger) Payee(p *Person) (roll.Payee, error) {
	name, account, err := texts(p)
	return t.Tags(name, account), err
}

// texts are the name and the account of a person, each in its one form.
func texts(p *Person) (name payee.Name, account payee.Account, err error) {
	if name, err = payee.ParseName("name", p.Name.Reveal()); err != nil {
		return name, account, err
	}
	account, err = payee.ParseAccount("account", p.Account.Reveal())
	return name, account, err
}

// Tags gives the tags of a name and an account.
func (t *Tagger) Tags(name payee.Name, account payee.Account) roll.Payee {
	return roll.Payee{Name: t.tags.NameTag(name), Account: t.tags.AccountTag(account)}
}

// All gives the tags of a name and an account under all keys that are here, those that the key in use makes first.
func (t *Tagger) All(name payee.Name, account payee.Account) []roll.Payee {
	all := make([]roll.Payee, len(t.tags.Epochs()))
	for i, one := range t.tags.Epochs() {
		all[i] = (&Tagger{one}).Tags(name, account)
	}
	return all
}

// Checks are the hashes of All's tags that payments carry, in one new slice.
func (t *Tagger) Checks(name payee.Name, account payee.Account) []roll.PayeeCheck {
	checks := make([]roll.PayeeCheck, len(t.tags.Epochs()))
	for i, one := range t.tags.Epochs() {
		tags := roll.Payee{Name: one.NameTag(name), Account: one.AccountTag(account)}
		checks[i] = tags.Check()
	}
	return checks
}

// Like gives the tags of a person's name and account under the keys of the epochs of a payee on the ledger, so that they can be
// compared. A tag of an epoch whose key is not here is the zero Tag, which equals none. Its error is Payee's.
func (t *Tagger) Like(p *Person, whom roll.Payee) (roll.Payee, error) {
	name, account, err := texts(p)
	if err != nil {
		return roll.Payee{}, err
	}
	return t.like(name, account, whom), nil
}

func (t *Tagger) like(name payee.Name, account payee.Account, whom roll.Payee) (like roll.Payee) {
	if of := t.tags.Of(whom.Name.Epoch()); of != nil {
		like.Name = of.NameTag(name)
	}
	if of := t.tags.Of(whom.Account.Epoch()); of != nil {
		like.Account = of.AccountTag(account)
	}
	return like
}

// Keeping gives the tags of a name and an account who take the place of a payee on the ledger: what is the same keeps its tag, of
// whatever epoch, and what is another gets one of the key in use.
func (t *Tagger) Keeping(name payee.Name, account payee.Account, whom roll.Payee) roll.Payee {
	tags, like := t.Tags(name, account), t.like(name, account, whom)
	if like.Name.Equal(whom.Name) {
		tags.Name = whom.Name
	}
	if like.Account.Equal(whom.Account) {
		tags.Account = whom.Account
	}
	return tags
}

// AccountTags gives the tags of an account number in its one form, that of the key in use first. Its error is a *payee.Error for
// the field.
func (k *Key) AccountTags(field, number string) ([]payee.Tag, error) {
	account, err := payee.ParseAccount(field, number)
	if err != nil {
		return nil, err
	}
	var tags []payee.Tag
	for _, t := range k.tags.Tagger().Epochs() {
		tags = append(tags, t.AccountTag(account))
	}
	return tags, nil
}

// BillTags gives the tags of a bill in its one form, that of the key in use first. Its error is a *payee.Error for the field
// bill.hospital or bill.number.
func (k *Key) BillTags(hospital, number string) ([]payee.Tag, error) {
	bill, err := payee.ParseBill(hospital, number)
	if err != nil {
		return nil, err
	}
	var tags []payee.Tag
	for _, t := range k.tags.Tagger().Epochs() {
		tags = append(tags, t.BillTag(bill))
	}
	return tags, nil
}
