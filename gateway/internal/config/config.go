// Package config is what an agency's gateway is told at its start. Load is the only user of viper; the result is
// not changed afterwards and never logged. Secrets stand in files, the configuration names their paths.
package config

import (
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// Config is the whole configuration of one gateway.
type Config struct {
	Organisation string      `mapstructure:"organisation"` // the agency's MSP id
	Listen       string      `mapstructure:"listen"`       // host:port; port 0 takes a free one
	TLS          TLS         `mapstructure:"tls"`
	DataDir      string      `mapstructure:"data_dir"` // outbox, jobs and uploaded files
	Timezone     string      `mapstructure:"timezone"` // of the dates that people read and write
	Profile      string      `mapstructure:"profile"`  // loopback host:port of Go's profiles (net/http/pprof); empty for none
	Log          Log         `mapstructure:"log"`
	Limits       Limits      `mapstructure:"limits"`
	Jobs         Jobs        `mapstructure:"jobs"`
	Timeouts     Timeouts    `mapstructure:"timeouts"`
	Ledger       Ledger      `mapstructure:"ledger"`
	Index        Index       `mapstructure:"index"`
	SubjectKey   SharedKey   `mapstructure:"subject_key"` // makes subject references
	PersonsKey   SharedKey   `mapstructure:"persons_key"` // seals private details; where they are kept
	Service      KeyPair     `mapstructure:"service"`     // the gateway's own identity, for blocks and heights
	Principals   []Principal `mapstructure:"principals"`
	Objects      Objects     `mapstructure:"objects"`  // files that are kept encrypted
	Bank         Bank        `mapstructure:"bank"`     // finance's settings of the paying bank
	Matching     Matching    `mapstructure:"matching"` // other departments that are asked about households
	location     *time.Location

	Transparency Transparency `mapstructure:"transparency"`
	Public       Public       `mapstructure:"public"`

	// ReceiptKeyFile holds the key that salts the leaves of receipts: 32 bytes in hexadecimal. Finance's gateway has it;
	// without it no answers of the bank can be recorded and no receipts made.
	ReceiptKeyFile string `mapstructure:"receipt_key_file"`

	// VerifierDir is the folder with the verifier that the first page runs in the browser; without it the page says so.
	VerifierDir string `mapstructure:"verifier_dir"`
}

// TLS of the listening socket. Both empty means plain HTTP, which only a loopback address may use.
type TLS struct {
	CertFile string `mapstructure:"cert_file"`
	KeyFile  string `mapstructure:"key_file"`
}

// Enabled reports whether a certificate is configured.
func (t TLS) Enabled() bool { return t.CertFile != "" }

// Log says how much is logged and in which form.
type Log struct {
	Level  string `mapstructure:"level"`  // debug, info, warn, error
	Format string `mapstructure:"format"` // json, text
}

// Limits bound what one caller can ask of the gateway.
type Limits struct {
	BodyBytes           int64 `mapstructure:"body_bytes"`            // a JSON body
	UploadBytes         int64 `mapstructure:"upload_bytes"`          // a file as sent
	UploadExpandedBytes int64 `mapstructure:"upload_expanded_bytes"` // the same file after gzip
	JSONDepth           int   `mapstructure:"json_depth"`            // nested arrays and objects
	PageSize            int   `mapstructure:"page_size"`             // items of one page, at most
	InFlight            int   `mapstructure:"in_flight"`             // writes being answered at a time
	ChunksInFlight      int   `mapstructure:"chunks_in_flight"`      // chunks of all jobs at a time, of up to 4,000 lines each
}

// Jobs are the files that the gateway carries to the ledger.
type Jobs struct {
	// Keep is how long a finished job and its refused lines can be read; then both are deleted. It is at least as long as an
	// idempotency key answers its request, 7 days (168h).
	Keep time.Duration `mapstructure:"keep"`
}

// Timeouts of one transaction's phases and of the server.
type Timeouts struct {
	Endorse    time.Duration `mapstructure:"endorse"`
	Submit     time.Duration `mapstructure:"submit"`
	Status     time.Duration `mapstructure:"status"` // afterwards the answer is 202 and the commit is awaited elsewhere
	Shutdown   time.Duration `mapstructure:"shutdown"`
	ReadHeader time.Duration `mapstructure:"read_header"`
}

// Ledger says where the agency's own peer is and who must endorse.
type Ledger struct {
	Channel    string   `mapstructure:"channel"`
	Chaincode  string   `mapstructure:"chaincode"`
	Endpoint   string   `mapstructure:"endpoint"` // host:port of the agency's own peer
	TLSCAFile  string   `mapstructure:"tls_ca_file"`
	ServerName string   `mapstructure:"server_name"` // when the peer's certificate names another host
	Endorsers  []string `mapstructure:"endorsing_organisations"`
}

// Index says where the index of the ledger is kept.
type Index struct {
	// Database is a file, by default index.db in data_dir, or a server as postgres://USER@HOST/NAME?passfile=FILE.
	Database string `mapstructure:"database"`
}

// Server reports whether the index is kept by a PostgreSQL server.
func (i Index) Server() bool {
	return strings.HasPrefix(i.Database, "postgres://") || strings.HasPrefix(i.Database, "postgresql://")
}

// Transparency is the log of credited payments, and how this agency cosigns it. Without an origin there is no log.
type Transparency struct {
	Origin           string        `mapstructure:"origin"`             // the log's name, the same at every agency
	LogKeyFile       string        `mapstructure:"log_key_file"`       // Ed25519, PKCS #8 in PEM: signs as the log
	CosigningKeyFile string        `mapstructure:"cosigning_key_file"` // another one: cosigns as the agency
	Peers            []LogPeer     `mapstructure:"peers"`
	TLSCAFile        string        `mapstructure:"tls_ca_file"` // of the other gateways; the system's when empty
	Poll             time.Duration `mapstructure:"poll"`        // between two looks at a gateway whose cosignature is missing
	Audit            time.Duration `mapstructure:"audit"`       // between two comparisons of the whole log with the index
}

// LogPeer is another agency's gateway.
type LogPeer struct {
	Agency string `mapstructure:"agency"` // MSP id
	URL    string `mapstructure:"url"`
}

// Public is what anybody may ask without an account.
type Public struct {
	URL            string   `mapstructure:"url"`             // where the public finds this gateway, for links in codes
	Rate           float64  `mapstructure:"rate"`            // requests a second from one address; 0 is no limit
	Burst          int      `mapstructure:"burst"`           // requests at once from one address
	TrustedProxies []string `mapstructure:"trusted_proxies"` // whose X-Forwarded-For counts: addresses or CIDR
	Origins        []string `mapstructure:"origins"`         // of pages elsewhere that may ask (CORS); * is any
	Fonts          []string `mapstructure:"fonts"`           // files with Chinese for receipts as PDF; the first that is there
	NoticesAs      string   `mapstructure:"notices_as"`      // the principal in whose name public notices read a name to mask it; none: no names
}

// SharedKey is a key that agencies share: 32 bytes, in hexadecimal, in a file.
type SharedKey struct {
	Epoch uint8  `mapstructure:"epoch"`
	File  string `mapstructure:"file"`
}

// Read reads the key; its errors say where and never what.
func (k SharedKey) Read() ([]byte, error) { return readKey("a shared key", k.File) }

// ReceiptKey reads the key of ReceiptKeyFile; nil without one.
func (c *Config) ReceiptKey() ([]byte, error) {
	if c.ReceiptKeyFile == "" {
		return nil, nil
	}
	return readKey("receipt_key_file", c.ReceiptKeyFile)
}

func readKey(what, file string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s: %s does not hold 32 bytes in hexadecimal", what, file)
	}
	return key, nil
}

// KeyPair is an enrolled identity: PEM files of its certificate and private key.
type KeyPair struct {
	CertFile string `mapstructure:"cert_file"`
	KeyFile  string `mapstructure:"key_file"`
}

// Principal is one caller: the token it shows and the enrolled identity that signs for it.
type Principal struct {
	Name      string `mapstructure:"name"`
	TokenFile string `mapstructure:"token_file"`
	MSPID     string `mapstructure:"msp_id"` // the organisation's when empty
	CertFile  string `mapstructure:"cert_file"`
	KeyFile   string `mapstructure:"key_file"`
}

// Location is the time zone.
func (c *Config) Location() *time.Location { return c.location }

// Loopback reports whether an address is reached from this machine only.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
