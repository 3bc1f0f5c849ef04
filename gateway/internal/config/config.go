package config

import (
	"net"
	"strings"
	"time"
)

// Config is the whole configuration of one gateway.
type Config struct {
	Organisation string    `mapstructure:"organisation"` // the agency's MSP id
	Listen       string    `mapstructure:"listen"`       // host:port for officials, and for all unless others are set; port 0 takes a free one
	TLS          TLS       `mapstructure:"tls"`
	DataDir      string    `mapstructure:"data_dir"` // for the outbox, jobs and uploaded files
	Timezone     string    `mapstructure:"timezone"` // of the dates that officials read and write
	Profile      string    `mapstructure:"profile"`  // loopback host:port of Go's profiles (net/http/pprof); empty: no profiles
	Log          Log       `mapstructure:"log"`
	Limits       Limits    `mapstructure:"limits"`
	Jobs         Jobs      `mapstructure:"jobs"`
	Exports      Exports   `mapstructure:"exports"` // archives of a county's year
	Sessions     Sessions  `mapstructure:"sessions"`
	OIDC         OIDC      `mapstructure:"oidc"`
	Enrolment    Enrolment `mapstructure:"enrolment"` // of officials, at their first sign-in

	ClientCertificates ClientCertificates `mapstructure:"client_certificates"`

	Timeouts   Timeouts    `mapstructure:"timeouts"`
	Ledger     Ledger      `mapstructure:"ledger"`
	Index      Index       `mapstructure:"index"`
	SubjectKey SharedKey   `mapstructure:"subject_key"` // makes subject references
	PersonsKey SharedKey   `mapstructure:"persons_key"` // seals private details, at agencies that keep them
	TagKey     SharedKey   `mapstructure:"tag_key"`     // makes the tags of payees, at the same agencies
	Service    KeyPair     `mapstructure:"service"`     // the gateway's own identity, for blocks and heights
	Principals []Principal `mapstructure:"principals"`
	Objects    Objects     `mapstructure:"objects"`  // where files are kept encrypted
	Bank       Bank        `mapstructure:"bank"`     // finance's settings of the paying bank
	Matching   Matching    `mapstructure:"matching"` // the departments that are asked about households
	Retention  Retention   `mapstructure:"retention"`
	location   *time.Location

	Transparency Transparency `mapstructure:"transparency"`
	Readings     Readings     `mapstructure:"readings"`
	Public       Public       `mapstructure:"public"`
	Metrics      Monitoring   `mapstructure:"metrics"`

	// ReceiptKeyFile holds the key that salts the leaves of receipts: 32 bytes in hexadecimal. Finance's gateway has it.
	// Without it the gateway records no answers of the bank and makes no receipts.
	ReceiptKeyFile string `mapstructure:"receipt_key_file"`
	// EarlierReceiptKeyFiles hold the keys before it. Receipts of what was credited under them need them for ever.
	EarlierReceiptKeyFiles []string `mapstructure:"earlier_receipt_key_files"`

	// VerifierDir is the folder with the verifier that the first page runs in the browser. Without it the page says that
	// the verifier is missing.
	VerifierDir string `mapstructure:"verifier_dir"`
	// WorkplaceDir is the folder with the officials' workplace, as scripts/build-workplace makes it. Without it /work is not found.
	WorkplaceDir string `mapstructure:"workplace_dir"`
}

// Log says how much is logged and in which form.
type Log struct {
	Level  string `mapstructure:"level"`  // debug, info, warn, error
	Format string `mapstructure:"format"` // json, text
}

// Limits bound what one caller can ask of the gateway.
type Limits struct {
	BodyBytes           int64 `mapstructure:"body_bytes"`            // of a JSON body
	UploadBytes         int64 `mapstructure:"upload_bytes"`          // of a file as it is sent
	UploadExpandedBytes int64 `mapstructure:"upload_expanded_bytes"` // of the same file after decompression
	JSONDepth           int   `mapstructure:"json_depth"`            // nested arrays and objects
	PageSize            int   `mapstructure:"page_size"`             // items on one page
	InFlight            int   `mapstructure:"in_flight"`             // requests that write, at a time
	// Of one principal: reads a second, 0 for no limit, and at once; and identity numbers that may be looked up a day.
	ReadsPerSecond float64 `mapstructure:"reads_per_second"`
	ReadsBurst     int     `mapstructure:"reads_burst"`
	LookUps        int     `mapstructure:"lookups"`
	ReadsInFlight  int     `mapstructure:"reads_in_flight"`  // reads of all principals, at a time
	ChunksInFlight int     `mapstructure:"chunks_in_flight"` // chunks of all jobs at a time, of up to 4,000 lines each
	FailedTokens   int     `mapstructure:"failed_tokens"`    // unknown tokens a minute from one address; 0: no limit
}

// Jobs are the files that the gateway carries to the ledger.
type Jobs struct {
	// Keep is how long a finished job and its refused lines can be read; then both are deleted. It is at least as long as an
	// idempotency key answers its request, 7 days (168h).
	Keep time.Duration `mapstructure:"keep"`
}

// Exports are the archives of a county's year that officials ask for.
type Exports struct {
	Keep time.Duration `mapstructure:"keep"` // how long an archive can be downloaded; then it is deleted
}

// Timeouts of one transaction's phases and of the server.
type Timeouts struct {
	Endorse    time.Duration `mapstructure:"endorse"`
	Submit     time.Duration `mapstructure:"submit"`
	Status     time.Duration `mapstructure:"status"` // after that the caller gets 202 and the commit is awaited in the background
	Shutdown   time.Duration `mapstructure:"shutdown"`
	ReadHeader time.Duration `mapstructure:"read_header"`
}

// Ledger says where the agency's own peer is and which organisations must endorse.
type Ledger struct {
	Channel    string   `mapstructure:"channel"`
	Chaincode  string   `mapstructure:"chaincode"`
	Endpoint   string   `mapstructure:"endpoint"` // host:port of the agency's own peer
	TLSCAFile  string   `mapstructure:"tls_ca_file"`
	ServerName string   `mapstructure:"server_name"` // if the peer's certificate names another host
	Endorsers  []string `mapstructure:"endorsing_organisations"`
	// TLSCertFile and TLSKeyFile are the gateway's TLS certificate, by which the peer knows it for a gateway.
	TLSCertFile string `mapstructure:"tls_cert_file"`
	TLSKeyFile  string `mapstructure:"tls_key_file"`
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

// Transparency says how this agency keeps and cosigns the log of credited payments. Without an origin there is no log.
type Transparency struct {
	Origin           string        `mapstructure:"origin"`             // the log's name, the same at every agency
	LogKeyFile       string        `mapstructure:"log_key_file"`       // Ed25519, PKCS #8 in PEM: signs as the log
	CosigningKeyFile string        `mapstructure:"cosigning_key_file"` // another key of this kind: cosigns as the agency
	Peers            []LogPeer     `mapstructure:"peers"`
	Witnesses        []Witness     `mapstructure:"witnesses"`
	TLSCAFile        string        `mapstructure:"tls_ca_file"` // that signs the other gateways' certificates; the system's when empty
	Poll             time.Duration `mapstructure:"poll"`        // the pause between two requests to a gateway whose cosignature is missing
	Audit            time.Duration `mapstructure:"audit"`       // the pause between two comparisons of the whole log with the index
}

// LogPeer is another agency's gateway.
type LogPeer struct {
	Agency string `mapstructure:"agency"` // MSP id
	URL    string `mapstructure:"url"`
}

// Witness is somebody outside the agencies who is asked to cosign the log (C2SP tlog-witness).
type Witness struct {
	URL string `mapstructure:"url"` // before /add-checkpoint
	Key string `mapstructure:"key"` // the key of its cosignatures, as C2SP signed-note writes it: NAME+HASH+BASE64
}

// Readings says how the record of who reads personal data is anchored on the ledger, and whose records are copied.
type Readings struct {
	As    string        `mapstructure:"as"`    // the principal in whose name the record's head goes on the ledger each day; empty: it does not
	Copy  bool          `mapstructure:"copy"`  // keep copies of the other agencies' records: audit's gateway does
	Every time.Duration `mapstructure:"every"` // the pause between two copies
}

// Public says where anybody may ask without an account, and bounds what.
type Public struct {
	Listen         string   `mapstructure:"listen"`          // host:port of its own; empty: the address of the setting listen
	TLS            TLS      `mapstructure:"tls"`             // empty: the certificate of the setting tls
	URL            string   `mapstructure:"url"`             // where the public finds this gateway, for links in QR codes
	Rate           float64  `mapstructure:"rate"`            // requests a second from one address; 0: no limit
	Burst          int      `mapstructure:"burst"`           // requests at once from one address
	TrustedProxies []string `mapstructure:"trusted_proxies"` // addresses or ranges (CIDR) whose X-Forwarded-For is believed
	Origins        []string `mapstructure:"origins"`         // of other sites' pages that may ask (CORS); *: any
	Fonts          []string `mapstructure:"fonts"`           // font files with Chinese for receipts as PDF; the first that exists is used
	NoticesAs      string   `mapstructure:"notices_as"`      // reads the names that public notices mask; empty: no names
}

// KeyPair is an enrolled identity: PEM files of its certificate and private key.
type KeyPair struct {
	CertFile string `mapstructure:"cert_file"`
	KeyFile  string `mapstructure:"key_file"`
}

// Principal is one caller: the token that the caller shows and the enrolled identity that signs for the caller.
type Principal struct {
	Name      string `mapstructure:"name"`
	TokenFile string `mapstructure:"token_file"`
	MSPID     string `mapstructure:"msp_id"` // the organisation's when empty
	CertFile  string `mapstructure:"cert_file"`
	KeyFile   string `mapstructure:"key_file"`
}

// Location is the time zone of the setting timezone.
func (c *Config) Location() *time.Location { return c.location }

// Loopback reports whether an address can be reached from this machine only.
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
