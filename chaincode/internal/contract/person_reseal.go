// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/hex"
	"errors"
	"slices"
	"strconv"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// SealedNames lists the sealed documents of a segment's people.
func (*personContract) SealedNames(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonSealedNames, sealedNames)
}

// Sealed gives sealed documents.
func (*personContract) Sealed(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonSealed, sealedDocuments)
}

// ProposeReseal proposes to seal documents again.
func (*personContract) ProposeReseal(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonProposeReseal, proposeReseal)
}

// ConfirmReseal has documents that were sealed again take the places of the earlier ones, or refuses to.
func (*personContract) ConfirmReseal(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonConfirmReseal, confirmReseal)
}

// GetReseal gives a resealing.
func (*personContract) GetReseal(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonGetReseal, func(w *work, in api.ResealInput) (reseal.Reseal, error) {
		return uow.Get[reseal.Reseal](w.Work, relief.ResealKey(in.ID))
	})
}

// ListReseals gives a page of resealings.
func (*personContract) ListReseals(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonListReseals, func(w *work, in api.ResealFilter) (api.Page[reseal.Reseal], error) {
		in.Limit = min(in.Limit, api.MaxReseals)
		return uow.List(w.Work, relief.KindReseal, in.PageInput, relief.ParseResealID, func(r *reseal.Reseal) bool {
			return (in.Region == "" || in.Region.Covers(r.County)) && (in.State == "" || in.State == r.State)
		})
	})
}

// sealedNames names the documents that the collection may have of a segment's people.
func sealedNames(w *work, in api.SegmentDetailsInput) (api.SealedNames, error) {
	out := api.SealedNames{Names: []string{}}
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return out, err
	}
	if err := relief.RequireRegion(w.Actor.By, in.County); err != nil {
		return out, err
	}
	seg, err := w.segment(at)
	if err != nil {
		return out, err
	}
	from, to, err := in.Slots(at.First(), seg.Len())
	if err != nil {
		return out, err
	}
	if to < seg.Len() {
		out.Next = at.First() + uint32(to) //nolint:gosec // at most a segment's size
	}
	refs := make([]relief.SubjectRef, to-from)
	for i := range refs {
		refs[i] = seg.Ref(from + i)
	}
	entries, err := w.indexEntries(in.Programme, refs)
	if err != nil {
		return out, err
	}
	named := map[string]bool{}
	add := func(k relief.Key) {
		if name := k.Name(); !named[name] {
			named[name], out.Names = true, append(out.Names, name)
		}
	}
	for i, ref := range refs {
		add(relief.RollIndexKey(ref, in.Programme))
		if entries[i].Changed() {
			add(entries[i].DetailsKey(ref, in.Programme))
		}
		for _, page := range entries[i].Pages() {
			add(relief.DetailPageKey(in.Programme, page))
		}
	}
	return out, nil
}

// sealedPlace is where a sealed document is kept, whose it is, and of which county.
type sealedPlace struct {
	key       relief.Key // for a detail page, of its record
	page      roll.DetailPageRecord
	county    relief.Region
	programme relief.ProgrammeID
	subject   relief.SubjectRef // whom it is bound to; the zero reference for a page
}

// sealedDocuments gives the documents of a county that are there, to a member of the collection.
func sealedDocuments(w *work, in api.SealedInput) (api.SealedDocuments, error) {
	out := api.SealedDocuments{Items: []api.SealedDocument{}}
	if err := w.ownPeer(); err != nil {
		return out, err
	}
	if err := relief.RequireRegion(w.Actor.By, in.County); err != nil {
		return out, err
	}
	if n := len(in.Names); n < 1 || n > reseal.MaxDocuments {
		return out, relief.FieldErrorf("names", "there are 1 to %d names", reseal.MaxDocuments)
	}
	places, err := w.sealedPlaces(in.Names)
	if err != nil {
		return out, err
	}
	var keys []relief.Key
	var found []*sealedPlace
	for _, p := range places {
		if p == nil || p.county != in.County {
			continue
		}
		keys, found = append(keys, p.valueKey()), append(found, p)
	}
	values, err := w.PrivateValues(keys...)
	if err != nil {
		return out, err
	}
	for i, b := range values {
		if b != nil {
			out.Items = append(out.Items, api.SealedDocument{
				Name: found[i].key.Name(), Programme: found[i].programme, Subject: found[i].subject, Document: b,
			})
		}
	}
	return out, nil
}

// valueKey is the key of the value in the collection, as it came: uow.Work knows how often it was sealed again.
func (p *sealedPlace) valueKey() relief.Key {
	if p.key.Kind != relief.KindDetailPage {
		return p.key
	}
	k := p.key
	k.Attrs = append(slices.Clip(k.Attrs), strconv.FormatUint(uint64(p.page.Generation), 10))
	return k
}

// sealedPlaces finds the places of documents; nil for one of which the ledger knows nothing.
func (w *work) sealedPlaces(names []string) ([]*sealedPlace, error) {
	keys := make([]relief.Key, len(names))
	var reads []relief.Key
	for i, name := range names {
		k, err := relief.ParseSealedKey(name)
		if err != nil {
			return nil, err
		}
		keys[i], reads = k, append(reads, sealedRecord(k))
	}
	if err := w.Fetch(reads...); err != nil {
		return nil, err
	}
	places := make([]*sealedPlace, len(keys))
	for i, k := range keys {
		p, err := w.sealedPlace(k)
		if errors.Is(err, &relief.Error{Code: relief.CodeNotFound}) {
			continue
		}
		if err != nil {
			return nil, err
		}
		places[i] = p
	}
	return places, nil
}

// sealedRecord is the key of the record in public state that a sealed document belongs to.
func sealedRecord(k relief.Key) relief.Key {
	switch k.Kind {
	case relief.KindFacts, relief.KindCaseDetails:
		return relief.CaseKey(relief.CaseID(k.Attrs[0]))
	case relief.KindLink:
		return relief.Key{Kind: relief.KindLink, Attrs: k.Attrs[:1]}
	}
	return k
}

// sealedPlace is the place of one document; NOT_FOUND when its record is not there or names no such document.
func (w *work) sealedPlace(k relief.Key) (*sealedPlace, error) {
	switch k.Kind {
	case relief.KindFacts, relief.KindCaseDetails:
		return w.sealedOfCase(k)
	case relief.KindChange:
		return w.sealedOfChange(k)
	case relief.KindLink:
		l, err := uow.Get[roll.Link](w.Work, sealedRecord(k))
		return &sealedPlace{key: k, county: l.Region.County(), programme: relief.ProgrammeID(k.Attrs[1]), subject: l.To}, err
	case relief.KindDetailPage:
		id, err := relief.ParseDetailPageID(k.Attrs[1])
		if err != nil {
			return nil, err
		}
		programme := relief.ProgrammeID(k.Attrs[0])
		page, err := w.detailPage(programme, id)
		return &sealedPlace{key: k, page: page, county: id.County, programme: programme}, err
	}
	programme := relief.ProgrammeID(k.Attrs[0])
	ref, err := relief.ParseSubjectRef(k.Attrs[1])
	if err != nil {
		return nil, err
	}
	index, err := uow.Get[roll.IndexEntry](w.Work, k)
	return &sealedPlace{key: k, county: index.County, programme: programme, subject: ref}, err
}

// sealedOfCase is the place of facts of a case, or of its head's details.
func (w *work) sealedOfCase(k relief.Key) (*sealedPlace, error) {
	c, err := w.getCase(relief.CaseID(k.Attrs[0]))
	if err != nil {
		return nil, err
	}
	p := &sealedPlace{key: k, county: c.Region.County()}
	p.subject, p.programme = c.SealedFor(0)
	if k.Kind == relief.KindCaseDetails {
		return p, nil
	}
	for _, v := range c.FactsVersions() {
		if relief.FactsKey(c.ID, v.Act).Name() == k.Name() {
			p.subject, p.programme = c.SealedFor(v.Act)
			return p, nil
		}
	}
	return nil, relief.Errorf(relief.CodeNotFound, "the case has no such facts")
}

// sealedOfChange is the place of the details that came with a change. They are of the county in which they count.
func (w *work) sealedOfChange(k relief.Key) (*sealedPlace, error) {
	c, err := w.change(relief.ChangeID(k.Attrs[0]))
	if err != nil {
		return nil, err
	}
	p := &sealedPlace{key: k, county: c.County}
	if c.Opened != nil {
		p.county = c.Opened.County
	}
	p.subject, p.programme = c.Details()
	return p, nil
}

// proposeReseal proposes to seal documents again. Nothing of them is written.
func proposeReseal(w *work, in reseal.Terms) (reseal.Reseal, error) {
	out, changed, err := reseal.Propose(in, func(id relief.ResealID) (*reseal.Reseal, error) {
		return uow.Find[reseal.Reseal](w.Work, relief.ResealKey(id))
	}, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	names := make([]string, len(in.Documents))
	for i := range in.Documents {
		names[i] = in.Documents[i].Name
	}
	places, err := w.sealedPlaces(names)
	if err != nil {
		return out, err
	}
	for i, p := range places {
		if p == nil || p.county != in.County {
			return out, relief.FieldErrorf("documents", "%s is no document of %s", names[i], in.County)
		}
		is, err := w.isSealedAs(p, in.Documents[i].Before)
		if err != nil {
			return out, err
		}
		if !is {
			return out, &relief.Error{Code: relief.CodeConflict, Field: "documents", Detail: names[i] + " was changed or erased since it was read: read it again"}
		}
	}
	return out, w.Put(relief.ResealKey(out.ID), out)
}

// isSealedAs reports whether a place has the document with a hash, which every peer knows.
func (w *work) isSealedAs(p *sealedPlace, sha256 string) (bool, error) {
	hash, err := w.PrivateHash(p.valueKey())
	return err == nil && hex.EncodeToString(hash) == sha256, err
}

// confirmReseal puts the documents of a resealing in their places, or refuses it.
func confirmReseal(w *work, in api.ConfirmResealInput) (reseal.Reseal, error) {
	r, err := uow.Get[reseal.Reseal](w.Work, relief.ResealKey(in.ID))
	if err != nil {
		return r, err
	}
	out, changed, err := reseal.Decide(r, in.Decision, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	if in.Agree {
		if out.Outdated, err = w.reseal(&out); err != nil {
			return r, err
		}
	}
	return out, w.Put(relief.ResealKey(out.ID), out)
}

// reseal puts the documents in their places that are still as they were, and counts the others.
func (w *work) reseal(r *reseal.Reseal) (left int, err error) {
	list, err := w.transientList(wire.TransientSealed)
	if err != nil {
		return 0, err
	}
	given := make(map[string][]byte, len(list)) // only looked up, never ranged over
	for _, b := range list {
		given[hash(b)] = b
	}
	names := make([]string, len(r.Documents))
	for i := range r.Documents {
		names[i] = r.Documents[i].Name
	}
	places, err := w.sealedPlaces(names)
	if err != nil {
		return 0, err
	}
	for i, p := range places {
		is := false
		if p != nil {
			if is, err = w.isSealedAs(p, r.Documents[i].Before); err != nil {
				return 0, err
			}
		}
		if !is {
			left++
			continue
		}
		b := given[r.Documents[i].After]
		if b == nil {
			return 0, relief.FieldErrorf(wire.TransientSealed, "%s did not come as it was proposed", names[i])
		}
		if err := w.putResealed(p, b); err != nil {
			return 0, err
		}
	}
	return left, nil
}

// putResealed puts a document in the place of the one before it, which is purged.
func (w *work) putResealed(p *sealedPlace, value []byte) error {
	if p.key.Kind != relief.KindDetailPage {
		return w.Reseal(p.key, value)
	}
	if err := w.Purge(p.valueKey()); err != nil {
		return err
	}
	p.page.Generation++
	if err := w.Put(p.key, p.page); err != nil {
		return err
	}
	return w.PutPrivate(p.valueKey(), value)
}

// sealedAs is the value of a key of the collection if it is the one that a record names by its hash, or what that was sealed
// again as; nil for any other.
func (w *work) sealedAs(k relief.Key, sha256 string) ([]byte, error) {
	values, err := w.PrivateValues(k)
	if err != nil {
		return nil, err
	}
	s, err := w.Sealing(k)
	if err != nil {
		return nil, err
	}
	if s.Times > 0 {
		sha256 = s.SHA256
	}
	if values[0] == nil || hash(values[0]) != sha256 {
		return nil, nil
	}
	return values[0], nil
}
