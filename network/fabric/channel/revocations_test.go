package channel

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // of fabric-protos-go
	"github.com/hyperledger/fabric-config/configtx"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/stretchr/testify/require"

	"relieftrail/network/fabric/fabrictest"
)

// revocationList is a list in PEM, signed by an authority of the test's own.
func revocationList(t *testing.T, serials ...int64) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	issuer := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCRLSign, SubjectKeyId: []byte{1, 2, 3},
	}
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour)}
	for _, serial := range serials {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: time.Now()})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, issuer, key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

// applied is a configuration with the memberships that an update writes.
func applied(t *testing.T, config *common.Config, update []byte) *common.Config {
	t.Helper()
	var change common.ConfigUpdate
	require.NoError(t, proto.Unmarshal(update, &change))
	after := proto.Clone(config).(*common.Config)
	for level, group := range change.WriteSet.Groups {
		for name, organisation := range group.Groups {
			for key, value := range organisation.Values {
				if value.Version == after.ChannelGroup.Groups[level].Groups[name].Values[key].Version+1 {
					after.ChannelGroup.Groups[level].Groups[name].Values[key] = value
				}
			}
		}
	}
	return after
}

func TestRevoke(t *testing.T) {
	top := fabrictest.Topology(t)
	block, _, err := Genesis(top)
	require.NoError(t, err)
	c := configuration(t, block)
	config := c.OriginalConfig()

	first := revocationList(t, 5, 7)
	update, err := Revoke(config, top.Channel.Name, "FinanceMSP", first)
	require.NoError(t, err)
	require.NotNil(t, update)

	var change common.ConfigUpdate
	require.NoError(t, proto.Unmarshal(update, &change))
	require.Equal(t, "relief", change.ChannelId)
	require.ElementsMatch(t, []string{"Application", "Orderer"}, keys(change.WriteSet.Groups))
	for level, group := range change.WriteSet.Groups {
		require.Equal(t, []string{"FinanceMSP"}, keys(group.Groups), level)
		for name, value := range group.Groups["FinanceMSP"].Values {
			changed := value.Version > config.ChannelGroup.Groups[level].Groups["FinanceMSP"].Values[name].Version
			require.Equal(t, name == "MSP", changed, "%s %s", level, name)
			require.Equal(t, "Admins", value.ModPolicy, "the organisation's administrators sign")
		}
	}

	after := applied(t, config, update)
	changed := configtx.New(after)
	app, err := changed.Application().Organization("FinanceMSP").MSP()
	require.NoError(t, err)
	order, err := changed.Orderer().Organization("FinanceMSP").MSP()
	require.NoError(t, err)
	require.Len(t, app.RevocationList, 1)
	require.Len(t, app.RevocationList[0].TBSCertList.RevokedCertificates, 2)
	require.Equal(t, app.RevocationList, order.RevocationList)
	before, err := c.Application().Organization("FinanceMSP").MSP()
	require.NoError(t, err)
	before.RevocationList = app.RevocationList
	require.Equal(t, before, app, "nothing else of the membership changes")

	again, err := Revoke(after, top.Channel.Name, "FinanceMSP", revocationList(t, 7, 5))
	require.NoError(t, err)
	require.Nil(t, again, "the channel knows them")
	more, err := Revoke(after, top.Channel.Name, "FinanceMSP", revocationList(t, 5, 7, 9))
	require.NoError(t, err)
	require.NotNil(t, more)

	_, err = Revoke(config, top.Channel.Name, "PoliceMSP", first)
	require.ErrorContains(t, err, "no such organisation")
	_, err = Revoke(config, top.Channel.Name, "FinanceMSP", []byte("no list"))
	require.ErrorContains(t, err, "PEM")
}

func keys[V any](m map[string]V) []string {
	var all []string
	for key := range m {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}
