package reference

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"io"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// Key is the key of one epoch.
type Key struct {
	Epoch  uint8
	Secret []byte
}

// Ledger is what the index of the ledger says of references. Both answers are of the same blocks or of later ones: who is unknown
// under an earlier epoch when the registry names another stays unknown under it, since the contracts let nobody new in.
type Ledger interface {
	ReferenceKey(ctx context.Context) (registry.ReferenceKey, error)
	KnownReferences(ctx context.Context, refs ...relief.SubjectRef) ([]relief.SubjectRef, error)
}

// Keys make references. They are safe for concurrent use.
type Keys struct {
	keys   []Key
	ledger Ledger
}

// New gives the keys of all epochs, at least one; the first is in use until the registry names another. ledger is nil where nothing
// is known of anybody.
func New(ledger Ledger, keys ...Key) *Keys { return &Keys{keys, ledger} }

// All are the references of an identity number under all keys.
func (k *Keys) All(id relief.IDNumber) []relief.SubjectRef {
	refs := make([]relief.SubjectRef, len(k.keys))
	for i, key := range k.keys {
		refs[i] = relief.NewSubjectRef(key.Epoch, key.Secret, id)
	}
	return refs
}

// Secret is the first key, for hashes of what the gateway itself compares.
func (k *Keys) Secret() []byte { return k.keys[0].Secret }

// Epochs are the epochs of the keys.
func (k *Keys) Epochs() []uint8 {
	epochs := make([]uint8, len(k.keys))
	for i := range k.keys {
		epochs[i] = k.keys[i].Epoch
	}
	return epochs
}

// Of is the reference of a person: Maker.Of for one of them.
func (k *Keys) Of(ctx context.Context, id relief.IDNumber) (relief.SubjectRef, error) {
	return k.Maker(ctx).Of(id)
}

// InUse is the place of the key that makes references of new people. PENDING when the gateway does not have it: then it can tell
// nobody's reference.
func (k *Keys) InUse(ctx context.Context) (int, error) {
	if k.ledger == nil {
		return 0, nil
	}
	named, err := k.ledger.ReferenceKey(ctx)
	if err != nil || named.Epoch == 0 {
		return 0, err
	}
	at := slices.IndexFunc(k.keys, func(key Key) bool { return key.Epoch == named.Epoch })
	switch {
	case at < 0:
		return 0, relief.Errorf(relief.CodePending, "本网关没有第 %[1]d 期对象编号密钥，请联系运维人员 · "+
			"this gateway does not have the key of epoch %[1]d, which makes references of new people: the setting subject_key.also must name it", named.Epoch)
	case relief.CheckOfKey(k.keys[at].Secret) != named.Check:
		return 0, relief.Errorf(relief.CodePending, "本网关的第 %[1]d 期对象编号密钥与各部门商定的不符，请联系运维人员 · "+
			"the key of epoch %[1]d at this gateway is not the one that the agencies agreed to (reference_key.check)", named.Epoch)
	}
	return at, nil
}

// Maker makes the references of one file or request, in one goroutine. It asks once which key is in use.
type Maker struct {
	ctx   context.Context // of the file or request whose references it makes
	keys  *Keys
	macs  []hash.Hash
	sum   []byte
	inUse int
	asked bool
}

// Maker makes a maker of references.
func (k *Keys) Maker(ctx context.Context) *Maker {
	m := &Maker{ctx: ctx, keys: k}
	for _, key := range k.keys {
		m.macs = append(m.macs, hmac.New(sha256.New, key.Secret))
	}
	return m
}

// Of is the reference under which the ledger knows a person, the one of the latest epoch when there are several; for a person whom it
// does not know, that of the key in use.
func (m *Maker) Of(id relief.IDNumber) (ref relief.SubjectRef, err error) {
	if !m.asked {
		if m.inUse, err = m.keys.InUse(m.ctx); err != nil {
			return ref, err
		}
		m.asked = true
	}
	if len(m.macs) == 1 {
		return m.make(0, id), nil
	}
	refs := make([]relief.SubjectRef, len(m.macs))
	for i := range refs {
		refs[i] = m.make(i, id)
	}
	ref = refs[m.inUse]
	if m.keys.ledger == nil {
		return ref, nil
	}
	known, err := m.keys.ledger.KnownReferences(m.ctx, refs...)
	for i, k := range known {
		if i == 0 || k.Epoch() > ref.Epoch() {
			ref = k
		}
	}
	return ref, err
}

// make is relief.NewSubjectRef with the key's hash kept.
func (m *Maker) make(i int, id relief.IDNumber) (ref relief.SubjectRef) {
	mac := m.macs[i]
	mac.Reset()
	_, _ = io.WriteString(mac, "relieftrail/subject/v1\x00"+string(id)) // a hash takes all
	m.sum = mac.Sum(m.sum[:0])
	ref[0] = m.keys.keys[i].Epoch
	copy(ref[1:], m.sum)
	return ref
}
