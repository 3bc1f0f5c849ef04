package app_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/config"
)

const testOrigin = "relieftrail.test/log"

// door is a gateway's address, known before the gateway is there.
type door struct {
	server *httptest.Server
	behind atomic.Pointer[httputil.ReverseProxy]
}

func newDoors(t *testing.T) map[string]*door {
	doors := map[string]*door{}
	for msp := range principals {
		d := &door{}
		d.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if p := d.behind.Load(); p != nil {
				p.ServeHTTP(w, r)
				return
			}
			w.WriteHeader(http.StatusBadGateway)
		}))
		t.Cleanup(d.server.Close)
		doors[msp] = d
	}
	return doors
}

func (d *door) open(to string) {
	u, _ := url.Parse(to) // a gateway's own
	d.behind.Store(httputil.NewSingleHostReverseProxy(u))
}

type keyPair struct{ log, cosigning ed25519.PrivateKey }

// logKeys makes the agencies' keys and puts their public halves on the ledger.
func (w *world) logKeys() map[string]keyPair {
	w.t.Helper()
	type named struct {
		Agency string `json:"agency"`
		Key    string `json:"key"`
		Use    string `json:"use,omitempty"`
	}
	keys, list := map[string]keyPair{}, []named{}
	for i, msp := range []string{fakeledger.CivilAffairs, fakeledger.Finance, fakeledger.Audit} {
		pair := keyPair{seeded(byte(2 * i)), seeded(byte(2*i + 1))}
		keys[msp] = pair
		list = append(list, named{msp, public(pair.log), "log"}, named{msp, public(pair.cosigning), ""})
	}
	w.changeRegistry("cosigning", object{"cosigning_keys": list})
	return keys
}

func seeded(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(append([]byte{n}, make([]byte, ed25519.SeedSize-1)...))
}

func public(key ed25519.PrivateKey) string {
	p, _ := key.Public().(ed25519.PublicKey)
	return base64.StdEncoding.EncodeToString(p)
}

func (w *world) transparency(msp string, keys keyPair) config.Transparency {
	w.t.Helper()
	dir := w.t.TempDir()
	write := func(name string, key ed25519.PrivateKey) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		require.NoError(w.t, err)
		file := filepath.Join(dir, name)
		require.NoError(w.t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
		return file
	}
	t := config.Transparency{
		Origin: testOrigin, LogKeyFile: write("log.key", keys.log), CosigningKeyFile: write("cosigning.key", keys.cosigning),
		Poll: 20 * time.Millisecond, Audit: time.Hour,
	}
	for other, d := range w.doors {
		if other != msp {
			t.Peers = append(t.Peers, config.LogPeer{Agency: other, URL: d.server.URL})
		}
	}
	return t
}

// settled walks a month until the bank has answered, and gives its payments; the first came back.
func (w *world) settled(batch string) []payment {
	w.t.Helper()
	list := read(w.t, "payments-2026-11.csv")
	w.programmeAndTranche()
	w.importRoll()
	w.open(batch, "2026-11", list)
	w.upload("civil-preparer", http.MethodPut, "/v1/batches/"+batch+"/lines", list)
	w.post(200, "civil-preparer", "/v1/batches/"+batch+"/seal", object{})
	w.post(200, "civil-approver", "/v1/batches/"+batch+"/approve", object{})
	w.tellBank(batch)
	payments := w.payments(batch)
	w.upload("finance-preparer", http.MethodPost, "/v1/batches/"+batch+"/settlements", bankFile(payments))
	return payments
}

// public asks without an account.
func (w *world) public(method, path string, body []byte) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.gateway["audit-reader"]+path, bytes.NewReader(body))
	require.NoError(w.t, err)
	if body != nil {
		req.Header.Set("Content-Type", receipt.MediaType)
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(w.t, err)
	defer resp.Body.Close()
	a := answer{Response: resp}
	a.body, err = io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	w.check(req, a)
	return a
}

// cosigned waits until every gateway publishes so many leaves.
func (w *world) cosigned(leaves int) {
	w.t.Helper()
	for _, name := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
		require.Eventually(w.t, func() bool {
			a := w.do(name, call{method: http.MethodGet, path: "/log/checkpoint"})
			return a.StatusCode == http.StatusOK && strings.HasPrefix(string(a.body), fmt.Sprintf("%s\n%d\n", testOrigin, leaves))
		}, 10*time.Second, 10*time.Millisecond, name)
	}
}

func TestReceipts(t *testing.T) {
	w := newWorld(t)
	payments := w.settled("b-11")
	w.cosigned(len(payments) - 1)
	path := "/v1/payments/" + payments[7].ID + "/receipt"

	file := w.must(200, "finance-preparer", call{method: http.MethodGet, path: path})
	require.Equal(t, receipt.MediaType, file.Header.Get("Content-Type"))
	require.Less(t, len(file.body), 2<<10)
	policy := w.public(http.MethodGet, "/public/v1/keys?format=policy", nil)
	trusted, err := receipt.ParsePolicy(policy.body)
	require.NoError(t, err)
	result, err := receipt.Verify(file.body, trusted)
	require.NoError(t, err)
	require.Equal(t, payments[7].ID, result.Leaf.Payment.String())
	require.Equal(t, payments[7].Amount, result.Leaf.Amount.String())
	require.Len(t, result.Signers, 3)

	var made struct {
		Valid      bool
		Code, File string
		LeafHash   string `json:"leaf_hash"`
		Words      struct{ Programme, Region struct{ Zh, En string } }
	}
	w.get("finance-preparer", path+"?format=json", &made)
	require.Equal(t, string(file.body), made.File)
	w.namesBesideCodes(result, made.Words.Programme.Zh, made.Words.Region.Zh)
	for _, c := range []struct{ format, contentType, begins string }{
		{"qr", "image/png", "\x89PNG"}, {"svg", "image/svg+xml", "<svg"}, {"pdf", "application/pdf", "%PDF-"},
	} {
		a := w.do("finance-preparer", call{method: http.MethodGet, path: path + "?format=" + c.format})
		if c.format == "pdf" && a.StatusCode == http.StatusServiceUnavailable {
			require.Contains(t, string(a.body), "fonts-wqy-microhei")
			t.Log("no Chinese font is installed: the page was not made")
			continue
		}
		require.Equal(t, 200, a.StatusCode, string(a.body))
		require.Equal(t, c.contentType, a.Header.Get("Content-Type"))
		require.True(t, bytes.HasPrefix(a.body, []byte(c.begins)), c.format)
	}

	for _, body := range [][]byte{file.body, []byte(made.Code)} {
		var report receipt.Report
		w.public(http.MethodPost, "/public/v1/verify", body).into(t, &report)
		require.True(t, report.Valid)
		require.NotEmpty(t, report.Facts)
		body[len(body)/2] ^= 1
		report = receipt.Report{}
		w.public(http.MethodPost, "/public/v1/verify", body).into(t, &report)
		require.False(t, report.Valid)
		require.NotEmpty(t, report.Error.Zh)
	}
	require.Equal(t, 413, w.public(http.MethodPost, "/public/v1/verify", make([]byte, receipt.MaxBytes+1)).StatusCode)

	var proven struct{ Index, Size int }
	w.public(http.MethodGet, "/public/v1/receipts/"+made.LeafHash, nil).into(t, &proven)
	require.Equal(t, len(payments)-1, proven.Size)
	w.refusedReceipts(payments, path)
	w.nothingPersonal(read(t, "payments-2026-11.csv"))
}

// namesBesideCodes holds the words of a receipt against the registry's and the programme's, and against the names that
// anybody may ask for.
func (w *world) namesBesideCodes(r *receipt.Result, programmeName, place string) {
	w.t.Helper()
	var p struct {
		Versions []struct{ Name string }
	}
	w.get("finance-preparer", "/v1/programmes/dibao", &p)
	require.Equal(w.t, p.Versions[0].Name, programmeName)
	require.Contains(w.t, place, "安宁市")
	var names struct {
		Programmes []struct{ ID, Name string }
		Regions    []struct{ Code, Name string }
	}
	all := w.public(http.MethodGet, "/public/v1/names", nil)
	all.into(w.t, &names)
	require.Equal(w.t, []struct{ ID, Name string }{{"dibao", programmeName}}, names.Programmes)
	require.NotEmpty(w.t, all.Header.Get("ETag"))
	full := ""
	for _, region := range names.Regions { // a region comes before those in it
		if strings.HasPrefix(string(r.Leaf.Region), region.Code) {
			full += region.Name
		}
	}
	require.Equal(w.t, full, place)
}

func (w *world) refusedReceipts(payments []payment, path string) {
	w.t.Helper()
	for _, c := range []struct {
		status          int
		principal, path string
		says            string
	}{
		{403, "audit-reader", path, "forbidden"},
		{403, "civil-preparer", path, "not-this-gateway"},
		{409, "finance-preparer", "/v1/payments/" + payments[0].ID + "/receipt", "wrong-state"}, // came back
		{404, "finance-preparer", "/v1/payments/dibao-530181-0099999-202611-1/receipt", "not-found"},
		{422, "finance-preparer", "/v1/payments/nonsense/receipt", "invalid"},
		{422, "finance-preparer", path + "?format=docx", "format"},
		{422, "finance-preparer", path + "?pages=2", "invalid"},
	} {
		a := w.do(c.principal, call{method: http.MethodGet, path: c.path})
		require.Equal(w.t, c.status, a.StatusCode, "%s %s: %s", c.principal, c.path, a.body)
		require.Contains(w.t, string(a.body), c.says)
	}
}

// TestAnErasedPersonsReceiptStillVerifies: the one that the person holds, and one that is made afterwards.
func TestAnErasedPersonsReceiptStillVerifies(t *testing.T) {
	w := newWorld(t)
	payments := w.settled("b-11")
	w.cosigned(len(payments) - 1)
	path := "/v1/payments/" + payments[7].ID + "/receipt"
	held := w.must(200, "finance-preparer", call{method: http.MethodGet, path: path})
	var paid struct{ Subject string }
	w.get("finance-preparer", "/v1/payments/"+payments[7].ID, &paid)
	w.change(object{"kind": "exit", "programme": "dibao", "subject": paid.Subject, "reason": "moved", "last_period": "2026-11"})
	w.network.Ledger.SetTime(time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)) // the last month is over
	w.erase(paid.Subject)
	trusted, err := receipt.ParsePolicy(w.public(http.MethodGet, "/public/v1/keys?format=policy", nil).body)
	require.NoError(t, err)
	for _, file := range [][]byte{held.body, w.must(200, "finance-preparer", call{method: http.MethodGet, path: path}).body} {
		result, err := receipt.Verify(file, trusted)
		require.NoError(t, err)
		require.Equal(t, payments[7].ID, result.Leaf.Payment.String())
		require.Equal(t, paid.Subject, result.Leaf.Subject.String())
	}
}

// TestAReceiptWaitsForAllAgencies: while one agency's gateway is away, a credit is not in a cosigned log.
func TestAReceiptWaitsForAllAgencies(t *testing.T) {
	w := newWorld(t)
	w.cosigned(0)
	away := w.doors["AuditMSP"].behind.Swap(nil)
	payments := w.settled("b-11")
	path := "/v1/payments/" + payments[1].ID + "/receipt"
	require.Eventually(t, func() bool {
		a := w.do("finance-preparer", call{method: http.MethodGet, path: path})
		return a.StatusCode == 409 && a.Header.Get("Retry-After") != "" && strings.Contains(string(a.body), "cosigned by all")
	}, 10*time.Second, 10*time.Millisecond)
	w.doors["AuditMSP"].behind.Store(away)
	w.cosigned(len(payments) - 1)
	w.must(200, "finance-preparer", call{method: http.MethodGet, path: path})
	var ready struct {
		Checks []struct{ Name, Detail string }
		Alerts []string
	}
	w.get("finance-preparer", "/readyz", &ready)
	require.Empty(t, ready.Alerts)
	require.Contains(t, fmt.Sprint(ready.Checks), "299 leaves, 299 signed, 299 cosigned by all.")
	var alerts struct{ Alerts []object }
	w.get("finance-preparer", "/v1/log/alerts", &alerts)
	require.Empty(t, alerts.Alerts)
}

// TestUnknownAndMalformedHashesAreAnsweredAlike, to the byte.
func TestUnknownAndMalformedHashesAreAnsweredAlike(t *testing.T) {
	w := newWorld(t)
	w.cosigned(0)
	want := w.public(http.MethodGet, "/public/v1/receipts/"+strings.Repeat("ab", 32), nil)
	require.Equal(t, 404, want.StatusCode)
	for _, text := range []string{
		"", "x", strings.Repeat("AB", 32), strings.Repeat("zz", 32), strings.Repeat("ab", 31), strings.Repeat("ab", 33), "a/b/c",
		strings.Repeat("a", 5000), "..%2f..%2fetc", "%00", "%E5%A7%93%E5%90%8D", strings.Repeat("ab", 32) + "?x=1",
	} {
		got := w.public(http.MethodGet, "/public/v1/receipts/"+text, nil)
		require.Equal(t, want.StatusCode, got.StatusCode, text)
		require.Equal(t, want.body, got.body, text)
		for _, h := range []http.Header{want.Header, got.Header} {
			h.Del("X-Request-Id")
			h.Del("Date")
		}
		require.Equal(t, want.Header, got.Header, text)
	}
}

func TestTilesOverHTTP(t *testing.T) {
	w := newWorld(t)
	payments := w.settled("b-11")
	n := len(payments) - 1
	w.cosigned(n)
	full := w.public(http.MethodGet, "/log/tile/0/000", nil)
	require.Equal(t, 200, full.StatusCode)
	require.Len(t, full.body, 256*32)
	require.Contains(t, full.Header.Get("Cache-Control"), "immutable")
	partial := w.public(http.MethodGet, fmt.Sprintf("/log/tile/0/001.p/%d", n-256), nil)
	require.Len(t, partial.body, (n-256)*32)
	require.Len(t, w.public(http.MethodGet, "/log/tile/1/000.p/1", nil).body, 32)
	require.Len(t, w.public(http.MethodGet, "/log/tile/0/000.p/7", nil).body, 7*32)
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.gateway["audit-reader"]+"/log/tile/0/000", http.NoBody)
	req.Header.Set("If-None-Match", full.Header.Get("ETag"))
	req.Header.Set("Origin", "https://elsewhere.example")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusNotModified, resp.StatusCode)
	require.Equal(t, "*", resp.Header.Get("Access-Control-Allow-Origin"))
	for _, path := range []string{
		"0/001", "0/002", "1/000", "0/000.p/256", "0/000.p/0", "0/0", "00/000", "64/000", "0/x000/000", "0/x001", "entries/000", "data/000",
		"0/000.p/", "0/../0/000", "0/x999/x999/x999/x999/x999/x999/999", "-1/000", "0/000/", "",
	} {
		require.Equal(t, 404, w.public(http.MethodGet, "/log/tile/"+path, nil).StatusCode, path)
	}
}
