// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// linked is the one function that says under which references the ledger has a human being: the reference that is asked for,
// then the others.
func (w *work) linked(ref relief.SubjectRef) ([]relief.SubjectRef, error) {
	l, err := w.links(ref)
	if err != nil || l == nil {
		return []relief.SubjectRef{ref}, err
	}
	refs := []relief.SubjectRef{ref}
	for _, other := range l.Subjects {
		if other != ref {
			refs = append(refs, other)
		}
	}
	return refs, nil
}

// links is the list of a human being's references, nil for somebody with a single one.
func (w *work) links(ref relief.SubjectRef) (*roll.Linked, error) {
	return uow.Find[roll.Linked](w.Work, relief.LinkedKey(ref))
}

// requirePresent refuses a reference that another one has replaced.
func (w *work) requirePresent(field string, ref relief.SubjectRef) error {
	l, err := w.links(ref)
	if err != nil {
		return err
	}
	if _, replaced := l.Replaced(ref); replaced {
		return relief.FieldErrorf(field, "身份证号已更正，请使用更正后的号码 · the identity number was corrected: use the corrected one")
	}
	return nil
}

// takenUnder is the first entry under other references of a person that does not leave the time from a period on free, nil for none.
func (w *work) takenUnder(others []relief.SubjectRef, programme relief.ProgrammeID, from relief.Period) (*roll.IndexEntry, error) {
	for _, ref := range others {
		index, err := uow.Find[roll.IndexEntry](w.Work, relief.RollIndexKey(ref, programme))
		if err != nil {
			return nil, err
		}
		if index != nil && !index.FreeFrom(from) {
			return index, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is taken
}

// requireFreeUnder refuses, with DUPLICATE, somebody who has an entry in a programme for the time from a period on under another
// reference.
func (w *work) requireFreeUnder(subject relief.SubjectRef, programme relief.ProgrammeID, from relief.Period) error {
	refs, err := w.linked(subject)
	if err != nil {
		return err
	}
	taken, err := w.takenUnder(refs[1:], programme, from)
	if err != nil || taken == nil {
		return err
	}
	return relief.Errorf(relief.CodeDuplicate, "the person has number %d of programme %s in %s for that time under another reference",
		taken.Number, programme, taken.County)
}
