package seal

import (
	"encoding/json"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payee"
)

// NewPayee is what an office sends of somebody who is paid under a number from now on. All of it is personal, and sealed before it
// leaves the gateway.
type NewPayee struct {
	name   payee.Name
	number relief.IDNumber
	clear  Person
	tags   payee.Account
}

// newPayeeFields are the fields of a document that are a payee's.
var newPayeeFields = []string{"name", "id_number", "account", "bank", "phone"}

// ReadNewPayee takes a payee out of a JSON document, and gives what is left of it. Its error is a *relief.Error that repeats
// nothing.
func ReadNewPayee(document []byte) (left []byte, p *NewPayee, err error) {
	var all map[string]json.RawMessage
	if json.Unmarshal(document, &all) != nil {
		return nil, nil, relief.Errorf(relief.CodeInvalid, "The change does not have the form that POST /v1/changes takes.")
	}
	var text [5]string
	for i, field := range newPayeeFields {
		if value, ok := all[field]; ok && json.Unmarshal(value, &text[i]) != nil {
			return nil, nil, relief.FieldErrorf(field, "The field must be a text.")
		}
		delete(all, field)
	}
	if p, err = newPayee(text); err != nil {
		return nil, nil, err
	}
	left, err = json.Marshal(all)
	return left, p, err
}

func newPayee(text [5]string) (*NewPayee, error) {
	p := &NewPayee{}
	var err error
	if p.name, err = payee.ParseName("name", text[0]); err != nil {
		return nil, payee.AsRefusal(err)
	}
	number, code := relief.ParseIDNumber(text[1])
	if code != "" {
		return nil, relief.FieldErrorf("id_number", "%s", code.Reason())
	}
	if p.tags, err = payee.ParseAccount("account", text[2]); err != nil {
		return nil, payee.AsRefusal(err)
	}
	bank, err := payee.ParseBank("bank", text[3])
	if err != nil {
		return nil, payee.AsRefusal(err)
	}
	if utf8.RuneCountInString(text[4]) > maxFactText {
		return nil, relief.FieldErrorf("phone", "The field has more than %d characters.", maxFactText)
	}
	p.number = number
	p.clear = Person{
		Name: Secret(p.name.Reveal()), IDNumber: Secret(number), Account: Secret(p.tags.Reveal()), Bank: Secret(bank), Phone: Secret(text[4]),
	}
	return p, nil
}

// IDNumber is the payee's identity number, of which a reference is made.
func (p *NewPayee) IDNumber() relief.IDNumber { return p.number }

// SealNewPayee gives the sealed details of a payee under a reference and programme, and the tags of name and account.
func (k *Key) SealNewPayee(p *NewPayee, ref relief.SubjectRef, programme relief.ProgrammeID) ([]byte, roll.Payee, error) {
	sealed, err := k.Seal(&p.clear, ref, programme)
	return sealed, k.Tagger().Tags(p.name, p.tags), err
}

// SealCorrected gives the details of a person with another identity number, sealed under the reference that it makes.
func (k *Key) SealCorrected(person Person, number relief.IDNumber, ref relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	person.IDNumber = Secret(number)
	return k.Seal(&person, ref, programme)
}
