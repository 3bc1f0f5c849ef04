package fabric

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hyperledger/fabric-gateway/pkg/client"
	"github.com/hyperledger/fabric-gateway/pkg/hash"
	"github.com/hyperledger/fabric-gateway/pkg/identity"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/protobuf/proto"
)

// Identity is an enrolled identity: its certificate and key are files in PEM.
type Identity struct{ MSPID, CertFile, KeyFile string }

// Config says which peer, which channel, and who signs.
type Config struct {
	Endpoint               string // host:port of the agency's own peer
	TLSCAFile              string
	TLSCertFile            string // the gateway's TLS certificate, which the peer asks for
	TLSKeyFile             string
	ServerName             string // in the peer's TLS certificate, if it is not the endpoint's host
	Channel, Chaincode     string
	EndorsingOrganisations []string
	Identities             map[string]Identity // by principal
	Service                string              // the principal that reads blocks
	Endorse, Submit        time.Duration
}

const maxMessage = 32 << 20 // the largest message that a peer sends and accepts

// signer is the connection to the peer in the name of one identity.
type signer struct {
	gateway  *client.Gateway
	contract *client.Contract
	qscc     *client.Contract
	network  *client.Network
	creator  []byte // serialized identity
	sign     identity.Sign
}

// Ledger implements ledger.Ledger.
type Ledger struct {
	cfg     Config
	conn    *grpc.ClientConn
	mu      sync.RWMutex // of signers
	signers map[string]*signer
	decoder *decoder
	tlsHash []byte // SHA-256 of the gateway's TLS certificate: the peer holds a request for blocks against the connection's
}

// Connect reads the identities and prepares the connection. The peer need not be reachable yet.
func Connect(cfg Config) (*Ledger, error) {
	pair, err := tls.LoadX509KeyPair(cfg.TLSCertFile, cfg.TLSKeyFile)
	if err != nil {
		return nil, fmt.Errorf("the TLS certificate for the peer: %w", err)
	}
	conn, err := dial(cfg, pair)
	if err != nil {
		return nil, err
	}
	tlsHash := sha256.Sum256(pair.Certificate[0])
	l := &Ledger{cfg: cfg, conn: conn, signers: map[string]*signer{}, decoder: newDecoder(cfg.Chaincode), tlsHash: tlsHash[:]}
	for name, id := range cfg.Identities {
		s, err := l.newSigner(id)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("identity of %s: %w", name, err), l.Close())
		}
		l.signers[name] = s
	}
	if l.named(cfg.Service) == nil {
		return nil, errors.Join(fmt.Errorf("the service identity %q is not configured", cfg.Service), l.Close())
	}
	return l, nil
}

func dial(cfg Config, pair tls.Certificate) (*grpc.ClientConn, error) {
	pem, err := os.ReadFile(filepath.Clean(cfg.TLSCAFile))
	if err != nil {
		return nil, fmt.Errorf("the peer's TLS CA: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the peer's TLS CA: %s must hold a certificate in PEM", cfg.TLSCAFile)
	}
	tlsConfig := &tls.Config{
		RootCAs: roots, Certificates: []tls.Certificate{pair}, ServerName: cfg.ServerName, MinVersion: tls.VersionTLS12,
	}
	return grpc.NewClient(cfg.Endpoint,
		grpc.WithTransportCredentials(credentials.NewTLS(tlsConfig)),
		// A peer that was away for long is retried within seconds; the default of gRPC lets the wait grow to two minutes.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
		grpc.WithReadBufferSize(256<<10), grpc.WithWriteBufferSize(256<<10),
	)
}

func (l *Ledger) newSigner(id Identity) (*signer, error) {
	certPEM, err := os.ReadFile(filepath.Clean(id.CertFile))
	if err != nil {
		return nil, err
	}
	keyPEM, err := os.ReadFile(filepath.Clean(id.KeyFile))
	if err != nil {
		return nil, err
	}
	return l.signerOf(id.MSPID, certPEM, keyPEM)
}

func (l *Ledger) signerOf(mspID string, certPEM, keyPEM []byte) (*signer, error) {
	certificate, err := identity.CertificateFromPEM(certPEM)
	if err != nil {
		return nil, err
	}
	key, err := identity.PrivateKeyFromPEM(keyPEM)
	if err != nil {
		return nil, errors.New("the private key cannot be decoded")
	}
	x509ID, err := identity.NewX509Identity(mspID, certificate)
	if err != nil {
		return nil, err
	}
	sign, err := identity.NewPrivateKeySign(key)
	if err != nil {
		return nil, err
	}
	creator, err := proto.Marshal(&msp.SerializedIdentity{Mspid: x509ID.MspID(), IdBytes: x509ID.Credentials()})
	if err != nil {
		return nil, err
	}
	gw, err := client.Connect(x509ID, client.WithSign(sign), client.WithHash(hash.SHA256), client.WithClientConnection(l.conn),
		client.WithTLSClientCertificateHash(l.tlsHash))
	if err != nil {
		return nil, err
	}
	network := gw.GetNetwork(l.cfg.Channel)
	return &signer{gw, network.GetContract(l.cfg.Chaincode), network.GetContract("qscc"), network, creator, sign}, nil
}

// Close ends the connection.
func (l *Ledger) Close() error {
	for _, s := range l.signers {
		_ = s.gateway.Close() // does not own the connection
	}
	return l.conn.Close()
}
