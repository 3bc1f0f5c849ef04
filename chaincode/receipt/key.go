package receipt

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// The signature types of C2SP signed-note that are used here.
const (
	typeLog       = 1 // Ed25519 over the note
	typeCosigner  = 4 // Ed25519 over a timestamp and the note: tlog-cosignature, cosignature/v1
	timestampSize = 8
)

// Key is a public key with its name and purpose. It verifies signatures of notes (note.Verifier).
type Key struct {
	name   string
	typ    byte
	hash   uint32
	public ed25519.PublicKey
}

// LogKey is the key with which a log signs its checkpoints. Its name is the log's origin.
func LogKey(origin string, public ed25519.PublicKey) (Key, error) {
	return newKey(origin, typeLog, public)
}

// CosignerKey is the key with which an agency cosigns checkpoints.
func CosignerKey(name string, public ed25519.PublicKey) (Key, error) {
	return newKey(name, typeCosigner, public)
}

func newKey(name string, typ byte, public ed25519.PublicKey) (Key, error) {
	if !validName(name) || len(public) != ed25519.PublicKeySize {
		return Key{}, errors.New("a key must have a name without white space and plus signs, and 32 bytes")
	}
	sum := sha256.Sum256(append([]byte(name+"\n"+string(rune(typ))), public...))
	return Key{name, typ, binary.BigEndian.Uint32(sum[:]), public}, nil
}

func validName(s string) bool {
	return s != "" && len(s) <= 255 && utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '+' || r < ' '
	}) < 0
}

// ParseKey reads a key as C2SP signed-note writes it (a vkey): NAME+HASH+BASE64.
func ParseKey(s string) (Key, error) {
	bad := errors.New("a key must be written NAME+HASH+BASE64, of type 1 (log) or 4 (cosigner)")
	name, rest, _ := strings.Cut(s, "+")
	_, text, ok := strings.Cut(rest, "+")
	b, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(b) != 1+ed25519.PublicKeySize || b[0] != typeLog && b[0] != typeCosigner {
		return Key{}, bad
	}
	k, err := newKey(name, b[0], b[1:])
	if err != nil || k.String() != s {
		return Key{}, bad
	}
	return k, nil
}

// String writes the key as ParseKey reads it.
func (k Key) String() string {
	hash := strconv.FormatUint(uint64(k.hash), 16)
	return k.name + "+" + "00000000"[len(hash):] + hash + "+" + base64.StdEncoding.EncodeToString(append([]byte{k.typ}, k.public...))
}

// Name is the key's name on signature lines.
func (k Key) Name() string { return k.name }

// KeyHash is the key's id on signature lines.
func (k Key) KeyHash() uint32 { return k.hash }

// Cosigner reports whether the key is an agency's and not a log's.
func (k Key) Cosigner() bool { return k.typ == typeCosigner }

// Public is the Ed25519 key.
func (k Key) Public() ed25519.PublicKey { return k.public }

// Verify checks a signature of a note's text.
func (k Key) Verify(text, signature []byte) bool {
	if k.typ == typeLog {
		return len(signature) == ed25519.SignatureSize && ed25519.Verify(k.public, text, signature)
	}
	at, ok := cosignedAt(signature)
	return ok && ed25519.Verify(k.public, cosigned(at, text), signature[timestampSize:])
}

// cosignedAt reads the time of a cosignature, in seconds since 1970.
func cosignedAt(signature []byte) (int64, bool) {
	if len(signature) != timestampSize+ed25519.SignatureSize {
		return 0, false
	}
	at := int64(binary.BigEndian.Uint64(signature)) //nolint:gosec // a negative one is refused
	return at, at >= 0
}

// cosigned is the message that a cosigner signs.
func cosigned(at int64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatInt(at, 10)+"\n"), text...)
}

// Signer signs checkpoints (note.Signer).
type Signer struct {
	Key
	private ed25519.PrivateKey
	now     func() time.Time
}

var _ note.Signer = (*Signer)(nil)

// NewLogSigner makes a signer for a log.
func NewLogSigner(origin string, private ed25519.PrivateKey) (*Signer, error) {
	key, err := LogKey(origin, private.Public().(ed25519.PublicKey))
	return &Signer{Key: key, private: private}, err
}

// NewCosigner makes a signer for an agency's cosignatures. The caller must give it only checkpoints that extend the
// last one it has cosigned.
func NewCosigner(name string, private ed25519.PrivateKey, now func() time.Time) (*Signer, error) {
	key, err := CosignerKey(name, private.Public().(ed25519.PublicKey))
	return &Signer{Key: key, private: private, now: now}, err
}

// Sign signs a note's text.
func (s *Signer) Sign(text []byte) ([]byte, error) {
	if s.typ == typeLog {
		return ed25519.Sign(s.private, text), nil
	}
	at := s.now().Unix()
	if at < 0 {
		return nil, errors.New("the time of a cosignature must not be before 1970")
	}
	signature := binary.BigEndian.AppendUint64(nil, uint64(at))
	return append(signature, ed25519.Sign(s.private, cosigned(at, text))...), nil
}
