package faults

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // of fabric-protos-go
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/peer"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/topology"
)

// ledgerCount is what one peer has on its ledger, counted from its blocks alone.
type ledgerCount struct {
	peer     *topology.Node
	next     uint64 // the first block that was not read
	previous []byte // hash of the last one's header

	invalid  int // transactions without effect
	batches  map[relief.BatchID]payment.Batch
	tranches map[relief.TrancheID]fund.Tranche
	slots    map[slot]slotPayment
	faults   []string // what must not be on a ledger
	twice    int
}

// slot identifies a person's payment for a period.
type slot struct {
	programme, county, period string
	number                    uint32
}

// slotPayment is the latest payment in a slot.
type slotPayment struct {
	batch    relief.BatchID
	attempt  uint8
	amount   relief.Fen
	credited bool
}

func newLedgerCount(peer *topology.Node) *ledgerCount {
	return &ledgerCount{
		peer: peer, batches: map[relief.BatchID]payment.Batch{}, tranches: map[relief.TrancheID]fund.Tranche{}, slots: map[slot]slotPayment{},
	}
}

// read takes in the blocks up to a height.
func (b *ledgerCount) read(ctx context.Context, n *Network, height uint64) error {
	var failed error
	n.client.Blocks(ctx, admin.Member{Organisation: b.peer.Organisation, User: topology.Admin}, b.peer, b.next, height,
		func(number uint64, block *common.Block, err error) bool {
			if err == nil && number != b.next {
				err = errors.New("is not the next one")
			}
			if err == nil {
				err = b.block(block, n.Chaincode.Name)
			}
			if err != nil {
				failed = fmt.Errorf("%s, block %d: %w", b.peer.Name, number, err)
				return false
			}
			b.next++
			return true
		})
	if failed == nil && b.next < height {
		failed = fmt.Errorf("%s gives %d of %d blocks", b.peer.Name, b.next, height)
	}
	return failed
}

// block checks a block against the one before and takes in its valid transactions.
func (b *ledgerCount) block(block *common.Block, chaincode string) error {
	header := block.GetHeader()
	if b.next > 0 && !bytes.Equal(header.GetPreviousHash(), b.previous) {
		return errors.New("does not follow the block before it")
	}
	if sum := sha256.Sum256(bytes.Join(block.GetData().GetData(), nil)); !bytes.Equal(sum[:], header.GetDataHash()) {
		return errors.New("its transactions are not those that its header names")
	}
	hash, err := headerHash(header)
	if err != nil {
		return err
	}
	b.previous = hash
	codes := block.GetMetadata().GetMetadata()[common.BlockMetadataIndex_TRANSACTIONS_FILTER]
	for i, raw := range block.GetData().GetData() {
		if i >= len(codes) || peer.TxValidationCode(codes[i]) != peer.TxValidationCode_VALID {
			b.invalid++
			continue
		}
		writes, err := writesOf(raw, chaincode)
		if err != nil {
			return err
		}
		// Batches first: what a slot means depends on its batch.
		slices.SortStableFunc(writes, func(x, y *kvrwset.KVWrite) int { return bytes.Compare([]byte(x.Key), []byte(y.Key)) })
		for _, w := range writes {
			if err := b.write(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// headerHash is Fabric's: SHA-256 of the header in ASN.1.
func headerHash(h *common.BlockHeader) ([]byte, error) {
	text, err := asn1.Marshal(struct {
		Number       *big.Int
		PreviousHash []byte
		DataHash     []byte
	}{new(big.Int).SetUint64(h.GetNumber()), h.GetPreviousHash(), h.GetDataHash()})
	sum := sha256.Sum256(text)
	return sum[:], err
}

// writesOf are the writes of a transaction to a chaincode's public state; none for other kinds of transactions.
func writesOf(raw []byte, chaincode string) ([]*kvrwset.KVWrite, error) {
	var (
		envelope common.Envelope
		payload  common.Payload
		header   common.ChannelHeader
		tx       peer.Transaction
		action   peer.ChaincodeActionPayload
		response peer.ProposalResponsePayload
		result   peer.ChaincodeAction
		set      rwset.TxReadWriteSet
	)
	if err := errors.Join(proto.Unmarshal(raw, &envelope), proto.Unmarshal(envelope.Payload, &payload),
		proto.Unmarshal(payload.GetHeader().GetChannelHeader(), &header)); err != nil {
		return nil, err
	}
	if header.Type != int32(common.HeaderType_ENDORSER_TRANSACTION) {
		return nil, nil
	}
	if err := proto.Unmarshal(payload.Data, &tx); err != nil || len(tx.Actions) == 0 {
		return nil, errors.Join(err, errors.New("a transaction without actions"))
	}
	if err := errors.Join(proto.Unmarshal(tx.Actions[0].Payload, &action),
		proto.Unmarshal(action.GetAction().GetProposalResponsePayload(), &response),
		proto.Unmarshal(response.Extension, &result), proto.Unmarshal(result.Results, &set)); err != nil {
		return nil, err
	}
	var writes []*kvrwset.KVWrite
	for _, ns := range set.NsRwset {
		if ns.Namespace != chaincode {
			continue
		}
		var kv kvrwset.KVRWSet
		if err := proto.Unmarshal(ns.Rwset, &kv); err != nil {
			return nil, err
		}
		writes = append(writes, kv.Writes...)
	}
	return writes, nil
}

func (b *ledgerCount) write(w *kvrwset.KVWrite) error {
	key, ok := relief.ParseKey(w.Key)
	if !ok {
		return nil
	}
	switch key.Kind {
	case relief.KindBatch:
		var batch payment.Batch
		if err := json.Unmarshal(w.Value, &batch); err != nil {
			return err
		}
		b.batch(&batch)
	case relief.KindTranche:
		var t fund.Tranche
		if err := json.Unmarshal(w.Value, &t); err != nil {
			return err
		}
		if err := t.Balances.Check(); err != nil {
			b.fault("tranche %s: %v", t.ID, err)
		}
		b.tranches[t.ID] = t
	case relief.KindLines:
		return b.lines(key, w.Value)
	}
	return nil
}

func (b *ledgerCount) fault(format string, args ...any) {
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// once are the acts that a batch can have only once, or once more after an act that undid them; no client here makes a
// second payment file for a batch.
var once = []relief.Act{
	relief.ActPaymentOpen, relief.ActPaymentSeal, relief.ActPaymentApprove, relief.ActPaymentMakeFile, relief.ActPaymentAuthorise,
	relief.ActPaymentInstruct, relief.ActPaymentClose, relief.ActPaymentCancel,
}

// undone are the acts that an act undoes, so that they follow again.
var undone = map[relief.Act][]relief.Act{
	relief.ActPaymentSendBack: {
		relief.ActPaymentSeal, relief.ActPaymentApprove, relief.ActPaymentMakeFile, relief.ActPaymentAuthorise,
	},
	relief.ActPaymentConfirmTakeBack: {relief.ActPaymentMakeFile, relief.ActPaymentAuthorise, relief.ActPaymentInstruct},
}

func (b *ledgerCount) batch(batch *payment.Batch) {
	seen := map[relief.Act]bool{}
	for _, a := range batch.Acts {
		if seen[a.Act] && slices.Contains(once, a.Act) {
			b.twice++
			b.fault("batch %s: %s twice", batch.ID, a.Act)
		}
		seen[a.Act] = true
		for _, act := range undone[a.Act] {
			delete(seen, act)
		}
	}
	b.batches[batch.ID] = *batch
}

// lines compares a segment with its slots before: no other batch may take a slot while a batch holds it, and what was credited
// may not be credited again.
func (b *ledgerCount) lines(key relief.Key, value []byte) error {
	segment, err := payment.ParseLineSegment(value)
	if err != nil {
		return err
	}
	at, err := relief.ParseSegment(key.Attrs[3])
	if err != nil {
		return err
	}
	period, err := relief.ParsePeriod(key.Attrs[2])
	if err != nil {
		return err
	}
	for position := range programme.DefaultSegmentSize {
		attempt := segment.Attempt(position)
		holder, ok := payment.Holder(&segment, position, attempt)
		if !ok {
			continue
		}
		batch := b.batches[holder]
		id := relief.PaymentID{
			Programme: relief.ProgrammeID(key.Attrs[0]), County: relief.Region(key.Attrs[1]), Period: period, Attempt: attempt,
			Number: at*batch.SegmentSize + uint32(position),
		}
		pay, ok := payment.ReadPayment(&segment, id, batch.SegmentSize, roll.Segment{}, batch.State)
		if !ok {
			return fmt.Errorf("slot %s cannot be read", id)
		}
		b.slot(slot{key.Attrs[0], key.Attrs[1], key.Attrs[2], id.Number}, slotPayment{
			batch: holder, attempt: attempt, amount: pay.Amount, credited: string(pay.State) == string(payment.LineCredited),
		})
	}
	return nil
}

func (b *ledgerCount) slot(s slot, now slotPayment) {
	before, taken := b.slots[s]
	if taken && (before.batch != now.batch || before.attempt != now.attempt) &&
		(before.credited || before.attempt == now.attempt && b.batches[before.batch].State != payment.BatchCancelled) {
		b.twice++
		b.fault("%v: in %s, then in %s", s, before.batch, now.batch)
	}
	if taken && before.credited && now.credited && before.amount != now.amount {
		b.twice++
		b.fault("%v: credited with %s, then with %s", s, before.amount, now.amount)
	}
	b.slots[s] = now
}

// of counts a batch's acts and payments on the ledger.
func (b *ledgerCount) of(ids map[relief.BatchID]bool) map[relief.BatchID]*tally {
	out := map[relief.BatchID]*tally{}
	for id := range ids {
		t := &tally{}
		if batch, ok := b.batches[id]; ok {
			for _, a := range batch.Acts {
				if slices.Contains(once, a.Act) {
					t.acts++
				}
			}
		}
		out[id] = t
	}
	for _, e := range b.slots {
		t := out[e.batch]
		if t == nil {
			continue
		}
		t.listed++
		if e.credited {
			t.credited++
			t.sum += e.amount
		}
	}
	return out
}

// same is an error when two peers' ledgers differ. Both must have been read to the same height.
func same(a, b *ledgerCount) error {
	if !bytes.Equal(a.previous, b.previous) {
		return fmt.Errorf("%s and %s have different blocks below %d", a.peer.Name, b.peer.Name, a.next)
	}
	if !maps.Equal(a.slots, b.slots) {
		return fmt.Errorf("%s and %s count different payments", a.peer.Name, b.peer.Name)
	}
	return nil
}

// tally counts the acts and payments of one batch.
type tally struct {
	acts, listed, credited int
	sum                    relief.Fen // credited
}
