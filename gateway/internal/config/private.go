package config

import (
	"errors"
	"net/url"
	"path/filepath"

	"relieftrail/gateway/internal/keyfile"
)

// CheckFiles checks every file of the settings that holds a key, a token or a password.
func (c *Config) CheckFiles() error {
	var faults []error
	for _, file := range c.secretFiles() {
		if file != "" {
			faults = append(faults, keyfile.CheckPrivate(file))
		}
	}
	return errors.Join(faults...)
}

func (c *Config) secretFiles() []string {
	files := []string{
		c.TLS.KeyFile, c.Public.TLS.KeyFile, c.Metrics.TLS.KeyFile, c.Objects.KeyFile,
		c.Objects.S3.AccessKeyFile, c.Objects.S3.SecretKeyFile, c.Service.KeyFile, c.Ledger.TLSKeyFile,
		c.Transparency.LogKeyFile, c.Transparency.CosigningKeyFile, c.passFile(), c.OIDC.ClientSecretFile, c.Enrolment.KeyFile,
	}
	for _, file := range c.keyFiles() {
		files = append(files, *file)
	}
	for i := range c.Principals {
		files = append(files, c.Principals[i].TokenFile, c.Principals[i].KeyFile)
	}
	for i := range c.Matching.Sources {
		if r := c.Matching.Sources[i].REST; r != nil {
			files = append(files, r.KeyFile, r.TokenFile)
		}
	}
	return files
}

// passFile holds the password of the index's database server.
func (c *Config) passFile() string {
	if !c.Index.Server() {
		return ""
	}
	u, err := url.Parse(c.Index.Database)
	if err != nil {
		return ""
	}
	file := u.Query().Get("passfile")
	if file == "" {
		return ""
	}
	return filepath.Clean(file)
}
