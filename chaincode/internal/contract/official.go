// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// officialContract holds the officials, whom their own agency's registrar registers.
type officialContract struct{ contractapi.Contract }

// Register registers an official.
func (*officialContract) Register(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OfficialRegister, registerOfficial)
}

func registerOfficial(w *work, in registry.OfficialTerms) (registry.OfficialEntry, error) {
	key, err := officialKey(api.OfficialInput{Agency: in.Agency, Name: in.Name})
	if err != nil {
		return registry.OfficialEntry{}, err
	}
	existing, err := uow.Find[registry.OfficialEntry](w.Work, key)
	if err != nil {
		return registry.OfficialEntry{}, err
	}
	out, changed, err := registry.RegisterOfficial(in, existing, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, key, out)
}

// Retire ends a name of an official, or all of their names.
func (*officialContract) Retire(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OfficialRetire, retireOfficial)
}

func retireOfficial(w *work, in api.RetireInput) (registry.OfficialEntry, error) {
	e, key, err := w.official(in.OfficialInput)
	if err != nil {
		return e, err
	}
	out, changed, err := e.Retire(in.Reason, w.Actor)
	if err != nil {
		return e, err
	}
	if in.AllNames {
		if err := w.retireOthers(&e, in.Reason); err != nil {
			return e, err
		}
	}
	return putIf(w, changed, key, out)
}

// retireOthers ends the other names of a human being.
func (w *work) retireOthers(of *registry.OfficialEntry, reason string) error {
	return w.Scan(relief.Key{Kind: relief.KindOfficial, Attrs: []string{of.Agency}}, func(_ []string, value []byte) error {
		e, err := uow.Parse[registry.OfficialEntry](relief.KindOfficial, value)
		if err != nil || e.ID != of.ID || e.Name == of.Name || e.State != registry.OfficialActive {
			return err
		}
		out, changed, err := e.Retire(reason, w.Actor)
		if err != nil || !changed {
			return err
		}
		return w.Put(relief.OfficialKey(out.Agency, out.Name), out)
	})
}

// Revoke ends certificates of an official.
func (*officialContract) Revoke(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OfficialRevoke, revokeOfficial)
}

func revokeOfficial(w *work, in api.RevokeInput) (registry.OfficialEntry, error) {
	e, key, err := w.official(in.OfficialInput)
	if err != nil {
		return e, err
	}
	out, changed, err := e.Revoke(in.Serials, in.Reason, w.Actor)
	if err != nil {
		return e, err
	}
	return putIf(w, changed, key, out)
}

// Get gives an official's entry.
func (*officialContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OfficialGet, getOfficial)
}

func getOfficial(w *work, in api.OfficialInput) (registry.OfficialEntry, error) {
	e, _, err := w.official(in)
	return e, err
}

// official is an official's entry, and its key.
func (w *work) official(in api.OfficialInput) (e registry.OfficialEntry, key relief.Key, err error) {
	if key, err = officialKey(in); err != nil {
		return e, key, err
	}
	e, err = uow.Get[registry.OfficialEntry](w.Work, key)
	return e, key, err
}

func officialKey(in api.OfficialInput) (relief.Key, error) {
	name, err := relief.FoldOfficialName(in.Name)
	return relief.OfficialKey(in.Agency, name), err
}

// asked are the keys that say whether the caller may do an act, and for which regions: their entry, the duty, and what their region
// inherits.
func (w *work) asked(act relief.Act) []relief.Key {
	return []relief.Key{
		relief.OfficialKey(w.Actor.By.Agency, w.Actor.By.Name), relief.DutyKey(string(act)), relief.EndingsKey(w.Actor.By.Region),
	}
}

// identify refuses a caller without an active entry or with a revoked certificate. From then on the actor has the staff number.
func (w *work) identify() error {
	entry, err := uow.Find[registry.OfficialEntry](w.Work, relief.OfficialKey(w.Actor.By.Agency, w.Actor.By.Name))
	if err != nil {
		return err
	}
	if w.Actor.By, err = entry.Admit(w.Actor.By, w.serial); err != nil {
		return err
	}
	inherited, err := w.inheritedBy(w.Actor.By.Region)
	if err != nil || len(inherited) == 0 {
		return err
	}
	w.Actor.By.Inherited = (*relief.Inherited)(&inherited)
	return nil
}

// inheritedBy are the ended regions that a region inherits at the transaction's time.
func (w *work) inheritedBy(r relief.Region) ([]relief.Region, error) {
	e, err := uow.Find[registry.Endings](w.Work, relief.EndingsKey(r))
	return e.InheritedOn(relief.DefaultCalendar.Day(w.Actor.At)), err
}

// requireBegin refuses terms that begin in a period for somebody in a region that has ended before.
func (w *work) requireBegin(r relief.Region, p relief.Period) error {
	e, err := uow.Find[registry.Endings](w.Work, relief.EndingsKey(r.County()))
	if err != nil {
		return err
	}
	return e.RequireBegin(r, p) //nolint:wrapcheck // of this module
}

// mayFound is identify and the duty before the founding, by what is proposed.
func (w *work) mayFound(c *registry.Change, act relief.Act) error {
	var err error
	if w.Actor.By, err = c.Founder(w.Actor.By.Agency, w.Actor.By.Name, w.Actor).Admit(w.Actor.By, w.serial); err != nil {
		return err
	}
	return relief.Allowed(c.Duties, act, w.Actor.By)
}

// putFounders writes the entries of the officials whom a founding names.
func (w *work) putFounders(c *registry.Change) error {
	for _, t := range c.Officials {
		if err := w.Put(relief.OfficialKey(t.Agency, t.Name), c.Founder(t.Agency, t.Name, w.Actor)); err != nil {
			return err
		}
	}
	return nil
}

// colleague finds an official of an agency by their name in a field of the input.
func (w *work) colleague(field, agency, name string) (relief.Official, error) {
	folded, err := relief.FoldOfficialName(name)
	if err != nil {
		return relief.Official{}, relief.FieldErrorf(field, "an official is named as in their certificate")
	}
	e, err := uow.Find[registry.OfficialEntry](w.Work, relief.OfficialKey(agency, folded))
	if err != nil {
		return relief.Official{}, err
	}
	if e == nil || e.State != registry.OfficialActive {
		return relief.Official{}, relief.FieldErrorf(field, "%s has no active official of this name", agency)
	}
	return relief.Official{Agency: e.Agency, ID: e.ID, Name: e.Name}, nil
}
