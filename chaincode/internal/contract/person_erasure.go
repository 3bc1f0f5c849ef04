// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

var proposeErasureAction = action[roll.ErasureTerms, roll.Erasure]{
	f: api.PersonProposeErasure, reads: func(_ *work, in roll.ErasureTerms) []relief.Key { return erasureReads(in.Subject) },
	handle: proposeErasure,
}

func erasureReads(subject relief.SubjectRef) []relief.Key {
	return []relief.Key{
		relief.ErasureKey(subject), relief.MemberKey(subject), relief.HoldKey(relief.NewSubjectHoldID(subject)), relief.CalendarKey(),
	}
}

// proposeErasure proposes to erase what is kept of a person. It refuses now what the confirmation would refuse.
func proposeErasure(w *work, in roll.ErasureTerms) (roll.Erasure, error) {
	var none roll.Erasure
	if err := in.Check(); err != nil {
		return none, err
	}
	existing, err := uow.Find[roll.Erasure](w.Work, relief.ErasureKey(in.Subject))
	if err != nil {
		return none, err
	}
	t, err := w.traces(in.Subject)
	if err != nil {
		return none, err
	}
	if err := t.requireRegion(w.Actor.By); err != nil {
		return none, err
	}
	kept, err := w.keptDetails(t)
	if err != nil {
		return none, err
	}
	if existing != nil && existing.ProposedAgain(&in, w.Actor) && (existing.State == roll.ErasureProposed || kept.Empty()) {
		return *existing, nil
	}
	if err := w.mayErase(t, in.Reason); err != nil {
		return none, err
	}
	e, err := roll.ProposeErasure(in, existing, t.region(), kept.Kept, w.Actor)
	if err != nil {
		return none, err
	}
	return e, w.Put(relief.ErasureKey(in.Subject), e)
}

// mayErase refuses, with PENDING, what waits: it is asked at the proposal and again at the confirmation.
func (w *work) mayErase(t *traces, reason roll.ErasureReason) error {
	if err := w.requireOver(t); err != nil {
		return err
	}
	return w.requireRetention(t, reason)
}

var confirmErasureAction = action[api.ConfirmErasureInput, roll.Erasure]{
	f: api.PersonConfirmErasure, reads: func(_ *work, in api.ConfirmErasureInput) []relief.Key { return erasureReads(in.Subject) },
	handle: confirmErasure,
}

// confirmErasure purges a person's private details of all programmes from every peer (R52), or refuses to. The roll and the
// payments stay: they tell of a reference, keep everybody from being paid twice, and receipts rest on them.
func confirmErasure(w *work, in api.ConfirmErasureInput) (roll.Erasure, error) {
	e, err := uow.Get[roll.Erasure](w.Work, relief.ErasureKey(in.Subject))
	if err != nil {
		return e, err
	}
	t, err := w.traces(in.Subject)
	if err != nil {
		return e, err
	}
	if err := t.requireRegion(w.Actor.By); err != nil {
		return e, err
	}
	if e.ConfirmedAgain(&in.ErasureDecision, w.Actor) {
		return e, nil
	}
	if in.Agree && e.State == roll.ErasureProposed {
		if err := w.mayErase(t, e.Reason); err != nil {
			return e, err
		}
	}
	kept, err := w.keptDetails(t)
	if err != nil {
		return e, err
	}
	decided, err := w.deciders(t)
	if err != nil {
		return e, err
	}
	out, err := roll.DecideErasure(e, in.ErasureDecision, kept.Kept, decided, w.Actor)
	if err != nil {
		return e, err
	}
	if in.Agree {
		if err := w.eraseKept(t, kept); err != nil {
			return e, err
		}
	}
	return out, w.Put(relief.ErasureKey(in.Subject), out)
}

var withdrawErasureAction = action[api.SubjectInput, roll.Erasure]{
	f: api.PersonWithdrawErasure, reads: func(_ *work, in api.SubjectInput) []relief.Key { return []relief.Key{relief.ErasureKey(in.Subject)} },
	handle: withdrawErasure,
}

func withdrawErasure(w *work, in api.SubjectInput) (roll.Erasure, error) {
	e, err := uow.Get[roll.Erasure](w.Work, relief.ErasureKey(in.Subject))
	if err != nil {
		return e, err
	}
	out, changed, err := roll.WithdrawErasure(e, w.Actor)
	if err != nil {
		return e, err
	}
	return putIf(w, changed, relief.ErasureKey(in.Subject), out)
}

// kept is what the collection has of a person.
type kept struct {
	roll.Kept
	keys   []relief.Key // of values that go as they are
	pages  []keptPage
	tagged []*rollPlace // whose payee is one of the details
	cases  []*casework.Case
}

// keptPage is a detail page that a person is on.
type keptPage struct {
	subject   relief.SubjectRef // the reference under which the person is on it
	programme relief.ProgrammeID
	id        relief.DetailPageID
	index     roll.IndexEntry
	record    roll.DetailPageRecord
	hash      []byte // of the page on the ledger; nil for a page that an act before this one has written again
	rest      []byte // without the person; nil when nobody else is on it
}

func (p *keptPage) key() relief.Key { return relief.DetailPageKey(p.programme, p.id) }

func (p *keptPage) valueKey() relief.Key {
	return relief.DetailPageValueKey(p.programme, p.id, p.record.Generation)
}

// keptDetails finds the private details of a person that are there, of all programmes, and the facts of households that the
// person is or was in. Hashes show it, which every peer has.
func (w *work) keptDetails(t *traces) (*kept, error) {
	programmes, err := w.programmes()
	if err != nil {
		return nil, err
	}
	out := &kept{Kept: roll.Kept{Programmes: []relief.ProgrammeID{}}}
	for _, p := range programmes {
		found := false
		for i := range t.cases {
			if t.cases[i].Programme != p.id {
				continue
			}
			has, err := w.addCase(out, t, &t.cases[i])
			if err != nil {
				return nil, err
			}
			found = found || has
		}
		for _, place := range t.on(p.id) {
			has, err := w.addPlace(out, place.subject(), place)
			if err != nil {
				return nil, err
			}
			if found = found || has; found {
				out.tagged = append(out.tagged, place)
			}
		}
		if found {
			out.Programmes = append(out.Programmes, p.id)
		}
	}
	slices.Sort(out.Cases)
	return out, nil
}

// addCase adds what is kept for a case that a person is in: the facts of the household in all versions and, of its head, the
// details. It reports whether there is something.
func (w *work) addCase(out *kept, t *traces, c *casework.Case) (bool, error) {
	keys := factsKeys(c)
	if slices.Contains(t.refs, c.Applicant()) {
		keys = append(keys, relief.CaseDetailsKey(c.ID))
	}
	found, err := w.addKeys(out, keys)
	found = found || c.Adopted != nil && len(c.Evidence) > 0 && c.FactsErased == ""
	if found {
		out.cases, out.Cases = append(out.cases, c), append(out.Cases, c.ID)
	}
	return found, err
}

// factsKeys are the keys of all versions of a case's facts.
func factsKeys(c *casework.Case) []relief.Key {
	var keys []relief.Key
	for _, v := range c.FactsVersions() {
		keys = append(keys, relief.FactsKey(c.ID, v.Act))
	}
	return keys
}

// addPlace adds the details under the keys and on the pages of a person's place on the roll, and reports whether there are any.
func (w *work) addPlace(out *kept, subject relief.SubjectRef, place *rollPlace) (bool, error) {
	keys := []relief.Key{relief.RollIndexKey(subject, place.at.Programme)}
	if place.index.Changed() {
		keys = append(keys, place.index.DetailsKey(subject, place.at.Programme))
	}
	found, err := w.addKeys(out, keys)
	if err != nil {
		return false, err
	}
	for _, id := range place.index.Pages() {
		p := keptPage{subject: subject, programme: place.at.Programme, id: id, index: place.index}
		if err := w.findPage(&p); err != nil {
			return false, err
		}
		out.pages, found = append(out.pages, p), true
	}
	return found, nil
}

// findPage finds the generation in force of a page that a person is on.
func (w *work) findPage(p *keptPage) (err error) {
	if p.record, err = w.detailPage(p.programme, p.id); err != nil {
		return err
	}
	if _, written := w.pages[p.key().String()]; written {
		return nil
	}
	if p.hash, err = w.PrivateHash(p.valueKey()); err != nil {
		return err
	}
	if len(p.hash) == 0 {
		return relief.Errorf(relief.CodeCorrupt, "the page of a person's details is not there")
	}
	return nil
}

// addKeys adds those keys that have a value, and reports whether there are any.
func (w *work) addKeys(out *kept, keys []relief.Key) (found bool, err error) {
	for _, k := range keys {
		hash, err := w.PrivateHash(k)
		if err != nil {
			return false, err
		}
		if len(hash) > 0 && !w.purged[k.String()] {
			out.keys, found = append(out.keys, k), true
		}
	}
	return found, nil
}

// eraseKept erases what is kept of a person.
func (w *work) eraseKept(t *traces, k *kept) error {
	if err := w.takeOffPages(k.pages); err != nil {
		return err
	}
	for _, key := range k.keys {
		if err := w.purge(key); err != nil {
			return err
		}
	}
	if err := w.eraseTags(k.tagged); err != nil {
		return err
	}
	return w.forgetCases(t, k.cases)
}

// forgetCases marks the cases whose facts were erased, and takes them off the person's record.
func (w *work) forgetCases(t *traces, cases []*casework.Case) error {
	days, err := w.days()
	if err != nil {
		return err
	}
	for _, c := range cases {
		if err := w.Put(relief.CaseKey(c.ID), c.WithoutFacts(t.refs, days.Day(w.Actor.At))); err != nil {
			return err
		}
	}
	for _, ref := range t.refs {
		member, err := uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(ref))
		if err != nil {
			return err
		}
		if member == nil || member.Kept == nil {
			continue
		}
		member.Kept = nil
		if err := w.Put(relief.MemberKey(ref), *member); err != nil {
			return err
		}
	}
	return nil
}

// purge has a value of the collection removed, once for all acts of a file.
func (w *work) purge(k relief.Key) error {
	w.purged[k.String()] = true
	return w.Purge(k)
}

// takeOffPages writes the pages of a person again without the person, all or none.
func (w *work) takeOffPages(pages []keptPage) error {
	for i := range pages {
		page, err := w.page(&pages[i])
		if err != nil {
			return err
		}
		if pages[i].rest, err = roll.WithoutPerson(page, pages[i].subject); err != nil {
			return err
		}
	}
	for i := range pages {
		p := &pages[i]
		if p.hash != nil { // the first act of the transaction that writes the page again
			if err := w.purge(p.valueKey()); err != nil {
				return err
			}
			p.record.Generation++
			if err := w.Put(p.key(), p.record); err != nil {
				return err
			}
		}
		w.pages[p.key().String()] = p.rest
		if err := w.PutPrivate(p.valueKey(), p.rest); err != nil {
			return err
		}
		if err := w.Put(relief.RollIndexKey(p.subject, p.programme), p.index.Erased()); err != nil {
			return err
		}
	}
	return nil
}

// page is a page as an act before this one has written it, or else as the client brought it. The peer of an agency outside the
// collection has no page, so the client brings them all, and they are compared with the hashes that every peer has.
func (w *work) page(p *keptPage) ([]byte, error) {
	if p.hash == nil {
		return w.pages[p.key().String()], nil
	}
	given, err := w.transientList(wire.TransientPages)
	if err != nil {
		return nil, err
	}
	for _, page := range given {
		if hash := sha256.Sum256(page); bytes.Equal(hash[:], p.hash) {
			return page, nil
		}
	}
	return nil, &relief.Error{
		Code: relief.CodeConflict, Field: wire.TransientPages, Detail: "a page of the person did not come, or has changed since it was read: read it again",
	}
}

// eraseTags takes the tags of erased details off the ledger's state: without them nobody is paid under the number.
func (w *work) eraseTags(places []*rollPlace) error {
	for _, p := range places {
		numbers, err := w.numbers(p)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			before, err := w.part(number.at)
			if err != nil {
				return err
			}
			after := before.WithoutPayee(number.slot())
			if err := w.putPart(&before, &after); err != nil {
				return err
			}
		}
		if err := w.forgetChanges(p.subject(), p.at.Programme); err != nil {
			return err
		}
		if !p.index.Changed() {
			continue
		}
		if err := w.Put(relief.RollIndexKey(p.subject(), p.at.Programme), p.index.Erased()); err != nil {
			return err
		}
	}
	return nil
}
