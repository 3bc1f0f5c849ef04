package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/receipt"
)

// validate reports every fault at once, each with the name of its setting.
func (c *Config) validate() error {
	var faults faults
	faults.required("organisation", c.Organisation)
	faults.required("data_dir", c.DataDir)
	faults.required("service.cert_file", c.Service.CertFile)
	faults.required("service.key_file", c.Service.KeyFile)
	c.validateKeys(&faults)
	if c.location == nil {
		faults.add("timezone: %q is not a time zone such as Asia/Shanghai", c.Timezone)
	}
	faults.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	faults.oneOf("log.format", c.Log.Format, "json", "text")
	c.validateListen(&faults)
	c.validateLimits(&faults)
	c.validateLedger(&faults)
	c.validateIndex(&faults)
	c.validateTransparency(&faults)
	c.validatePublic(&faults)
	c.validateReadings(&faults)
	c.validatePrincipals(&faults)
	c.validateObjects(&faults)
	c.validateBank(&faults)
	c.validateMatching(&faults)
	c.validateRetention(&faults)
	c.validateSessions(&faults)
	c.validateOIDC(&faults)
	c.validateEnrolment(&faults)
	c.validateClientCertificates(&faults)
	return errors.Join(faults...)
}

// minJobsKeep is jobs.MinKeep; settings import no other package of the gateway's work.
const minJobsKeep = 7 * 24 * time.Hour

func (c *Config) validateLimits(faults *faults) {
	faults.between("limits.body_bytes", c.Limits.BodyBytes, 1<<10, 64<<20)
	faults.between("limits.upload_bytes", c.Limits.UploadBytes, 1<<10, 4<<30)
	faults.between("limits.upload_expanded_bytes", c.Limits.UploadExpandedBytes, c.Limits.UploadBytes, 16<<30)
	faults.between("limits.json_depth", int64(c.Limits.JSONDepth), 4, 1000)
	faults.between("limits.page_size", int64(c.Limits.PageSize), 1, 10_000)
	faults.between("limits.in_flight", int64(c.Limits.InFlight), 1, 1024)
	faults.between("limits.failed_tokens", int64(c.Limits.FailedTokens), 0, 1_000_000)
	faults.between("limits.chunks_in_flight", int64(c.Limits.ChunksInFlight), 1, 1024)
	if c.Limits.ReadsPerSecond < 0 || c.Limits.ReadsPerSecond > 1e6 {
		faults.add("limits.reads_per_second: must be from 0 to 1000000, not %v", c.Limits.ReadsPerSecond)
	}
	faults.between("limits.reads_burst", int64(c.Limits.ReadsBurst), 1, 1e6)
	faults.between("limits.reads_in_flight", int64(c.Limits.ReadsInFlight), 1, 4096)
	faults.between("limits.lookups", int64(c.Limits.LookUps), 1, 100_000)
	if c.Jobs.Keep < minJobsKeep {
		faults.add("jobs.keep: must be at least %s, for as long as an idempotency key answers its request, not %s", minJobsKeep, c.Jobs.Keep)
	}
	if c.Exports.Keep < time.Hour || c.Exports.Keep > 30*24*time.Hour {
		faults.add("exports.keep: must be from 1h to 720h, not %s", c.Exports.Keep)
	}
	for name, d := range map[string]int64{
		"endorse": int64(c.Timeouts.Endorse), "submit": int64(c.Timeouts.Submit), "status": int64(c.Timeouts.Status),
		"shutdown": int64(c.Timeouts.Shutdown), "read_header": int64(c.Timeouts.ReadHeader),
	} {
		if d <= 0 {
			faults.add("timeouts.%s: must be more than 0, such as 20s", name)
		}
	}
}

func (c *Config) validateLedger(faults *faults) {
	faults.required("ledger.channel", c.Ledger.Channel)
	faults.required("ledger.chaincode", c.Ledger.Chaincode)
	faults.required("ledger.tls_ca_file", c.Ledger.TLSCAFile)
	faults.required("ledger.tls_cert_file", c.Ledger.TLSCertFile)
	faults.required("ledger.tls_key_file", c.Ledger.TLSKeyFile)
	if _, _, err := net.SplitHostPort(c.Ledger.Endpoint); err != nil {
		faults.add("ledger.endpoint: must be host:port, not %q", c.Ledger.Endpoint)
	}
	if len(c.Ledger.Endorsers) == 0 || slices.Contains(c.Ledger.Endorsers, "") {
		faults.add("ledger.endorsing_organisations: must list the MSP ids of all agencies that endorse")
	}
}

func (c *Config) validateIndex(faults *faults) {
	if !c.Index.Server() {
		return
	}
	u, err := url.Parse(c.Index.Database)
	if err != nil { // not shown: it repeats the address, which may hold a password
		faults.add("index.database: must be a file or an address such as postgres://USER@HOST/NAME")
		return
	}
	_, inUser := u.User.Password()
	if inUser || u.Query().Has("password") {
		faults.add("index.database: must not hold a password; name a file that holds it with passfile=FILE")
	}
}

// validateTransparency: an origin is a name without a scheme (C2SP tlog-checkpoint), and part of key names, which have no
// white space and no plus sign. No origin may be the first line of a cosigned message.
func (c *Config) validateTransparency(faults *faults) {
	t := &c.Transparency
	if t.Origin == "" {
		return
	}
	if strings.ContainsAny(t.Origin, "+ \t\r\n") || len(t.Origin) > 100 || strings.HasPrefix(t.Origin, "cosignature/") {
		faults.add("transparency.origin: must be a name such as relief.example.cn/log, of at most 100 bytes, without white space and +")
	}
	faults.required("transparency.log_key_file", t.LogKeyFile)
	faults.required("transparency.cosigning_key_file", t.CosigningKeyFile)
	if t.Poll < 10*time.Millisecond {
		faults.add("transparency.poll: must be 10ms or more, not %v", t.Poll)
	}
	if t.Audit < time.Second {
		faults.add("transparency.audit: must be 1s or more, not %v", t.Audit)
	}
	for i, p := range t.Peers {
		if p.Agency == "" || !isServer(p.URL) {
			faults.add("transparency.peers[%d]: must have an agency's MSP id and its gateway's URL", i)
		}
	}
	t.validateWitnesses(faults)
}

// validateWitnesses: a witness cosigns (C2SP tlog-witness), which a log's key does not.
func (t *Transparency) validateWitnesses(faults *faults) {
	names := map[string]bool{}
	for i, w := range t.Witnesses {
		key, err := receipt.ParseKey(w.Key)
		switch {
		case !isServer(w.URL) || err != nil:
			faults.add("transparency.witnesses[%d]: must have a witness's URL and its cosigning key, written NAME+HASH+BASE64", i)
		case !key.Cosigner():
			faults.add("transparency.witnesses[%d].key: must be a key of type 4, with which a witness cosigns; this one is a log's", i)
		case names[key.Name()]:
			faults.add("transparency.witnesses[%d].key: another witness has this name", i)
		}
		names[key.Name()] = true
	}
}

// isServer reports whether an address is a server's, by http or https.
func isServer(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func (c *Config) validateReadings(faults *faults) {
	c.validatePrincipalName("readings.as", c.Readings.As, faults)
	if c.Readings.Copy && c.Transparency.Origin == "" {
		faults.add("readings.copy: needs transparency.origin, whose peers and cosigning key it uses")
	}
	if c.Readings.Every < time.Second {
		faults.add("readings.every: must be 1s or more, not %v", c.Readings.Every)
	}
}

func (c *Config) validatePublic(faults *faults) {
	if c.Public.Rate < 0 || c.Public.Rate > 1e6 {
		faults.add("public.rate: must be from 0 to 1000000 requests a second, not %v", c.Public.Rate)
	}
	faults.between("public.burst", int64(c.Public.Burst), 1, 1e6)
	for _, p := range c.Public.TrustedProxies {
		if _, _, err := net.ParseCIDR(p); err != nil && net.ParseIP(p) == nil {
			faults.add("public.trusted_proxies: must be IP addresses or ranges (CIDR), not %q", p)
		}
	}
	c.validatePrincipalName("public.notices_as", c.Public.NoticesAs, faults)
	if c.Public.URL != "" {
		if u, err := url.Parse(c.Public.URL); err != nil || u.Host == "" || u.Fragment != "" || u.RawQuery != "" {
			faults.add("public.url: must be an address such as https://relief.example.cn, not %q", c.Public.URL)
		}
	}
}

func (c *Config) validatePrincipals(faults *faults) {
	if len(c.Principals) == 0 {
		faults.add("principals: must not be empty, since nobody could call")
	}
	seen := map[string]bool{}
	for i, p := range c.Principals {
		at := fmt.Sprintf("principals[%d]", i)
		faults.required(at+".name", p.Name)
		faults.required(at+".token_file", p.TokenFile)
		faults.required(at+".cert_file", p.CertFile)
		faults.required(at+".key_file", p.KeyFile)
		if seen[p.Name] {
			faults.add("%s.name: %q is used twice", at, p.Name)
		}
		if p.MSPID != c.Organisation {
			faults.add("%s.msp_id: must be %s, not %q: a gateway signs for its own agency only", at, c.Organisation, p.MSPID)
		}
		seen[p.Name] = true
	}
}

// validatePrincipalName checks a setting that may name a principal.
func (c *Config) validatePrincipalName(setting, name string, faults *faults) {
	if name != "" && !slices.ContainsFunc(c.Principals, func(p Principal) bool { return p.Name == name }) {
		faults.add("%s: %q is not the name of a principal", setting, name)
	}
}

// faults collects what is wrong with the settings.
type faults []error

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Errorf(format, args...)) }

func (f *faults) required(name, value string) {
	if value == "" {
		f.add("%s: is required", name)
	}
}

func (f *faults) oneOf(name, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		f.add("%s: must be one of %v, not %q", name, allowed, value)
	}
}

func (f *faults) between(name string, value, low, high int64) {
	if value < low || value > high {
		f.add("%s: must be from %d to %d, not %d", name, low, high, value)
	}
}
