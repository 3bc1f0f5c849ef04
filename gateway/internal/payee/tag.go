package payee

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"strconv"
	"strings"
)

// KeyBytes is the length of a tag key's secret.
const KeyBytes = 32

// Key makes the tags of one epoch. Civil affairs and finance have it and nobody else. It does not print.
type Key struct {
	epoch  uint8
	secret [KeyBytes]byte
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

// Format keeps every verb of fmt from printing the secret.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(withheld)) }

// LogValue keeps slog from printing the secret.
func (k Key) LogValue() slog.Value { return slog.StringValue(withheld) }

// TagBytes is the length of a tag without its epoch.
//
// 128 bits are enough. Without the key a tag says nothing, and nobody can make one. With the key, another account
// that has a given tag takes 2^128 trials, more than there are accounts. Two of n accounts have the same tag by
// chance with a probability of n²/2^129: 10^-23 for 100 million accounts. A longer tag would make a roll segment
// larger, which an act on a list reads and writes whole.
const TagBytes = 16

// Tag stands for an account or a name on the ledger: the key's epoch, then HMAC-SHA-256 cut to 128 bits. Under one
// key the same account always has the same tag, so that the chaincode can compare accounts it never sees. Tags of
// different epochs cannot be compared.
type Tag [1 + TagBytes]byte

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
}

// Tagger makes a tagger of the key.
func (k Key) Tagger() *Tagger {
	return &Tagger{epoch: k.epoch, mac: hmac.New(sha256.New, k.secret[:])}
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

// Epoch is the epoch of the key that made the tag; 0 for none.
func (t Tag) Epoch() uint8 { return t[0] }

// IsZero reports whether there is no tag.
func (t Tag) IsZero() bool { return t == Tag{} }

// Equal reports in constant time whether both are the same tag. The zero Tag equals nothing.
func (t Tag) Equal(other Tag) bool {
	return subtle.ConstantTimeCompare(t[:], other[:]) == 1 && t[0] != 0
}

// tagEncoding is base32 (RFC 4648) in small letters without padding, as subject references have it.
var tagEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// String writes the epoch, a hyphen and 26 characters of base32; "" for the zero Tag.
func (t Tag) String() string {
	if t.IsZero() {
		return ""
	}
	return strconv.Itoa(int(t[0])) + "-" + tagEncoding.EncodeToString(t[1:])
}

var errTagForm = errors.New("a tag is an epoch of 1 to 255, a hyphen and 26 characters a–z, 2–7")

// ParseTag reads what String writes of a tag.
func ParseTag(s string) (t Tag, err error) {
	head, tail, ok := strings.Cut(s, "-")
	epoch, err := strconv.ParseUint(head, 10, 8)
	if !ok || err != nil || epoch == 0 || len(tail) != 26 {
		return Tag{}, errTagForm
	}
	b, err := tagEncoding.DecodeString(tail)
	if err != nil {
		return Tag{}, errTagForm
	}
	t[0] = uint8(epoch)
	copy(t[1:], b)
	if t.String() != s { // one spelling only
		return Tag{}, errTagForm
	}
	return t, nil
}

// MarshalText writes the tag as text.
func (t Tag) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a tag; the empty text is the zero Tag.
func (t *Tag) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*t = Tag{}
		return nil
	}
	*t, err = ParseTag(string(b))
	return err
}
