// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// registry reads the registry, nil before the founding. Duties and regions have a key each, so that an act reads only
// those that concern it.
func (w *work) registry() (*registry.Registry, error) {
	err := w.Fetch(relief.AgenciesKey(), relief.CosigningKeysKey(), relief.ThresholdsKey(), relief.DepartmentsKey(),
		relief.CalendarKey(), relief.ParametersKey(), relief.ReferenceKeyKey(), relief.ContactsKey(), relief.RevisionsKey())
	if err != nil {
		return nil, err
	}
	agencies, err := uow.Find[[]registry.Agency](w.Work, relief.AgenciesKey())
	if err != nil || agencies == nil {
		return nil, err
	}
	r := &registry.Registry{
		Agencies: *agencies, Regions: []registry.RegionEntry{}, Duties: []relief.Duty{},
		CosigningKeys: []registry.CosigningKey{}, Thresholds: map[string]int64{}, Sources: []registry.Department{},
		Contacts: []registry.Contact{},
	}
	if err := w.registryValues(r); err != nil {
		return nil, err
	}
	err = w.Scan(relief.Key{Kind: relief.KindRegion}, func(_ []string, value []byte) error {
		e, err := uow.Parse[registry.RegionEntry](relief.KindRegion, value)
		if err != nil {
			return err
		}
		r.Regions = append(r.Regions, *e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = w.Scan(relief.Key{Kind: relief.KindDuty}, func(_ []string, value []byte) error {
		d, err := uow.Parse[[]relief.Duty](relief.KindDuty, value)
		if err != nil {
			return err
		}
		r.Duties = append(r.Duties, *d...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// registryValues reads the sections that have one key each.
func (w *work) registryValues(r *registry.Registry) error {
	keys, err := uow.Find[[]registry.CosigningKey](w.Work, relief.CosigningKeysKey())
	if err != nil {
		return err
	}
	if keys != nil {
		r.CosigningKeys = *keys
	}
	thresholds, err := uow.Find[map[string]int64](w.Work, relief.ThresholdsKey())
	if err != nil {
		return err
	}
	if thresholds != nil {
		r.Thresholds = *thresholds
	}
	departments, err := w.departments()
	if err != nil {
		return err
	}
	if departments != nil {
		r.Sources = departments
	}
	days, err := w.days()
	if err != nil {
		return err
	}
	r.Calendar = *days
	if r.ReferenceKey, err = w.referenceKey(); err != nil {
		return err
	}
	contacts, err := uow.Find[[]registry.Contact](w.Work, relief.ContactsKey())
	if err != nil {
		return err
	}
	if contacts != nil {
		r.Contacts = *contacts
	}
	if r.Parameters, err = w.fixed(); err != nil {
		return err
	}
	revisions, err := uow.Find[registry.Revisions](w.Work, relief.RevisionsKey())
	if err == nil && revisions != nil {
		r.Revisions = *revisions
	}
	return err
}

// putRegistry writes the sections that the change of a proposal gives, each in place of what there was.
func (w *work) putRegistry(before *registry.Registry, p *registry.Proposal) error {
	c := &p.Change
	for _, section := range []struct {
		given bool
		key   relief.Key
		value any
	}{
		{c.Agencies != nil, relief.AgenciesKey(), c.Agencies},
		{c.CosigningKeys != nil, relief.CosigningKeysKey(), c.CosigningKeys},
		{c.Thresholds != nil, relief.ThresholdsKey(), c.Thresholds},
		{c.Sources != nil, relief.DepartmentsKey(), c.Sources},
		{c.Calendar != nil, relief.CalendarKey(), c.Calendar},
		{c.Parameters != nil, relief.ParametersKey(), c.Parameters},
		{c.ReferenceKey != nil, relief.ReferenceKeyKey(), c.ReferenceKey},
		{c.Contacts != nil, relief.ContactsKey(), c.Contacts},
	} {
		if !section.given {
			continue
		}
		if err := w.Put(section.key, section.value); err != nil {
			return err
		}
	}
	if before == nil {
		before = &registry.Registry{}
		if err := w.putFounders(c); err != nil {
			return err
		}
	} else if len(c.Sections()) > 0 {
		if err := w.Put(relief.RevisionsKey(), before.Revisions.After(p.ID, c)); err != nil {
			return err
		}
	}
	if c.Regions != nil {
		if err := w.replace(regionValues(before.Regions), regionValues(c.Regions)); err != nil {
			return err
		}
		if err := w.replace(endingValues(before.Regions), endingValues(c.Regions)); err != nil {
			return err
		}
	}
	if c.Duties != nil {
		if err := w.replace(dutyValues(before.Duties), dutyValues(c.Duties)); err != nil {
			return err
		}
	}
	return w.putRepairs(c.Repair)
}

// keyed is a value and its key.
type keyed struct {
	key   relief.Key
	value []byte
}

// replace writes what is new or differs and deletes what is gone.
func (w *work) replace(before, after []keyed) error {
	for _, a := range after {
		i := slices.IndexFunc(before, a.sameKey)
		if i >= 0 && bytes.Equal(before[i].value, a.value) {
			continue
		}
		if err := w.PutValue(a.key, a.value); err != nil {
			return err
		}
	}
	for _, b := range before {
		if slices.ContainsFunc(after, b.sameKey) {
			continue
		}
		if err := w.Delete(b.key); err != nil {
			return err
		}
	}
	return nil
}

func (a keyed) sameKey(b keyed) bool { return a.key.String() == b.key.String() }

func regionValues(regions []registry.RegionEntry) []keyed {
	out := make([]keyed, len(regions))
	for i, r := range regions {
		b, _ := json.Marshal(r) // strings only: cannot fail
		out[i] = keyed{relief.RegionKey(r.Code), b}
	}
	return out
}

// endingValues are the endings of regions, which follow from them.
func endingValues(regions []registry.RegionEntry) []keyed {
	var out []keyed
	for _, e := range registry.EndingsOf(regions) {
		b, _ := json.Marshal(e.Endings) // strings only: cannot fail
		out = append(out, keyed{relief.EndingsKey(e.Region), b})
	}
	return out
}

// dutyValues gathers the duties of each act, in the order in which the acts are first named.
func dutyValues(duties []relief.Duty) []keyed {
	var acts []relief.Act
	byAct := map[relief.Act][]relief.Duty{}
	for _, d := range duties {
		if byAct[d.Act] == nil {
			acts = append(acts, d.Act)
		}
		byAct[d.Act] = append(byAct[d.Act], d)
	}
	out := make([]keyed, len(acts))
	for i, act := range acts {
		b, _ := json.Marshal(byAct[act]) // strings only: cannot fail
		out[i] = keyed{relief.DutyKey(string(act)), b}
	}
	return out
}

// duties reads the duties of some acts.
func (w *work) duties(acts []relief.Act) ([]relief.Duty, error) {
	keys := make([]relief.Key, len(acts))
	for i, act := range acts {
		keys[i] = relief.DutyKey(string(act))
	}
	values, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	var duties []relief.Duty
	for _, b := range values {
		if b == nil {
			continue
		}
		d, err := uow.Parse[[]relief.Duty](relief.KindDuty, b)
		if err != nil {
			return nil, err
		}
		duties = append(duties, *d...)
	}
	return duties, nil
}
