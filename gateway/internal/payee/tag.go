package payee

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"log/slog"

	"relieftrail/chaincode/relief"
)

// KeyBytes is the length of a tag key's secret.
const KeyBytes = 32

// Key makes the tags of one epoch, and finds what was tagged under the keys of others. Civil affairs and finance have it and
// nobody else. It does not print.
type Key struct {
	epoch  uint8
	secret [KeyBytes]byte
	also   []Key
}

// NewKey makes a key of a setting's epoch and secret (config.SharedKey and what it reads).
func NewKey(epoch uint8, secret []byte) (Key, error) {
	if epoch == 0 || len(secret) != KeyBytes {
		return Key{}, errors.New("a tag key has an epoch of 1 to 255 and a secret of 32 bytes")
	}
	k := Key{epoch: epoch}
	copy(k.secret[:], secret)
	return k, nil
}

// Epoch is the key's epoch.
func (k Key) Epoch() uint8 { return k.epoch }

// With is the key together with those of other epochs.
func (k Key) With(also ...Key) Key {
	k.also = also
	return k
}

// Format keeps every verb of fmt from printing the secret.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(withheld)) }

// LogValue keeps slog from printing the secret.
func (k Key) LogValue() slog.Value { return slog.StringValue(withheld) }

// Tag stands for an account or a name on the ledger.
type Tag = relief.Tag

// Domains of the tags; the text follows after a zero byte.
const (
	accountDomain = "relieftrail/account-tag/v1\x00"
	nameDomain    = "relieftrail/name-tag/v1\x00"
)

// AccountTag is the tag of an account. The zero Account has the zero Tag, which no account has.
func (k Key) AccountTag(a Account) Tag { return k.Tagger().AccountTag(a) }

// NameTag is the tag of a name. The zero Name has the zero Tag, which no name has.
func (k Key) NameTag(n Name) Tag { return k.Tagger().NameTag(n) }

// Tagger makes many tags of one key, for one goroutine. It sets the key up once, which takes four fifths of a
// tag's time.
type Tagger struct {
	epoch uint8
	mac   hash.Hash
	text  []byte
	all   []*Tagger // of all epochs, this one first
}

// Tagger makes a tagger of the key.
func (k Key) Tagger() *Tagger {
	t := &Tagger{epoch: k.epoch, mac: hmac.New(sha256.New, k.secret[:])}
	t.all = []*Tagger{t}
	for i := range k.also {
		t.all = append(t.all, k.also[i].Tagger())
	}
	return t
}

// Epochs are the taggers of all epochs whose keys are here, the one that tags first.
func (t *Tagger) Epochs() []*Tagger { return t.all }

// Of is the tagger of an epoch; nil when its key is not here.
func (t *Tagger) Of(epoch uint8) *Tagger {
	for _, one := range t.all {
		if one.epoch == epoch {
			return one
		}
	}
	return nil
}

// AccountTag is Key.AccountTag.
func (t *Tagger) AccountTag(a Account) Tag { return t.tag(accountDomain, a.text) }

// NameTag is Key.NameTag.
func (t *Tagger) NameTag(n Name) Tag { return t.tag(nameDomain, n.text) }

func (t *Tagger) tag(domain, text string) (tag Tag) {
	if text == "" {
		return tag
	}
	t.mac.Reset()
	t.text = append(append(t.text[:0], domain...), text...)
	_, _ = t.mac.Write(t.text) // a hash takes all
	tag[0] = t.epoch
	copy(tag[1:], t.mac.Sum(t.text[:0]))
	return tag
}
