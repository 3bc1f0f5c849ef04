package provider

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpclient"
)

var noon = time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC)

// issuer is a provider of which the test holds the keys; a real one is tried in package app.
type issuer struct {
	*httptest.Server
	keys  atomic.Pointer[[]jose.JSONWebKey] // that it shows
	asked atomic.Int64                      // how often for its keys
	down  atomic.Bool
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/auth", "token_endpoint": i.URL + "/token",
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		i.asked.Add(1)
		if i.down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": *i.keys.Load()})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) show(keys ...jose.JSONWebKey) { i.keys.Store(&keys) }

// desk is a provider with its clock and log.
type desk struct {
	*Provider
	issuer *issuer
	now    time.Time
	log    bytes.Buffer
	key    *rsa.PrivateKey
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{issuer: newIssuer(t), now: noon}
	var err error
	d.key, err = rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	d.issuer.show(public("k1", &d.key.PublicKey))
	d.Provider = New(Options{
		Issuer: d.issuer.URL, ClientID: "gateway", Audience: "api", RedirectURL: "http://127.0.0.1/session/callback",
		Scopes: []string{"openid"}, Algorithms: []string{"RS256", "ES256"}, Leeway: 30 * time.Second, OfficialClaim: "preferred_username",
		NumberClaim: "number", NameClaim: "name", Client: client(t), Log: slog.New(slog.NewTextHandler(&d.log, nil)),
		Now: func() time.Time { return d.now },
	})
	require.NoError(t, d.discover(t.Context()))
	return d
}

func client(t testing.TB) *http.Client {
	t.Helper()
	c, err := httpclient.New(httpclient.Options{})
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func public(id string, key crypto.PublicKey) jose.JSONWebKey {
	return jose.JSONWebKey{Key: key, KeyID: id, Use: "sig"}
}

// sign signs claims with a key.
func sign(t testing.TB, algorithm jose.SignatureAlgorithm, id string, key any, payload []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	require.NoError(t, err)
	jws, err := signer.Sign(payload)
	require.NoError(t, err)
	token, err := jws.CompactSerialize()
	require.NoError(t, err)
	return token
}

type claimSet = map[string]any

// claims are good ones for an audience, with edits; nil takes a claim away.
func (d *desk) claims(t testing.TB, audience any, edits claimSet) []byte {
	t.Helper()
	all := claimSet{
		"iss": d.issuer.URL, "sub": "u1", "aud": audience, "iat": d.now.Unix(), "exp": d.now.Add(time.Minute).Unix(), "nonce": "n",
		"preferred_username": "civil-preparer", "number": "1024", "name": "王敏",
	}
	for name, value := range edits {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	b, err := json.Marshal(all)
	require.NoError(t, err)
	return b
}

func (d *desk) token(t testing.TB, audience any, edits claimSet) string {
	t.Helper()
	return sign(t, jose.RS256, "k1", d.key, d.claims(t, audience, edits))
}

func TestATokenNamesAnOfficial(t *testing.T) {
	d := newDesk(t)
	person, err := d.official(t.Context(), d.token(t, "gateway", nil), "n")
	require.NoError(t, err)
	require.Equal(t, Person{Subject: "u1", Official: "civil-preparer", Number: "1024", Called: "王敏"}, person)
	_, err = d.official(t.Context(), d.token(t, []string{"gateway", "other"}, claimSet{"azp": "gateway"}), "n")
	require.NoError(t, err)

	for name, token := range map[string]string{
		"another browser":           d.token(t, "gateway", claimSet{"nonce": "m"}),
		"no browser":                d.token(t, "gateway", claimSet{"nonce": nil}),
		"another client":            d.token(t, "gateway", claimSet{"azp": "other"}),
		"several, and nobody named": d.token(t, []string{"gateway", "other"}, nil),
		"no name":                   d.token(t, "gateway", claimSet{"preferred_username": nil}),
		"a name of another type":    d.token(t, "gateway", claimSet{"preferred_username": []string{"civil-preparer"}}),
		"a name with a line break":  d.token(t, "gateway", claimSet{"preferred_username": "civil\npreparer"}),
		"a huge name":               d.token(t, "gateway", claimSet{"preferred_username": strings.Repeat("a", 300)}),
		"no number":                 d.token(t, "gateway", claimSet{"number": nil}),
		"an access token":           d.token(t, "api", nil),
	} {
		_, err := d.official(t.Context(), token, "n")
		require.ErrorIs(t, err, ErrToken, name)
		require.NotContains(t, err.Error(), "civil", name)
	}
}

func TestATokenNamesASystem(t *testing.T) {
	d := newDesk(t)
	subject, err := d.System(t.Context(), d.token(t, "api", nil))
	require.NoError(t, err)
	require.Equal(t, "u1", subject)
	d.o.Audience = ""
	_, err = d.System(t.Context(), d.token(t, "", nil))
	require.ErrorIs(t, err, ErrToken)
}

// hs256 signs with what everybody knows: the public key.
func hs256(t *testing.T, key *rsa.PublicKey, payload []byte) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	text := part(`{"alg":"HS256","kid":"k1"}`) + "." + part(string(payload))
	mac := hmac.New(sha256.New, der)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func part(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func TestBadTokens(t *testing.T) {
	d := newDesk(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	good := d.claims(t, "api", nil)
	token := d.token(t, "api", nil)
	header, payload, signature := cut(token)
	for name, bad := range map[string]string{
		"empty":                          "",
		"no token":                       "a.b.c",
		"alg none":                       part(`{"alg":"none"}`) + "." + payload + ".",
		"alg None":                       part(`{"alg":"None","kid":"k1"}`) + "." + payload + "." + signature,
		"HS256 with the public key":      hs256(t, &d.key.PublicKey, good),
		"an algorithm that is not named": sign(t, jose.RS512, "k1", d.key, good),
		"another curve":                  sign(t, jose.ES384, "k1", curve, good),
		"another key":                    sign(t, jose.RS256, "k1", other, good),
		"another key of no id":           sign(t, jose.RS256, "", other, good),
		"an unknown key":                 sign(t, jose.RS256, "k9", other, good),
		"its own key in the header":      ownKey(t, other, good),
		"a changed payload":              header + "." + part(strings.Replace(string(good), "u1", "u2", 1)) + "." + signature,
		"a cut signature":                token[:len(token)-4],
		"no signature":                   header + "." + payload + ".",
		"two of them":                    token + "." + token,
		"white space":                    " " + token,
		"the JSON form":                  jsonForm(t, token),
		"another issuer":                 d.token(t, "api", claimSet{"iss": "https://evil.example"}),
		"an issuer that begins so":       d.token(t, "api", claimSet{"iss": d.issuer.URL + "/"}),
		"no issuer":                      d.token(t, "api", claimSet{"iss": nil}),
		"another audience":               d.token(t, "other", nil),
		"who has signed in":              d.token(t, "gateway", nil),
		"no audience":                    d.token(t, nil, nil),
		"expired":                        d.token(t, "api", claimSet{"exp": d.now.Add(-31 * time.Second).Unix()}),
		"without an end":                 d.token(t, "api", claimSet{"exp": nil}),
		"an end that is a text":          d.token(t, "api", claimSet{"exp": "tomorrow"}),
		"not valid yet":                  d.token(t, "api", claimSet{"nbf": d.now.Add(31 * time.Second).Unix()}),
		"made in the future":             d.token(t, "api", claimSet{"iat": d.now.Add(31 * time.Second).Unix()}),
		"made at no time":                d.token(t, "api", claimSet{"iat": nil}),
		"of nobody":                      d.token(t, "api", claimSet{"sub": ""}),
		"of somebody with a long name":   d.token(t, "api", claimSet{"sub": strings.Repeat("u", 300)}),
		"huge":                           d.token(t, "api", claimSet{"x": strings.Repeat("x", maxTokenBytes)}),
		"a list":                         sign(t, jose.RS256, "k1", d.key, []byte(`[]`)),
		"a number":                       sign(t, jose.RS256, "k1", d.key, []byte(`7`)),
		"no JSON":                        sign(t, jose.RS256, "k1", d.key, []byte(`{`)),
	} {
		_, err := d.System(t.Context(), bad)
		require.ErrorIs(t, err, ErrToken, name)
		require.NotContains(t, err.Error(), "u1", name)
		require.NotContains(t, err.Error(), "evil", name)
	}
	for name, edits := range map[string]claimSet{
		"expired within the leeway":       {"exp": d.now.Add(-29 * time.Second).Unix()},
		"not valid yet within the leeway": {"nbf": d.now.Add(29 * time.Second).Unix(), "iat": d.now.Add(29 * time.Second).Unix()},
	} {
		_, err := d.System(t.Context(), d.token(t, "api", edits))
		require.NoError(t, err, name)
	}
}

// jsonForm is the same token in the form of RFC 7515, 7.2.
func jsonForm(t *testing.T, token string) string {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, asymmetric)
	require.NoError(t, err)
	return jws.FullSerialize()
}

func cut(token string) (header, payload, signature string) {
	parts := strings.Split(token, ".")
	return parts[0], parts[1], parts[2]
}

// ownKey is signed with the key that its own header has.
func ownKey(t *testing.T, key *rsa.PrivateKey, payload []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, &jose.SignerOptions{EmbedJWK: true})
	require.NoError(t, err)
	jws, err := signer.Sign(payload)
	require.NoError(t, err)
	token, err := jws.CompactSerialize()
	require.NoError(t, err)
	return token
}

func TestKeysTurn(t *testing.T) {
	d := newDesk(t)
	first := d.token(t, "api", claimSet{"exp": d.now.Add(48 * time.Hour).Unix()})
	next, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	second := sign(t, jose.ES256, "k2", next, d.claims(t, "api", claimSet{"exp": d.now.Add(48 * time.Hour).Unix()}))
	accepted := func(token string) error {
		_, err := d.System(t.Context(), token)
		return err
	}

	d.issuer.show(public("k1", &d.key.PublicKey), public("k2", &next.PublicKey))
	require.ErrorIs(t, accepted(second), ErrToken, "the keys were read a moment ago")
	d.now = d.now.Add(unknownPause)
	require.NoError(t, accepted(second), "an unknown key has them read again")
	require.NoError(t, accepted(first), "the earlier one counts as long as the provider shows it")

	// Made-up ids have the provider asked once in a while, not each time.
	asked := d.issuer.asked.Load()
	for range 50 {
		require.ErrorIs(t, accepted(sign(t, jose.ES256, "made-up", next, d.claims(t, "api", nil))), ErrToken)
	}
	require.Equal(t, asked, d.issuer.asked.Load())

	// A key that is withdrawn counts no more once the keys are read again, which happens without a token.
	d.issuer.show(public("k2", &next.PublicKey))
	d.keys.refresh(t.Context())
	require.ErrorIs(t, accepted(first), ErrToken)
	require.NoError(t, accepted(second))

	// While the provider is away the keys count for a day.
	d.issuer.down.Store(true)
	d.now = d.now.Add(keepKeys - time.Minute)
	d.keys.refresh(t.Context())
	require.NoError(t, accepted(second))
	d.now = d.now.Add(2 * time.Minute)
	require.ErrorIs(t, accepted(second), ErrUnavailable)
	d.issuer.down.Store(false)
	d.keys.refresh(t.Context())
	require.NoError(t, accepted(second))
}

func TestKeysThatDoNotCount(t *testing.T) {
	d := newDesk(t)
	forEncryption := public("k1", &d.key.PublicKey)
	forEncryption.Use = "enc"
	forAnother := public("k1", &d.key.PublicKey)
	forAnother.Algorithm = "RS512"
	for _, key := range []jose.JSONWebKey{forEncryption, forAnother} {
		d.issuer.show(key)
		d.keys.refresh(t.Context())
		_, err := d.System(t.Context(), d.token(t, "api", nil))
		require.ErrorIs(t, err, ErrToken)
	}
	for _, body := range []string{
		``, `{}`, `[]`, `{"keys":[]}`, `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`, `{"keys":[{"kty":"RSA"}]}`, `{"keys":["x",7]}`,
		`{"keys":[` + strings.Repeat(`{},`, maxKeys) + `{}]}`,
	} {
		_, err := readKeys([]byte(body))
		require.ErrorIs(t, err, errNoKeys, body)
	}
}

func TestSigningInBelongsToOneBrowser(t *testing.T) {
	d := newDesk(t)
	mine, other := NewAttempt(), NewAttempt()
	address, err := d.Start(mine)
	require.NoError(t, err)
	u, err := url.Parse(address)
	require.NoError(t, err)
	q := u.Query()
	require.Equal(t, "S256", q.Get("code_challenge_method"))
	require.Equal(t, "code", q.Get("response_type"))
	require.NotContains(t, address, mine.Secret())
	require.NotContains(t, address, mine.derive("verifier"))
	require.NotEqual(t, q.Get("state"), q.Get("nonce"))
	require.Len(t, mine.derive("verifier"), 43, "RFC 7636, 4.1")

	for name, c := range map[string]struct {
		attempt Attempt
		query   url.Values
	}{
		"another browser's":   {other, url.Values{"state": {q.Get("state")}, "code": {"c"}}},
		"no state":            {mine, url.Values{"code": {"c"}}},
		"refused":             {mine, url.Values{"state": {q.Get("state")}, "error": {"access_denied"}}},
		"refused with a code": {mine, url.Values{"state": {q.Get("state")}, "error": {"access_denied"}, "code": {"c"}}},
		"no code":             {mine, url.Values{"state": {q.Get("state")}}},
		"another provider's":  {mine, url.Values{"state": {q.Get("state")}, "code": {"c"}, "iss": {"https://evil.example"}}},
		"a code of nobody":    {mine, url.Values{"state": {q.Get("state")}, "code": {"c"}}},
	} {
		_, err := d.Finish(t.Context(), c.attempt, c.query)
		require.ErrorIs(t, err, ErrRefused, name)
	}
	for _, bad := range []string{"", "x", mine.Secret() + "x", strings.Repeat("!", 43)} {
		_, ok := ReadAttempt(bad)
		require.False(t, ok, bad)
	}
	again, ok := ReadAttempt(mine.Secret())
	require.True(t, ok)
	require.Equal(t, mine, again)
}

func TestAProviderThatIsAway(t *testing.T) {
	p := New(Options{Issuer: "http://127.0.0.1:1", ClientID: "gateway", Audience: "api", Client: client(t), Log: slog.New(slog.DiscardHandler)})
	require.Error(t, p.discover(t.Context()))
	_, err := p.Start(NewAttempt())
	require.ErrorIs(t, err, ErrUnavailable)
	_, err = p.Finish(t.Context(), NewAttempt(), url.Values{})
	require.ErrorIs(t, err, ErrUnavailable)
	_, err = p.System(t.Context(), "a.b.c")
	require.ErrorIs(t, err, ErrUnavailable)
}

// A provider that answers without end is cut off, and one that names itself otherwise is not taken.
func TestDescriptionsThatAreRefused(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"endless":    func(w http.ResponseWriter) { _, _ = w.Write(bytes.Repeat([]byte(" "), 2*maxAnswer)) },
		"another's":  func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"issuer":"https://evil.example"}`)) },
		"no JSON":    func(w http.ResponseWriter) { _, _ = w.Write([]byte(`<html>`)) },
		"a redirect": func(w http.ResponseWriter) { w.Header().Set("Location", "https://evil.example"); w.WriteHeader(302) },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
			defer server.Close()
			var log bytes.Buffer
			p := New(Options{Issuer: server.URL, ClientID: "gateway", Client: client(t), Log: slog.New(slog.NewTextHandler(&log, nil))})
			require.Error(t, p.discover(t.Context()))
			require.NotContains(t, log.String(), "evil")
		})
	}
}

// Endpoints are on the way that the issuer is on: nothing of a sign-in goes over plain HTTP because a description says so.
func TestEndpointsOverPlainHTTP(t *testing.T) {
	for endpoints, fits := range map[[3]string]bool{
		{"https://id.example/a", "https://id.example/t", "https://id.example/k"}: true,
		{"http://id.example/a", "https://id.example/t", "https://id.example/k"}:  false,
		{"https://id.example/a", "http://id.example/t", "https://id.example/k"}:  false,
		{"https://id.example/a", "https://id.example/t", "ftp://id.example/k"}:   false,
		{"https://id.example/a", "https://id.example/t", ""}:                     false,
		{"javascript:alert(1)", "https://id.example/t", "https://id.example/k"}:  false,
	} {
		require.Equal(t, fits, onTheWayOf("https://id.example", endpoints[:]...), endpoints)
	}
	require.True(t, onTheWayOf("http://127.0.0.1:1", "http://127.0.0.1:1/a", "https://id.example/k"))
}

func FuzzTokens(f *testing.F) {
	d := newDesk(f)
	good := d.token(f, "api", nil)
	f.Add(good)
	f.Add("a.b.c")
	f.Add(part(`{"alg":"none"}`) + "." + part(`{"sub":"u1"}`) + ".")
	f.Fuzz(func(t *testing.T, token string) {
		subject, err := d.System(t.Context(), token)
		if err == nil {
			require.Equal(t, "u1", subject)
			require.Equal(t, strings.Split(good, ".")[:2], strings.Split(token, ".")[:2], "only what the provider signed")
		}
	})
}
