// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
)

// referenceKey is the registry's section of the key of references, nil for none.
func (w *work) referenceKey() (*registry.ReferenceKey, error) {
	return uow.Find[registry.ReferenceKey](w.Work, relief.ReferenceKeyKey())
}

// mayHave reports whether the ledger may have a person under a reference: it is of the registry's epoch, or the person is known under
// it already. Somebody new under a key of before could be on the ledger a second time, under the reference of today.
func (w *work) mayHave(ref relief.SubjectRef) (bool, error) {
	key, err := w.referenceKey()
	if err != nil || key.MayBeNew(ref) {
		return err == nil, err
	}
	return w.knows(ref)
}

// knows reports whether a person is or was on a roll or in a case under a reference, or has it beside another one.
func (w *work) knows(ref relief.SubjectRef) (bool, error) {
	member, err := uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(ref))
	if err != nil || member != nil {
		return err == nil, err
	}
	links, err := w.links(ref)
	if err != nil || links != nil {
		return err == nil, err
	}
	programmes, err := w.programmes()
	if err != nil {
		return false, err
	}
	keys := make([]relief.Key, len(programmes))
	for i, p := range programmes {
		keys[i] = relief.RollIndexKey(ref, p.id)
	}
	values, err := w.Values(keys...)
	if err != nil {
		return false, err
	}
	for _, b := range values {
		if b != nil {
			return true, nil
		}
	}
	return false, nil
}

// requireEpoch refuses a reference under which nobody new may be on the ledger.
func (w *work) requireEpoch(field string, ref relief.SubjectRef) error {
	may, err := w.mayHave(ref)
	if err != nil || may {
		return err
	}
	return relief.FieldErrorf(field, "新对象的编号须由现行密钥生成，请重新提交 · "+
		"references of people who are new are made with a later key: send it again")
}
