// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/stored"
)

// registryFor reads as much of the registry as a change rests on. For a repair that is who the agencies are, who may propose and
// agree, and for which regions they have to answer. No value that cannot be read keeps a repair back: in its place counts what all
// agencies agreed to last.
func (w *work) registryFor(c *registry.Change) (*registry.Registry, error) {
	if c.Repair == nil {
		return w.registry()
	}
	founded, err := w.Value(relief.AgenciesKey())
	if err != nil || founded == nil {
		return nil, err
	}
	reg := &registry.Registry{}
	if reg.Agencies, err = w.agenciesForRepair(); err != nil {
		return nil, err
	}
	for _, act := range []relief.Act{relief.ActRegistryPropose, relief.ActRegistryAgree} {
		duties, err := w.dutiesForRepair(act)
		if err != nil {
			return nil, err
		}
		reg.Duties = append(reg.Duties, duties...)
	}
	err = w.Scan(relief.Key{Kind: relief.KindRegion}, func(_ []string, value []byte) error {
		e, err := uow.Parse[registry.RegionEntry](relief.KindRegion, value)
		if err == nil && stored.Check(relief.RegionKey(e.Code), value) == nil {
			reg.Regions = append(reg.Regions, *e)
		}
		return nil
	})
	return reg, err
}

func (w *work) agenciesForRepair() ([]registry.Agency, error) {
	list, err := readableOf[[]registry.Agency](w, relief.AgenciesKey())
	if err != nil {
		return nil, err
	}
	if list != nil {
		return *list, nil
	}
	agreed, err := w.agreedLast(func(c *registry.Change) bool { return c.Agencies != nil })
	return agreed.Agencies, err
}

func (w *work) dutiesForRepair(act relief.Act) ([]relief.Duty, error) {
	list, err := readableOf[[]relief.Duty](w, relief.DutyKey(string(act)))
	if err != nil {
		return nil, err
	}
	if list != nil {
		return *list, nil
	}
	agreed, err := w.agreedLast(func(c *registry.Change) bool { return c.Duties != nil })
	return agreed.Duties, err
}

// readableOf reads a value that may be corrupt, nil for one that is or is not there.
func readableOf[T any](w *work, k relief.Key) (*T, error) {
	value, err := w.Value(k)
	if err != nil || stored.Check(k, value) != nil {
		return nil, err
	}
	return uow.Find[T](w.Work, k)
}

// agreedLast is the last change that all agencies agreed to with a certain part, empty for none. Proposals that cannot be read are
// passed over.
func (w *work) agreedLast(has func(*registry.Change) bool) (registry.Change, error) {
	var last *registry.Proposal
	err := w.Scan(relief.Key{Kind: relief.KindProposal}, func(_ []string, value []byte) error {
		p, err := uow.Parse[registry.Proposal](relief.KindProposal, value)
		if err != nil || stored.Check(relief.ProposalKey(p.ID), value) != nil || p.State != registry.ProposalEffective || !has(&p.Change) {
			return nil //nolint:nilerr // passed over
		}
		if last == nil || p.Acts[len(p.Acts)-1].At.After(last.Acts[len(last.Acts)-1].At) {
			last = p
		}
		return nil
	})
	if err != nil || last == nil {
		return registry.Change{}, err
	}
	return last.Change, nil
}

// identifyFor is identify; for a repair, an official whose own entry cannot be read counts as the founding names them, and a region
// whose endings cannot be read inherits nothing. All three agencies look at a repair, so that an official who has retired since the
// founding gains nothing by it alone.
func (w *work) identifyFor(c *registry.Change) error {
	if c.Repair == nil {
		return w.identify()
	}
	own := relief.OfficialKey(w.Actor.By.Agency, w.Actor.By.Name)
	entry, err := readableOf[registry.OfficialEntry](w, own)
	if err != nil {
		return err
	}
	kept, err := w.Value(own)
	if err != nil {
		return err
	}
	if entry == nil && kept != nil {
		founding, err := w.agreedLast(func(c *registry.Change) bool { return c.Officials != nil })
		if err != nil {
			return err
		}
		entry = founding.Founder(w.Actor.By.Agency, w.Actor.By.Name, w.Actor)
	}
	if w.Actor.By, err = entry.Admit(w.Actor.By, w.serial); err != nil {
		return err
	}
	endings, err := readableOf[registry.Endings](w, relief.EndingsKey(w.Actor.By.Region))
	if inherited := endings.InheritedOn(relief.DefaultCalendar.Day(w.Actor.At)); len(inherited) > 0 {
		w.Actor.By.Inherited = (*relief.Inherited)(&inherited)
	}
	return err
}
