package registry

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// ReferenceKey says with the key of which epoch references of people who are new on the ledger are made. People whom the ledger
// knows under a reference of an earlier epoch keep it. The registry says it, so that the gateways of all agencies turn at the same
// block, and the contracts refuse new people under another epoch: nobody is on the ledger under two references unnoticed.
type ReferenceKey struct {
	Epoch uint8  `json:"epoch"`
	Check string `json:"check"` // relief.CheckOfKey of the key: all agencies agree to the same one
}

// checkReferenceKey refuses what no key has, and an epoch that does not follow the one before.
func (r *Registry) checkReferenceKey(before *Registry) error {
	k := r.ReferenceKey
	switch {
	case k == nil:
		return nil
	case k.Epoch == 0:
		return relief.FieldErrorf("reference_key", "an epoch is 1 to 255")
	case len(k.Check) != 32 || !form.HasOnly(k.Check, isHexByte):
		return relief.FieldErrorf("reference_key", "the check of a key has 32 hexadecimal digits in small letters")
	case before == nil || before.ReferenceKey == nil || *before.ReferenceKey == *k:
		return nil
	case k.Epoch <= before.ReferenceKey.Epoch:
		return relief.FieldErrorf("reference_key", "references are made with the key of epoch %d: only a later one can follow", before.ReferenceKey.Epoch)
	}
	return nil
}

func isHexByte(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

// MayBeNew reports whether somebody who is new on the ledger may have a reference. k is the registry's section, nil when it has none:
// then it may be of any epoch.
func (k *ReferenceKey) MayBeNew(ref relief.SubjectRef) bool {
	return k == nil || k.Epoch == ref.Epoch()
}
