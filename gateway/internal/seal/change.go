package seal

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payee"
)

// PayeeChange is what an office sends of other details of somebody on a roll. What is left out stays as it was; an empty
// bank, phone or household number takes away what is kept. All but the hash and the reason is personal, and sealed before it leaves the gateway.
type PayeeChange struct {
	Programme   string  `json:"programme"`
	Subject     string  `json:"subject"`
	Name        *string `json:"name,omitempty"`
	Account     *string `json:"account,omitempty"`
	Bank        *string `json:"bank,omitempty"` // left out with another account: not known
	Phone       *string `json:"phone,omitempty"`
	HouseholdNo *string `json:"household_no,omitempty"`
	// Renew has the details, as they are, sealed again and tagged again with the keys in use.
	Renew          bool   `json:"renew,omitempty"`
	EvidenceSHA256 string `json:"evidence_sha256"`
	Reason         string `json:"reason,omitempty"`
}

// PayeeChangeArgument is the part of a change of the payee that may be on the ledger.
type PayeeChangeArgument struct {
	Programme relief.ProgrammeID `json:"programme"`
	Subject   relief.SubjectRef  `json:"subject"`
	roll.Payee
	Corrects       roll.Corrects `json:"corrects,omitzero"`
	EvidenceSHA256 string        `json:"evidence_sha256"`
	Reason         string        `json:"reason,omitempty"`
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

// SealPayeeChange adds to of the tags of the payee and which other details differ, and gives the sealed details that take the
// place of the person's present ones; present are the tags of those on the ledger. With same, the same change is sealed to the
// same bytes.
func (k *Key) SealPayeeChange(p *PayeeChange, of *PayeeChangeArgument, person Person, present roll.Payee, same bool) ([]byte, error) {
	if p.Renew {
		return k.renew(p, of, person, same)
	}
	before := person
	if err := p.texts(&person); err != nil {
		return nil, err
	}
	name, err := payee.ParseName("name", given(p.Name, person.Name))
	if err != nil {
		return nil, payee.AsRefusal(err)
	}
	account, err := payee.ParseAccount("account", given(p.Account, person.Account))
	if err != nil {
		return nil, payee.AsRefusal(err)
	}
	person.Name, person.Account = Secret(name.Reveal()), Secret(account.Reveal())
	if p.Bank == nil && person.Account != before.Account {
		person.Bank = ""
	}
	of.Payee = k.Tagger().Keeping(name, account, present)
	of.Corrects = roll.Corrects{
		Bank: person.Bank != before.Bank, Phone: person.Phone != before.Phone, HouseholdNo: person.HouseholdNo != before.HouseholdNo,
	}
	if same {
		k = k.same()
	}
	return k.Seal(&person, of.Subject, of.Programme)
}

// renew seals a person's present details, and makes their tags, with the keys in use.
func (k *Key) renew(p *PayeeChange, of *PayeeChangeArgument, person Person, same bool) ([]byte, error) {
	if p.Name != nil || p.Account != nil || p.Bank != nil || p.Phone != nil || p.HouseholdNo != nil {
		return nil, relief.FieldErrorf("renew", "重新封存时信息不变，请勿填写其他信息 · details that are sealed again stay as they are: leave the others out")
	}
	tags, err := k.Tagger().Payee(&person)
	if err != nil {
		return nil, payee.AsRefusal(err)
	}
	of.Payee, of.Corrects = tags, roll.Corrects{Seal: true}
	if same {
		k = k.same()
	}
	return k.Seal(&person, of.Subject, of.Programme)
}

// given is what an office has sent, or what is kept.
func given(text *string, kept Secret) string {
	if text == nil {
		return kept.Reveal()
	}
	return *text
}

// texts puts the details without a tag in the place of a person's present ones.
func (p *PayeeChange) texts(person *Person) error {
	if p.Bank != nil {
		bank, err := payee.ParseBank("bank", *p.Bank)
		if err != nil {
			return payee.AsRefusal(err)
		}
		person.Bank = Secret(bank)
	}
	for _, text := range []struct {
		field string
		given *string
		kept  *Secret
		max   int
	}{
		{"phone", p.Phone, &person.Phone, maxFactText}, {"household_no", p.HouseholdNo, &person.HouseholdNo, maxHouseholdNo},
	} {
		if text.given == nil {
			continue
		}
		if utf8.RuneCountInString(*text.given) > text.max {
			return relief.FieldErrorf(text.field, "The field has more than %d characters.", text.max)
		}
		*text.kept = Secret(strings.TrimSpace(*text.given))
	}
	return nil
}

// maxHouseholdNo is the largest number of characters of a household's number, as in the list of a roll.
const maxHouseholdNo = 64
