package crosscheck

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-config/configtx"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/hyperledger/fabric-protos-go/msp"
	"github.com/hyperledger/fabric-protos-go/orderer"
	"github.com/hyperledger/fabric-protos-go/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// reconfiguration is a change of the channel, requested and signed with fabric-config and applied as orderers do.
type reconfiguration struct {
	ask     func(t *testing.T, c *configtx.ConfigTx)
	signers []string // organisations whose administrators sign
	by      func(o *organisation) *signer
	after   func(e *common.ConfigEnvelope) // makes the block wrong; may be nil
}

func slower(_ *testing.T, c *configtx.ConfigTx) {
	c.UpdatedConfig().ChannelGroup.Groups[groupOrderer].Values["BatchTimeout"].Value = marshal(&orderer.BatchTimeout{Timeout: "7s"})
}

// reconfigure writes a block that changes the channel.
func (w *world) reconfigure(r reconfiguration) {
	w.t.Helper()
	before, _ := proto.Clone(w.config).(*common.Config)
	c := configtx.New(before)
	r.ask(w.t, &c)
	update, err := c.ComputeMarshaledUpdate(testChannel)
	require.NoError(w.t, err)
	var signatures []*common.ConfigSignature
	for _, id := range r.signers {
		by := w.orgs[id].admin
		if r.by != nil {
			by = r.by(w.orgs[id])
		}
		s := configtx.SigningIdentity{Certificate: by.cert, PrivateKey: by.key, MSPID: id}
		signature, err := s.CreateConfigSignature(update)
		require.NoError(w.t, err)
		signatures = append(signatures, signature)
	}
	asked, err := configtx.NewEnvelope(update, signatures...)
	require.NoError(w.t, err)
	next := c.UpdatedConfig()
	if next.Sequence == before.Sequence {
		next.Sequence++
	}
	e := &common.ConfigEnvelope{Config: next, LastUpdate: asked}
	if r.after != nil {
		r.after(e)
	}
	by := w.orgs["FinanceMSP"].orderer
	nonce := make([]byte, 24)
	_, _ = rand.Read(nonce)
	payload := marshal(&common.Payload{
		Header: &common.Header{
			ChannelHeader:   marshal(&common.ChannelHeader{Type: int32(common.HeaderType_CONFIG), ChannelId: testChannel, Timestamp: timestamppb.New(w.now)}),
			SignatureHeader: marshal(&common.SignatureHeader{Creator: by.serialize(), Nonce: nonce}),
		},
		Data: marshal(e),
	})
	w.seal([][]byte{marshal(&common.Envelope{Payload: payload, Signature: by.sign(payload)})}, []byte{byte(peer.TxValidationCode_VALID)})
}

func TestConfigurationChanges(t *testing.T) {
	put := spec{writes: map[string]string{"x": "1"}}
	three := []string{"AuditMSP", "CivilAffairsMSP", "FinanceMSP"}
	for name, test := range map[string]struct {
		reconfiguration
		found bool
	}{
		"by a majority of administrators": {reconfiguration{slower, three[:2], nil, nil}, false},
		"by one":                          {reconfiguration{slower, three[:1], nil, nil}, true},
		"by one, twice":                   {reconfiguration{slower, []string{"AuditMSP", "AuditMSP"}, nil, nil}, true},
		"by nobody":                       {reconfiguration{slower, nil, nil, nil}, true},
		"by officials who are not administrators": {reconfiguration{slower, three,
			func(o *organisation) *signer { return o.client }, nil}, true},
		"a signature that is wrong": {reconfiguration{slower, three[:2], nil, func(e *common.ConfigEnvelope) {
			payload, update := &common.Payload{}, &common.ConfigUpdateEnvelope{}
			mustDecode(e.LastUpdate.Payload, payload)
			mustDecode(payload.Data, update)
			update.Signatures[0].Signature, update.Signatures[1].Signature = update.Signatures[1].Signature, update.Signatures[0].Signature
			payload.Data = marshal(update)
			e.LastUpdate.Payload = marshal(payload)
		}}, true},
		"more than was asked for": {reconfiguration{slower, three, nil, func(e *common.ConfigEnvelope) {
			v := e.Config.ChannelGroup.Groups[groupOrderer].Values["BatchSize"]
			v.Version, v.Value = v.Version+1, []byte{8, 1}
		}}, true},
		"a sequence is left out": {reconfiguration{slower, three, nil, func(e *common.ConfigEnvelope) { e.Config.Sequence++ }}, true},
		"under an unchanged version": {reconfiguration{slower, three, nil, func(e *common.ConfigEnvelope) {
			e.Config.ChannelGroup.Groups[groupOrderer].Values["BatchTimeout"].Version--
		}}, true},
		"an organisation leaves, all administrators sign": {reconfiguration{
			func(_ *testing.T, c *configtx.ConfigTx) { c.Application().RemoveOrganization("FinanceMSP") },
			three, nil, nil}, false},
		"an organisation is removed by the other two": {reconfiguration{
			func(_ *testing.T, c *configtx.ConfigTx) { c.Application().RemoveOrganization("FinanceMSP") },
			three[:2], nil, nil}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(put)
			w.reconfigure(test.reconfiguration)
			r := check(t, w.sources()...)
			if !test.found {
				require.Empty(t, r.Findings)
				return
			}
			requireFinding(t, r, expected{BadConfiguration, 2, -1, nil})
		})
	}
}

func mustDecode(b []byte, m proto.Message) {
	if err := proto.Unmarshal(b, m); err != nil {
		panic(err)
	}
}

// Blocks after a change are checked with the new configuration.
func TestBlocksAfterAConfigurationChange(t *testing.T) {
	w := newWorld(t)
	w.reconfigure(reconfiguration{
		func(_ *testing.T, c *configtx.ConfigTx) { c.Application().RemoveOrganization("FinanceMSP") },
		testOrganisations, nil, nil})
	two := w.endorsers()[:2]
	w.add(spec{writes: map[string]string{"x": "1"}, endorsers: two})
	require.Empty(t, check(t, w.sources()...).Findings)
	w.add(spec{writes: map[string]string{"x": "2"}, endorsers: two[:1]})
	requireFinding(t, check(t, w.sources()...), expected{MissingEndorsement, 3, 0, nil})
}

// Certificates of a root and of an authority below it, and revoked ones.
func TestMembers(t *testing.T) {
	since, till := time.Now().AddDate(-1, 0, 0), time.Now().AddDate(1, 0, 0)
	root := newSigner(t, "FinanceMSP", "root", "", nil, since, till)
	below := newAuthority(t, root, since, till)
	foreign := newSigner(t, "FinanceMSP", "foreign", "", nil, since, till)
	direct := newSigner(t, "FinanceMSP", "direct", "client", root, since, till)
	through := newSigner(t, "FinanceMSP", "through", "client", below, since, till)
	text := func(s *signer) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert.Raw}) }
	revoke := func(by, whom *signer) []byte {
		der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number: big.NewInt(1), ThisUpdate: since, NextUpdate: till,
			RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: whom.cert.SerialNumber, RevocationTime: since}},
		}, by.cert, by.key)
		require.NoError(t, err)
		return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
	}
	for name, test := range map[string]struct {
		config *msp.FabricMSPConfig
		who    *signer
		err    string // a part of it; empty: admitted
	}{
		"issued by the root":                     {&msp.FabricMSPConfig{}, direct, ""},
		"issued by an authority below it":        {&msp.FabricMSPConfig{IntermediateCerts: [][]byte{text(below)}}, through, ""},
		"issued by an authority not listed":      {&msp.FabricMSPConfig{}, through, "not issued by an authority"},
		"issued by another root":                 {&msp.FabricMSPConfig{}, newSigner(t, "FinanceMSP", "x", "client", foreign, since, till), "not issued by an authority"},
		"the authority itself":                   {&msp.FabricMSPConfig{IntermediateCerts: [][]byte{text(below)}}, below, "is a certificate authority's"},
		"revoked by the root":                    {&msp.FabricMSPConfig{RevocationList: [][]byte{revoke(root, direct)}}, direct, "is revoked"},
		"another certificate is revoked":         {&msp.FabricMSPConfig{RevocationList: [][]byte{revoke(root, through)}}, direct, ""},
		"revoked by an authority not the issuer": {&msp.FabricMSPConfig{RevocationList: [][]byte{revoke(foreign, direct)}}, direct, ""},
		"revoked by the authority below":         {&msp.FabricMSPConfig{IntermediateCerts: [][]byte{text(below)}, RevocationList: [][]byte{revoke(below, through)}}, through, "is revoked"},
		"the authority below is revoked":         {&msp.FabricMSPConfig{IntermediateCerts: [][]byte{text(below)}, RevocationList: [][]byte{revoke(root, below)}}, through, "is revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			test.config.Name, test.config.RootCerts = "FinanceMSP", [][]byte{text(root)}
			m, err := newMembers(test.config)
			require.NoError(t, err)
			id, err := m.admit(test.who.cert)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "FinanceMSP", id.mspID)
		})
	}
	for name, config := range map[string]*msp.FabricMSPConfig{
		"a malformed certificate":                  {RootCerts: [][]byte{[]byte("x")}},
		"a malformed authority below the root":     {IntermediateCerts: [][]byte{text(below)[:90]}},
		"an empty certificate of an administrator": {Admins: [][]byte{{}}},
		"a malformed revocation list":              {RevocationList: [][]byte{[]byte("x")}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newMembers(config)
			require.Error(t, err)
		})
	}
}

// newAuthority is a certificate authority certified by issuer.
func newAuthority(t *testing.T, issuer *signer, since, till time.Time) *signer {
	t.Helper()
	s := newSigner(t, issuer.mspID, "below", "", nil, since, till)
	template := *s.cert
	template.SignatureAlgorithm = 0
	der, err := x509.CreateCertificate(rand.Reader, &template, issuer.cert, &s.key.PublicKey, issuer.key)
	require.NoError(t, err)
	s.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	return s
}
