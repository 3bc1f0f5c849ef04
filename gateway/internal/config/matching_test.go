package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/config"
)

const matchingSettings = `
persons_key: {file: persons.key}
tag_key: {file: tag.key}
matching:
  as: civil-preparer
  sources:
    - id: civil-registry
      rest:
        url: https://registry.example.cn/query
        token_file: registry.token
        fields: {subject: ref, id_number: sfzh}
        constants: [{name: systemId, value: Relief}]
      mapping: {subject: /ref, code: /code, queried_at: /at, result_sha256: /sum, signature: /sign, adverse_codes: [deceased]}
    - id: housing-fund
      folder: {dir: exchange/housing, encoding: gb18030}
      mapping: {subject: 编号, code: 结果, queried_at: 时间, result_sha256: 摘要, signature: 签名, adverse: 异常}
      needs: {codes: [unemployed], programme: linshi, region: "530181"}
`

func TestSettingsOfMatching(t *testing.T) {
	cfg, dir, err := load(t, complete+matchingSettings)
	require.NoError(t, err)
	m := cfg.Matching
	require.Equal(t, 24*time.Hour, m.Fresh)
	require.Len(t, m.Sources, 2)
	require.Equal(t, config.MatchingConstant{Name: "systemId", Value: "Relief"}, m.Sources[0].REST.Constants[0], "capital letters stay")
	require.Equal(t, filepath.Join(dir, "registry.token"), m.Sources[0].REST.TokenFile)
	require.Equal(t, filepath.Join(dir, "exchange/housing"), m.Sources[1].Folder.Dir)
	require.Equal(t, []string{"deceased"}, m.Sources[0].Mapping.AdverseCodes)

	require.NoError(t, os.WriteFile(m.Sources[0].REST.TokenFile, []byte(" secret\n"), 0o600))
	token, err := m.Sources[0].REST.Token()
	require.NoError(t, err)
	require.Equal(t, "secret", token)
	t.Setenv("REGISTRY_TOKEN", "other")
	token, err = (&config.MatchingREST{TokenEnv: "REGISTRY_TOKEN"}).Token()
	require.NoError(t, err)
	require.Equal(t, "other", token)
	for _, bad := range []config.MatchingREST{{TokenEnv: "NO_SUCH_VARIABLE"}, {TokenFile: "nowhere"}, {TokenFile: os.DevNull}} {
		_, err = bad.Token()
		require.Error(t, err)
	}
}

func TestSettingsOfMatchingThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"no persons key":       {"persons_key: {file: persons.key}", "", "persons_key.file"},
		"no tag key":           {"tag_key: {file: tag.key}", "", "tag_key.file"},
		"nobody takes files":   {"as: civil-preparer", "", "matching.as"},
		"nobody of this name":  {"as: civil-preparer", "as: nobody", "not the name of a principal"},
		"an id that is none":   {"id: housing-fund", "id: Housing", "sources[1].id"},
		"an id twice":          {"id: housing-fund", "id: civil-registry", "sources[1].id"},
		"no way":               {"folder: {dir: exchange/housing, encoding: gb18030}", "", "either rest or folder"},
		"both ways":            {"folder: {dir", "rest: {url: https://x}\n      folder: {dir", "either rest or folder"},
		"no folder":            {"dir: exchange/housing, ", "", "folder.dir"},
		"no address":           {"url: https://registry.example.cn/query", "", "rest.url"},
		"two tokens":           {"token_file: registry.token", "token_file: registry.token\n        token_env: X", "not both"},
		"too many at once":     {"token_file: registry.token", "at_once: 1000", "at_once"},
		"endless patience":     {"token_file: registry.token", "patience: 1h", "rest.patience"},
		"no time at all":       {"as: civil-preparer", "as: civil-preparer\n  poll: 0s", "matching.poll"},
		"needs of nothing":     {"programme: linshi, ", "", "needs.programme"},
		"needs nowhere":        {`, region: "530181"`, "", "needs.region"},
		"questions kept short": {"as: civil-preparer", "as: civil-preparer\n  keep_questions: 1s", "keep_questions"},
		"rounds of a folder":   {"folder: {dir", "every: 24h\n      folder: {dir", "sources[1].every"},
		"rounds too often":     {"  rest:\n", "  every: 1s\n      rest:\n", "sources[0].every"},
		"no rate":              {"as: civil-preparer", "as: civil-preparer\n  rate: 0", "matching.rate"},
		"a misspelt setting":   {"adverse_codes", "adverse_code", "adverse_code"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, matchingSettings, c.old)
			_, _, err := load(t, complete+strings.Replace(matchingSettings, c.old, c.new, 1))
			require.ErrorContains(t, err, c.want)
		})
	}
}
