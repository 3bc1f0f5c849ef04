package registry

import (
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// OfficialState is the state of an official's entry.
type OfficialState string

// The states of an entry.
const (
	OfficialActive  OfficialState = "active"
	OfficialRetired OfficialState = "retired"
)

// OfficialTransitions is the life cycle of an official's entry. Nobody comes back under a retired name: the agency registers
// another name with the same staff number.
var OfficialTransitions = []relief.Transition[OfficialState]{
	{From: OfficialActive, Act: relief.ActOfficialRevoke, To: OfficialActive, Why: "some certificates count no more: their keys were lost or stolen"},
	{From: OfficialActive, Act: relief.ActOfficialRetire, To: OfficialRetired, Why: "the official does nothing under this name any more"},
}

// MaxRevoked is how many certificates of one name can be revoked. None is ever dropped; beyond them the name is retired.
const MaxRevoked = 50

// OfficialTerms say who an official is: the agency, the name in their certificates, and the staff number (工号), which is the
// same for all names and roles of a human being.
type OfficialTerms struct {
	Agency string `json:"agency"` // MSP id
	Name   string `json:"name"`
	ID     string `json:"id"`
}

// OfficialEntry is an official as their own agency's registrar has registered them. Who has no active entry can do nothing.
type OfficialEntry struct {
	OfficialTerms
	State   OfficialState         `json:"state"`
	Revoked []string              `json:"revoked"`          // serial numbers of certificates, hexadecimal without leading zeros
	Reason  string                `json:"reason,omitempty"` // of the last revocation or of the retirement
	Acts    []relief.HistoryEntry `json:"acts"`
}

// fold gives the terms in their one spelling.
func (t OfficialTerms) fold() (OfficialTerms, error) {
	name, err := relief.FoldOfficialName(t.Name)
	if err != nil {
		return t, err
	}
	id, err := relief.FoldStaffNumber(t.ID)
	return OfficialTerms{Agency: t.Agency, Name: name, ID: id}, err
}

// RegisterOfficial registers an official of the actor's own agency. SAME_PERSON for a name with the actor's own staff number:
// nobody gives themselves a second name. CONFLICT for a name that has an entry with another number, WRONG_STATE for a
// retired name.
func RegisterOfficial(t OfficialTerms, existing *OfficialEntry, actor relief.Actor) (OfficialEntry, bool, error) {
	t, err := t.fold()
	if err != nil {
		return OfficialEntry{}, false, err
	}
	if err := ownAgency(t.Agency, actor); err != nil {
		return OfficialEntry{}, false, err
	}
	switch {
	case existing == nil:
	case existing.ID != t.ID:
		return *existing, false, relief.Errorf(relief.CodeConflict, "official %s is registered with another staff number", t.Name)
	case existing.State == OfficialRetired:
		return *existing, false, relief.Errorf(relief.CodeWrongState, "official %s is retired: register another name with the same staff number", t.Name)
	default:
		return *existing, false, nil
	}
	if t.ID == actor.By.ID {
		return OfficialEntry{}, false, relief.Errorf(relief.CodeSamePerson, "%s may not register a name of their own: another registrar does", actor.By.Name)
	}
	return newOfficial(t, actor), true, nil
}

func newOfficial(t OfficialTerms, actor relief.Actor) OfficialEntry {
	return OfficialEntry{
		OfficialTerms: t, State: OfficialActive, Revoked: []string{},
		Acts: []relief.HistoryEntry{actor.Entry(relief.ActOfficialRegister)},
	}
}

// Retire ends a name at once, by one registrar: it only takes rights away. SAME_PERSON for a name of the actor, so that an
// agency always keeps a registrar.
func (e OfficialEntry) Retire(reason string, actor relief.Actor) (OfficialEntry, bool, error) {
	if err := ownAgency(e.Agency, actor); err != nil {
		return e, false, err
	}
	if e.State == OfficialRetired {
		return e, false, nil
	}
	if e.ID == actor.By.ID {
		return e, false, relief.Errorf(relief.CodeSamePerson, "%s may not retire a name of their own: another registrar does", actor.By.Name)
	}
	return e.end(relief.ActOfficialRetire, reason, actor)
}

// Revoke ends certificates at once, by one registrar; the name goes on with others. Serials are hexadecimal.
func (e OfficialEntry) Revoke(serials []string, reason string, actor relief.Actor) (OfficialEntry, bool, error) {
	if err := ownAgency(e.Agency, actor); err != nil {
		return e, false, err
	}
	if len(serials) < 1 || len(serials) > MaxRevoked {
		return e, false, relief.FieldErrorf("serials", "1 to %d certificates are revoked at a time", MaxRevoked)
	}
	revoked := slices.Clone(e.Revoked)
	for _, s := range serials {
		serial, ok := FoldSerial(s)
		if !ok {
			return e, false, relief.FieldErrorf("serials", "a certificate's serial number has 1 to 40 hexadecimal digits")
		}
		if !slices.Contains(revoked, serial) {
			revoked = append(revoked, serial)
		}
	}
	if len(revoked) == len(e.Revoked) {
		return e, false, nil
	}
	if len(revoked) > MaxRevoked {
		return e, false, relief.FieldErrorf("serials", "at most %d certificates of one name can be revoked: retire the name and register another", MaxRevoked)
	}
	out, changed, err := e.end(relief.ActOfficialRevoke, reason, actor)
	if err != nil {
		return e, false, err
	}
	out.Revoked = revoked
	return out, changed, nil
}

func (e OfficialEntry) end(act relief.Act, reason string, actor relief.Actor) (OfficialEntry, bool, error) {
	if err := relief.CheckText("reason", reason, 1, 200); err != nil {
		return e, false, err
	}
	next, err := relief.Next(OfficialTransitions, e.State, act)
	if err != nil {
		return e, false, err
	}
	if err := actor.Follows(e.Acts); err != nil {
		return e, false, err
	}
	e.State, e.Reason = next, reason
	e.Acts = append(slices.Clone(e.Acts), actor.Entry(act))
	return e, true, nil
}

// Admit gives the official by with the staff number of their entry, nil for none. FORBIDDEN for somebody who is not registered,
// for a retired name, and for a revoked certificate.
func (e *OfficialEntry) Admit(by relief.Official, serial string) (relief.Official, error) {
	switch {
	case e == nil:
		return by, relief.Errorf(relief.CodeForbidden, "%s is not registered as an official of %s: the agency's registrar does it", by.Name, by.Agency)
	case e.State != OfficialActive:
		return by, relief.Errorf(relief.CodeForbidden, "official %s of %s is retired", by.Name, by.Agency)
	case slices.Contains(e.Revoked, serial):
		return by, relief.Errorf(relief.CodeForbidden, "this certificate of official %s of %s is revoked", by.Name, by.Agency)
	}
	by.Name, by.ID = e.Name, e.ID
	return by, nil
}

// FoldSerial gives the one spelling of a certificate's serial number: small hexadecimal digits without leading zeros. It has at
// most 20 bytes (RFC 5280, 4.1.2.2).
func FoldSerial(s string) (string, bool) {
	if len(s) < 1 || len(s) > 40 {
		return "", false
	}
	s = strings.TrimLeft(strings.ToLower(s), "0")
	return s, s != "" && form.HasOnly(s, func(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' })
}

func ownAgency(agency string, actor relief.Actor) error {
	if agency != actor.By.Agency {
		return relief.Errorf(relief.CodeForbidden, "an official of %s registers no officials of another agency", actor.By.Agency)
	}
	return nil
}

// maxFoundingOfficials bounds how many officials a founding names.
const maxFoundingOfficials = 200

// checkOfficials refuses officials who are named after the founding, or a founding without a first registrar for each agency.
func (c *Change) checkOfficials(registry *Registry) error {
	if registry != nil {
		if c.Officials != nil {
			return relief.FieldErrorf("officials", "only the founding names officials; later an agency's registrar registers them")
		}
		return nil
	}
	var names []string
	agencies := map[string]bool{}
	for _, o := range c.Officials {
		t, err := o.fold()
		if err != nil {
			return err
		}
		if t != o || slices.Contains(names, t.Agency+" "+t.Name) {
			return relief.FieldErrorf("officials", "each official is named once, in small letters")
		}
		names, agencies[t.Agency] = append(names, t.Agency+" "+t.Name), true
	}
	for _, a := range c.Agencies {
		if !agencies[a.MSPID] {
			return relief.FieldErrorf("officials", "the founding names a registrar of each agency")
		}
	}
	if len(agencies) != len(c.Agencies) || len(c.Officials) > maxFoundingOfficials {
		return relief.FieldErrorf("officials", "the founding names at most %d officials, of its agencies", maxFoundingOfficials)
	}
	return nil
}

// Founder is the entry that a founding gives an official of it, nil for anybody else.
func (c *Change) Founder(agency, name string, actor relief.Actor) *OfficialEntry {
	for _, t := range c.Officials {
		if t.Agency == agency && t.Name == name {
			e := newOfficial(t, actor)
			return &e
		}
	}
	return nil
}
