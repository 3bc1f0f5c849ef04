// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// eraseDetails purges a person's private details of all programmes from every peer (R52). The roll and the payments stay: they
// tell of a reference, keep everybody from being paid twice, and receipts rest on them.
func eraseDetails(w *work, in api.EraseInput) (roll.Erasure, error) {
	existing, err := uow.Find[roll.Erasure](w.Work, relief.ErasureKey(in.Subject))
	if err != nil {
		return roll.Erasure{}, err
	}
	onRoll, err := w.mayErase(in.Subject)
	if err != nil {
		return roll.Erasure{}, err
	}
	cases, err := w.keptCases(in.Subject)
	if err != nil {
		return roll.Erasure{}, err
	}
	kept, err := w.keptDetails(in.Subject, onRoll, cases)
	if err != nil {
		return roll.Erasure{}, err
	}
	if len(onRoll) == 0 && len(kept.programmes) == 0 && existing == nil {
		return roll.Erasure{}, relief.Errorf(relief.CodeNotFound, "nothing is kept of this person")
	}
	out, changed, err := roll.Erase(existing, in.Subject, kept.programmes, in.Reason, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	if err := w.purgeDetails(in.Subject, kept); err != nil {
		return out, err
	}
	if err := w.forgetCases(in.Subject, cases); err != nil {
		return out, err
	}
	return putIf(w, true, relief.ErasureKey(in.Subject), out)
}

// mayErase gives where a person is on the rolls, by programme. PENDING for a person who is still on a roll, has a case that is
// not at its end, is owed money that is on its way, or has a change that is not decided: the details are needed.
func (w *work) mayErase(subject relief.SubjectRef) (map[relief.ProgrammeID]*rollPlace, error) {
	member, err := uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(subject))
	if err != nil {
		return nil, err
	}
	if member == nil {
		member = &casework.MemberRecord{}
	}
	now := relief.MonthPeriod(w.Actor.At.Year()*12 + int(w.Actor.At.Month()) - 1)
	for _, c := range member.Claims {
		if c.Until.IsZero() || !c.Until.Before(now) {
			return nil, relief.Errorf(relief.CodePending, "case %s is not at its end", c.Case)
		}
	}
	places, err := w.rollPlaces(subject)
	if err != nil {
		return nil, err
	}
	onRoll := map[relief.ProgrammeID]*rollPlace{} // only looked up, never ranged over
	for _, p := range places {
		onRoll[p.at.Programme] = p
		if err := w.noOpenChange(p); err != nil {
			return nil, err
		}
		if err := w.mayEraseOne(p); err != nil {
			return nil, err
		}
	}
	return onRoll, nil
}

func (w *work) mayEraseOne(p *rollPlace) error {
	entry := p.entry()
	if err := relief.RequireRegion(w.Actor.By, entry.Region); err != nil {
		return err
	}
	if entry.State != roll.Exited {
		return relief.Errorf(relief.CodePending, "the person is on the roll of %s; details are erased after they have left", entry.Programme)
	}
	last := entry.Until
	if last.Before(entry.PaidTill) {
		last = entry.PaidTill
	}
	periods := relief.PeriodsBetween(entry.From, last)
	segments, err := w.linesIn(p.at, periods)
	if err != nil {
		return err
	}
	for i, seg := range segments {
		pending, err := seg.Pending(p.slot(), w.batchState)
		if err != nil {
			return err
		}
		if pending {
			return relief.Errorf(relief.CodePending, "the payment of %s for %s is on its way", entry.Programme, periods[i])
		}
	}
	return nil
}

// kept is what the collection has of a person.
type kept struct {
	keys       []relief.Key // of values that are this person's alone
	pages      []keptPage
	programmes []relief.ProgrammeID
	tagged     []*rollPlace // whose payee is one of the details
}

// keptPage is a detail page that a person is on.
type keptPage struct {
	programme relief.ProgrammeID
	index     roll.IndexEntry
	page      roll.DetailPageRecord
	hash      []byte
}

func (p *keptPage) valueKey() relief.Key {
	return relief.DetailPageValueKey(p.programme, p.index.Page, p.page.Generation)
}

// keptDetails finds the private details that are there, of all programmes: of the person, and of the household whose head the
// person is. Hashes show it, which every peer has. Of a programme whose roll the person was never on, only the programme's
// region says who may erase.
func (w *work) keptDetails(
	subject relief.SubjectRef, onRoll map[relief.ProgrammeID]*rollPlace, cases []casework.Case,
) (*kept, error) {
	programmes, err := w.programmes()
	if err != nil {
		return nil, err
	}
	out := &kept{}
	for _, p := range programmes {
		keys := []relief.Key{relief.RollIndexKey(subject, p.id)}
		if place := onRoll[p.id]; place != nil && place.index.Change != 0 {
			keys = append(keys, place.index.DetailsKey(subject, p.id))
		}
		for i := range cases {
			if cases[i].Programme == p.id {
				keys = append(append(keys, factsKeys(&cases[i])...), relief.CaseDetailsKey(cases[i].ID))
			}
		}
		found, err := w.addKept(out, p.id, keys, onRoll[p.id])
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		out.programmes = append(out.programmes, p.id)
		if place := onRoll[p.id]; place != nil {
			out.tagged = append(out.tagged, place)
			continue
		}
		if err := relief.RequireRegion(w.Actor.By, p.region); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// factsKeys are the keys of all versions of a case's facts.
func factsKeys(c *casework.Case) []relief.Key {
	var keys []relief.Key
	for _, v := range c.FactsVersions() {
		keys = append(keys, relief.FactsKey(c.ID, v.Act))
	}
	return keys
}

// keptCases are the cases that keep private details of a person as the head of their household.
func (w *work) keptCases(subject relief.SubjectRef) ([]casework.Case, error) {
	member, err := uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(subject))
	if err != nil || member == nil {
		return nil, err
	}
	cases := make([]casework.Case, len(member.Kept))
	for i, id := range member.Kept {
		if cases[i], err = w.getCase(id); err != nil {
			return nil, err
		}
	}
	return cases, nil
}

// forgetCases takes the tags of erased details off the cases that kept them, and these cases off the person's record.
func (w *work) forgetCases(subject relief.SubjectRef, cases []casework.Case) error {
	if len(cases) == 0 {
		return nil
	}
	for _, c := range cases {
		c.Payee = roll.Payee{}
		if err := w.Put(relief.CaseKey(c.ID), c); err != nil {
			return err
		}
	}
	member, err := uow.Get[casework.MemberRecord](w.Work, relief.MemberKey(subject))
	if err != nil {
		return err
	}
	member.Kept = nil
	return w.Put(relief.MemberKey(subject), member)
}

// addKept adds what is kept of a person for one programme, under the keys or on the page of the person's place on the
// roll, and reports whether there is something. place is nil for a person who never was on the roll.
func (w *work) addKept(out *kept, programme relief.ProgrammeID, keys []relief.Key, place *rollPlace) (bool, error) {
	found := false
	for _, k := range keys {
		hash, err := w.PrivateHash(k)
		if err != nil {
			return false, err
		}
		if len(hash) > 0 {
			out.keys, found = append(out.keys, k), true
		}
	}
	if place == nil || place.index.Page.IsZero() {
		return found, nil
	}
	page, err := w.detailPage(programme, place.index.Page)
	if err != nil {
		return false, err
	}
	p := keptPage{programme: programme, index: place.index, page: page}
	if p.hash, err = w.PrivateHash(p.valueKey()); err != nil {
		return false, err
	}
	if len(p.hash) == 0 {
		return false, relief.Errorf(relief.CodeCorrupt, "the page of a person's details is not there")
	}
	out.pages = append(out.pages, p)
	return true, nil
}

// purgeDetails is the one place that erases private details.
func (w *work) purgeDetails(subject relief.SubjectRef, k *kept) error {
	rests, err := w.pagesWithout(subject, k.pages)
	if err != nil {
		return err
	}
	for i := range k.pages {
		p := &k.pages[i]
		next := roll.DetailPageRecord{Generation: p.page.Generation + 1}
		if rests[i] != nil {
			if err := w.PutPrivate(relief.DetailPageValueKey(p.programme, p.index.Page, next.Generation), rests[i]); err != nil {
				return err
			}
		}
		if err := w.Put(relief.DetailPageKey(p.programme, p.index.Page), next); err != nil {
			return err
		}
		if err := w.Put(relief.RollIndexKey(subject, p.programme), p.index.Erased()); err != nil {
			return err
		}
		k.keys = append(k.keys, p.valueKey())
	}
	for _, key := range k.keys {
		if err := w.Purge(key); err != nil {
			return err
		}
	}
	return w.eraseTags(k.tagged)
}

// eraseTags takes the tags of erased details off the ledger's state: without them nobody is paid under the number.
func (w *work) eraseTags(places []*rollPlace) error {
	for _, p := range places {
		before, err := w.part(p.at)
		if err != nil {
			return err
		}
		after := before.WithoutPayee(p.slot())
		if err := w.putPart(&before, &after); err != nil {
			return err
		}
		if err := w.forgetChanges(p.segment.Ref(p.slot()), p.at.Programme); err != nil {
			return err
		}
		if p.index.Change == 0 {
			continue
		}
		if err := w.Put(relief.RollIndexKey(p.segment.Ref(p.slot()), p.at.Programme), p.index.Erased()); err != nil {
			return err
		}
	}
	return nil
}

// pagesWithout are the pages without the person, nil for a page with nobody else on it. The peer of an agency outside the
// collection has no page, so the client brings them, and they are compared with the hashes that every peer has.
func (w *work) pagesWithout(subject relief.SubjectRef, pages []keptPage) ([][]byte, error) {
	if len(pages) == 0 {
		return nil, nil
	}
	given, err := w.transientList(wire.TransientPages)
	if err != nil {
		return nil, err
	}
	if len(given) != len(pages) {
		return nil, pagesChanged(fmt.Sprintf("%d pages came, the person is on %d", len(given), len(pages)))
	}
	rests := make([][]byte, len(pages))
	for i, p := range pages {
		if hash := sha256.Sum256(given[i]); !bytes.Equal(hash[:], p.hash) {
			return nil, pagesChanged("a page has changed since it was read: read it again")
		}
		if rests[i], err = roll.WithoutPerson(given[i], subject); err != nil {
			return nil, err
		}
	}
	return rests, nil
}

func pagesChanged(detail string) error {
	return &relief.Error{Code: relief.CodeConflict, Field: wire.TransientPages, Detail: detail}
}
