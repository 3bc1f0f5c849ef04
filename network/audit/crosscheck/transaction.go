package crosscheck

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/peer"
)

// transaction is a chaincode transaction, decoded as far as the check needs it.
type transaction struct {
	id         string
	time       time.Time
	kind       common.HeaderType
	channel    string
	creator    []byte
	nonce      []byte
	payload    []byte // what the creator signed
	signature  []byte
	header     *common.Header
	proposal   []byte // the chaincode proposal without its transient data
	response   []byte // what the endorsers signed
	endorsers  []*peer.Endorsement
	proposed   []byte // hash of the proposal that the endorsers saw
	namespaces []namespaceSet
}

// namespaceSet is what a transaction read and wrote in one chaincode's state.
type namespaceSet struct {
	name        string
	public      *kvrwset.KVRWSet
	collections []collectionSet
}

// collectionSet is what a transaction read and wrote in a private collection, as hashes.
type collectionSet struct {
	name   string
	hashed *kvrwset.HashedRWSet
}

var txIDForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// parseTransaction decodes an envelope; a missing part is an error.
func parseTransaction(raw []byte) (*transaction, error) {
	envelope, payload := &common.Envelope{}, &common.Payload{}
	header, signature := &common.ChannelHeader{}, &common.SignatureHeader{}
	if err := decodeAll(
		func() error { return decode("the envelope", raw, envelope) },
		func() error { return decode("the payload", envelope.GetPayload(), payload) },
		func() error { return decode("the channel header", payload.GetHeader().GetChannelHeader(), header) },
		func() error {
			return decode("the signature header", payload.GetHeader().GetSignatureHeader(), signature)
		},
	); err != nil {
		return nil, err
	}
	tx := &transaction{
		id: header.GetTxId(), kind: common.HeaderType(header.GetType()), channel: header.GetChannelId(),
		time:    header.GetTimestamp().AsTime(),
		creator: signature.GetCreator(), nonce: signature.GetNonce(),
		payload: envelope.GetPayload(), signature: envelope.GetSignature(), header: payload.GetHeader(),
	}
	if tx.id != "" && !txIDForm.MatchString(tx.id) {
		return nil, fmt.Errorf("its id is not a hash")
	}
	switch tx.kind {
	case common.HeaderType_CONFIG:
		return tx, nil
	case common.HeaderType_ENDORSER_TRANSACTION:
		return tx, tx.parseAction(payload.GetData())
	}
	return nil, errNoTransaction
}

func (tx *transaction) parseAction(raw []byte) error {
	outer, action := &peer.Transaction{}, &peer.ChaincodeActionPayload{}
	response, result, set := &peer.ProposalResponsePayload{}, &peer.ChaincodeAction{}, &rwset.TxReadWriteSet{}
	err := decodeAll(
		func() error { return decode("the transaction", raw, outer) },
		func() error {
			if n := len(outer.GetActions()); n != 1 {
				return fmt.Errorf("it has %d actions, not one", n)
			}
			return decode("the action", outer.GetActions()[0].GetPayload(), action)
		},
		func() error {
			return decode("the endorsed answer", action.GetAction().GetProposalResponsePayload(), response)
		},
		func() error { return decode("the chaincode's answer", response.GetExtension(), result) },
	)
	if err != nil {
		return err
	}
	if !bytes.Equal(outer.GetActions()[0].GetHeader(), tx.header.GetSignatureHeader()) {
		return fmt.Errorf("the header of its action is not the header of the transaction")
	}
	tx.proposal, tx.response = action.GetChaincodeProposalPayload(), action.GetAction().GetProposalResponsePayload()
	tx.endorsers, tx.proposed = action.GetAction().GetEndorsements(), response.GetProposalHash()
	if len(result.GetResults()) == 0 {
		return nil // it read and wrote nothing
	}
	if err := decode("the read and write set", result.GetResults(), set); err != nil {
		return err
	}
	return tx.parseSets(set)
}

func (tx *transaction) parseSets(set *rwset.TxReadWriteSet) error {
	for _, ns := range set.GetNsRwset() {
		out := namespaceSet{name: ns.GetNamespace(), public: &kvrwset.KVRWSet{}}
		if len(ns.GetRwset()) > 0 {
			if err := decode("the read and write set of "+printable(out.name), ns.GetRwset(), out.public); err != nil {
				return err
			}
		}
		for _, c := range ns.GetCollectionHashedRwset() {
			hashed := collectionSet{c.GetCollectionName(), &kvrwset.HashedRWSet{}}
			if err := decode("a collection's read and write set", c.GetHashedRwset(), hashed.hashed); err != nil {
				return err
			}
			out.collections = append(out.collections, hashed)
		}
		tx.namespaces = append(tx.namespaces, out)
	}
	return nil
}

func printable(s string) string { return fmt.Sprintf("%.60q", s) }

// problem is a finding in a transaction before its place on the ledger is added.
type problem struct {
	kind   Kind
	detail string
}

// check verifies a transaction against the configuration: id, creator, signatures, endorsements.
func (tx *transaction) check(c *configuration, valid bool) (found []problem) {
	report := func(kind Kind, form string, args ...any) {
		found = append(found, problem{kind, fmt.Sprintf(form, args...)})
	}
	if tx.channel != c.channel {
		report(BadTransaction, "it is for channel %s", printable(tx.channel))
	}
	if tx.kind == common.HeaderType_CONFIG {
		return append(found, tx.checkConfigCreator(c)...)
	}
	if sum := sha256.Sum256(join(tx.nonce, tx.creator)); tx.id != hex.EncodeToString(sum[:]) {
		report(TransactionID, "its id is not the hash of its nonce and creator")
	}
	found = append(found, tx.checkCreator(c)...)
	if !valid {
		return found // a refused transaction has changed nothing, and may lack the part for which it was refused
	}
	proposal := sha256.Sum256(join(tx.header.GetChannelHeader(), tx.header.GetSignatureHeader(), tx.proposal))
	if !bytes.Equal(proposal[:], tx.proposed) {
		report(ProposalHash, "the endorsed proposal is not the one that the creator sent")
	}
	return append(found, tx.checkEndorsements(c)...)
}

func (tx *transaction) checkCreator(c *configuration) []problem {
	id, err := c.directory.findAt(tx.creator, tx.time)
	if err != nil {
		return []problem{{Creator, err.Error()}}
	}
	if err := id.verify(tx.payload, tx.signature); err != nil {
		return []problem{{CreatorSignature, fmt.Sprintf("the signature by %s %v", id, err)}}
	}
	return nil
}

// checkConfigCreator checks the signature of the orderer that made the block of a configuration.
func (tx *transaction) checkConfigCreator(c *configuration) []problem {
	if len(tx.creator) == 0 {
		return []problem{{Creator, "the configuration is not signed"}}
	}
	return tx.checkCreator(c)
}

// lifecycleNamespace is the namespace in which Fabric records which chaincode is in force.
const lifecycleNamespace = "_lifecycle"

// checkEndorsements checks that a peer of every organisation has signed.
func (tx *transaction) checkEndorsements(c *configuration) (found []problem) {
	var signers []*identity
	for _, e := range tx.endorsers {
		id, err := c.directory.findAt(e.GetEndorser(), tx.time)
		if err != nil {
			found = append(found, problem{Endorsement, err.Error()})
			continue
		}
		if err := id.verify(join(tx.response, e.GetEndorser()), e.GetSignature()); err != nil {
			found = append(found, problem{Endorsement, fmt.Sprintf("the signature by %s %v", id, err)})
			continue
		}
		signers = appendOnce(signers, id)
	}
	if missing := tx.missing(c, signers); len(missing) > 0 {
		found = append(found, problem{MissingEndorsement, "it is not endorsed by a peer of " + strings.Join(missing, ", ")})
	}
	return found
}

// missing names the organisations whose endorsement is required and missing. Every organisation must endorse, even
// where a chaincode's own policy asks for fewer. Only what an organisation records about itself (its approval of a
// chaincode, in its implicit collection) needs that organisation alone.
func (tx *transaction) missing(c *configuration, signers []*identity) []string {
	needed := c.applications
	if own, ok := tx.ownNote(); ok {
		needed = []string{own}
	}
	var missing []string
	for _, mspID := range needed {
		if !slices.ContainsFunc(signers, func(s *identity) bool {
			return s.mspID == mspID && c.policies.satisfied(groupApplication+"/"+c.groups[mspID]+"/Endorsement", []*identity{s})
		}) {
			missing = append(missing, mspID)
		}
	}
	return missing
}

const implicitCollection = "_implicit_org_"

// ownNote reports whether a transaction writes only to one organisation's implicit collection of the lifecycle, and
// whose.
func (tx *transaction) ownNote() (mspID string, ok bool) {
	for _, ns := range tx.namespaces {
		if len(ns.public.GetWrites())+len(ns.public.GetMetadataWrites()) > 0 {
			return "", false
		}
		for _, col := range ns.collections {
			if len(col.hashed.GetHashedWrites())+len(col.hashed.GetMetadataWrites()) == 0 {
				continue
			}
			owner, implicit := strings.CutPrefix(col.name, implicitCollection)
			if ns.name != lifecycleNamespace || !implicit || mspID != "" && mspID != owner {
				return "", false
			}
			mspID = owner
		}
	}
	return mspID, mspID != ""
}
