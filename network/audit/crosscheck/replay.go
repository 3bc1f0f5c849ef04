package crosscheck

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/peer"

	"relieftrail/chaincode/relief"
	"relieftrail/network/audit/rules"
)

// version is the tx position that wrote a value: the block's number plus one, and the index in the block. Zero: never
// written.
type version struct {
	Block uint64
	Tx    uint32
}

// digest takes the place of a key or an id, to save memory: a province has millions of both.
type digest [16]byte

func digestOf(parts ...string) digest {
	h := sha256.New()
	for _, p := range parts {
		var length [4]byte
		length[0], length[1], length[2], length[3] = byte(len(p)>>24), byte(len(p)>>16), byte(len(p)>>8), byte(len(p)) //nolint:gosec // cut on purpose
		h.Write(length[:])
		h.Write([]byte(p))
	}
	return digest(h.Sum(nil)[:16])
}

// replay is the state of the ledger after the valid transactions so far, and what it says about money.
type replay struct {
	versions  map[digest]version
	seen      map[digest]struct{} // ids of valid transactions
	ledger    *rules.State
	latest    *rules.Latest // nil unless somebody screens
	count     Count
	chaincode string
}

// Count is how much was checked.
type Count struct {
	Blocks       uint64 `json:"blocks"`
	Transactions uint64 `json:"transactions"`
	Valid        uint64 `json:"valid"`
	Signatures   uint64 `json:"signatures"`
	Payments     uint64 `json:"payments"` // answers of banks: credited and returned
}

func newReplay(chaincode string) *replay {
	return &replay{versions: map[digest]version{}, seen: map[digest]struct{}{}, ledger: rules.NewState(), chaincode: chaincode}
}

// apply applies a verified block, transaction by transaction.
func (r *replay) apply(v *verified) (found []Finding) {
	r.count.Blocks++
	flags := v.block.flags()
	for i, tx := range v.transactions {
		r.count.Transactions++
		if tx == nil || i >= len(flags) || tx.id == "" || len(tx.response) == 0 {
			continue
		}
		r.count.Signatures += 1 + uint64(len(tx.endorsers))
		code := peer.TxValidationCode(flags[i])
		report := func(kind Kind, form string, args ...any) {
			found = append(found, inTransaction(v.block.Number, i, tx.id, kind, form, args...))
		}
		id := idDigest(tx.id)
		_, seen := r.seen[id]
		stale, ranges := r.stale(tx)
		switch code {
		case peer.TxValidationCode_VALID:
			if seen {
				report(RepeatedID, "an earlier transaction has this id")
			}
			if stale != "" {
				report(Flag, "it is VALID although %s has changed since it was read", stale)
			}
		case peer.TxValidationCode_MVCC_READ_CONFLICT:
			if stale == "" && !ranges {
				report(Flag, "it is refused for a changed value although no value that it read has changed")
			}
			r.seen[id] = struct{}{} // a later transaction with this id is a repetition, although this one had no effect
			continue
		case peer.TxValidationCode_DUPLICATE_TXID:
			if !seen {
				report(Flag, "it is refused as a repetition although no earlier transaction has its id")
			}
			continue
		default:
			r.seen[id] = struct{}{}
			continue
		}
		r.count.Valid++
		r.seen[id] = struct{}{}
		for _, p := range r.write(tx, v.block.Number, i) {
			report(p.kind, "%s", p.detail)
		}
	}
	return found
}

func idDigest(id string) (d digest) {
	if b, err := hex.DecodeString(id); err == nil && len(b) == sha256.Size {
		copy(d[:], b)
	}
	return d
}

// stale names a value that a transaction read in another version than the ledger has. ranges reports whether the
// transaction also read ranges, where a conflict may come from a key that was added or deleted.
func (r *replay) stale(tx *transaction) (name string, ranges bool) {
	check := func(read *kvrwset.Version, what string, parts ...string) {
		if name == "" && r.versions[digestOf(parts...)] != versionOf(read) {
			name = what
		}
	}
	for _, ns := range tx.namespaces {
		for _, kv := range ns.public.GetReads() {
			check(kv.GetVersion(), rules.KeyName(kv.GetKey()), ns.name, "", kv.GetKey())
		}
		for _, q := range ns.public.GetRangeQueriesInfo() {
			ranges = true
			for _, kv := range q.GetRawReads().GetKvReads() {
				check(kv.GetVersion(), rules.KeyName(kv.GetKey()), ns.name, "", kv.GetKey())
			}
		}
		for _, col := range ns.collections {
			for _, kv := range col.hashed.GetHashedReads() {
				check(kv.GetVersion(), "a value of collection "+printable(col.name), ns.name, col.name, string(kv.GetKeyHash()))
			}
		}
	}
	return name, ranges
}

func (r *replay) write(tx *transaction, block uint64, index int) (found []problem) {
	at := version{block + 1, uint32(index)} //nolint:gosec // an index in a block
	keep := func(l left, parts ...string) {
		if l.deleted {
			delete(r.versions, digestOf(parts...))
		} else {
			r.versions[digestOf(parts...)] = at
		}
	}
	var records []rules.Record
	for _, ns := range tx.namespaces {
		for _, kv := range ns.public.GetWrites() {
			l := leave(kv.GetValue(), kv.GetIsDelete(), index)
			keep(l, ns.name, "", kv.GetKey())
			if ns.name != r.chaincode {
				continue
			}
			k, ok := relief.ParseKey(kv.GetKey())
			if !ok {
				found = append(found, problem{BadRecord, rules.KeyName(kv.GetKey()) + " is no key of the ledger's layout"})
				continue
			}
			records = append(records, rules.Record{Key: k, Name: kv.GetKey(), Value: l.value})
		}
		for _, col := range ns.collections {
			for _, kv := range col.hashed.GetHashedWrites() {
				keep(leave(kv.GetValueHash(), kv.GetIsDelete(), index), ns.name, col.name, string(kv.GetKeyHash()))
			}
		}
	}
	if len(records) == 0 {
		return found
	}
	by := creatorOf(tx)
	by.Block, by.At = block, tx.time
	if r.latest != nil {
		r.latest.Apply(by, records)
	}
	for _, p := range r.ledger.Apply(by, records) {
		found = append(found, problem{Kind(p.Kind), p.Detail})
	}
	r.count.Payments = r.ledger.Answered
	return found
}

// creatorOf is the transaction as its sender signed it, whose certificate was verified before.
func creatorOf(tx *transaction) *rules.Tx {
	id, err := parseIdentity(tx.creator)
	if err != nil {
		return &rules.Tx{ID: tx.id}
	}
	return rules.By(tx.id, id.mspID, id.cert.Subject.CommonName, id.cert.SerialNumber.Text(16))
}
