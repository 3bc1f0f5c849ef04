package config_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const withProvider = complete + `
sessions: {url: "https://relief.example.cn"}
oidc:
  issuer: https://id.example.cn/civil
  client_id: relieftrail
  client_secret_file: oidc.secret
  ca_file: oidc-ca.pem
  audience: https://relief.example.cn
  systems: [{subject: payroll, principal: civil-preparer}]
`

func TestSessionsAndTheProvider(t *testing.T) {
	cfg, _, err := load(t, complete)
	require.NoError(t, err)
	require.Equal(t, 30*time.Minute, cfg.Sessions.Idle)
	require.Equal(t, 12*time.Hour, cfg.Sessions.Absolute)
	require.True(t, cfg.Sessions.Tokens)
	require.False(t, cfg.OIDC.Enabled())

	cfg, dir, err := load(t, withProvider)
	require.NoError(t, err)
	require.True(t, cfg.OIDC.Enabled())
	require.Equal(t, "https://relief.example.cn/session/callback", cfg.Callback())
	require.Equal(t, filepath.Join(dir, "oidc.secret"), cfg.OIDC.ClientSecretFile)
	require.Equal(t, filepath.Join(dir, "oidc-ca.pem"), cfg.OIDC.CAFile)
	require.Equal(t, "preferred_username", cfg.OIDC.OfficialClaim)
	require.Equal(t, 30*time.Second, cfg.OIDC.Leeway)
	require.NotContains(t, cfg.OIDC.Algorithms, "HS256")
}

func TestSettingsOfSessionsAndProvidersThatAreRefused(t *testing.T) {
	for edit, want := range map[string]string{
		`sessions: {idle: 10s}`:                                                                   "sessions.idle",
		`sessions: {idle: 13h}`:                                                                   "sessions.idle",
		`sessions: {absolute: 200h}`:                                                              "sessions.absolute",
		`sessions: {url: "https://relief.example.cn/a"}`:                                          "sessions.url",
		`sessions: {url: "relief.example.cn"}`:                                                    "sessions.url",
		`sessions: {tokens: false}`:                                                               "sessions.tokens",
		`oidc: {client_id: a}`:                                                                    "oidc.issuer",
		`oidc: {issuer: "http://id.example.cn"}`:                                                  "oidc.issuer: must be the provider's address over https",
		`oidc: {issuer: "https://id.example.cn?a=b"}`:                                             "oidc.issuer",
		`oidc: {issuer: "https://id.example.cn"}`:                                                 "sessions.url: is required with oidc.issuer",
		`oidc: {issuer: "https://i.cn", scopes: [email]}`:                                         "oidc.scopes",
		`oidc: {issuer: "https://i.cn", algorithms: [HS256]}`:                                     "oidc.algorithms",
		`oidc: {issuer: "https://i.cn", algorithms: [none]}`:                                      "oidc.algorithms",
		`oidc: {issuer: "https://i.cn", leeway: 10m}`:                                             "oidc.leeway",
		`oidc: {issuer: "https://i.cn", client_id: a, audience: a}`:                               "oidc.audience: must be another one than oidc.client_id",
		`oidc: {issuer: "https://i.cn", audience: b}`:                                             "oidc.systems: set it together",
		`oidc: {issuer: "https://i.cn", audience: b, systems: [{subject: s, principal: nobody}]}`: "is not the name of a principal",
		`oidc: {issuer: "https://i.cn", audience: b, systems: [{principal: civil-preparer}]}`:     "oidc.systems[0].subject",
		`oidc: {issuer: "https://i.cn", audience: b, systems: [{subject: s, principal: civil-preparer}, {subject: s, principal: civil-approver}]}`: "there twice",
		`enrolment: {key_file: a.key}`:                                                                            "enrolment.url: is required",
		`enrolment: {url: "http://127.0.0.1:7019", key_file: a.key}`:                                              "enrolment.url: must be https",
		`enrolment: {url: "https://127.0.0.1:7019/v1", key_file: a.key}`:                                          "enrolment.url: must be https",
		`enrolment: {url: "https://127.0.0.1:7019"}`:                                                              "enrolment.key_file",
		`enrolment: {url: "https://ra.example.cn:7019", key_file: a.key}`:                                         "enrolment.url: needs oidc.issuer",
		`client_certificates: {crl_file: a.crl}`:                                                                  "client_certificates.ca_file",
		`client_certificates: {ca_file: a.pem, crl_file: a.crl, systems: [{name: a, principal: civil-preparer}]}`: "client_certificates.ca_file: needs tls.cert_file",
		`client_certificates: {ca_file: a.pem}`:                                                                   "client_certificates.crl_file",
		`client_certificates: {ca_file: a.pem, crl_file: a.crl}`:                                                  "client_certificates.systems",
		`client_certificates: {ca_file: a.pem, crl_file: a.crl, systems: [{name: a, principal: x}]}`:              "is not the name of a principal",
	} {
		_, _, err := load(t, complete+edit+"\n")
		require.ErrorContains(t, err, want, edit)
	}
	_, _, err := load(t, complete+`oidc: {issuer: "http://127.0.0.1:9998", client_id: a}
sessions: {url: "http://127.0.0.1:8401", tokens: false}
`)
	require.NoError(t, err, "a provider on this machine, in development")
}
