package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/config"
)

// TestOfficialsAreListed: every agency sees every agency's officials, and who is retired reads nothing any more.
func TestOfficialsAreListed(t *testing.T) {
	w := newWorld(t)
	var me struct{ ID, Name string }
	w.get("civil-other-county", "/v1/me", &me)
	require.Equal(t, fakeledger.StaffNumber("civil-other-county"), me.ID)

	var names []string
	for next := ""; ; {
		var page struct {
			Items []registry.OfficialEntry
			Next  string
		}
		w.get("audit-reader", "/v1/officials?agency=CivilAffairsMSP&state=active&limit=5&cursor="+url.QueryEscape(next), &page)
		for _, e := range page.Items {
			require.Equal(t, "CivilAffairsMSP", e.Agency)
			names = append(names, e.Name)
		}
		if next = page.Next; next == "" {
			break
		}
	}
	require.Contains(t, names, "civil-preparer")
	require.Contains(t, names, "civil-other-county")
	require.NotContains(t, names, "finance-approver")

	_, _, err := w.network.Ledger.Submit(fakeledger.Registrar(fakeledger.CivilAffairs), "official:Retire",
		[]string{`{"agency":"CivilAffairsMSP","name":"civil-other-county","reason":"moved"}`}, nil)
	require.NoError(t, err)
	for _, path := range []string{"/v1/me", "/v1/programmes", "/v1/officials"} {
		a := w.do("civil-other-county", call{method: http.MethodGet, path: path})
		// The contracts' rule refuses at once; the gateway ends all access as soon as it has heard of it.
		require.Contains(t, []int{http.StatusForbidden, http.StatusUnauthorized}, a.StatusCode, "%s: %s", path, a.body)
	}
	var entry registry.OfficialEntry
	w.get("finance-approver", "/v1/officials/CivilAffairsMSP/Civil-Other-County", &entry)
	require.Equal(t, registry.OfficialRetired, entry.State)
}

// TestCertificatesAreListed: a gateway says when the certificates end with which it signs for its agency's officials.
func TestCertificatesAreListed(t *testing.T) {
	w := newWorld(t, certified(t, "civil-approver"))
	type answer struct {
		Agency string
		Items  []struct {
			Name, Serial, State string
			NotAfter            time.Time `json:"not_after"`
			DaysLeft            int       `json:"days_left"`
		}
	}
	var ends, elsewhere answer
	w.get("civil-registrar", "/v1/certificates", &ends)
	require.Equal(t, fakeledger.CivilAffairs, ends.Agency)
	require.Len(t, ends.Items, len(principals[fakeledger.CivilAffairs]))
	require.Equal(t, "civil-approver", ends.Items[0].Name)
	require.Equal(t, "ending", ends.Items[0].State)
	require.Equal(t, 19, ends.Items[0].DaysLeft, "20 days, of which some time is over")
	require.Equal(t, "valid", ends.Items[1].State)
	file := w.must(http.StatusOK, "civil-registrar", call{method: http.MethodGet, path: "/v1/certificates?format=csv&headers=zh"})
	require.Contains(t, string(file.body), "即将到期")
	w.get("finance-registrar", "/v1/certificates", &elsewhere)
	require.Equal(t, answer{Agency: fakeledger.Finance, Items: elsewhere.Items}, elsewhere)
	require.Empty(t, elsewhere.Items, "in this test finance's officials have none")

	_, _, err := w.network.Ledger.Submit(fakeledger.Registrar(fakeledger.CivilAffairs), "official:Revoke",
		[]string{`{"agency":"CivilAffairsMSP","name":"civil-approver","reason":"lost","serials":["` + ends.Items[0].Serial + `"]}`}, nil)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		w.get("civil-registrar", "/v1/certificates", &ends)
		return ends.Items[0].State == "revoked"
	}, waitLong, waitTick)
}

// certified gives officials of civil affairs certificates of a year; that of one of them ends in 20 days.
func certified(t *testing.T, ending string) func(*config.Config) {
	return func(cfg *config.Config) {
		if cfg.Organisation != fakeledger.CivilAffairs {
			return
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		for i := range cfg.Principals {
			p := &cfg.Principals[i]
			template := &x509.Certificate{SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: p.Name}, NotBefore: time.Now().AddDate(0, -1, 0), NotAfter: time.Now().AddDate(1, 0, 0)}
			if p.Name == ending {
				template.NotAfter = time.Now().AddDate(0, 0, 20)
			}
			der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
			require.NoError(t, err)
			p.CertFile = filepath.Join(t.TempDir(), "cert.pem")
			require.NoError(t, os.WriteFile(p.CertFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
		}
	}
}
