package receipt

import (
	"bytes"

	"github.com/transparency-dev/formats/proof"

	"relieftrail/chaincode/relief"
)

// MaxBytes is the largest size of a receipt file. A path has at most 63 hashes.
const MaxBytes = 16 << 10

// The end of a receipt's file name, and its media type.
const (
	Extension = ".receipt"
	MediaType = "application/vnd.relieftrail.receipt"
)

// Receipt is a payment's leaf with its proof.
type Receipt struct {
	Leaf       relief.Leaf
	Index      uint64     // of the leaf in the log, from 0
	Path       [][32]byte // from the leaf's sibling up (RFC 6962, section 2.1.1)
	Checkpoint []byte     // a signed note
}

// Marshal writes the receipt as a file: a C2SP tlog-proof with the compact leaf as extra data.
func (r *Receipt) Marshal() []byte {
	return proof.TLogProof{
		Index: r.Index, Hashes: r.Path, Checkpoint: r.Checkpoint, ExtraData: AppendLeaf(nil, &r.Leaf),
	}.Marshal()
}

// Parse reads what Marshal writes and no other spelling. It verifies nothing.
func Parse(file []byte) (*Receipt, error) {
	p, err := parseProof(file)
	if err != nil {
		return nil, err
	}
	leaf, err := ParseLeaf(p.ExtraData)
	if err != nil {
		return nil, err
	}
	return &Receipt{Leaf: leaf, Index: p.Index, Path: p.Hashes, Checkpoint: p.Checkpoint}, nil
}

func parseProof(file []byte) (*proof.TLogProof, error) {
	if len(file) > MaxBytes {
		return nil, refuse(CodeTooLong)
	}
	p := new(proof.TLogProof)
	if err := p.Unmarshal(file); err != nil {
		return nil, refuse(CodeForm)
	}
	// A proof has many spellings: line ends, leading zeros, spare bits of base64. Only the one that Marshal writes is
	// accepted.
	if !bytes.Equal(p.Marshal(), file) {
		return nil, refuse(CodeSpelling)
	}
	return p, nil
}

// Proof writes the receipt without its leaf. A server gives it to anybody who knows the leaf's hash.
func (r *Receipt) Proof() []byte {
	return proof.TLogProof{Index: r.Index, Hashes: r.Path, Checkpoint: r.Checkpoint}.Marshal()
}

// ParseProof combines a leaf with what Proof wrote. It verifies nothing.
func ParseProof(leaf relief.Leaf, file []byte) (*Receipt, error) {
	p, err := parseProof(file)
	if err != nil {
		return nil, err
	}
	if p.ExtraData != nil {
		return nil, refuse(CodeForm)
	}
	return &Receipt{Leaf: leaf, Index: p.Index, Path: p.Hashes, Checkpoint: p.Checkpoint}, nil
}
