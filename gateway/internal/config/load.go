package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// defaults are the settings that a file may leave out. viper reads from the environment only settings that it knows, so
// those without a meaningful default are listed as well, empty.
var defaults = map[string]any{
	"organisation":                   "",
	"listen":                         "127.0.0.1:8401",
	"tls.cert_file":                  "",
	"tls.key_file":                   "",
	"tls.min_version":                "",
	"data_dir":                       "",
	"timezone":                       "Asia/Shanghai",
	"profile":                        "",
	"log.level":                      "info",
	"log.format":                     "json",
	"limits.body_bytes":              1 << 20,
	"limits.upload_bytes":            128 << 20,
	"limits.upload_expanded_bytes":   256 << 20,
	"limits.json_depth":              32,
	"limits.page_size":               1000,
	"limits.in_flight":               64,
	"limits.chunks_in_flight":        32,
	"limits.reads_per_second":        200,
	"limits.reads_burst":             1000,
	"limits.reads_in_flight":         128,
	"limits.lookups":                 300,
	"readings.as":                    "",
	"readings.copy":                  false,
	"readings.every":                 "1m",
	"limits.failed_tokens":           60,
	"jobs.keep":                      "720h",
	"exports.keep":                   "24h",
	"sessions.url":                   "",
	"sessions.idle":                  "30m",
	"sessions.absolute":              "12h",
	"sessions.tokens":                true,
	"oidc.issuer":                    "",
	"oidc.client_id":                 "",
	"oidc.client_secret_file":        "",
	"oidc.ca_file":                   "",
	"oidc.scopes":                    []string{"openid", "profile"},
	"oidc.algorithms":                []string{"RS256", "PS256", "ES256", "EdDSA"},
	"oidc.leeway":                    "30s",
	"oidc.official_claim":            "preferred_username",
	"oidc.number_claim":              "",
	"oidc.name_claim":                "name",
	"oidc.audience":                  "",
	"client_certificates.ca_file":    "",
	"client_certificates.crl_file":   "",
	"enrolment.url":                  "",
	"enrolment.key_file":             "",
	"enrolment.ca_file":              "",
	"timeouts.endorse":               "30s",
	"timeouts.submit":                "10s",
	"timeouts.status":                "20s",
	"timeouts.shutdown":              "15s",
	"timeouts.read_header":           "5s",
	"ledger.channel":                 "relief",
	"ledger.chaincode":               "relief",
	"ledger.endpoint":                "",
	"ledger.tls_ca_file":             "",
	"ledger.tls_cert_file":           "",
	"ledger.tls_key_file":            "",
	"ledger.server_name":             "",
	"ledger.endorsing_organisations": []string{},
	"index.database":                 "",
	"subject_key.epoch":              1,
	"subject_key.file":               "",
	"subject_key.also":               []EpochKey{},
	"persons_key.epoch":              1,
	"persons_key.file":               "",
	"persons_key.also":               []EpochKey{},
	"tag_key.epoch":                  1,
	"tag_key.file":                   "",
	"tag_key.also":                   []EpochKey{},
	"receipt_key_file":               "",
	"earlier_receipt_key_files":      []string{},
	"objects.dir":                    "",
	"objects.key_file":               "",
	"objects.s3.endpoint":            "",
	"objects.s3.region":              "",
	"objects.s3.bucket":              "",
	"objects.s3.prefix":              "",
	"objects.s3.access_key_file":     "",
	"objects.s3.secret_key_file":     "",
	"bank.enabled":                   false,
	"bank.message":                   "",
	"bank.max_transactions":          0,
	"bank.initiating_party.name":     "",
	"bank.initiating_party.id":       "",
	"bank.debtor.name":               "",
	"bank.debtor.id":                 "",
	"bank.debtor.account":            "",
	"bank.debtor.agent_bic":          "",
	"bank.debtor.agent_cnaps":        "",
	"bank.credited":                  []string{"ACCC"},
	"bank.returned_words":            []string{"退汇", "退票"},
	"bank.entries":                   300_000,
	"bank.keep_files":                "87600h",
	"bank.remittance":                "zh",
	"matching.as":                    "",
	"matching.patience":              "40s",
	"matching.fresh":                 "24h",
	"matching.poll":                  "30s",
	"matching.rate":                  2,
	"matching.keep_questions":        "720h",
	"retention.every":                "0s",
	"retention.as":                   "",
	"verifier_dir":                   "",
	"workplace_dir":                  "",
	"service.cert_file":              "",
	"service.key_file":               "",

	"transparency.origin":             "",
	"transparency.log_key_file":       "",
	"transparency.cosigning_key_file": "",
	"transparency.tls_ca_file":        "",
	"transparency.poll":               "500ms",
	"transparency.audit":              "24h",
	"public.listen":                   "",
	"public.tls.cert_file":            "",
	"public.tls.key_file":             "",
	"public.tls.min_version":          "",
	"metrics.listen":                  "",
	"metrics.tls.cert_file":           "",
	"metrics.tls.key_file":            "",
	"metrics.tls.min_version":         "",
	"public.url":                      "",
	"public.rate":                     20,
	"public.burst":                    100,
	"public.trusted_proxies":          []string{},
	"public.notices_as":               "",
	"public.origins":                  []string{"*"},
	"public.fonts": []string{
		"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
		"/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
	},
}

// Load reads a YAML file. The environment overrides it: GATEWAY_LIMITS_IN_FLIGHT=64 sets limits.in_flight, and likewise
// every setting that is not part of a list. An unknown key is an error, so that a misspelt limit is noticed. Relative
// paths start at the folder of the file. The error names every faulty setting.
func Load(path string) (*Config, error) {
	v := viper.New()
	for key, value := range defaults {
		v.SetDefault(key, value)
	}
	v.SetEnvPrefix("GATEWAY")
	v.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))
	v.AutomaticEnv()
	v.SetConfigFile(path)
	v.SetConfigType("yaml")
	if err := v.ReadInConfig(); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	var cfg Config
	if err := v.UnmarshalExact(&cfg, strictTypes); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, onOneLine(err))
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	cfg.complete(dir)
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("configuration %s: %w", path, err)
	}
	return &cfg, nil
}

// strictTypes reads durations and comma-separated lists, and turns the texts of the environment into numbers.
func strictTypes(c *mapstructure.DecoderConfig) {
	c.DecodeHook = mapstructure.ComposeDecodeHookFunc(
		mapstructure.StringToTimeDurationHookFunc(),
		mapstructure.StringToSliceHookFunc(","),
	)
	c.WeaklyTypedInput = true
}

// onOneLine puts the decoder's errors, which it writes as a list, on one line.
func onOneLine(err error) error {
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}

// complete fills in settings that follow from others, and makes paths absolute; dir is the folder of the file.
func (c *Config) complete(dir string) {
	paths := []*string{
		&c.DataDir, &c.TLS.CertFile, &c.TLS.KeyFile, &c.Ledger.TLSCAFile,
		&c.Objects.Dir, &c.Objects.KeyFile, &c.Objects.S3.AccessKeyFile, &c.Objects.S3.SecretKeyFile,
		&c.VerifierDir, &c.WorkplaceDir, &c.Service.CertFile, &c.Service.KeyFile, &c.Transparency.LogKeyFile,
		&c.Transparency.CosigningKeyFile, &c.Transparency.TLSCAFile, &c.Ledger.TLSCertFile, &c.Ledger.TLSKeyFile,
		&c.Public.TLS.CertFile, &c.Public.TLS.KeyFile, &c.Metrics.TLS.CertFile, &c.Metrics.TLS.KeyFile,
		&c.OIDC.ClientSecretFile, &c.OIDC.CAFile, &c.ClientCertificates.CAFile, &c.ClientCertificates.CRLFile,
		&c.Enrolment.KeyFile, &c.Enrolment.CAFile,
	}
	paths = append(paths, c.keyFiles()...)
	for i := range c.Public.Fonts {
		paths = append(paths, &c.Public.Fonts[i])
	}
	for i := range c.Principals {
		p := &c.Principals[i]
		if p.MSPID == "" {
			p.MSPID = c.Organisation
		}
		paths = append(paths, &p.TokenFile, &p.CertFile, &p.KeyFile)
	}
	paths = append(paths, c.Matching.paths()...)
	if !c.Index.Server() {
		if c.Index.Database == "" {
			c.Index.Database = filepath.Join(c.DataDir, "index.db")
		}
		paths = append(paths, &c.Index.Database)
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
	if location, err := time.LoadLocation(c.Timezone); err == nil {
		c.location = location
	}
}
