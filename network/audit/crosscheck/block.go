package crosscheck

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"math/big"

	"github.com/hyperledger/fabric-protos-go/common"
)

// Block is a block as a peer stores it; its envelopes and metadata are not decoded.
type Block struct {
	Number       uint64
	PreviousHash []byte
	DataHash     []byte
	Data         [][]byte // envelopes
	Metadata     [][]byte // by common.BlockMetadataIndex
}

// FromMessage converts the message that a peer serves.
func FromMessage(b *common.Block) Block {
	return Block{
		Number: b.GetHeader().GetNumber(), PreviousHash: b.GetHeader().GetPreviousHash(), DataHash: b.GetHeader().GetDataHash(),
		Data: b.GetData().GetData(), Metadata: b.GetMetadata().GetMetadata(),
	}
}

// headerBytes are the bytes that the block's hash and the orderers' signatures cover.
func (b *Block) headerBytes() []byte {
	text, err := asn1.Marshal(struct {
		Number                 *big.Int
		PreviousHash, DataHash []byte
	}{new(big.Int).SetUint64(b.Number), b.PreviousHash, b.DataHash})
	if err != nil {
		panic(err) // three fields that asn1 knows
	}
	return text
}

// Hash is the block's hash, the next block's PreviousHash.
func (b *Block) Hash() [32]byte { return sha256.Sum256(b.headerBytes()) }

// sumData is the hash of the data, which the header must name.
func (b *Block) sumData() [32]byte {
	h := sha256.New()
	for _, d := range b.Data {
		h.Write(d)
	}
	return [32]byte(h.Sum(nil))
}

// metadata returns the metadata with an index, nil when there is none.
func (b *Block) metadata(index common.BlockMetadataIndex) []byte {
	if int(index) >= len(b.Metadata) {
		return nil
	}
	return b.Metadata[index]
}

// flags are the validation codes that the peer gave to the transactions.
func (b *Block) flags() []byte { return b.metadata(common.BlockMetadataIndex_TRANSACTIONS_FILTER) }

// same reports whether two copies agree in everything that all peers must have alike. The block's signatures are left
// out: each orderer signs the copies that it hands out.
func (b *Block) same(other *Block) bool {
	return b.Number == other.Number && bytes.Equal(b.PreviousHash, other.PreviousHash) && bytes.Equal(b.DataHash, other.DataHash) &&
		sameList(b.Data, other.Data) && sameList(shared(b.Metadata), shared(other.Metadata))
}

func shared(metadata [][]byte) [][]byte {
	if len(metadata) <= int(common.BlockMetadataIndex_SIGNATURES) {
		return nil
	}
	return metadata[common.BlockMetadataIndex_SIGNATURES+1:]
}

func sameList(a, b [][]byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// Limits for what is read from a file. A block of the development network has at most 32 MiB.
const (
	maxBlockBytes    = 256 << 20
	maxBlockMessages = 1 << 20
)

var errCut = errors.New("it ends in the middle of a field")

// ParseBlock reads the form in which a peer writes a block into its block files: varints and length-prefixed fields
// (Fabric, common/ledger/blkstorage). Fields are parts of b.
func ParseBlock(b []byte) (Block, error) {
	r := fields{rest: b}
	out := Block{Number: r.varint(), DataHash: r.bytes(), PreviousHash: r.bytes()}
	out.Data = r.list()
	out.Metadata = r.list()
	switch {
	case r.err != nil:
		return Block{}, r.err
	case len(r.rest) > 0:
		return Block{}, errors.New("something follows its last field")
	}
	return out, nil
}

// fields reads fields until one cannot be read.
type fields struct {
	rest []byte
	err  error
}

func (r *fields) varint() uint64 {
	n, size := varint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *fields) bytes() []byte {
	n := r.varint()
	if r.err != nil || n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	field := r.rest[:n:n]
	r.rest = r.rest[n:]
	return field
}

func (r *fields) list() [][]byte {
	n := r.varint()
	if n > maxBlockMessages || n > uint64(len(r.rest)) { // each has a length of a byte at least
		r.fail()
	}
	if r.err != nil {
		return nil
	}
	list := make([][]byte, 0, n)
	for range n {
		list = append(list, r.bytes())
	}
	return list
}

func (r *fields) fail() {
	if r.err == nil {
		r.err = errCut
	}
	r.rest = nil
}

// appendBlock is the inverse of ParseBlock.
func appendBlock(buf []byte, b *Block) []byte {
	buf = appendVarint(buf, b.Number)
	buf = appendField(buf, b.DataHash)
	buf = appendField(buf, b.PreviousHash)
	for _, list := range [][][]byte{b.Data, b.Metadata} {
		buf = appendVarint(buf, uint64(len(list)))
		for _, f := range list {
			buf = appendField(buf, f)
		}
	}
	return buf
}
