package enrolment

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/agekeys"
)

// door is a registration authority that lets each invited name through once (network/registration is the real one).
type door struct {
	*httptest.Server
	t  *testing.T
	mu sync.Mutex

	to        age.Recipient
	invited   map[string]string // secrets
	sealedAs  string            // "": each invitation is for its own name
	certified map[string][]byte // by the key
	issued    int
	lose      bool   // the next certificate does not arrive
	status    int    // of every answer; 0: what it should be
	answer    string // of every answer
	as        string // the name in certificates; "": the one that was asked for
}

func newDoor(t *testing.T, to age.Recipient) *door {
	t.Helper()
	d := &door{t: t, to: to, invited: map[string]string{}, certified: map[string][]byte{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/officials/{name}/invitation", d.invitation)
	mux.HandleFunc("POST /v1/officials/{name}/certificate", d.certificate)
	d.Server = httptest.NewServer(mux)
	t.Cleanup(d.Close)
	return d
}

func (d *door) refused(w http.ResponseWriter) bool {
	if d.status == 0 {
		return false
	}
	w.WriteHeader(d.status)
	_, _ = io.WriteString(w, d.answer)
	return true
}

func (d *door) invitation(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := r.PathValue("name")
	secret, ok := d.invited[name]
	if d.refused(w) {
		return
	}
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if d.sealedAs != "" {
		name = d.sealedAs
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"sealed": sealTo(d.to, name, secret)})
}

func sealTo(to age.Recipient, name, secret string) []byte {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		panic(err)
	}
	if err := errors.Join(json.NewEncoder(w).Encode(map[string]string{"name": name, "secret": secret}), w.Close()); err != nil {
		panic(err)
	}
	return sealed.Bytes()
}

func (d *door) certificate(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused(w) {
		return
	}
	var asked struct{ Secret, Request string }
	require.NoError(d.t, json.NewDecoder(r.Body).Decode(&asked))
	block, _ := pem.Decode([]byte(asked.Request))
	request, err := x509.ParseCertificateRequest(block.Bytes)
	require.NoError(d.t, err)
	name := r.PathValue("name")
	key := string(request.RawSubjectPublicKeyInfo)
	cert, before := d.certified[key]
	if !before {
		if d.invited[name] == "" || d.invited[name] != asked.Secret {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		delete(d.invited, name)
		d.issued++
		cert = d.sign(name, request)
		d.certified[key] = cert
	}
	if d.lose {
		d.lose = false
		panic(http.ErrAbortHandler)
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"certificate": string(cert)})
}

func (d *door) sign(name string, request *x509.CertificateRequest) []byte {
	if d.as != "" {
		name = d.as
	}
	own, err := newKey()
	require.NoError(d.t, err)
	key, err := readKey(own)
	require.NoError(d.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(int64(d.issued)), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, request.PublicKey.(*ecdsa.PublicKey), key)
	require.NoError(d.t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func newIdentity(t *testing.T) *age.X25519Identity {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return key
}

// desk is a keeper with its door and file.
type desk struct {
	*Keeper
	door *door
	path string
}

func newDesk(t *testing.T) (d *desk, keys agekeys.Keys) {
	t.Helper()
	keys = agekeys.Keys{newIdentity(t)}
	d = &desk{door: newDoor(t, keys.Recipient()), path: filepath.Join(t.TempDir(), "officials.db")}
	require.NoError(t, d.open(keys))
	t.Cleanup(func() { _ = d.Keeper.Close() })
	return d, keys
}

func (d *desk) open(keys agekeys.Keys) (err error) {
	if d.Keeper != nil {
		_ = d.Keeper.Close()
	}
	d.Keeper, err = Open(d.path, keys, &Door{URL: d.door.URL, Client: d.door.Client()})
	return err
}

func TestAnInvitedOfficialEnrols(t *testing.T) {
	d, keys := newDesk(t)
	_, err := d.Enrol(t.Context(), "li-wei")
	require.ErrorIs(t, err, ErrNotInvited)
	d.door.invited["li-wei"] = "secret"
	id, err := d.Enrol(t.Context(), "li-wei")
	require.NoError(t, err)
	require.Equal(t, "li-wei", id.Name)
	key, err := readKey(id.Key)
	require.NoError(t, err)
	require.NoError(t, check("li-wei", id.Cert, key))
	_, err = d.Enrol(t.Context(), "li-wei")
	require.ErrorIs(t, err, ErrNotInvited, "an invitation counts once")

	require.NoError(t, d.open(keys))
	again, err := d.Identities()
	require.NoError(t, err)
	require.Equal(t, []Identity{id}, again, "after a restart")

	d.door.invited["li-wei"] = "another"
	renewed, err := d.Enrol(t.Context(), "li-wei")
	require.NoError(t, err)
	require.NotEqual(t, id.Key, renewed.Key, "a new certificate has a new key")
	again, err = d.Identities()
	require.NoError(t, err)
	require.Equal(t, []Identity{renewed}, again)

	had, err := d.Forget("li-wei")
	require.NoError(t, err)
	require.True(t, had)
	had, err = d.Forget("li-wei")
	require.NoError(t, err)
	require.False(t, had)
	again, err = d.Identities()
	require.NoError(t, err)
	require.Empty(t, again)
}

// TestAStolenDiscGivesNoKey: with all that the gateway has on its disc but the key-encryption key, nobody signs for an official.
func TestAStolenDiscGivesNoKey(t *testing.T) {
	d, keys := newDesk(t)
	d.door.invited["li-wei"] = "the secret of the invitation"
	id, err := d.Enrol(t.Context(), "li-wei")
	require.NoError(t, err)
	require.NoError(t, d.Keeper.Close())
	text, err := os.ReadFile(d.path)
	require.NoError(t, err)
	block, _ := pem.Decode(id.Key)
	for _, clear := range [][]byte{id.Key, block.Bytes, []byte("PRIVATE KEY"), []byte("the secret of the invitation")} {
		require.NotContains(t, string(text), string(clear))
	}
	require.ErrorContains(t, d.open(agekeys.Keys{newIdentity(t)}), "enrolment.key_file")
	require.NoError(t, d.open(keys))
}

func TestTheKeyEncryptionKeyIsReplaced(t *testing.T) {
	d, before := newDesk(t)
	d.door.invited["li-wei"] = "secret"
	id, err := d.Enrol(t.Context(), "li-wei")
	require.NoError(t, err)
	after := newIdentity(t)
	require.NoError(t, d.open(agekeys.Keys{after, before[0]}))
	require.NoError(t, d.open(agekeys.Keys{after}), "all is encrypted with the first key")
	again, err := d.Identities()
	require.NoError(t, err)
	require.Equal(t, []Identity{id}, again)
}

func TestAnAnswerThatIsLost(t *testing.T) {
	d, keys := newDesk(t)
	d.door.invited["li-wei"] = "secret"
	d.door.lose = true
	_, err := d.Enrol(t.Context(), "li-wei")
	require.ErrorIs(t, err, ErrUnavailable)
	require.NoError(t, d.open(keys), "and the gateway restarts")
	none, err := d.Identities()
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = d.Enrol(t.Context(), "li-wei")
	require.NoError(t, err)
	require.Equal(t, 1, d.door.issued, "the same key gets the certificate that it has")
}

func TestTwoBrowsersAtOnce(t *testing.T) {
	d, _ := newDesk(t)
	d.door.invited["li-wei"] = "secret"
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { _, _ = d.Enrol(t.Context(), "li-wei") })
	}
	group.Wait()
	require.Equal(t, 1, d.door.issued)
	all, err := d.Identities()
	require.NoError(t, err)
	require.Len(t, all, 1)
}

func TestWhatIsNotForThisOfficialIsRefused(t *testing.T) {
	for what, c := range map[string]struct {
		name   string
		change func(*testing.T, *door)
		want   error
	}{
		"sealed for another gateway":    {"li-wei", func(t *testing.T, d *door) { d.to = newIdentity(t).Recipient() }, ErrRefused},
		"another's invitation":          {"li-wei", func(_ *testing.T, d *door) { d.sealedAs = "zhao-min" }, ErrRefused},
		"another's certificate":         {"li-wei", func(_ *testing.T, d *door) { d.as = "zhao-min" }, ErrRefused},
		"a secret that is used":         {"li-wei", func(_ *testing.T, d *door) { d.status = http.StatusForbidden }, ErrRefused},
		"a failing door":                {"li-wei", func(_ *testing.T, d *door) { d.status = http.StatusBadGateway }, ErrUnavailable},
		"no JSON":                       {"li-wei", func(_ *testing.T, d *door) { d.status, d.answer = http.StatusOK, "<html>" }, ErrUnavailable},
		"an endless answer":             {"li-wei", func(_ *testing.T, d *door) { d.status, d.answer = http.StatusOK, strings.Repeat(" ", maxAnswer+1) }, ErrUnavailable},
		"a redirect":                    {"li-wei", func(_ *testing.T, d *door) { d.status = http.StatusFound }, ErrUnavailable},
		"a door that is away":           {"li-wei", func(_ *testing.T, d *door) { d.Close() }, ErrUnavailable},
		"a name that nobody can invite": {"li_wei", func(*testing.T, *door) {}, ErrNotInvited},
		"a name that leads elsewhere":   {"../li-wei", func(*testing.T, *door) {}, ErrNotInvited},
	} {
		t.Run(what, func(t *testing.T) {
			d, _ := newDesk(t)
			d.door.invited["li-wei"] = "secret"
			c.change(t, d.door)
			_, err := d.Enrol(t.Context(), c.name)
			require.ErrorIs(t, err, c.want)
			all, err := d.Identities()
			require.NoError(t, err)
			require.Empty(t, all)
		})
	}
}

// TestWhatWasExchangedOnTheDiscIsNoticed: whoever writes to the disc cannot have one official sign as another.
func TestWhatWasExchangedOnTheDiscIsNoticed(t *testing.T) {
	d, _ := newDesk(t)
	for _, name := range []string{"li-wei", "zhao-min"} {
		d.door.invited[name] = "secret"
		_, err := d.Enrol(t.Context(), name)
		require.NoError(t, err)
	}
	other, err := d.read("zhao-min")
	require.NoError(t, err)
	require.NoError(t, d.put("li-wei", other))
	_, err = d.Identities()
	require.ErrorContains(t, err, "for another name")
	own, err := d.read("zhao-min")
	require.NoError(t, err)
	own.Certificate = string(d.door.sign("zhao-min", &x509.CertificateRequest{PublicKey: mustKey(t).Public()}))
	require.NoError(t, d.put("li-wei", own))
	_, err = d.Identities()
	require.ErrorContains(t, err, "for another key")
}

func mustKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	text, err := newKey()
	require.NoError(t, err)
	key, err := readKey(text)
	require.NoError(t, err)
	return key
}

// FuzzAnswer: whatever the door answers, nothing is kept but a certificate for the official's own name and key.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"sealed":"AAAA"}`), []byte("{}"))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), []byte("null"))
	text, err := newKey()
	require.NoError(f, err)
	key, err := readKey(text)
	require.NoError(f, err)
	keys := agekeys.Keys{}
	if id, err := age.GenerateX25519Identity(); err == nil {
		keys = append(keys, id)
	}
	k := &Keeper{keys: keys}
	f.Fuzz(func(t *testing.T, cert, sealed []byte) {
		require.Error(t, check("li-wei", cert, key))
		_, err := k.open("li-wei", sealed)
		require.Error(t, err)
	})
}
