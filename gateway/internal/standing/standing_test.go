package standing

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/registry"
)

var noon = time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC)

// issue writes a certificate to a file.
func issue(t *testing.T, path, name string, serial int64, notAfter time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: noon.AddDate(-1, 0, 0), NotAfter: notAfter,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
}

// desk is a standing over two principals and the gateway's own certificate, with its clock, log and the renewals it asks for.
type desk struct {
	*Standing
	now     time.Time
	log     bytes.Buffer
	renewed []string
	fail    error
	paths   map[string]string
}

func newDesk(t *testing.T, ends map[string]time.Time) *desk {
	t.Helper()
	d := &desk{now: noon, paths: map[string]string{}}
	dir := t.TempDir()
	var files []File
	serial := int64(0)
	for _, name := range []string{"preparer", "approver", "service"} {
		serial++
		path := filepath.Join(dir, name+".pem")
		issue(t, path, "civil-"+name, serial, ends[name])
		use := UsePrincipal
		if name == "service" {
			use = UseService
		}
		files = append(files, File{use, name, path})
		d.paths[name] = path
	}
	var err error
	d.Standing, err = New(Options{
		Files: files, Log: slog.New(slog.NewTextHandler(&d.log, nil)), Now: func() time.Time { return d.now },
		Renewed: func(name string) error {
			d.renewed = append(d.renewed, name)
			return d.fail
		},
	})
	require.NoError(t, err)
	return d
}

func TestACertificateEnds(t *testing.T) {
	d := newDesk(t, map[string]time.Time{
		"preparer": noon.AddDate(0, 0, 20), "approver": noon.AddDate(0, 0, 100), "service": noon.AddDate(1, 0, 0),
	})
	require.NoError(t, d.Check("preparer"))
	require.Equal(t, map[Use]int{UsePrincipal: 20, UseService: 365}, d.DaysLeft())
	require.Len(t, d.Warnings(), 1)
	require.Contains(t, d.Warnings()[0].String(), "1 certificates (principals) end within 30 days or have ended, the first in 20 days")
	require.NotContains(t, d.Warnings()[0].String(), "preparer", "readiness names no official")
	require.Contains(t, d.log.String(), "principal=preparer count=20")
	require.Equal(t, []End{
		{"civil-preparer", "1", noon.AddDate(0, 0, 20), 20, Ending}, {"civil-approver", "2", noon.AddDate(0, 0, 100), 100, Valid},
	}, d.Ends(), "officials only, the first end first")

	d.now = noon.AddDate(0, 0, 20).Add(time.Second)
	require.ErrorIs(t, d.Check("preparer"), ErrExpired)
	require.NoError(t, d.Check("approver"))
	require.NoError(t, d.Check("somebody without a file"))
	require.Equal(t, -1, d.DaysLeft()[UsePrincipal])
	require.Equal(t, End{"civil-preparer", "1", noon.AddDate(0, 0, 20), -1, Ended}, d.Ends()[0])

	// It is renewed while the gateway runs.
	issue(t, d.paths["preparer"], "civil-preparer", 9, noon.AddDate(0, 0, 200))
	d.look()
	require.NoError(t, d.Check("preparer"))
	require.Equal(t, []string{"preparer"}, d.renewed)
	require.Empty(t, d.Warnings())
	d.look()
	require.Len(t, d.renewed, 1, "nothing has changed since")
}

func TestACertificateThatCannotBeUsed(t *testing.T) {
	far := noon.AddDate(1, 0, 0)
	d := newDesk(t, map[string]time.Time{"preparer": far, "approver": far, "service": far})
	d.fail = errors.New("the key does not belong to it")
	issue(t, d.paths["service"], "civil-service", 9, noon.AddDate(0, 0, 730))
	d.look()
	require.Equal(t, 365, d.DaysLeft()[UseService], "the one before stays in use")
	require.Len(t, d.Warnings(), 1)
	d.fail = nil
	d.look()
	require.Equal(t, []string{"", ""}, d.renewed, "it is tried again")
	require.Equal(t, 730, d.DaysLeft()[UseService])
	require.Empty(t, d.Warnings())

	require.NoError(t, os.WriteFile(d.paths["preparer"], []byte("no certificate"), 0o600))
	d.look()
	require.Len(t, d.Warnings(), 1)
	require.NoError(t, d.Check("preparer"))

	_, err := New(Options{Files: []File{{UsePrincipal, "x", d.paths["preparer"]}}, Log: slog.New(slog.DiscardHandler)})
	require.ErrorContains(t, err, "PEM")
}

func TestTheLedgerEndsAnOfficial(t *testing.T) {
	far := noon.AddDate(1, 0, 0)
	d := newDesk(t, map[string]time.Time{"preparer": far, "approver": far, "service": far})
	entry := func(name string, state registry.OfficialState, revoked ...string) registry.OfficialEntry {
		return registry.OfficialEntry{OfficialTerms: registry.OfficialTerms{Agency: "CivilAffairsMSP", Name: name}, State: state, Revoked: revoked}
	}
	d.Take([]registry.OfficialEntry{
		entry("civil-preparer", registry.OfficialActive, "77", "1"), entry("civil-approver", registry.OfficialActive, "1"),
		entry("visitor", registry.OfficialRetired),
	})
	require.ErrorIs(t, d.Check("preparer"), ErrRevoked, "the certificate with serial number 1")
	require.NoError(t, d.Check("approver"), "another's certificate has this number")
	states := map[string]State{}
	for _, end := range d.Ends() {
		states[end.Name] = end.State
	}
	require.Equal(t, map[string]State{"civil-preparer": Revoked, "civil-approver": Valid}, states)
	require.ErrorIs(t, d.Check("visitor"), ErrRetired, "known without a certificate")
	require.ErrorIs(t, d.Check("Visitor"), ErrRetired, "a name has one spelling")

	d.Take(nil)
	require.ErrorIs(t, d.Check("preparer"), ErrRevoked, "an index that is built again is empty for a while")

	issue(t, d.paths["preparer"], "civil-preparer", 2, far)
	d.look()
	require.NoError(t, d.Check("preparer"), "with a new certificate")
	d.Take([]registry.OfficialEntry{entry("civil-preparer", registry.OfficialRetired, "77", "1")})
	require.ErrorIs(t, d.Check("preparer"), ErrRetired)
	require.Contains(t, d.Ends(), End{"civil-preparer", "2", far, 365, Retired})
}

func TestWhoHasEnrolledHereStandsAsOthersDo(t *testing.T) {
	far := noon.AddDate(1, 0, 0)
	d := newDesk(t, map[string]time.Time{"preparer": far, "approver": far, "service": far})
	require.True(t, d.Ending("li-wei"), "nobody has a certificate of theirs")
	hold := func(serial int64, notAfter time.Time) {
		path := filepath.Join(t.TempDir(), "cert.pem")
		issue(t, path, "li-wei", serial, notAfter)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, d.Hold("li-wei", text))
	}
	hold(7, noon.AddDate(0, 0, 31))
	require.False(t, d.Ending("li-wei"))
	d.look()
	require.NoError(t, d.Check("li-wei"), "it is in no file, and none is missed")
	require.Empty(t, d.Warnings())
	d.now = noon.AddDate(0, 0, 2)
	require.True(t, d.Ending("li-wei"))
	require.Len(t, d.Warnings(), 1)
	d.now = noon.AddDate(0, 0, 32)
	require.ErrorIs(t, d.Check("li-wei"), ErrExpired)
	hold(8, noon.AddDate(0, 0, 200))
	require.NoError(t, d.Check("li-wei"))
	require.Error(t, d.Hold("li-wei", []byte("no certificate")))

	_, known := d.Official("li-wei")
	require.False(t, known)
	d.Take([]registry.OfficialEntry{{OfficialTerms: registry.OfficialTerms{Name: "li-wei", ID: "mz7001"}, State: registry.OfficialActive, Revoked: []string{"8"}}})
	entry, known := d.Official("li-wei")
	require.True(t, known)
	require.Equal(t, "mz7001", entry.ID)
	require.ErrorIs(t, d.Check("li-wei"), ErrRevoked)
}
