package auth_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/auth"
)

const (
	preparerToken = "preparer-0123456789abcdef"
	approverToken = "approver-0123456789abcdef"
)

func entry(t *testing.T, name, token string) auth.Entry {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".token")
	require.NoError(t, os.WriteFile(file, []byte(token+"\n"), 0o600))
	return auth.Entry{Principal: auth.Principal{Name: name, MSPID: "CivilAffairsMSP"}, TokenFile: file}
}

func TestRequestFindsThePrincipalOfAToken(t *testing.T) {
	a, err := auth.New([]auth.Entry{entry(t, "preparer", preparerToken), entry(t, "approver", approverToken)})
	require.NoError(t, err)

	for name, c := range map[string]struct {
		headers []string
		want    string
	}{
		"first principal":    {[]string{"Bearer " + preparerToken}, "preparer"},
		"second principal":   {[]string{"Bearer " + approverToken}, "approver"},
		"scheme in any case": {[]string{"bearer " + approverToken}, "approver"},
		"no header":          {nil, ""},
		"other scheme":       {[]string{"Basic " + preparerToken}, ""},
		"token alone":        {[]string{preparerToken}, ""},
		"empty token":        {[]string{"Bearer "}, ""},
		"cut token":          {[]string{"Bearer " + preparerToken[:24]}, ""},
		"longer token":       {[]string{"Bearer " + preparerToken + "x"}, ""},
		"huge token":         {[]string{"Bearer " + strings.Repeat("x", 1<<16)}, ""},
		"two headers":        {[]string{"Bearer " + preparerToken, "Bearer " + approverToken}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			for _, h := range c.headers {
				r.Header.Add("Authorization", h)
			}
			p, err := a.Request(r)
			if c.want == "" {
				require.ErrorIs(t, err, auth.ErrUnauthenticated)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, p.Name)
		})
	}
}

func TestNewRefusesBadTokenFilesWithoutRepeatingThem(t *testing.T) {
	for name, entries := range map[string][]auth.Entry{
		"short":      {entry(t, "a", "tooshort")},
		"empty":      {entry(t, "a", "")},
		"with space": {entry(t, "a", "0123456789 0123456789 0123")},
		"same twice": {entry(t, "a", preparerToken), entry(t, "b", preparerToken)},
		"missing":    {{Principal: auth.Principal{Name: "a"}, TokenFile: filepath.Join(t.TempDir(), "none")}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := auth.New(entries)
			require.Error(t, err)
			require.NotContains(t, err.Error(), preparerToken)
			require.NotContains(t, err.Error(), "tooshort")
		})
	}
}
