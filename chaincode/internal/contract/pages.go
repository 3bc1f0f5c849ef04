// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// kept is what the collection has of a person.
type kept struct {
	keys       []string // of values that are this person's alone
	pages      []keptPage
	programmes []relief.ProgrammeID
}

// keptPage is a page that a person is on.
type keptPage struct {
	programme relief.ProgrammeID
	record    roll.IndexEntry
	page      roll.DetailPageRecord
	key       string
	hash      []byte
}

// keptDetails finds the private details that are there, of any programme: of the person, and of the household whose head the
// person is. Hashes tell, which every peer has. Of a programme whose roll the person was never on, only the programme's region
// says who may erase.
func (ctx *Context) keptDetails(subject relief.SubjectRef, onRoll map[relief.ProgrammeID]roll.IndexEntry) (*kept, error) {
	out := &kept{}
	return out, ctx.scan(relief.Key{Kind: relief.KindProgramme}, func(_ []string, value []byte) error {
		p, err := parseRecord[programme.Programme](relief.KindProgramme, value)
		if err != nil || len(p.Versions) == 0 {
			return err
		}
		id, found := p.Versions[0].ID, false
		for _, k := range []relief.Key{relief.RollIndexKey(subject, id), relief.FactsKey(subject, id)} {
			key, hash, err := ctx.privateHash(k)
			if err != nil {
				return err
			}
			if len(hash) > 0 {
				out.keys, found = append(out.keys, key), true
			}
		}
		record, standing := onRoll[id]
		if !record.Page.IsZero() {
			page, err := ctx.keptPage(id, record)
			if err != nil {
				return err
			}
			out.pages, found = append(out.pages, page), true
		}
		if !found {
			return nil
		}
		out.programmes = append(out.programmes, id)
		if standing {
			return nil
		}
		return relief.RequireRegion(ctx.stamp.By, p.Versions[0].Region)
	})
}

func (ctx *Context) keptPage(programme relief.ProgrammeID, record roll.IndexEntry) (keptPage, error) {
	p := keptPage{programme: programme, record: record}
	page, err := load[roll.DetailPageRecord](ctx, relief.DetailPageKey(programme, record.Page))
	if err != nil {
		return p, err
	}
	if page != nil {
		p.page = *page
	}
	p.key, p.hash, err = ctx.privateHash(relief.DetailPageValueKey(programme, record.Page, p.page.Generation))
	if err == nil && len(p.hash) == 0 {
		err = relief.Errorf(relief.CodeCorrupt, "the page of a person's details is not there")
	}
	return p, err
}

func (ctx *Context) privateHash(k relief.Key) (key string, hash []byte, err error) {
	if key, err = ctx.key(k); err != nil {
		return "", nil, err
	}
	if hash, err = ctx.GetStub().GetPrivateDataHash(relief.DetailsCollection, key); err != nil {
		return "", nil, fmt.Errorf("reading a hash of private details: %w", err)
	}
	return key, hash, nil
}

// purgeDetails is the one place that erases private details.
func (ctx *Context) purgeDetails(subject relief.SubjectRef, k *kept) error {
	rests, err := ctx.rests(subject, k.pages)
	if err != nil {
		return err
	}
	for i, p := range k.pages {
		next := roll.DetailPageRecord{Generation: p.page.Generation + 1}
		if rests[i] != nil {
			if err := ctx.putPrivate(relief.DetailPageValueKey(p.programme, p.record.Page, next.Generation), rests[i]); err != nil {
				return err
			}
		}
		if err := save(ctx, relief.DetailPageKey(p.programme, p.record.Page), next); err != nil {
			return err
		}
		if err := save(ctx, relief.RollIndexKey(subject, p.programme), p.record.Erased()); err != nil {
			return err
		}
		k.keys = append(k.keys, p.key)
	}
	for _, key := range k.keys {
		if err := ctx.GetStub().PurgePrivateData(relief.DetailsCollection, key); err != nil {
			return fmt.Errorf("erasing private details: %w", err)
		}
	}
	return nil
}

// rests are the pages without the person, nil for one with nobody else on it. The peer of an agency outside the collection has
// no page, so the client brings them, and they are held against the hashes that every peer has.
func (ctx *Context) rests(subject relief.SubjectRef, pages []keptPage) ([][]byte, error) {
	if len(pages) == 0 {
		return nil, nil
	}
	b, err := ctx.transient(wire.TransientPages)
	if err != nil {
		return nil, err
	}
	given, err := roll.DecodeDetails(b)
	if err != nil {
		return nil, err
	}
	if len(given) != len(pages) {
		return nil, &relief.Error{Code: relief.CodeConflict, Field: wire.TransientPages, Detail: fmt.Sprintf("%d pages came, the person is on %d", len(given), len(pages))}
	}
	rests := make([][]byte, len(pages))
	for i, p := range pages {
		if hash := sha256.Sum256(given[i]); !bytes.Equal(hash[:], p.hash) {
			return nil, &relief.Error{Code: relief.CodeConflict, Field: wire.TransientPages, Detail: "a page has changed since it was read: read it again"}
		}
		if rests[i], err = roll.WithoutPerson(given[i], subject); err != nil {
			return nil, err
		}
	}
	return rests, nil
}

// pageKeys are the keys of the generations that hold.
func (ctx *Context) pageKeys(programme relief.ProgrammeID, pages []relief.DetailPageID) ([]relief.Key, error) {
	if len(pages) == 0 {
		return nil, nil
	}
	keys := make([]relief.Key, len(pages))
	for i, id := range pages {
		keys[i] = relief.DetailPageKey(programme, id)
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return nil, err
	}
	for i, id := range pages {
		page := &roll.DetailPageRecord{}
		if b := values[i]; b != nil {
			if page, err = parseRecord[roll.DetailPageRecord](relief.KindDetailPage, b); err != nil {
				return nil, err
			}
		}
		keys[i] = relief.DetailPageValueKey(programme, id, page.Generation)
	}
	return keys, nil
}

// Pages gives the pages that a person is on, sealed as they are, for whoever is to erase the person: Erase takes them in this
// order. Under Person's conditions, by the duty of Erase.
func (c *caseContract) Pages(ctx *Context, input string) (string, error) {
	type subject struct {
		Subject relief.SubjectRef `json:"subject"`
	}
	type pages struct {
		Pages [][]byte `json:"pages"` // in base64, in the order of the programmes
	}
	in, err := begin[subject](ctx, relief.ActPersonErase, input)
	if err != nil {
		return "", err
	}
	if err := c.ownPeer(ctx); err != nil {
		return "", err
	}
	var keys []relief.Key
	err = ctx.standings(in.Subject, func(at *standing) error {
		if err := relief.RequireRegion(ctx.stamp.By, at.entry().Region); err != nil || at.record.Page.IsZero() {
			return err
		}
		key, err := ctx.pageKeys(at.place.Programme, []relief.DetailPageID{at.record.Page})
		keys = append(keys, key...)
		return err
	})
	if err != nil {
		return "", err
	}
	values, err := ctx.getPrivate(keys)
	if err != nil {
		return "", err
	}
	return encode(pages{Pages: append([][]byte{}, values...)}, nil)
}
