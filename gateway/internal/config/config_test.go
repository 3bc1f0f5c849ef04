package config_test

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/config"
)

const complete = `
organisation: CivilAffairsMSP
listen: 127.0.0.1:8401
data_dir: data
ledger:
  endpoint: 127.0.0.1:7051
  tls_ca_file: /etc/relieftrail/ca.pem
  tls_cert_file: tls.pem
  tls_key_file: tls.key
  endorsing_organisations: [CivilAffairsMSP, FinanceMSP, AuditMSP]
subject_key: {epoch: 1, file: subject.key}
service: {cert_file: service.pem, key_file: service.key}
principals:
  - {name: civil-preparer, token_file: a.token, msp_id: CivilAffairsMSP, cert_file: a.pem, key_file: a.key}
  - {name: civil-approver, token_file: b.token, cert_file: b.pem, key_file: b.key}
`

func load(t *testing.T, text string) (*config.Config, string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	cfg, err := config.Load(file)
	return cfg, filepath.Dir(file), err
}

func TestLoadFillsInDefaultsAndPaths(t *testing.T) {
	cfg, dir, err := load(t, complete)
	require.NoError(t, err)
	require.Equal(t, int64(128<<20), cfg.Limits.UploadBytes)
	require.Equal(t, 20*time.Second, cfg.Timeouts.Status)
	require.Equal(t, 30*24*time.Hour, cfg.Jobs.Keep)
	require.Equal(t, "relief", cfg.Ledger.Channel)
	require.Equal(t, "Asia/Shanghai", cfg.Location().String())
	require.Equal(t, filepath.Join(dir, "data"), cfg.DataDir)
	require.Equal(t, "/etc/relieftrail/ca.pem", cfg.Ledger.TLSCAFile)
	require.Equal(t, filepath.Join(dir, "tls.pem"), cfg.Ledger.TLSCertFile)
	require.Equal(t, filepath.Join(dir, "data", "index.db"), cfg.Index.Database)
	require.Equal(t, "CivilAffairsMSP", cfg.Principals[1].MSPID)
	require.Equal(t, filepath.Join(dir, "b.token"), cfg.Principals[1].TokenFile)
}

// Addresses of their own have the officials' certificate, unless they have one of their own.
func TestAddressesOfTheirOwn(t *testing.T) {
	together, _, err := load(t, complete)
	require.NoError(t, err)
	require.False(t, together.PublicAddress().Apart())
	require.False(t, together.MetricsAddress().Apart())
	cfg, dir, err := load(t, complete+`
tls: {cert_file: a.pem, key_file: a.key, min_version: "1.3"}
public: {listen: "0.0.0.0:443", tls: {cert_file: p.pem, key_file: p.key}}
metrics: {listen: "127.0.0.1:9401"}
`)
	require.NoError(t, err)
	public, metrics := cfg.PublicAddress(), cfg.MetricsAddress()
	require.Equal(t, config.Address{
		Setting: "public.listen", Listen: "0.0.0.0:443",
		TLS: config.TLS{CertFile: filepath.Join(dir, "p.pem"), KeyFile: filepath.Join(dir, "p.key")},
	}, public)
	require.EqualValues(t, tls.VersionTLS12, public.TLS.Version())
	require.Equal(t, cfg.TLS, metrics.TLS)
	require.EqualValues(t, tls.VersionTLS13, metrics.TLS.Version())
}

func TestEnvironmentOverrides(t *testing.T) {
	t.Setenv("GATEWAY_LIMITS_IN_FLIGHT", "64")
	t.Setenv("GATEWAY_TIMEOUTS_STATUS", "3s")
	t.Setenv("GATEWAY_LEDGER_ENDORSING_ORGANISATIONS", "A,B")
	cfg, _, err := load(t, complete)
	require.NoError(t, err)
	require.Equal(t, 64, cfg.Limits.InFlight)
	require.Equal(t, 32, cfg.Limits.ChunksInFlight)
	require.Equal(t, 3*time.Second, cfg.Timeouts.Status)
	require.Equal(t, []string{"A", "B"}, cfg.Ledger.Endorsers)
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ edit, want string }{
		"unknown section":        {"limit: {body_bytes: 1}", "limit"},
		"misspelt limit":         {"limits: {body_byte: 4096}", "body_byte"},
		"limit out of bounds":    {"limits: {json_depth: 1}", "limits.json_depth"},
		"no timeout":             {"timeouts: {status: 0s}", "timeouts.status"},
		"jobs kept too short":    {"jobs: {keep: 167h}", "jobs.keep"},
		"archives kept too long": {"exports: {keep: 721h}", "exports.keep"},
		"not a duration":         {"timeouts: {status: soon}", "status"},
		"plain HTTP in the open": {"listen: 0.0.0.0:8401", "tls.cert_file and tls.key_file are required"},
		"half of TLS":            {"tls: {cert_file: a.pem}", "set both cert_file and key_file"},
		"not an address":         {"listen: 8401", "listen"},
		"a public in clear":      {"public: {listen: '0.0.0.0:8411'}", "public.listen: tls.cert_file and tls.key_file are required"},
		"metrics in clear":       {"metrics: {listen: '0.0.0.0:8421'}", "metrics.listen: tls.cert_file and tls.key_file are required"},
		"half of the public TLS": {"public: {tls: {key_file: a.pem}}", "public.tls: set both cert_file and key_file"},
		"old TLS":                {"tls: {min_version: '1.1'}", "tls.min_version"},
		"failed tokens":          {"limits: {failed_tokens: -1}", "limits.failed_tokens"},
		"profiles for others":    {"profile: 0.0.0.0:6060", "profile"},
		"unknown time zone":      {"timezone: Asia/Nowhere", "timezone"},
		"unknown level":          {"log: {level: loud}", "log.level"},
		"nobody":                 {"principals: []", "nobody could call"},
		"another agency's": {"principals: [{name: a, token_file: a, msp_id: FinanceMSP, cert_file: a, key_file: a}]",
			"its own agency only"},
		"no key for the log":        {"transparency: {origin: relief.test/log}", "transparency.log_key_file"},
		"a bad origin":              {"transparency: {origin: cosignature/v1, log_key_file: k, cosigning_key_file: c}", "transparency.origin"},
		"a peer without URL":        {"transparency: {origin: a/b, log_key_file: k, cosigning_key_file: c, peers: [{agency: AuditMSP}]}", "transparency.peers[0]"},
		"a witness without key":     {"transparency: {origin: a/b, log_key_file: k, cosigning_key_file: c, witnesses: [{url: 'https://w.example', key: a}]}", "transparency.witnesses[0]"},
		"a witness by a log's key":  {"transparency: {origin: a/b, log_key_file: k, cosigning_key_file: c, witnesses: [{url: 'https://w.example', key: 'witness.test/one+4f8f6264+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'}]}", "transparency.witnesses[0].key: must be a key of type 4"},
		"a witness of another hash": {"transparency: {origin: a/b, log_key_file: k, cosigning_key_file: c, witnesses: [{url: 'https://w.example', key: 'witness.test/one+ad085a1a+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'}]}", "transparency.witnesses[0]: must have a witness's URL"},
		"a witness named twice":     {"transparency: {origin: a/b, log_key_file: k, cosigning_key_file: c, witnesses: [{url: 'https://w.example', key: 'witness.test/one+ad075a1a+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'}, {url: 'https://w.example', key: 'witness.test/one+ad075a1a+BDtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'}]}", "transparency.witnesses[1].key: another witness"},
		"no polling":                {"transparency: {origin: a/b, log_key_file: k, cosigning_key_file: c, poll: 0s}", "transparency.poll: must be 10ms or more"},
		"not a proxy":               {"public: {trusted_proxies: [everywhere]}", "public.trusted_proxies"},
		"nobody to read as":         {"public: {notices_as: nobody}", "public.notices_as"},
		"no burst":                  {"public: {burst: 0}", "public.burst"},
		"not a public URL":          {"public: {url: relief}", "public.url"},
		"unknown of the bank":       {"bank: {mesage: csv}", "mesage"},
		"no key for files":          {"bank: {enabled: true}", "objects.key_file"},
		"a store by http":           {"objects: {key_file: k, s3: {endpoint: 'http://store.test:9000'}}", "objects.s3.endpoint"},
		"no bucket":                 {"objects: {key_file: k, s3: {endpoint: 'https://store.test'}}", "objects.s3.bucket"},
		"a bucket in clear":         {"objects: {s3: {endpoint: 'https://store.test'}}", "objects.key_file"},
		"no debtor":                 {"bank: {enabled: true, message: pain.001.001.09}", "bank.debtor.name"},
		"a file of nothing":         {"bank: {max_transactions: -1}", "bank.max_transactions"},
		"a word of one character":   {"bank: {returned_words: [退]}", "bank.returned_words[0]"},
		"two banks":                 {"bank: {answers: [{name: rural}, {name: rural}]}", "bank.answers[1].name"},
		"files without desk":        {"bank: {message: csv}", "bank.message: needs bank.enabled"},
		"unknown of profile":        {"bank: {answers: [{nam: rural}]}", "nam"},
		"CNAPS":                     {"bank: {debtor: {agent_cnaps: '1'}}", "bank.debtor.agent_cnaps"},
		"not YAML":                  {"organisation: [", "configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := load(t, replaceSection(complete, c.edit))
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestLoadNamesEveryMissingSettingAtOnce(t *testing.T) {
	_, _, err := load(t, "listen: 127.0.0.1:0")
	for _, setting := range []string{"organisation", "data_dir", "service.cert_file", "ledger.endpoint", "principals"} {
		require.ErrorContains(t, err, setting)
	}
	_, err = config.Load(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorContains(t, err, "none.yaml")
}

func TestSharedKeyReadRefusesWhatIsNotAKeyWithoutRepeatingIt(t *testing.T) {
	for text, ok := range map[string]bool{
		strings.Repeat("ab", 32) + "\n": true,
		strings.Repeat("ab", 31):        false,
		"not hexadecimal":               false,
	} {
		file := filepath.Join(t.TempDir(), "key")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		key, err := config.SharedKey{Epoch: 1, File: file}.Read()
		if ok {
			require.NoError(t, err)
			require.Len(t, key, 1)
			require.Len(t, key[0].Key, 32)
			continue
		}
		require.Error(t, err)
		require.NotContains(t, err.Error(), text)
	}
}

// replaceSection puts edit in the place of the section of the same name.
func replaceSection(text, edit string) string {
	name, _, _ := strings.Cut(edit, ":")
	var kept []string
	skipping := false
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, " ") {
			skipping = strings.HasPrefix(line, name+":")
		}
		if !skipping {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "") + edit + "\n"
}
