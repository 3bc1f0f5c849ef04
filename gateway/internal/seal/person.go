package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/payee"
)

// Person is the private details in a line of a roll.
type Person struct {
	Name, IDNumber, Account, Bank, Phone, HouseholdNo Secret
}

// Key seals who a person is under a key that civil affairs and finance share: audit's peer endorses imports and
// keeps what it endorses on disk until the block comes, and is not to see it in clear. The cipher is AES-256-GCM with a
// random nonce (NIST SP 800-38D: at most 2^32 seals a key), bound to the person's reference and programme, so that no
// seal can be put in the place of another. The nonce is also the salt of the hash on the ledger. A Key seals with the key of one
// epoch and opens what any of its epochs has sealed.
type Key struct {
	epochs []*epochKey // the one that seals first
	repeat bool        // nonces are made of what is sealed
	tags   payee.Key   // makes the tags of what is sealed
}

// epochKey is the key of one epoch.
type epochKey struct {
	epoch  uint8
	aead   cipher.AEAD
	plain  cipher.AEAD // the same with a nonce that is given
	nonces []byte      // a key: makes nonces of what is sealed
}

// NewKey makes a key of 32 bytes; epoch says which of the agencies' keys it is. tags is the key of the tags by which the
// ledger knows a payee: the same agencies have it.
func NewKey(epoch uint8, secret []byte, tags payee.Key) (*Key, error) {
	k := &Key{tags: tags}
	return k, k.Also(epoch, secret)
}

// Also adds the key of another epoch, which opens what it has sealed and seals nothing.
func (k *Key) Also(epoch uint8, secret []byte) error {
	block, err := aes.NewCipher(secret)
	if err != nil || len(secret) != 32 {
		return errors.New("the persons key has not 32 bytes")
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return err
	}
	plain, err := cipher.NewGCM(block)
	if err != nil {
		return err
	}
	nonces := hmac.New(sha256.New, secret)
	nonces.Write([]byte("relieftrail/nonces/v1"))
	k.epochs = append(k.epochs, &epochKey{epoch, aead, plain, nonces.Sum(nil)})
	return nil
}

// Epoch is the epoch of the key that seals.
func (k *Key) Epoch() uint8 { return k.epochs[0].epoch }

// same is the key with nonces derived from what is sealed (HMAC-SHA256 under a key of their own). A nonce repeats
// only with the same document of the same person and programme, and then the seal is the same too. Without the key,
// such a nonce says no more of a document than a random one, except that the same document was sealed before.
func (k *Key) same() *Key {
	s := *k
	s.repeat = true
	return &s
}

func (k *Key) encrypt(clear, context []byte) []byte {
	with := k.epochs[0]
	if !k.repeat {
		return with.aead.Seal(nil, nil, clear, context) //nolint:gosec // this AEAD makes its own random nonce
	}
	mac := hmac.New(sha256.New, with.nonces)
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(context)))
	for _, part := range [][]byte{size[:], context, clear} {
		mac.Write(part)
	}
	nonce := mac.Sum(nil)[:with.plain.NonceSize()]
	return with.plain.Seal(nonce, nonce, clear, context)
}

func bound(ref relief.SubjectRef, programme relief.ProgrammeID) []byte {
	return []byte("relieftrail/person/v1\x00" + ref.String() + "\x00" + string(programme))
}

// Seal is the document to keep of a person on a programme's roll.
func (k *Key) Seal(p *Person, ref relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	clear, err := cborWriter.Marshal(details{
		V: detailsVersion, Name: p.Name.Reveal(), IDNumber: p.IDNumber.Reveal(), Account: p.Account.Reveal(), Bank: p.Bank.Reveal(),
		Phone: p.Phone.Reveal(), HouseholdNo: p.HouseholdNo.Reveal(),
	})
	if err != nil {
		return nil, err
	}
	return k.seal(clear, bound(ref, programme))
}

func (k *Key) seal(clear, context []byte) ([]byte, error) {
	return cborWriter.Marshal(sealed{V: sealedVersion, Epoch: k.Epoch(), Sealed: k.encrypt(clear, context)})
}

// Opener opens what a key has sealed. Only the package reading makes one: it records each reading before.
type Opener struct{ key *Key }

// Opener is what opens the key's seals.
func (k *Key) Opener() *Opener { return &Opener{k} }

func (o *Opener) open(document, context []byte) ([]byte, error) {
	s, err := decode[sealed](document)
	if err != nil || s.V != sealedVersion {
		return nil, errors.New("not a sealed document of a known version")
	}
	for _, k := range o.key.epochs {
		if k.epoch != s.Epoch {
			continue
		}
		clear, err := k.aead.Open(nil, nil, s.Sealed, context)
		if err != nil {
			return nil, errors.New("the seal is broken, or belongs to another person")
		}
		return clear, nil
	}
	return nil, fmt.Errorf("sealed under the key of epoch %d, which this gateway does not have: persons_key.also names it", s.Epoch)
}

// SealedEpoch is the epoch of the key that a document was sealed under; 0 for what is no sealed document.
func SealedEpoch(document []byte) uint8 {
	s, err := decode[sealed](document)
	if err != nil || s.V != sealedVersion {
		return 0
	}
	return s.Epoch
}

func boundFacts(head relief.SubjectRef, programme relief.ProgrammeID) []byte {
	return []byte("relieftrail/facts/v1\x00" + head.String() + "\x00" + string(programme))
}

// SealFacts is the document to keep of the facts in a household's application.
func (k *Key) SealFacts(clear []byte, head relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	return k.seal(clear, boundFacts(head, programme))
}

// Facts reads what SealFacts wrote for the same household and programme. Its errors repeat nothing of the document.
func (o *Opener) Facts(document []byte, head relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	return o.open(document, boundFacts(head, programme))
}

// Person reads what Seal wrote for the same person and programme. Its errors repeat nothing of the document.
func (o *Opener) Person(document []byte, ref relief.SubjectRef, programme relief.ProgrammeID) (Person, error) {
	clear, err := o.open(document, bound(ref, programme))
	if err != nil {
		return Person{}, err
	}
	d, err := decode[details](clear)
	if err != nil || d.V != detailsVersion {
		return Person{}, errors.New("not a person of a known version")
	}
	return Person{Secret(d.Name), Secret(d.IDNumber), Secret(d.Account), Secret(d.Bank), Secret(d.Phone), Secret(d.HouseholdNo)}, nil
}
