package crosscheck

import (
	"bytes"
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/msp"
	"github.com/hyperledger/fabric-protos-go/peer"
)

// verified is one copy of a block, decoded, and what is wrong with it.
type verified struct {
	block        Block
	hash         [32]byte
	transactions []*transaction // nil where one cannot be read
	findings     []Finding
}

// verify checks what follows from the block alone: data hash, transactions, flags. The links to other blocks are
// checked by job and Checker, the orderers' signatures by checkSignatures.
func (c *configuration) verify(b Block) *verified {
	v := &verified{block: b, hash: b.Hash(), transactions: make([]*transaction, len(b.Data))}
	report := func(kind Kind, form string, args ...any) {
		v.findings = append(v.findings, inBlock(b.Number, kind, form, args...))
	}
	if sum := b.sumData(); !bytes.Equal(sum[:], b.DataHash) {
		report(DataHash, "the hash of its transactions is not the one in its header")
	}
	flags := b.flags()
	if len(b.Data) == 0 {
		report(BadTransaction, "it has no transactions")
	}
	// The first block is not made by a peer: each peer that stores it sets the flag.
	if len(flags) != len(b.Data) {
		report(Flag, "it has %d transactions and %d validation flags", len(b.Data), len(flags))
	}
	for i, raw := range b.Data {
		code := peer.TxValidationCode_NOT_VALIDATED
		if i < len(flags) {
			code = peer.TxValidationCode(flags[i])
		}
		v.findings = append(v.findings, v.transaction(c, i, raw, code)...)
	}
	return v
}

func (v *verified) transaction(c *configuration, i int, raw []byte, code peer.TxValidationCode) []Finding {
	n := v.block.Number
	if _, ok := peer.TxValidationCode_name[int32(code)]; !ok || code == peer.TxValidationCode_NOT_VALIDATED {
		return []Finding{inTransaction(n, i, "", Flag, "its validation flag %d is unknown", code)}
	}
	tx, err := parseTransaction(raw)
	valid := code == peer.TxValidationCode_VALID
	if err != nil {
		if !valid {
			return nil // it was refused for this
		}
		return []Finding{inTransaction(n, i, "", BadTransaction, "%v", err)}
	}
	v.transactions[i] = tx
	if n == 0 {
		return nil // trust starts from the first block, which is not signed
	}
	var found []Finding
	for _, p := range tx.check(c, valid) {
		if valid || !refusedFor(p.kind, code) {
			found = append(found, inTransaction(n, i, tx.id, p.kind, "%s", p.detail))
		}
	}
	return found
}

// refusedFor reports whether a transaction was refused for what is wrong with it.
func refusedFor(kind Kind, code peer.TxValidationCode) bool {
	switch code {
	case peer.TxValidationCode_BAD_CREATOR_SIGNATURE, peer.TxValidationCode_BAD_PAYLOAD, peer.TxValidationCode_BAD_COMMON_HEADER,
		peer.TxValidationCode_NIL_ENVELOPE, peer.TxValidationCode_BAD_CHANNEL_HEADER, peer.TxValidationCode_BAD_HEADER_EXTENSION,
		peer.TxValidationCode_TARGET_CHAIN_NOT_FOUND, peer.TxValidationCode_BAD_PROPOSAL_TXID, peer.TxValidationCode_INVALID_OTHER_REASON,
		peer.TxValidationCode_UNKNOWN_TX_TYPE, peer.TxValidationCode_INVALID_ENDORSER_TRANSACTION, peer.TxValidationCode_MARSHAL_TX_ERROR:
		return kind != Creator || code == peer.TxValidationCode_BAD_CREATOR_SIGNATURE
	}
	return false
}

// checkSignatures verifies the orderers' signatures of a block, which cover its header and the number of the block with
// the configuration in force.
func (c *configuration) checkSignatures(b *Block, lastConfig uint64, at time.Time) []Finding {
	if b.Number == 0 {
		return nil
	}
	fail := func(form string, args ...any) []Finding {
		return []Finding{inBlock(b.Number, BlockSignature, form, args...)}
	}
	signed, about := &common.Metadata{}, &common.OrdererBlockMetadata{}
	if err := decodeAll(
		func() error {
			return decode("the orderers' signature", b.metadata(common.BlockMetadataIndex_SIGNATURES), signed)
		},
		func() error { return decode("what the orderers signed", signed.GetValue(), about) },
	); err != nil {
		return fail("%v", err)
	}
	var signers []*identity
	for _, s := range signed.GetSignatures() {
		header := &common.SignatureHeader{}
		if err := decode("the header of an orderer's signature", s.GetSignatureHeader(), header); err != nil {
			return fail("%v", err)
		}
		id, err := c.directory.find(header.GetCreator())
		if err != nil {
			return fail("%v", err)
		}
		if !at.IsZero() {
			if err := id.at(at); err != nil {
				return fail("%v", err)
			}
		}
		if !id.has(msp.MSPRole_ORDERER) {
			return fail("%s signed it, who is no orderer", id)
		}
		if err := id.verify(join(signed.GetValue(), s.GetSignatureHeader(), b.headerBytes()), s.GetSignature()); err != nil {
			return fail("the signature by orderer %s %v", id, err)
		}
		signers = appendOnce(signers, id)
	}
	if !c.policies.satisfied(groupOrderer+"/BlockValidation", signers) {
		return fail("it lacks signatures that the channel's policy requires")
	}
	if got := about.GetLastConfig().GetIndex(); got != lastConfig {
		return []Finding{inBlock(b.Number, BadConfiguration, "the orderers name block %d as the last configuration, which is block %d", got, lastConfig)}
	}
	return nil
}

// when is about the time at which a block was made: the time of the last transaction that has one; zero when none has.
func (v *verified) when() time.Time {
	for i := len(v.transactions) - 1; i >= 0; i-- {
		if tx := v.transactions[i]; tx != nil && tx.time.Unix() > 0 {
			return tx.time
		}
	}
	return time.Time{}
}

// locate says in which part a copy differs from the sound copy.
func locate(copied, sound *Block) []Finding {
	n := sound.Number
	if copied.Number != n || !bytes.Equal(copied.PreviousHash, sound.PreviousHash) || !bytes.Equal(copied.DataHash, sound.DataHash) {
		return []Finding{inBlock(n, Different, "its header differs from the other copies'")}
	}
	if len(copied.Data) != len(sound.Data) {
		return []Finding{inBlock(n, Different, "it has %d transactions, the other copies have %d", len(copied.Data), len(sound.Data))}
	}
	var found []Finding
	for i := range copied.Data {
		if !bytes.Equal(copied.Data[i], sound.Data[i]) {
			id := ""
			if tx, err := parseTransaction(sound.Data[i]); err == nil {
				id = tx.id
			}
			found = append(found, inTransaction(n, i, id, Different, "the transaction differs from the other copies' (byte %d of %d)",
				firstDifference(copied.Data[i], sound.Data[i]), len(sound.Data[i])))
		}
	}
	return append(found, locateMetadata(copied, sound)...)
}

func locateMetadata(copied, sound *Block) []Finding {
	n := sound.Number
	if len(copied.Metadata) != len(sound.Metadata) {
		return []Finding{inBlock(n, Different, "it has %d parts of metadata, the other copies have %d", len(copied.Metadata), len(sound.Metadata))}
	}
	var found []Finding
	for index := common.BlockMetadataIndex_SIGNATURES + 1; int(index) < len(sound.Metadata); index++ {
		mine, theirs := copied.metadata(index), sound.metadata(index)
		if bytes.Equal(mine, theirs) {
			continue
		}
		if index == common.BlockMetadataIndex_TRANSACTIONS_FILTER && len(mine) == len(theirs) {
			at := firstDifference(mine, theirs)
			found = append(found, inTransaction(n, at, "", Different, "its validation flag is %s, in the other copies %s", flagName(mine[at]), flagName(theirs[at])))
			continue
		}
		found = append(found, inBlock(n, Different, "its metadata %s differs from the other copies'", metadataName(index)))
	}
	return found
}

func flagName(code byte) string {
	if name, ok := peer.TxValidationCode_name[int32(code)]; ok {
		return name
	}
	return fmt.Sprint(code)
}

func metadataName(index common.BlockMetadataIndex) string {
	if name, ok := common.BlockMetadataIndex_name[int32(index)]; ok {
		return name
	}
	return fmt.Sprint(int(index))
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// lastConfig is the number of the block with the configuration in force, as the orderers signed it.
func (b *Block) lastConfig() (uint64, error) {
	if b.Number == 0 {
		return 0, nil
	}
	signed, about := &common.Metadata{}, &common.OrdererBlockMetadata{}
	err := decodeAll(
		func() error {
			return decode("the orderers' signature", b.metadata(common.BlockMetadataIndex_SIGNATURES), signed)
		},
		func() error { return decode("what the orderers signed", signed.GetValue(), about) },
	)
	return about.GetLastConfig().GetIndex(), err
}
