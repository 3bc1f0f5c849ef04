// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// registry reads the registry, nil before the founding. Duties and regions have a key each, so that an act reads only
// those that concern it.
func (ctx *Context) registry() (*registry.Registry, error) {
	agencies, err := load[[]registry.Agency](ctx, relief.AgenciesKey())
	if err != nil || agencies == nil {
		return nil, err
	}
	r := &registry.Registry{
		Agencies: *agencies, Regions: []registry.RegionEntry{}, Duties: []relief.Duty{},
		CosigningKeys: []registry.CosigningKey{}, Thresholds: map[string]int64{}, Sources: []registry.Department{},
	}
	keys, err := load[[]registry.CosigningKey](ctx, relief.CosigningKeysKey())
	if err != nil {
		return nil, err
	}
	if keys != nil {
		r.CosigningKeys = *keys
	}
	thresholds, err := load[map[string]int64](ctx, relief.ThresholdsKey())
	if err != nil {
		return nil, err
	}
	if thresholds != nil {
		r.Thresholds = *thresholds
	}
	d := ctx.desk()
	if err := d.fetch(relief.DepartmentsKey(), relief.CalendarKey(), relief.ParametersKey()); err != nil {
		return nil, err
	}
	if sources, err := d.departments(); err != nil {
		return nil, err
	} else if sources != nil {
		r.Sources = sources
	}
	days, err := d.days()
	if err != nil {
		return nil, err
	}
	r.Calendar = *days
	if r.Parameters, err = d.fixed(); err != nil {
		return nil, err
	}
	err = ctx.scan(relief.Key{Kind: relief.KindRegion}, func(_ []string, value []byte) error {
		e, err := parseRecord[registry.RegionEntry](relief.KindRegion, value)
		if err == nil {
			r.Regions = append(r.Regions, *e)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, ctx.scan(relief.Key{Kind: relief.KindDuty}, func(_ []string, value []byte) error {
		d, err := parseRecord[[]relief.Duty](relief.KindDuty, value)
		if err == nil {
			r.Duties = append(r.Duties, *d...)
		}
		return err
	})
}

// apply writes the sections that a change gives, each in place of what there was.
func (ctx *Context) apply(before *registry.Registry, c *registry.Change) error {
	stub := ctx.GetStub()
	stub.StartWriteBatch()
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
	} {
		if section.given {
			if err := save(ctx, section.key, section.value); err != nil {
				return err
			}
		}
	}
	if before == nil {
		before = &registry.Registry{}
	}
	if c.Regions != nil {
		if err := ctx.replace(regionValues(before.Regions), regionValues(c.Regions)); err != nil {
			return err
		}
	}
	if c.Duties != nil {
		if err := ctx.replace(dutyValues(before.Duties), dutyValues(c.Duties)); err != nil {
			return err
		}
	}
	if err := stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("writing the registry: %w", err)
	}
	return nil
}

// keyed is a value and its key.
type keyed struct {
	key   relief.Key
	value []byte
}

// replace writes what is new or differs and deletes what is gone.
func (ctx *Context) replace(before, after []keyed) error {
	for _, a := range after {
		i := slices.IndexFunc(before, func(b keyed) bool { return b.key.String() == a.key.String() })
		if i >= 0 && bytes.Equal(before[i].value, a.value) {
			continue
		}
		if err := ctx.put(a.key, a.value); err != nil {
			return err
		}
	}
	for _, b := range before {
		if slices.ContainsFunc(after, func(a keyed) bool { return a.key.String() == b.key.String() }) {
			continue
		}
		key, err := ctx.key(b.key)
		if err != nil {
			return fmt.Errorf("key of kind %s: %w", b.key.Kind, err)
		}
		if err := ctx.GetStub().DelState(key); err != nil {
			return fmt.Errorf("deleting a %s: %w", b.key.Kind, err)
		}
	}
	return nil
}

func regionValues(regions []registry.RegionEntry) []keyed {
	out := make([]keyed, len(regions))
	for i, r := range regions {
		b, _ := json.Marshal(r) // strings only: cannot fail
		out[i] = keyed{relief.RegionKey(r.Code), b}
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

// registered refuses a region that the register does not have, or not at the transaction's time.
func (ctx *Context) registered(r relief.Region) error {
	if r == "" {
		return nil // the domain refuses it
	}
	codes := registry.RegisteredAncestors(r)
	keys := make([]relief.Key, len(codes))
	for i, code := range codes {
		keys[i] = relief.RegionKey(code)
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return err
	}
	var entries []registry.RegionEntry
	for _, b := range values {
		if b == nil {
			continue
		}
		e, err := parseRecord[registry.RegionEntry](relief.KindRegion, b)
		if err != nil {
			return err
		}
		entries = append(entries, *e)
	}
	return registry.RegionValid(entries, r, ctx.stamp.At)
}
