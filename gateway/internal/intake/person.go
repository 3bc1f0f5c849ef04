package intake

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
)

// Person is who stands in a line of a roll.
type Person struct {
	Name, IDNumber, Account, Bank, Phone, HouseholdNo Secret
}

const (
	detailsVersion = 1
	saltBytes      = 16
)

// Details is the document that the collection of private details keeps, with a salt, so that its hash on the ledger
// cannot be found by trying people out.
func (p *Person) Details() ([]byte, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return nil, fmt.Errorf("a salt: %w", err)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(struct {
		V           int    `json:"v"`
		Salt        []byte `json:"salt"`
		Name        string `json:"name"`
		IDNumber    string `json:"id_number"`
		Account     string `json:"account"`
		Bank        string `json:"bank"`
		Phone       string `json:"phone"`
		HouseholdNo string `json:"household_no"`
	}{
		detailsVersion, salt, p.Name.Reveal(), p.IDNumber.Reveal(), p.Account.Reveal(), p.Bank.Reveal(),
		p.Phone.Reveal(), p.HouseholdNo.Reveal(),
	})
	return bytes.TrimSpace(b.Bytes()), err
}
