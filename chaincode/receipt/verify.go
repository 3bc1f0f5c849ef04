package receipt

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"relieftrail/chaincode/relief"
)

// Result is what a receipt proves.
type Result struct {
	Leaf       relief.Leaf
	LeafHash   [32]byte
	Index      uint64
	Checkpoint Checkpoint
	Signers    []Signature // the agencies that signed, in the policy's order
}

// Signature is an agency's cosignature.
type Signature struct {
	Agency *Agency
	At     time.Time
}

// Verify checks a receipt file against a policy. The error is an *Error.
func Verify(file []byte, policy *Policy) (*Result, error) {
	r, err := Parse(file)
	if err != nil {
		return nil, err
	}
	return r.Verify(policy)
}

// Verify checks a receipt that Parse or DecodeCode read.
func (r *Receipt) Verify(policy *Policy) (*Result, error) {
	return r.VerifyOpened(func(signed []byte) (Checkpoint, []Signature, error) { return OpenCheckpoint(signed, policy) })
}

// VerifyOpened is Verify for a caller that keeps the results of OpenCheckpoint, because many receipts share a
// checkpoint.
func (r *Receipt) VerifyOpened(open func(signed []byte) (Checkpoint, []Signature, error)) (*Result, error) {
	result, err := verifyHash(r.Leaf.Hash(), r.Index, r.Path, r.Checkpoint, open)
	if err != nil {
		return nil, err
	}
	result.Leaf = r.Leaf
	return result, nil
}

// VerifyHash checks what Proof wrote against the hash of a leaf and a policy: that the leaf is in the log that the
// agencies signed. The result has no leaf, because a hash does not say what was paid to whom. The error is an *Error.
func VerifyHash(hash [32]byte, file []byte, policy *Policy) (*Result, error) {
	p, err := parseProof(file)
	if err != nil {
		return nil, err
	}
	if p.ExtraData != nil {
		return nil, refuse(CodeForm)
	}
	return verifyHash(hash, p.Index, p.Hashes, p.Checkpoint, func(signed []byte) (Checkpoint, []Signature, error) {
		return OpenCheckpoint(signed, policy)
	})
}

func verifyHash(
	hash [32]byte, index uint64, hashes [][32]byte, signed []byte,
	open func(signed []byte) (Checkpoint, []Signature, error),
) (*Result, error) {
	// The path is checked first: it costs a hundredth of the signatures and finds most faults.
	text, _, ok := strings.Cut(string(signed), "\n\n")
	if !ok {
		return nil, refuse(CodeCheckpoint)
	}
	checkpoint, err := ParseCheckpoint(text + "\n")
	if err != nil {
		return nil, err
	}
	path := make([][]byte, len(hashes))
	for i := range hashes {
		path[i] = hashes[i][:]
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, checkpoint.Size, hash[:], path, checkpoint.Root[:]); err != nil {
		return nil, refuse(CodeInclusion)
	}
	opened, signers, err := open(signed)
	if err != nil {
		return nil, err
	}
	if opened != checkpoint { // cannot happen: both are read from the same text
		return nil, refuse(CodeCheckpoint)
	}
	return &Result{LeafHash: hash, Index: index, Checkpoint: checkpoint, Signers: signers}, nil
}

// OpenCheckpoint checks a signed checkpoint against a policy and says which agencies signed it. The error is an *Error.
func OpenCheckpoint(signed []byte, policy *Policy) (Checkpoint, []Signature, error) {
	n, err := note.Open(signed, policy)
	if err != nil {
		return Checkpoint{}, nil, refusedNote(err, policy)
	}
	if !strictSignatures(string(signed), n) {
		return Checkpoint{}, nil, refuse(CodeSpelling)
	}
	checkpoint, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	if !policy.logSigned(n, &checkpoint) {
		return Checkpoint{}, nil, refuse(CodeLog)
	}
	var signers []Signature
	for i := range policy.Agencies {
		if at, ok := policy.Agencies[i].signed(n); ok && !policy.retiredAt(policy.Agencies[i].Key, checkpoint.Size) {
			signers = append(signers, Signature{&policy.Agencies[i], time.Unix(at, 0).UTC()})
		}
	}
	if missing := policy.missing(signers); missing != nil {
		return Checkpoint{}, nil, missing
	}
	return checkpoint, signers, nil
}

// refusedNote says why a note was not opened.
func refusedNote(err error, policy *Policy) *Error {
	var invalid *note.InvalidSignatureError
	if errors.As(err, &invalid) {
		for i := range policy.Agencies {
			if k := policy.Agencies[i].Key; k.name == invalid.Name && k.hash == invalid.Hash {
				return refuse(CodeSignature, policy.Agencies[i].Zh(), policy.Agencies[i].En())
			}
		}
		return refuse(CodeSignature)
	}
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return refuse(CodeLog)
	}
	return refuse(CodeCheckpoint)
}

// strictSignatures reports whether the signature lines are in their only spelling. Package note accepts a second line
// of the same key without reading it, and base64 with spare bits set.
func strictSignatures(signed string, n *note.Note) bool {
	var b strings.Builder
	b.WriteString(n.Text + "\n")
	lines := strings.Split(strings.TrimPrefix(signed, b.String()), "\n")
	if len(lines) != len(n.Sigs)+len(n.UnverifiedSigs)+1 {
		return false
	}
	for _, line := range lines[:len(lines)-1] {
		text := line[strings.LastIndexByte(line, ' ')+1:]
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || base64.StdEncoding.EncodeToString(raw) != text {
			return false
		}
	}
	return true
}

func (p *Policy) logSigned(n *note.Note, c *Checkpoint) bool {
	for _, k := range p.Logs {
		if k.name != c.Origin || p.retiredAt(k, c.Size) {
			continue
		}
		if _, ok := k.find(n); ok {
			return true
		}
	}
	return false
}

// find is a key's signature of an opened note.
func (k Key) find(n *note.Note) ([]byte, bool) {
	for _, s := range n.Sigs {
		if s.Name != k.name || s.Hash != k.hash {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil || len(raw) <= 4 {
			continue
		}
		return raw[4:], true
	}
	return nil, false
}

func (a *Agency) signed(n *note.Note) (at int64, ok bool) {
	signature, ok := a.Key.find(n)
	if !ok {
		return 0, false
	}
	return cosignedAt(signature)
}

// missing names the agencies whose signatures the quorum needs and does not have; nil when the quorum is met.
func (p *Policy) missing(signers []Signature) *Error {
	signed := func(name string) bool {
		for _, s := range signers {
			if s.Agency.Name == name {
				return true
			}
		}
		return false
	}
	if p.satisfied(p.quorum, signed) {
		return nil
	}
	var zh, en []string
	for i := range p.Agencies {
		if !signed(p.Agencies[i].Name) {
			zh, en = append(zh, p.Agencies[i].Zh()), append(en, p.Agencies[i].En())
		}
	}
	return refuse(CodeQuorum, strings.Join(zh, "、"), strings.Join(en, ", "))
}

// HashText is a leaf hash in hexadecimal, as /public/v1/receipts takes it.
func HashText(hash [32]byte) string { return hex.EncodeToString(hash[:]) }

// ParseHash reads a leaf hash as people copy it: 64 hexadecimal digits in small or capital letters, with white space
// anywhere. ok is false for any other text.
func ParseHash(text string) (hash [32]byte, ok bool) {
	if len(text) > maxHashText {
		return hash, false
	}
	digits := strings.Join(strings.Fields(text), "")
	if len(digits) != hex.EncodedLen(len(hash)) {
		return hash, false
	}
	if _, err := hex.Decode(hash[:], []byte(digits)); err != nil {
		return [32]byte{}, false
	}
	return hash, true
}

// maxHashText bounds what is read as a hash: its digits, each with white space beside it.
const maxHashText = 512
