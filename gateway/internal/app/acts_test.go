package app_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
)

func batch(id string, edits object) object {
	b := object{
		"id": id, "programme": "dibao", "region": "530181", "period": "2026-05", "tranche": "t-q4", "count": 1, "sum": "480.00",
	}
	for name, value := range edits {
		b[name] = value
	}
	return b
}

func TestRefusedActsWriteNothing(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.post(201, "civil-preparer", "/v1/batches", batch("bad", nil))
	before := w.height()
	json := map[string]string{"Content-Type": "application/json"}
	for name, c := range map[string]struct {
		as     string
		call   call
		status int
		kind   string
	}{
		"deep JSON":                             {"civil-preparer", call{"POST", "/v1/batches", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), json}, 400, "malformed-json"},
		"cut JSON":                              {"civil-preparer", call{"POST", "/v1/batches", `{"id":"x"`, json}, 400, "malformed-json"},
		"body over limit":                       {"civil-preparer", call{"POST", "/v1/batches", `{"id":"` + strings.Repeat("x", 70<<10) + `"}`, json}, 413, "too-large"},
		"wrong token":                           {"civil-preparer", call{"POST", "/v1/batches", batch("n", nil), map[string]string{"Authorization": "Bearer wrong"}}, 401, "unauthenticated"},
		"no key":                                {"civil-preparer", call{"POST", "/v1/batches", batch("n", nil), map[string]string{"Idempotency-Key": ""}}, 400, "idempotency-key"},
		"amount as a number":                    {"civil-preparer", call{"POST", "/v1/batches", batch("n", object{"sum": 480.5}), nil}, 422, "invalid"},
		"three decimals":                        {"civil-preparer", call{"POST", "/v1/batches", batch("n", object{"sum": "480.000"}), nil}, 422, "invalid"},
		"negative amount":                       {"civil-preparer", call{"POST", "/v1/batches", batch("n", object{"sum": "-1.00"}), nil}, 422, "invalid"},
		"no such month":                         {"civil-preparer", call{"POST", "/v1/batches", batch("n", object{"period": "2026-13"}), nil}, 422, "invalid"},
		"wrong region":                          {"civil-other-county", call{"POST", "/v1/batches", batch("n", nil), nil}, 403, "outside-region"},
		"wrong role":                            {"civil-approver", call{"POST", "/v1/batches", batch("n", nil), nil}, 403, "forbidden"},
		"wrong agency":                          {"audit-reader", call{"POST", "/v1/batches/bad/approve", object{}, nil}, 403, "forbidden"},
		"unknown programme":                     {"civil-preparer", call{"POST", "/v1/batches", batch("n", object{"programme": "none"}), nil}, 404, "not-found"},
		"unknown batch":                         {"civil-preparer", call{"POST", "/v1/batches/nowhere/seal", object{}, nil}, 404, "not-found"},
		"id taken":                              {"civil-preparer", call{"POST", "/v1/batches", batch("bad", object{"count": 2}), nil}, 409, "conflict"},
		"wrong state":                           {"finance-preparer", call{"POST", "/v1/batches/bad/instruct", object{}, nil}, 409, "wrong-state"},
		"totals differ":                         {"civil-preparer", call{"POST", "/v1/batches/bad/seal", object{}, nil}, 409, "control-totals"},
		"unknown field":                         {"civil-preparer", call{"POST", "/v1/batches/bad/seal", object{"force": true}, nil}, 422, "invalid"},
		"unknown payment":                       {"civil-preparer", call{"GET", "/v1/payments/dibao-530181-0009999-202611-1", nil, nil}, 404, "not-found"},
		"unknown trail":                         {"civil-preparer", call{"GET", "/v1/payments/dibao-530181-0009999-202611-1/trail", nil, nil}, 404, "not-found"},
		"malformed payment":                     {"civil-preparer", call{"GET", "/v1/payments/x", nil, nil}, 422, "invalid"},
		"unknown job":                           {"civil-preparer", call{"GET", "/v1/jobs/none", nil, nil}, 404, "not-found"},
		"roll of a programme that is not there": {"civil-preparer", call{"POST", "/v1/programmes/none/roll", "a,b\n", nil}, 404, "not-found"},
	} {
		a := w.must(c.status, c.as, c.call)
		var p struct{ Type, Title, Detail string }
		a.into(t, &p)
		require.Equal(t, "/problems/"+c.kind, p.Type, name)
		require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), name)
	}
	require.Equal(t, before, w.height(), "nothing was written")
}

func TestOneKeyIsOneTransaction(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	before := w.height()
	header := map[string]string{"Idempotency-Key": "the-same"}
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		txs = map[string]int{}
	)
	for range 100 {
		wg.Go(func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.gateway["civil-preparer"]+"/v1/batches",
				strings.NewReader(`{"id":"once","programme":"dibao","region":"530181","period":"2026-02","tranche":"t-q4","count":1,"sum":"480.00"}`))
			if err != nil {
				return
			}
			req.Header = http.Header{
				"Authorization": {"Bearer " + token("civil-preparer")}, "Idempotency-Key": {"the-same"}, "Content-Type": {"application/json"},
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				return
			}
			_ = resp.Body.Close()
			mu.Lock()
			txs[resp.Header.Get("X-Transaction-Id")]++
			mu.Unlock()
		})
	}
	wg.Wait()
	require.Len(t, txs, 1)
	for tx, n := range txs {
		require.NotEmpty(t, tx)
		require.Equal(t, 100, n)
	}
	require.Equal(t, before+1, w.height())
	again := w.must(422, "civil-preparer", call{"POST", "/v1/batches", batch("other", nil), header})
	require.Contains(t, string(again.body), "idempotency-key-reused")
}

func TestPagesReadinessAndRegistry(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	for _, path := range []string{"/", "/docs", "/openapi.yaml", "/healthz", "/metrics", "/assets/style.css", "/problems/invalid"} {
		w.must(200, "audit-reader", call{method: "GET", path: path})
	}
	var ready struct {
		Ready  bool
		Height uint64
	}
	require.Eventually(t, func() bool { // the height is asked for once a second
		w.get("audit-reader", "/readyz", &ready)
		return ready.Height == w.height()
	}, 10*time.Second, 50*time.Millisecond)
	require.True(t, ready.Ready)
	for _, path := range []string{"/v1/registry", "/v1/programmes", "/v1/programmes/dibao", "/v1/tranches", "/v1/batches"} {
		w.must(200, "audit-reader", call{method: "GET", path: path})
	}
}

// A connection on which nobody asks anything does not hold up a gateway's end.
func TestAConnectionWithoutARequestDoesNotDelayTheEnd(t *testing.T) {
	w := newWorld(t)
	address := strings.TrimPrefix(w.gateway["audit-reader"], "http://")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	w.must(200, "audit-reader", call{method: "GET", path: "/healthz"}) // connections are accepted in order
	w.stop["AuditMSP"]()
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

// The responsibility list (R46): every act has a name in both languages and somebody whose duty it is.
func TestResponsibilityList(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	var list struct {
		Duties []struct {
			Act     string
			Name    string
			NameEn  string `json:"name_en"`
			Holders []api.DutyHolder
		}
	}
	w.get("audit-reader", "/v1/duties", &list)
	holders := map[string][]api.DutyHolder{}
	for _, d := range list.Duties {
		require.NotEmpty(t, d.Name, d.Act)
		require.NotEmpty(t, d.NameEn, d.Act)
		require.NotEmpty(t, d.Holders, d.Act)
		holders[d.Act] = d.Holders
	}
	require.Contains(t, holders, "case.decide")
	require.NotEqual(t, holders["payment.seal"], holders["payment.instruct"], "who lists is not who pays")
}
