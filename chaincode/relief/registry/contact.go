package registry

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// ContactKind says what a contact is.
type ContactKind string

// The kinds of contacts.
const (
	ContactHotline   ContactKind = "hotline"    // a telephone that is for all questions, such as 12345
	ContactOffice    ContactKind = "office"     // where people come or call
	ContactLetterBox ContactKind = "letter_box" // where letters are left; it is opened by two at the hours that are named
)

var contactKinds = []ContactKind{ContactHotline, ContactOffice, ContactLetterBox}

// Contact is where the people of a region ask, apply and complain (regulation item R27: complaint telephones and mailboxes are
// published). The agencies agree on contacts as on the rest of the registry, and every gateway shows them to everybody.
type Contact struct {
	Region  relief.Region `json:"region"` // a province to a township: for all who live there
	Kind    ContactKind   `json:"kind"`
	Name    string        `json:"name"`              // of the office or hotline, 1 to 100 characters
	NameEn  string        `json:"name_en,omitempty"` // in English
	Phone   string        `json:"phone,omitempty"`   // digits, spaces, hyphens and a plus sign, 3 to 30 characters
	Address string        `json:"address,omitempty"` // up to 200 characters
	Hours   string        `json:"hours,omitempty"`   // up to 200 characters: when somebody answers, when a letter box is opened
}

// MaxContacts bounds the contacts of a registry: a province's counties and townships have two each.
const MaxContacts = 3000

// checkContacts refuses contacts that lead nowhere.
func (r *Registry) checkContacts() error {
	if len(r.Contacts) > MaxContacts {
		return relief.FieldErrorf("contacts", "a registry has at most %d contacts", MaxContacts)
	}
	type name struct {
		region relief.Region
		name   string
	}
	seen := map[name]bool{}
	for i := range r.Contacts {
		c := &r.Contacts[i]
		if err := c.check(); err != nil {
			return err
		}
		here := slices.ContainsFunc(r.Regions, func(e RegionEntry) bool { return e.Code.Covers(c.Region) || c.Region.Covers(e.Code) })
		if !here || len(c.Region) > 9 {
			return relief.FieldErrorf("contacts", "%s: the region must be a province to a township of the registry", c.Name)
		}
		if seen[name{c.Region, c.Name}] {
			return relief.FieldErrorf("contacts", "%s is listed twice for region %s", c.Name, c.Region)
		}
		seen[name{c.Region, c.Name}] = true
	}
	return nil
}

// check refuses a contact that is not written as one.
func (c *Contact) check() error {
	if err := relief.CheckText("contacts", c.Name, 1, 100); err != nil {
		return err
	}
	for _, text := range []struct {
		value string
		most  int
	}{{c.NameEn, 100}, {c.Address, 200}, {c.Hours, 200}} {
		if err := relief.CheckText("contacts", text.value, 0, text.most); err != nil {
			return err
		}
	}
	if c.Phone != "" && (len(c.Phone) < 3 || len(c.Phone) > 30 || !form.HasOnly(c.Phone, isPhoneByte)) {
		return relief.FieldErrorf("contacts", "%s: a telephone has 3 to 30 digits, spaces, hyphens and a plus sign", c.Name)
	}
	return c.checkReach()
}

// checkReach refuses a contact without what its kind is reached by.
func (c *Contact) checkReach() error {
	switch {
	case !slices.Contains(contactKinds, c.Kind):
		return relief.FieldErrorf("contacts", "%s: the kind must be hotline, office or letter_box", c.Name)
	case c.Kind == ContactHotline && c.Phone == "":
		return relief.FieldErrorf("contacts", "%s: a hotline has a telephone", c.Name)
	case c.Kind == ContactOffice && c.Phone == "" && c.Address == "":
		return relief.FieldErrorf("contacts", "%s: an office has a telephone or an address", c.Name)
	case c.Kind == ContactLetterBox && (c.Address == "" || c.Hours == ""):
		return relief.FieldErrorf("contacts", "%s: a letter box has an address, and hours that say when it is opened", c.Name)
	}
	return nil
}

func isPhoneByte(c byte) bool { return c >= '0' && c <= '9' || c == ' ' || c == '-' || c == '+' }

// ContactsFor are the contacts of those who live in a region: its own first, then those of the regions around it, then those of smaller
// regions inside it; each group in the order of the registry.
func (r *Registry) ContactsFor(region relief.Region) []Contact {
	// The nearest around the region come first, it itself at their head, then the largest inside it.
	rank := func(c Contact) int {
		if c.Region.Covers(region) {
			return -len(c.Region)
		}
		return len(c.Region)
	}
	var found []Contact
	for i := range r.Contacts {
		if c := &r.Contacts[i]; c.Region.Covers(region) || region.Covers(c.Region) {
			found = append(found, *c)
		}
	}
	slices.SortStableFunc(found, func(a, b Contact) int { return rank(a) - rank(b) })
	return found
}
