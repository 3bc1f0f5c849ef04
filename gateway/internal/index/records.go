package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/index/sqldb"
)

func errNotFound(kind string) error {
	return relief.Errorf(relief.CodeNotFound, "no %s has this id", kind)
}

// Record is the current value of a record that is one JSON document; NOT_FOUND when there is none.
func (ix *Index) Record(ctx context.Context, kind, name string) (value json.RawMessage, err error) {
	err = ix.view(ctx, func(r *reader) error {
		if value, err = r.record(kind, name); err != nil {
			return err
		}
		if value == nil {
			return errNotFound(kind)
		}
		return nil
	})
	return value, err
}

// History lists the values that a record had, the oldest first.
func (ix *Index) History(ctx context.Context, kind, name string) (values []json.RawMessage, err error) {
	err = ix.view(ctx, func(r *reader) error {
		versions, err := r.versions(kind, name)
		for i := range versions {
			document, err := stored.Document(kind, versions[i].value)
			if err != nil {
				return err
			}
			values = append(values, document)
		}
		return err
	})
	return values, err
}

// maxScanned bounds how many records one page reads.
const maxScanned = 2000

// Records lists the records of a kind for which keep is true (nil: all records), in the order of their ids. The cursor is
// the id of the last record of the page before.
func (ix *Index) Records(
	ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error),
) (page Page[json.RawMessage], err error) {
	page.Items = []json.RawMessage{}
	limit = min(limit, MaxPage)
	err = ix.view(ctx, func(r *reader) error {
		if err := r.knownCursor(kind, cursor); err != nil {
			return err
		}
		if page.Unreadable, err = r.missing(kind); err != nil {
			return err
		}
		scanned, last := 0, ""
		err := r.each("SELECT k.name, v.value FROM keys k JOIN versions v ON v.key = k.n AND v.place = k.place "+
			"WHERE k.kind = $1 AND k.name > $2 AND v.deleted = 0 ORDER BY k.name LIMIT $3", func(rows *sql.Rows) error {
			if len(page.Items) == limit || scanned == maxScanned {
				page.Next = last
				return nil
			}
			var value []byte
			if err := rows.Scan(&last, &value); err != nil {
				return err
			}
			scanned++
			document, err := stored.Document(kind, value)
			if err != nil {
				return err
			}
			if keep != nil {
				if ok, err := keep(document); err != nil || !ok {
					return err
				}
			}
			page.Items = append(page.Items, document)
			return nil
		}, kind, cursor, maxScanned+1)
		return err
	})
	return page, err
}

// Duties says who may do some acts, according to the registry.
func (ix *Index) Duties(ctx context.Context, acts ...relief.Act) (duties []relief.Duty, err error) {
	names := make([]any, len(acts))
	for i, act := range acts {
		names[i] = string(act)
	}
	var w sqldb.Where
	w.Add("k.kind = ? AND v.deleted = 0", relief.KindDuty)
	w.AddIn("k.name", names...)
	err = ix.view(ctx, func(r *reader) error {
		return r.each("SELECT v.value FROM keys k JOIN versions v ON v.key = k.n AND v.place = k.place WHERE "+w.String(), func(rows *sql.Rows) error {
			var value []byte
			var of []relief.Duty
			if err := rows.Scan(&value); err != nil {
				return err
			}
			err := json.Unmarshal(value, &of)
			duties = append(duties, of...)
			return err
		}, w.Args...)
	})
	return duties, err
}

// Official is an official's entry, nil for somebody who is not registered. The name is as relief.FoldOfficialName spells it.
func (ix *Index) Official(ctx context.Context, agency, name string) (entry *registry.OfficialEntry, err error) {
	err = ix.view(ctx, func(r *reader) error {
		value, err := r.record(relief.KindOfficial, agency+"/"+name)
		if err != nil || value == nil {
			return err
		}
		entry = &registry.OfficialEntry{}
		return json.Unmarshal(value, entry)
	})
	return entry, err
}

// RegionOnRoll is the region of the person with a number on a roll; NOT_FOUND for a number that the roll does not have.
func (ix *Index) RegionOnRoll(
	ctx context.Context, programme relief.ProgrammeID, county relief.Region, number uint32,
) (region relief.Region, err error) {
	err = ix.view(ctx, func(r *reader) error {
		n, err := r.roll(programme, county)
		if err != nil {
			return err
		}
		var subject, value []byte
		found, err := r.one("SELECT subject, value FROM entries WHERE n = $1", []any{entryNumber(n, number)}, &subject, &value)
		if err != nil {
			return err
		}
		if n == 0 || !found {
			return errNotFound("payment")
		}
		e, err := entry(relief.SubjectRef(subject), value, rollName{programme, county}, number)
		region = e.Region
		return err
	})
	return region, err
}

// Registry is what the agencies have agreed on; NOT_FOUND before the founding. Parts that were never set have the
// defaults of the contracts.
func (ix *Index) Registry(ctx context.Context) (reg registry.Registry, err error) {
	err = ix.view(ctx, func(r *reader) error {
		err := r.require(func(p *passedOver) bool { return p.Kind == relief.KindRegion || p.Kind == relief.KindDuty })
		if err != nil {
			return err
		}
		err = errors.Join(
			section(r, relief.KindAgencies, &reg.Agencies, nil),
			section(r, relief.KindCosigning, &reg.CosigningKeys, []registry.CosigningKey{}),
			section(r, relief.KindThresholds, &reg.Thresholds, map[string]int64{}),
			section(r, relief.KindDepartments, &reg.Sources, []registry.Department{}),
			section(r, relief.KindCalendar, &reg.Calendar, relief.DefaultCalendar),
			section(r, relief.KindParameters, &reg.Parameters, programme.DefaultParameters),
			section(r, relief.KindContacts, &reg.Contacts, []registry.Contact{}),
			section(r, relief.KindReference, &reg.ReferenceKey, nil),
		)
		if err != nil {
			return err
		}
		if reg.Agencies == nil {
			return relief.Errorf(relief.CodeNotFound, "the registry is not founded yet")
		}
		reg.Regions, reg.Duties = []registry.RegionEntry{}, []relief.Duty{}
		if err := r.sections(relief.KindRegion, func(value []byte) error {
			var e registry.RegionEntry
			err := json.Unmarshal(value, &e)
			reg.Regions = append(reg.Regions, e)
			return err
		}); err != nil {
			return err
		}
		return r.sections(relief.KindDuty, func(value []byte) error {
			var d []relief.Duty
			err := json.Unmarshal(value, &d)
			reg.Duties = append(reg.Duties, d...)
			return err
		})
	})
	return reg, err
}

// Cosigners are the agencies and the keys with which they sign the logs: what of the registry the logs ask for with every block. No
// agencies before the founding.
func (ix *Index) Cosigners(ctx context.Context) (agencies []registry.Agency, keys []registry.CosigningKey, err error) {
	err = ix.view(ctx, func(r *reader) error {
		return errors.Join(section(r, relief.KindAgencies, &agencies, nil), section(r, relief.KindCosigning, &keys, nil))
	})
	return agencies, keys, err
}

// section reads a part of the registry that is one record.
func section[T any](r *reader, kind string, into *T, otherwise T) error {
	value, err := r.record(kind, "")
	if err != nil {
		return err
	}
	if value == nil {
		*into = otherwise
		return nil
	}
	var v T
	err = json.Unmarshal(value, &v)
	*into = v
	return err
}

// sections calls f with the value of each record of a kind, in the order of their ids.
func (r *reader) sections(kind string, f func([]byte) error) error {
	return r.each("SELECT v.value FROM keys k JOIN versions v ON v.key = k.n AND v.place = k.place "+
		"WHERE k.kind = $1 AND v.deleted = 0 ORDER BY k.name",
		func(rows *sql.Rows) error {
			var value []byte
			if err := rows.Scan(&value); err != nil {
				return err
			}
			return f(value)
		}, kind)
}

// Subject lists a person's present entries on all rolls, in the order of the programmes.
func (ix *Index) Subject(ctx context.Context, ref relief.SubjectRef) ([]roll.Entry, error) {
	entries := []roll.Entry{}
	err := ix.view(ctx, func(r *reader) error {
		holdings, err := r.rollHoldings(ref)
		if err != nil {
			return err
		}
		for _, h := range holdings {
			if h.current {
				entries = append(entries, h.Entry)
			}
		}
		return nil
	})
	return entries, err
}
