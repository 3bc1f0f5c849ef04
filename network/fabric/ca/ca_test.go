package ca

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-sdk-go/pkg/common/logging"
	"github.com/stretchr/testify/require"

	"relieftrail/network/host/process"
	"relieftrail/network/host/programs"
	"relieftrail/network/topology"
)

func TestMain(m *testing.M) {
	logging.SetLevel("fabsdk/fab", logging.CRITICAL) // a refusal is an error here and no line of a log
	os.Exit(m.Run())
}

// freePorts gives a node ports of its own on the loopback address.
func freePorts(t *testing.T, n *topology.Node) {
	t.Helper()
	for _, port := range []*int{&n.Port, &n.OperationsPort} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		*port = listener.Addr().(*net.TCPAddr).Port
		require.NoError(t, listener.Close())
	}
}

// authorities runs finance's certificate authorities: the real fabric-ca-server, which is built when it is not there.
func authorities(t *testing.T) (*topology.Topology, *topology.Node) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts fabric-ca-server, and builds it the first time")
	}
	top, err := topology.Load(topology.Options{State: t.TempDir()})
	require.NoError(t, err)
	program, err := programs.CA(t.Context(), top, t.Logf)
	require.NoError(t, err)
	finance, err := top.Organisation("finance")
	require.NoError(t, err)
	n := finance.Node(topology.KindCA)
	freePorts(t, n)
	p, err := Process(program, n)
	require.NoError(t, err)
	runner := &process.Runner{Dir: top.RunDir()}
	require.NoError(t, runner.Start(p))
	t.Cleanup(func() { require.NoError(t, runner.Stop([]string{n.Name})) })
	require.NoError(t, runner.Await(t.Context(), 30*time.Second, n.Name, []string{n.Name}, func(ctx context.Context) error {
		return Ready(ctx, n)
	}))
	return top, n
}

func certificate(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	block, _ := pem.Decode(text)
	require.NotNil(t, block, path)
	cert, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return cert
}

// issued requires that a root issued a certificate, that the key belongs to it, and that only its owner may read the key.
func issued(t *testing.T, pair topology.KeyPair, root string) *x509.Certificate {
	t.Helper()
	_, err := tls.LoadX509KeyPair(pair.Cert, pair.Key)
	require.NoError(t, err, "the key is the certificate's")
	cert := certificate(t, pair.Cert)
	require.NoError(t, cert.CheckSignatureFrom(certificate(t, root)))
	info, err := os.Stat(pair.Key)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	return cert
}

// attributes are those that a certificate of fabric-ca carries.
func attributes(t *testing.T, cert *x509.Certificate) map[string]string {
	t.Helper()
	for _, extension := range cert.Extensions {
		if extension.Id.String() == "1.2.3.4.5.6.7.8.1" {
			var found struct {
				Attrs map[string]string `json:"attrs"`
			}
			require.NoError(t, json.Unmarshal(extension.Value, &found))
			return found.Attrs
		}
	}
	return nil
}

func TestEnrolment(t *testing.T) {
	top, n := authorities(t)
	finance := n.Organisation
	require.False(t, Enrolled(finance))
	require.NoError(t, EnrolAll(top, finance))
	require.True(t, Enrolled(finance))

	t.Run("every identity is its own authority's", func(t *testing.T) {
		for _, kind := range topology.Kinds {
			cert := issued(t, finance.Node(kind).TLS(), finance.TLSRoot())
			require.NoError(t, cert.VerifyHostname("127.0.0.1"), kind)
			require.Error(t, cert.CheckSignatureFrom(certificate(t, finance.CARoot())), "each authority has its own root")
			require.Error(t, cert.CheckSignatureFrom(certificate(t, finance.OperationsRoot())), "nodes operate no node")
		}
		issued(t, finance.OperatorTLS(), finance.TLSRoot())
		operations := issued(t, finance.OperationsTLS(), finance.OperationsRoot())
		require.Error(t, operations.CheckSignatureFrom(certificate(t, finance.TLSRoot())))
		admin := issued(t, finance.User(topology.Admin), finance.CARoot())
		require.Equal(t, []string{"admin"}, admin.Subject.OrganizationalUnit)
	})
	t.Run("a peer is told from an orderer", func(t *testing.T) {
		for _, kind := range []string{topology.KindPeer, topology.KindOrderer} {
			msp := finance.Node(kind).MSP()
			pair := topology.KeyPair{
				Cert: filepath.Join(msp, "signcerts", "cert.pem"), Key: filepath.Join(msp, "keystore", "key.pem"),
			}
			require.Equal(t, []string{kind}, issued(t, pair, finance.CARoot()).Subject.OrganizationalUnit)
			require.FileExists(t, filepath.Join(msp, "config.yaml"))
			require.Equal(t, certificate(t, finance.CARoot()), certificate(t, filepath.Join(msp, "cacerts", "ca-cert.pem")))
			require.Equal(t, certificate(t, finance.TLSRoot()), certificate(t, filepath.Join(msp, "tlscacerts", "ca-cert.pem")))
		}
	})
	t.Run("role and region are in the certificate", func(t *testing.T) {
		for user, want := range map[string]map[string]string{
			"finance-approver":   {"role": "approver", "region": "53"},
			topology.GatewayUser: {"role": "reader", "region": "53"},
		} {
			found := attributes(t, issued(t, finance.User(user), finance.CARoot()))
			for name, value := range want {
				require.Equal(t, value, found[name], "%s of %s", name, user)
			}
		}
	})
	t.Run("enrolling again changes nothing", func(t *testing.T) {
		path := finance.User("finance-approver").Cert
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, EnrolAll(top, finance))
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after)
	})
	t.Run("an enrolment that was cut short is finished", func(t *testing.T) {
		pair := finance.User("finance-preparer")
		first := certificate(t, pair.Cert)
		require.NoError(t, os.Remove(pair.Cert)) // registered, but the certificate never came
		require.False(t, Enrolled(finance))
		require.NoError(t, EnrolAll(top, finance))
		second := issued(t, pair, finance.CARoot())
		require.Equal(t, first.Subject.CommonName, second.Subject.CommonName)
		require.NotEqual(t, first.SerialNumber, second.SerialNumber)
	})
	t.Run("one more official", func(t *testing.T) {
		client, err := NewClient(n)
		require.NoError(t, err)
		require.NoError(t, client.Principal(topology.Principal{Name: "li-wei", Role: "preparer", Region: "530181"}))
		client.Close()
		require.Equal(t, "530181", attributes(t, issued(t, finance.User("li-wei"), finance.CARoot()))["region"])
		left, err := filepath.Glob(filepath.Join(n.Dir(), "client-*"))
		require.NoError(t, err)
		require.Empty(t, left, "keys that the SDK kept are deleted")
	})
	t.Run("nobody registers with another password", func(t *testing.T) {
		secret := filepath.Join(n.Dir(), "registrar.secret")
		right, err := os.ReadFile(secret)
		require.NoError(t, err)
		require.NoError(t, process.WriteFile(secret, []byte(strings.Repeat("0", 64)+"\n")))
		client, err := NewClient(n)
		require.NoError(t, err)
		defer client.Close()
		err = client.Principal(topology.Principal{Name: "mallory", Role: "approver", Region: "53"})
		require.ErrorContains(t, err, "finance/ca: enrolling mallory: ")
		require.NotContains(t, err.Error(), strings.TrimSpace(string(right)))
		require.NoFileExists(t, finance.User("mallory").Cert)
	})
}

func TestReadyNeedsTheRightRoot(t *testing.T) {
	_, n := authorities(t)
	require.NoError(t, Ready(t.Context(), n))
	root, err := os.ReadFile(n.Organisation.CARoot())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(n.Organisation.TLSRoot(), root, 0o600))
	require.ErrorContains(t, Ready(t.Context(), n), "certificate signed by unknown authority")
	require.NoError(t, os.WriteFile(n.Organisation.TLSRoot(), []byte("half a fi"), 0o600))
	require.ErrorContains(t, Ready(t.Context(), n), "is not a certificate yet")
}

func TestSecretIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "a.secret")
	first, err := Secret(path)
	require.NoError(t, err)
	require.Len(t, first, 64, "256 bits in hex")
	second, err := Secret(path)
	require.NoError(t, err)
	require.Equal(t, first, second)
	other, err := Secret(filepath.Join(t.TempDir(), "b.secret"))
	require.NoError(t, err)
	require.NotEqual(t, first, other)
	_, err = Secret(filepath.Dir(path))
	require.Error(t, err, "a folder is no secret")
}
