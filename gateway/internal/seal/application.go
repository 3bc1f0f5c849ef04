package seal

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reference"
)

// Member is one member of a household. All of it is personal; only a reference derived from the number leaves the
// gateway.
type Member struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
	Relation string `json:"relation,omitempty"` // to the head, who comes first
	Health   string `json:"health,omitempty"`
}

// Facts are what a household says of itself: personal, and sealed before they leave the gateway.
type Facts struct {
	Members  []Member `json:"members"`
	Account  string   `json:"account"`
	Bank     string   `json:"bank,omitempty"`
	Phone    string   `json:"phone,omitempty"`
	Address  string   `json:"address,omitempty"`
	Income   string   `json:"income"` // of the household a month, yuan with two places
	Property string   `json:"property,omitempty"`
	Reason   string   `json:"reason"`
	Bill     *Bill    `json:"bill,omitempty"` // of a single grant for a bill
}

// Bill names a bill: personal, because with it somebody can ask the hospital whose it is. Only its tag leaves the gateway.
type Bill struct {
	Hospital string `json:"hospital"`
	Number   string `json:"number"`
}

// Application is what an office sends of one.
type Application struct {
	ID         string `json:"id"`
	Programme  string `json:"programme"`
	Region     string `json:"region"`
	Settlement string `json:"settlement"`
	Need       string `json:"need,omitempty"`
	Amount     string `json:"amount,omitempty"` // of a single grant, what is applied for
	Facts
}

// ApplicationArgument is the part of an application that may be on the ledger.
type ApplicationArgument struct {
	ID         string              `json:"id"`
	Programme  relief.ProgrammeID  `json:"programme"`
	Region     string              `json:"region"`
	Settlement string              `json:"settlement"`
	Members    []relief.SubjectRef `json:"members"`
	Need       string              `json:"need,omitempty"`
	roll.Payee                     // by the tags of the head's name and account
	Amount     string              `json:"amount,omitempty"`
	BillTag    relief.Tag          `json:"bill_tag,omitzero"`
	BillBefore []relief.Tag        `json:"bill_tags_before,omitempty"` // of the same bill, under keys of other epochs
}

// SealedApplication is an application on its way to the ledger.
type SealedApplication struct {
	Argument      ApplicationArgument
	Facts, Person []byte // the household's facts, and what paying needs of the head
}

// Households turn applications into references and sealed documents.
type Households struct {
	References *reference.Maker
	Persons    *Key
	// Same: the same application is sealed to the same bytes, so that a file that is sent again changes nothing.
	Same  bool
	Today relief.Day // where the agency is: nobody was born later
}

// maxFactText bounds a text of the facts, in characters.
const maxFactText = 500

// ReadApplication reads the JSON document of one. Its error, like those of Seal, is a *relief.Error that repeats
// nothing.
func ReadApplication(document []byte) (a Application, err error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if d.Decode(&a) != nil || d.More() {
		return a, relief.Errorf(relief.CodeInvalid, "The application does not have the form that POST /v1/cases takes.")
	}
	return a, nil
}

// Seal brings names and account to the form in which they are kept, makes references of the members' numbers, and
// sealed documents of what is personal.
func (h *Households) Seal(a *Application) (out SealedApplication, err error) {
	programme, err := relief.ParseProgrammeID(a.Programme)
	if err != nil {
		return out, err
	}
	if err := a.check(); err != nil {
		return out, err
	}
	members, err := h.references(a.Members)
	if err != nil {
		return out, err
	}
	whom, err := h.payee(a)
	if err != nil {
		return out, err
	}
	bill, others, err := h.bill(&a.Facts)
	if err != nil {
		return out, err
	}
	clear, err := json.Marshal(&a.Facts)
	if err != nil {
		return out, err
	}
	head, seal := &a.Members[0], h.Persons
	if h.Same {
		seal = seal.same()
	}
	if out.Facts, err = seal.SealFacts(clear, members[0], programme); err != nil {
		return out, err
	}
	out.Person, err = seal.Seal(&Person{
		Name: Secret(head.Name), IDNumber: Secret(head.IDNumber), Account: Secret(a.Account), Bank: Secret(a.Bank), Phone: Secret(a.Phone),
	}, members[0], programme)
	out.Argument = ApplicationArgument{a.ID, programme, a.Region, a.Settlement, members, a.Need, whom, a.Amount, bill, others}
	return out, err
}

// references are made of the members' numbers.
func (h *Households) references(members []Member) ([]relief.SubjectRef, error) {
	born := payee.BirthDays(h.Today)
	refs := make([]relief.SubjectRef, len(members))
	for i, m := range members {
		number, code := relief.ParseIDNumber(m.IDNumber)
		if code != "" {
			return nil, relief.FieldErrorf("members.id_number", "%s", code.Reason())
		}
		if err := born.Check("members.id_number", payee.BornOn(number)); err != nil {
			return nil, payee.AsRefusal(err)
		}
		ref, err := h.References.Of(number)
		if err != nil {
			return nil, err
		}
		refs[i] = ref
	}
	return refs, nil
}

// payee gives the tags of the head's name and account.
func (h *Households) payee(a *Application) (roll.Payee, error) {
	whom, err := h.Persons.Tagger().Payee(&Person{Name: Secret(a.Members[0].Name), Account: Secret(a.Account)})
	return whom, payee.AsRefusal(err)
}

// bill gives the tag of a bill, the zero Tag for none, and its tags under keys of other epochs: nobody grants it again.
func (h *Households) bill(f *Facts) (tag relief.Tag, others []relief.Tag, err error) {
	if f.Bill == nil {
		return tag, nil, nil
	}
	tags, err := h.Persons.BillTags(f.Bill.Hospital, f.Bill.Number)
	if err != nil {
		return tag, nil, payee.AsRefusal(err)
	}
	return tags[0], tags[1:], nil
}

// check refuses what later steps cannot carry, and repeats nothing. It brings names, account and the bank's name to
// their form.
func (f *Facts) check() error {
	if len(f.Members) < 1 || len(f.Members) > casework.MaxMembers {
		return relief.FieldErrorf("members", "A household has 1 to %d members, its head first.", casework.MaxMembers)
	}
	type text struct {
		field, value string
		needed       bool
	}
	texts := []text{
		{"phone", f.Phone, false}, {"address", f.Address, false},
		{"income", f.Income, true}, {"property", f.Property, false}, {"reason", f.Reason, true},
	}
	for _, m := range f.Members {
		texts = append(texts, text{"members.relation", m.Relation, false}, text{"members.health", m.Health, false})
	}
	for _, t := range texts {
		if t.value == "" && t.needed || utf8.RuneCountInString(t.value) > maxFactText {
			return relief.FieldErrorf(t.field, "The field is missing or has more than %d characters.", maxFactText)
		}
	}
	if _, err := relief.ParseFen(f.Income); err != nil {
		return relief.FieldErrorf("income", "%s", err)
	}
	return f.checkPayee()
}

// checkPayee checks what says who is paid and where to.
func (f *Facts) checkPayee() error {
	for i := range f.Members {
		name, err := payee.ParseName("members.name", f.Members[i].Name)
		if err != nil {
			return payee.AsRefusal(err)
		}
		f.Members[i].Name = name.Reveal()
	}
	account, err := payee.ParseAccount("account", f.Account)
	if err != nil {
		return payee.AsRefusal(err)
	}
	f.Account = account.Reveal()
	f.Bank, err = payee.ParseBank("bank", f.Bank)
	return payee.AsRefusal(err)
}
