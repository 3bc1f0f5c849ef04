package auth_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/auth"
)

const (
	preparerToken = "8d1f60c92ab74e35907cb1f2e86d04a35be97c10f4a82d6e3b950c71fa28d46e"
	approverToken = "1c9e72b05f8da3461be07f92c4d85a60e3197bfd028c5ae64f10b8d7296c3ea5"
)

func entry(t *testing.T, name, token string) auth.Entry {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".token")
	require.NoError(t, os.WriteFile(file, []byte(token+"\n"), 0o600))
	return auth.Entry{Principal: auth.Principal{Name: name, MSPID: "CivilAffairsMSP"}, TokenFile: file}
}

func bearer(token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

func TestRequestFindsThePrincipalOfAToken(t *testing.T) {
	a, err := auth.New(auth.Options{Entries: []auth.Entry{entry(t, "preparer", preparerToken), entry(t, "approver", approverToken)}})
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
	readable := entry(t, "a", preparerToken)
	require.NoError(t, os.Chmod(readable.TokenFile, 0o644))
	for name, entries := range map[string][]auth.Entry{
		"short":              {entry(t, "a", "tooshort")},
		"with space":         {entry(t, "a", preparerToken[:32]+" "+preparerToken[32:])},
		"same twice":         {entry(t, "a", preparerToken), entry(t, "b", preparerToken)},
		"readable by others": {readable},
		"a bad end":          {entry(t, "a", preparerToken+"\nexpires: next year")},
		"a second line":      {entry(t, "a", preparerToken+"\n2027-01-01T00:00:00Z")},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := auth.New(auth.Options{Entries: entries})
			require.Error(t, err)
			require.NotContains(t, err.Error(), preparerToken[:16])
			require.NotContains(t, err.Error(), "tooshort")
		})
	}
}

func TestTokensThatCanBeGuessed(t *testing.T) {
	for _, weak := range []string{
		strings.Repeat("a", 64), strings.Repeat("0123456789abcdef", 4), strings.Repeat("ab12", 16), "token-of-civil-preparer-0123456789",
		"civil-preparer-civil-preparer-civil-preparer", "qwertyuiopasdfghjklzxcvbnm", strings.Repeat("correct-horse-battery", 3)[:48],
		"2026-11-29T08:00:00.000000000+08:00", "8d1f60c92ab74e35", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	} {
		_, err := auth.New(auth.Options{Entries: []auth.Entry{entry(t, "a", weak)}})
		require.ErrorContains(t, err, "can be guessed", weak)
	}
	for range 2000 { // generated ones of 256 bits, as all usual tools write them
		random := make([]byte, 32)
		_, err := rand.Read(random)
		require.NoError(t, err)
		for _, text := range []string{hex.EncodeToString(random), base64.RawURLEncoding.EncodeToString(random), base64.StdEncoding.EncodeToString(random)} {
			require.GreaterOrEqual(t, auth.Bits(text), float64(auth.MinTokenBits), text)
		}
	}
}

// follow runs an authenticator until the test ends.
func follow(t *testing.T, o auth.Options) *auth.Authenticator {
	t.Helper()
	a, err := auth.New(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return a
}

func TestTokensFollowTheirFiles(t *testing.T) {
	preparer, approver := entry(t, "preparer", preparerToken), entry(t, "approver", "")
	a := follow(t, auth.Options{Entries: []auth.Entry{preparer, approver}})
	within := func(token, want string) {
		t.Helper()
		require.Eventually(t, func() bool {
			p, err := a.Request(bearer(token))
			return p.Name == want && (want != "") == (err == nil)
		}, time.Second, 5*time.Millisecond)
	}
	within(preparerToken, "preparer")
	require.Len(t, a.Faults(), 1, "the approver has no token")

	require.NoError(t, os.WriteFile(approver.TokenFile, []byte(approverToken), 0o600))
	within(approverToken, "approver")
	require.Empty(t, a.Faults())

	require.NoError(t, os.WriteFile(preparer.TokenFile, []byte("half of a tok"), 0o600))
	require.Eventually(t, func() bool { return len(a.Faults()) == 1 }, time.Second, 5*time.Millisecond)
	within(preparerToken, "preparer") // the one before stays
	require.NotContains(t, a.Faults()[0].Error(), "half of")

	require.NoError(t, os.Remove(preparer.TokenFile))
	within(preparerToken, "")

	// The token of one principal is given to the other.
	require.NoError(t, os.WriteFile(preparer.TokenFile, []byte(approverToken), 0o600))
	require.Eventually(t, func() bool { return strings.Contains(errors.Join(a.Faults()...).Error(), "another principal's") }, time.Second, 5*time.Millisecond)
	within(approverToken, "approver")
}

func TestTokensExpire(t *testing.T) {
	now := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	a, err := auth.New(auth.Options{
		Entries: []auth.Entry{entry(t, "preparer", preparerToken+"\nexpires: 2026-11-29T17:00:00+08:00")},
		Now:     func() time.Time { return now },
	})
	require.NoError(t, err)
	_, err = a.Request(bearer(preparerToken))
	require.NoError(t, err)
	now = now.Add(time.Hour)
	_, err = a.Request(bearer(preparerToken))
	require.ErrorIs(t, err, auth.ErrTokenExpired)
	_, err = a.Request(bearer(approverToken))
	require.ErrorIs(t, err, auth.ErrUnauthenticated, "whoever has no token learns no more")
}

type refusing map[string]error

func (r refusing) Check(principal string) error { return r[principal] }

func TestWhoMayNotActIsRefused(t *testing.T) {
	ended := errors.New("ended")
	a, err := auth.New(auth.Options{
		Entries:  []auth.Entry{entry(t, "preparer", preparerToken), entry(t, "approver", approverToken)},
		Standing: refusing{"approver": ended},
	})
	require.NoError(t, err)
	_, err = a.Request(bearer(preparerToken))
	require.NoError(t, err)
	_, err = a.Request(bearer(approverToken))
	require.ErrorIs(t, err, ended)
}
