package seal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payee"
)

// PayeeChange is what an office sends of another payee of somebody on a roll. Name, account, bank and phone are personal,
// and sealed before they leave the gateway.
type PayeeChange struct {
	Programme      string `json:"programme"`
	Subject        string `json:"subject"`
	Name           string `json:"name,omitempty"` // empty: as it was
	Account        string `json:"account"`
	Bank           string `json:"bank,omitempty"`
	Phone          string `json:"phone,omitempty"` // empty: as it was
	EvidenceSHA256 string `json:"evidence_sha256"`
	Reason         string `json:"reason,omitempty"`
}

// PayeeChangeArgument is the part of a change of the payee that may be on the ledger.
type PayeeChangeArgument struct {
	Programme relief.ProgrammeID `json:"programme"`
	Subject   relief.SubjectRef  `json:"subject"`
	roll.Payee
	EvidenceSHA256 string `json:"evidence_sha256"`
	Reason         string `json:"reason,omitempty"`
}

// ReadPayeeChange reads the JSON document of one, and whose it is. Its error, like that of SealPayeeChange, is a
// *relief.Error that repeats nothing.
func ReadPayeeChange(document []byte) (p PayeeChange, of PayeeChangeArgument, err error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if d.Decode(&p) != nil || d.More() {
		return p, of, relief.Errorf(relief.CodeInvalid, "The change of a payee does not have the form that POST /v1/changes takes.")
	}
	of.EvidenceSHA256, of.Reason = p.EvidenceSHA256, p.Reason
	if of.Programme, err = relief.ParseProgrammeID(p.Programme); err != nil {
		return p, of, err
	}
	of.Subject, err = relief.ParseSubjectRef(p.Subject)
	return p, of, err
}

// SealPayeeChange adds to of the tags of the new payee, and gives the sealed details that take the place of the person's
// present ones. With same, the same change is sealed to the same bytes.
func (k *Key) SealPayeeChange(p *PayeeChange, of *PayeeChangeArgument, person Person, same bool) ([]byte, error) {
	if utf8.RuneCountInString(p.Phone) > maxFactText {
		return nil, relief.FieldErrorf("phone", "The field has more than %d characters.", maxFactText)
	}
	name, err := payee.ParseName("name", cmp.Or(p.Name, person.Name.Reveal()))
	if err != nil {
		return nil, payee.AsRefusal(err)
	}
	account, err := payee.ParseAccount("account", p.Account)
	if err != nil {
		return nil, payee.AsRefusal(err)
	}
	bank, err := payee.ParseBank("bank", p.Bank)
	if err != nil {
		return nil, payee.AsRefusal(err)
	}
	person.Name, person.Account, person.Bank = Secret(name.Reveal()), Secret(account.Reveal()), Secret(bank)
	person.Phone = cmp.Or(Secret(p.Phone), person.Phone)
	of.Payee = k.Tagger().Tags(name, account)
	if same {
		k = k.same()
	}
	return k.Seal(&person, of.Subject, of.Programme)
}
