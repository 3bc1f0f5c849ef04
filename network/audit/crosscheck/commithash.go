package crosscheck

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/peer"
)

// Every peer keeps a second hash chain beside that of the blocks: over its validation flags and all values that a block
// wrote. It is worked out here from the blocks alone, so a changed flag is found even in a single copy.
// (Fabric 3.1.1, core/ledger/kvledger: addBlockCommitHash, deterministicBytesForPubAndHashUpdates.)

// left is the value that a block leaves under a key.
type left struct {
	value   []byte
	deleted bool
	tx      int
}

// writes are all values that a block leaves, by namespace, collection ("" is the public state) and key.
type writes map[string]map[string]map[string]left

func (w writes) set(ns, collection, key string, l left) {
	if w[ns] == nil {
		w[ns] = map[string]map[string]left{}
	}
	if w[ns][collection] == nil {
		w[ns][collection] = map[string]left{}
	}
	w[ns][collection][key] = l
}

// add applies a valid transaction. ok is false for key-level metadata, which relieftrail does not use and whose effect
// does not follow from one block.
func (w writes) add(tx *transaction, index int) (ok bool) {
	ok = true
	for _, ns := range tx.namespaces {
		for _, kv := range ns.public.GetWrites() {
			w.set(ns.name, "", kv.GetKey(), leave(kv.GetValue(), kv.GetIsDelete(), index))
		}
		ok = ok && len(ns.public.GetMetadataWrites()) == 0
		for _, col := range ns.collections {
			for _, kv := range col.hashed.GetHashedWrites() {
				w.set(ns.name, col.name, string(kv.GetKeyHash()), leave(kv.GetValueHash(), kv.GetIsDelete(), index))
			}
			ok = ok && len(col.hashed.GetMetadataWrites()) == 0
		}
	}
	return ok
}

// leave is what a write leaves; Fabric does not store empty values and treats them as deleted.
func leave(value []byte, deleted bool, index int) left {
	if deleted || len(value) == 0 {
		return left{nil, true, index}
	}
	return left{value, false, index}
}

// bytes is what the commit hash covers: messages with the fields namespace 1, collection 2, key 3, is-deleted 4, value
// 5, version 6, ordered by namespace, collection and key; a namespace or collection is named only in its first message.
func (w writes) bytes(block uint64) []byte {
	var out []byte
	for _, ns := range slices.Sorted(maps.Keys(w)) {
		nsName := ns
		for _, collection := range slices.Sorted(maps.Keys(w[ns])) {
			collectionName := collection
			entries := w[ns][collection]
			for _, key := range slices.Sorted(maps.Keys(entries)) {
				l := entries[key]
				var m []byte
				m = appendText(m, 1, nsName)
				m = appendText(m, 2, collectionName)
				m = appendText(m, 3, key)
				if l.deleted {
					m = protowire.AppendTag(m, 4, protowire.VarintType)
					m = protowire.AppendVarint(m, 1)
				}
				m = appendText(m, 5, string(l.value))
				m = appendText(m, 6, string(heightBytes(block, uint64(l.tx)))) //nolint:gosec // an index in a block
				out = protowire.AppendTag(out, 1, protowire.BytesType)
				out = protowire.AppendBytes(out, m)
				nsName, collectionName = "", ""
			}
		}
	}
	return out
}

func appendText(b []byte, field protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

// heightBytes encodes the numbers of a block and a transaction as Fabric does: each with its length before it.
func heightBytes(block, tx uint64) []byte {
	var out []byte
	for _, n := range []uint64{block, tx} {
		b := binary.BigEndian.AppendUint64(nil, n)
		for len(b) > 0 && b[0] == 0 {
			b = b[1:]
		}
		out = append(append(out, byte(len(b))), b...) //nolint:gosec // at most 8
	}
	return out
}

// nextCommitHash is the commit hash after a block; ok is false when it does not follow from the blocks alone.
func nextCommitHash(previous []byte, v *verified) (hash [32]byte, ok bool) {
	w := writes{}
	ok = true
	flags := v.block.flags()
	for i, tx := range v.transactions {
		if i >= len(flags) || peer.TxValidationCode(flags[i]) != peer.TxValidationCode_VALID {
			continue
		}
		if tx == nil {
			return hash, false
		}
		ok = w.add(tx, i) && ok
	}
	h := sha256.New()
	h.Write(protowire.AppendVarint(nil, uint64(len(flags))))
	h.Write(flags)
	h.Write(w.bytes(v.block.Number))
	h.Write(previous)
	return [32]byte(h.Sum(nil)), ok
}

// commitHash is the hash that the peer stored with the block; nil when there is none, as for the first block.
func (b *Block) commitHash() []byte {
	m := &common.Metadata{}
	if decode("the commit hash", b.metadata(common.BlockMetadataIndex_COMMIT_HASH), m) != nil {
		return nil
	}
	return m.GetValue()
}

// versionOf converts the version in a transaction's read set.
func versionOf(v *kvrwset.Version) version {
	if v == nil {
		return version{}
	}
	return version{v.GetBlockNum() + 1, uint32(v.GetTxNum())} //nolint:gosec // an index in a block
}
