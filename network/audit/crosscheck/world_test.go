package crosscheck

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"maps"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-config/configtx"
	"github.com/hyperledger/fabric-config/configtx/membership"
	"github.com/hyperledger/fabric-config/configtx/orderer"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset"
	"github.com/hyperledger/fabric-protos-go/ledger/rwset/kvrwset"
	"github.com/hyperledger/fabric-protos-go/msp"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/timestamppb"

	"relieftrail/chaincode/relief"
)

const (
	testChannel   = "relief"
	testChaincode = "relief"
)

var testOrganisations = []string{"AuditMSP", "CivilAffairsMSP", "FinanceMSP"}

// world is a channel of three organisations with generated keys; it makes blocks as orderers and peers do.
type world struct {
	t      *testing.T
	orgs   map[string]*organisation
	now    time.Time
	config *common.Config

	blocks     []Block
	commit     []byte
	lastConfig uint64
	versions   map[string]version
}

type organisation struct {
	mspID                        string
	ca                           *signer
	peer, orderer, client, admin *signer
}

type signer struct {
	mspID string
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
}

func newSigner(t *testing.T, mspID, name, unit string, issuer *signer, since, till time.Time) *signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: serial, NotBefore: since, NotAfter: till, BasicConstraintsValid: true,
		Subject: pkix.Name{CommonName: name, OrganizationalUnit: []string{unit}}, KeyUsage: x509.KeyUsageDigitalSignature,
	}
	s := &signer{mspID: mspID, key: key}
	if issuer == nil {
		template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		template.Subject.OrganizationalUnit, template.SubjectKeyId = nil, serial.Bytes()
		issuer = &signer{key: key, cert: template}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.cert, &key.PublicKey, issuer.key)
	require.NoError(t, err)
	s.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	return s
}

func (s *signer) serialize() []byte {
	return marshal(&msp.SerializedIdentity{Mspid: s.mspID, IdBytes: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert.Raw})})
}

func (s *signer) sign(parts ...[]byte) []byte {
	digest := sha256.Sum256(bytes.Join(parts, nil))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		panic(err)
	}
	if half := new(big.Int).Rsh(s.key.Params().N, 1); v.Cmp(half) > 0 {
		v.Sub(s.key.Params().N, v)
	}
	out, err := asn1.Marshal(struct{ R, S *big.Int }{r, v})
	if err != nil {
		panic(err)
	}
	return out
}

func marshal(m proto.Message) []byte {
	b, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	return b
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, orgs: map[string]*organisation{}, now: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC), versions: map[string]version{}}
	since, till := w.now.AddDate(-1, 0, 0), w.now.AddDate(1, 0, 0)
	for _, id := range testOrganisations {
		ca := newSigner(t, id, "ca."+id, "", nil, since, till)
		person := func(name, unit string) *signer { return newSigner(t, id, name, unit, ca, since, till) }
		w.orgs[id] = &organisation{id, ca, person("peer", "peer"), person("orderer", "orderer"), person("official", "client"), person("admin", "admin")}
	}
	genesis, err := configtx.NewApplicationChannelGenesisBlock(w.settings(), testChannel)
	require.NoError(t, err)
	b := FromMessage(genesis)
	for len(b.Metadata) < 5 {
		b.Metadata = append(b.Metadata, nil)
	}
	b.Metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER] = []byte{0}
	sum := b.sumData()
	b.DataHash = sum[:]
	w.blocks = []Block{b}
	envelope, _, err := configOf(&b)
	require.NoError(t, err)
	w.config = envelope.GetConfig()
	return w
}

func (w *world) settings() configtx.Channel {
	var members []configtx.Organization
	var consenters []orderer.Consenter
	for _, id := range testOrganisations {
		o := w.orgs[id]
		unit := func(name string) membership.OUIdentifier {
			return membership.OUIdentifier{Certificate: o.ca.cert, OrganizationalUnitIdentifier: name}
		}
		signature := func(rule string) configtx.Policy {
			return configtx.Policy{Type: configtx.SignaturePolicyType, Rule: "OR('" + id + "." + rule + "')"}
		}
		members = append(members, configtx.Organization{
			Name: id,
			MSP: configtx.MSP{
				Name: id, RootCerts: []*x509.Certificate{o.ca.cert},
				CryptoConfig: membership.CryptoConfig{SignatureHashFamily: "SHA2", IdentityIdentifierHashFunction: "SHA256"},
				NodeOUs: membership.NodeOUs{
					Enable: true, ClientOUIdentifier: unit("client"), PeerOUIdentifier: unit("peer"),
					AdminOUIdentifier: unit("admin"), OrdererOUIdentifier: unit("orderer"),
				},
			},
			OrdererEndpoints: []string{"127.0.0.1:1"},
			Policies: map[string]configtx.Policy{
				"Readers": signature("member"), "Writers": signature("member"), "Admins": signature("admin"), "Endorsement": signature("peer"),
			},
		})
		consenters = append(consenters, orderer.Consenter{Address: orderer.EtcdAddress{Host: "127.0.0.1", Port: 1}, ClientTLSCert: o.orderer.cert, ServerTLSCert: o.orderer.cert})
	}
	implicit := func(rule string) configtx.Policy {
		return configtx.Policy{Type: configtx.ImplicitMetaPolicyType, Rule: rule}
	}
	policies := func(admins string) map[string]configtx.Policy {
		return map[string]configtx.Policy{
			"Readers": implicit("ANY Readers"), "Writers": implicit("ANY Writers"), "Admins": implicit(admins),
			"Endorsement": implicit("ALL Endorsement"), "LifecycleEndorsement": implicit("ALL Endorsement"), "BlockValidation": implicit("ANY Writers"),
		}
	}
	return configtx.Channel{
		Policies: policies("ALL Admins"), Capabilities: []string{"V3_0"},
		Application: configtx.Application{Organizations: members, Capabilities: []string{"V2_5"}, Policies: policies("ALL Admins")},
		Orderer: configtx.Orderer{
			OrdererType: orderer.ConsensusTypeEtcdRaft, BatchTimeout: time.Second, State: orderer.ConsensusStateNormal,
			BatchSize: orderer.BatchSize{MaxMessageCount: 10, AbsoluteMaxBytes: 1 << 20, PreferredMaxBytes: 1 << 20},
			EtcdRaft: orderer.EtcdRaft{Consenters: consenters, Options: orderer.EtcdRaftOptions{
				TickInterval: "100ms", ElectionTick: 10, HeartbeatTick: 1, MaxInflightBlocks: 5, SnapshotIntervalSize: 1 << 20,
			}},
			Organizations: members, Capabilities: []string{"V2_0"}, Policies: policies("MAJORITY Admins"),
		},
	}
}

// spec describes a transaction; its zero value is a valid one without writes.
type spec struct {
	writes    map[string]string // of the chaincode, key to value
	reads     []string
	version   *version // of what it read, instead of the right one
	creator   *signer
	endorsers []*signer
	at        time.Time
	id        string
	flag      peer.TxValidationCode
	// tamper changes the parts before they are signed.
	tamper func(response *peer.ProposalResponsePayload, header *common.Header)
	// after changes the envelope when it is signed.
	after func(envelope *common.Envelope)
}

// namespace is the chaincode whose keys the transaction reads and writes: another one unless they are of the ledger's layout.
func (s *spec) namespace() string {
	keys := slices.Concat(s.reads, slices.Collect(maps.Keys(s.writes)))
	if slices.ContainsFunc(keys, func(key string) bool { _, ok := relief.ParseKey(key); return !ok }) {
		return "other"
	}
	return testChaincode
}

func (w *world) endorsers() []*signer {
	var all []*signer
	for _, id := range testOrganisations {
		all = append(all, w.orgs[id].peer)
	}
	return all
}

func (w *world) transaction(s spec) []byte {
	if s.creator == nil {
		s.creator = w.orgs["CivilAffairsMSP"].client
	}
	if s.endorsers == nil {
		s.endorsers = w.endorsers()
	}
	if s.at.IsZero() {
		s.at = w.now
	}
	nonce := make([]byte, 24)
	_, _ = rand.Read(nonce)
	if s.id == "" {
		sum := sha256.Sum256(join(nonce, s.creator.serialize()))
		s.id = hex.EncodeToString(sum[:])
	}
	header := &common.Header{
		ChannelHeader: marshal(&common.ChannelHeader{
			Type: int32(common.HeaderType_ENDORSER_TRANSACTION), ChannelId: testChannel, TxId: s.id, Timestamp: timestamppb.New(s.at),
		}),
		SignatureHeader: marshal(&common.SignatureHeader{Creator: s.creator.serialize(), Nonce: nonce}),
	}
	proposal := marshal(&peer.ChaincodeProposalPayload{Input: []byte("input")})
	hash := sha256.Sum256(join(header.ChannelHeader, header.SignatureHeader, proposal))
	response := &peer.ProposalResponsePayload{ProposalHash: hash[:], Extension: marshal(&peer.ChaincodeAction{
		Results: marshal(&rwset.TxReadWriteSet{NsRwset: []*rwset.NsReadWriteSet{{Namespace: s.namespace(), Rwset: marshal(w.set(s))}}}),
	})}
	if s.tamper != nil {
		s.tamper(response, header)
	}
	payload := marshal(response)
	var endorsements []*peer.Endorsement
	for _, e := range s.endorsers {
		endorsements = append(endorsements, &peer.Endorsement{Endorser: e.serialize(), Signature: e.sign(payload, e.serialize())})
	}
	data := marshal(&peer.Transaction{Actions: []*peer.TransactionAction{{
		Header: header.SignatureHeader,
		Payload: marshal(&peer.ChaincodeActionPayload{
			ChaincodeProposalPayload: proposal,
			Action:                   &peer.ChaincodeEndorsedAction{ProposalResponsePayload: payload, Endorsements: endorsements},
		}),
	}}})
	signed := marshal(&common.Payload{Header: header, Data: data})
	envelope := &common.Envelope{Payload: signed, Signature: s.creator.sign(signed)}
	if s.after != nil {
		s.after(envelope)
	}
	return marshal(envelope)
}

func (w *world) set(s spec) *kvrwset.KVRWSet {
	set := &kvrwset.KVRWSet{}
	for _, key := range s.reads {
		v := w.versions[key]
		if s.version != nil {
			v = *s.version
		}
		read := &kvrwset.KVRead{Key: key}
		if v != (version{}) {
			read.Version = &kvrwset.Version{BlockNum: v.Block - 1, TxNum: uint64(v.Tx)}
		}
		set.Reads = append(set.Reads, read)
	}
	for key, value := range s.writes {
		set.Writes = append(set.Writes, &kvrwset.KVWrite{Key: key, Value: []byte(value)})
	}
	return set
}

// add makes a block of transactions.
func (w *world) add(specs ...spec) {
	w.t.Helper()
	var data [][]byte
	var flags []byte
	for i, s := range specs {
		data = append(data, w.transaction(s))
		flags = append(flags, byte(s.flag))
		if s.flag == peer.TxValidationCode_VALID {
			for key, value := range s.writes {
				w.versions[key] = version{uint64(len(w.blocks)) + 1, uint32(i)}
				if value == "" {
					delete(w.versions, key)
				}
			}
		}
	}
	w.seal(data, flags)
}

// seal makes a block of envelopes: hashes, orderer's signature, flags and commit hash.
func (w *world) seal(data [][]byte, flags []byte) {
	w.t.Helper()
	last := w.blocks[len(w.blocks)-1]
	previous := last.Hash()
	b := Block{Number: last.Number + 1, PreviousHash: previous[:], Data: data, Metadata: make([][]byte, 5)}
	sum := b.sumData()
	b.DataHash = sum[:]
	if envelope, _, _ := configOf(&b); envelope != nil {
		w.config, w.lastConfig = envelope.GetConfig(), b.Number
	}
	b.Metadata[common.BlockMetadataIndex_TRANSACTIONS_FILTER] = flags
	w.order(&b, w.orgs["FinanceMSP"].orderer)
	c, err := newConfiguration(testChannel, w.config)
	require.NoError(w.t, err)
	hash, ok := nextCommitHash(w.commit, c.verify(b))
	require.True(w.t, ok)
	w.commit = hash[:]
	b.Metadata[common.BlockMetadataIndex_COMMIT_HASH] = marshal(&common.Metadata{Value: hash[:]})
	w.blocks = append(w.blocks, b)
}

// order has an orderer sign a block.
func (w *world) order(b *Block, by *signer) {
	value := marshal(&common.OrdererBlockMetadata{LastConfig: &common.LastConfig{Index: w.lastConfig}})
	header := marshal(&common.SignatureHeader{Creator: by.serialize(), Nonce: protowire.AppendVarint(nil, b.Number+1)})
	b.Metadata[common.BlockMetadataIndex_SIGNATURES] = marshal(&common.Metadata{
		Value: value, Signatures: []*common.MetadataSignature{{SignatureHeader: header, Signature: by.sign(value, header, b.headerBytes())}},
	})
}

// memory is a source of blocks in memory.
type memory struct {
	name   string
	blocks []Block
	errs   map[uint64]error
}

func (m *memory) Organisation() string { return m.name }

func (m *memory) Height(context.Context) (uint64, error) { return uint64(len(m.blocks)), nil }

func (m *memory) Blocks(_ context.Context, from, until uint64, yield func(Block, error) bool) {
	for n := from; n < min(until, uint64(len(m.blocks))); n++ {
		if !yield(m.blocks[n], m.errs[n]) {
			return
		}
	}
}

// sources are copies of a world's blocks, one for each organisation, that share no memory.
func (w *world) sources() []*memory {
	var all []*memory
	for _, name := range []string{"audit", "civil-affairs", "finance"} {
		m := &memory{name: name, errs: map[uint64]error{}}
		for i := range w.blocks {
			b, err := ParseBlock(appendBlock(nil, &w.blocks[i]))
			require.NoError(w.t, err)
			m.blocks = append(m.blocks, b)
		}
		all = append(all, m)
	}
	return all
}

func check(t *testing.T, sources ...*memory) *Report {
	t.Helper()
	var list []Source
	for _, s := range sources {
		list = append(list, s)
	}
	c := New(list, Options{Chaincode: testChaincode})
	require.NoError(t, c.To(t.Context(), c.Heights(t.Context())))
	c.Lag(0)
	return c.Report(0, time.Second)
}
