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
	name, err := payee.ParseName("name", p.Name.Reveal())
	if err != nil {
		return roll.Payee{}, err
	}
	account, err := payee.ParseAccount("account", p.Account.Reveal())
	if err != nil {
		return roll.Payee{}, err
	}
	return t.Tags(name, account), nil
}

// Tags gives the tags of a name and an account.
func (t *Tagger) Tags(name payee.Name, account payee.Account) roll.Payee {
	return roll.Payee{Name: t.tags.NameTag(name), Account: t.tags.AccountTag(account)}
}

// AccountTag gives the tag of an account number in its one form. Its error is a *payee.Error for the field.
func (k *Key) AccountTag(field, number string) (payee.Tag, error) {
	account, err := payee.ParseAccount(field, number)
	if err != nil {
		return payee.Tag{}, err
	}
	return k.tags.AccountTag(account), nil
}

// BillTag gives the tag of a bill in its one form. Its error is a *payee.Error for the field bill.hospital or bill.number.
func (k *Key) BillTag(hospital, number string) (payee.Tag, error) {
	bill, err := payee.ParseBill(hospital, number)
	if err != nil {
		return payee.Tag{}, err
	}
	return k.tags.Tagger().BillTag(bill), nil
}
