package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

const batchJSON = `{"id":"b","programme":"dibao","region":"530181","period":"2026-11","tranche":"t","count":1,"sum":"1.00"}`

func TestActIsDoneInTheCallersNameAndAnswersWithItsTransaction(t *testing.T) {
	b := newBench(t)
	var hashes [][32]byte
	b.do = func(key outbox.Key, hash [32]byte, call ledger.Call) (outbox.Answer, error) {
		require.Equal(t, outbox.Key{Principal: "civil-preparer", IdempotencyKey: "key-1"}, key)
		require.Equal(t, "payment:Open", call.Function)
		require.JSONEq(t, batchJSON, string(call.Argument))
		hashes = append(hashes, hash)
		return outbox.Answer{TxID: "t1", Block: 9, Result: []byte(`{"id":"b"}`), Replayed: len(hashes) > 1}, nil
	}
	w := b.send(http.MethodPost, "/v1/batches", batchJSON)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.Equal(t, "t1", w.Header().Get("X-Transaction-Id"))
	require.Equal(t, "9", w.Header().Get("X-Block"))
	require.Equal(t, "/v1/batches/b", w.Header().Get("Location"))
	require.Empty(t, w.Header().Get("Idempotency-Replayed"))
	require.JSONEq(t, `{"id":"b"}`, w.Body.String())

	again := b.send(http.MethodPost, "/v1/batches", strings.ReplaceAll(batchJSON, ",", " , "))
	require.Equal(t, http.StatusCreated, again.Code)
	require.Equal(t, "true", again.Header().Get("Idempotency-Replayed"))
	require.Equal(t, hashes[0], hashes[1], "the same request in another layout")
}

func TestRequestHashTellsPathsAndBodiesApart(t *testing.T) {
	b := newBench(t)
	seen := map[[32]byte]bool{}
	b.do = func(_ outbox.Key, hash [32]byte, _ ledger.Call) (outbox.Answer, error) {
		seen[hash] = true
		return outbox.Answer{Result: []byte(`{}`)}, nil
	}
	for path, body := range map[string]string{
		"/v1/batches": batchJSON, "/v1/batches/a/seal": `{}`, "/v1/batches/b/seal": `{}`, "/v1/batches/b/close": `{}`,
		"/v1/batches/b/cancel": `{"reason":"x"}`, "/v1/tranches/b/close": "",
	} {
		require.Less(t, b.send(http.MethodPost, path, body).Code, 300, path)
	}
	require.Len(t, seen, 6)
}

func TestFailedActsAreProblems(t *testing.T) {
	tx := strings.Repeat("a", 64)
	refused := func(code relief.Code, field string) error {
		return &ledger.NotEndorsed{TxID: tx, Refusal: &relief.Error{Code: code, Field: field, Detail: "why"}}
	}
	for name, c := range map[string]struct {
		err    error
		status int
		slug   string
	}{
		"INVALID":          {refused(relief.CodeInvalid, "sum"), 422, "invalid"},
		"NOT_FOUND":        {refused(relief.CodeNotFound, ""), 404, "not-found"},
		"CONFLICT":         {refused(relief.CodeConflict, ""), 409, "conflict"},
		"WRONG_STATE":      {refused(relief.CodeWrongState, ""), 409, "wrong-state"},
		"FORBIDDEN":        {refused(relief.CodeForbidden, ""), 403, "forbidden"},
		"REGION":           {refused(relief.CodeRegion, ""), 403, "outside-region"},
		"SAME_PERSON":      {refused(relief.CodeSamePerson, ""), 403, "same-person"},
		"FUNDS":            {refused(relief.CodeFunds, ""), 409, "insufficient-funds"},
		"TOTALS":           {refused(relief.CodeTotals, ""), 409, "control-totals"},
		"PENDING":          {refused(relief.CodePending, ""), 409, "pending"},
		"CORRUPT":          {refused(relief.CodeCorrupt, ""), 409, "record-unreadable"},
		"not endorsed":     {&ledger.NotEndorsed{TxID: tx, Err: errors.New("peer secret")}, 503, "ledger-unavailable"},
		"lost every race":  {&ledger.CommittedInvalid{Commit: ledger.Commit{TxID: tx, Code: "MVCC_READ_CONFLICT"}}, 503, "contention"},
		"invalid":          {&ledger.CommittedInvalid{Commit: ledger.Commit{TxID: tx, Code: "BAD_PAYLOAD"}}, 500, "internal"},
		"key reused":       {outbox.ErrKeyReused, 422, "idempotency-key-reused"},
		"out of time":      {context.DeadlineExceeded, 503, "ledger-unavailable"},
		"anything unknown": {errors.New("disk secret"), 500, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) { return outbox.Answer{}, c.err }
			w := b.send(http.MethodPost, "/v1/batches", batchJSON)
			p := problemIn(t, w)
			require.Equal(t, c.status, p.Status)
			require.Equal(t, "/problems/"+c.slug, p.Type)
			require.NotContains(t, w.Body.String(), "secret")
			require.Equal(t, c.status == 503, w.Header().Get("Retry-After") != "")
			if name == "INVALID" {
				require.Equal(t, "sum", p.Field)
				require.Equal(t, tx, p.TxID)
			}
			if c.status == 500 {
				require.Empty(t, p.Detail)
				require.Contains(t, b.log.String(), strings.TrimPrefix(p.Instance, "urn:uuid:"), "the log knows the request")
			}
		})
	}
}

func TestActWhoseCommitIsNotKnownYetIsAcceptedWithAnAddress(t *testing.T) {
	b := newBench(t)
	tx := strings.Repeat("b", 64)
	b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
		return outbox.Answer{}, pendingError(tx)
	}
	w := b.send(http.MethodPost, "/v1/batches/b/seal", "")
	require.Equal(t, http.StatusAccepted, w.Code)
	require.Equal(t, "/v1/transactions/"+tx, w.Header().Get("Location"))
	require.Contains(t, w.Body.String(), `"pending"`)

	require.JSONEq(t, `{"transaction":"`+tx+`","state":"pending"}`, b.send(http.MethodGet, "/v1/transactions/"+tx, "").Body.String())
	b.find[tx] = ledger.Commit{TxID: tx, Block: 4, Valid: true, Code: "VALID"}
	require.Contains(t, b.send(http.MethodGet, "/v1/transactions/"+tx, "").Body.String(), `"committed"`)
	b.find[tx] = ledger.Commit{TxID: tx, Block: 4, Code: "MVCC_READ_CONFLICT"}
	require.Contains(t, b.send(http.MethodGet, "/v1/transactions/"+tx, "").Body.String(), `"invalid"`)
	require.Equal(t, http.StatusNotFound, b.send(http.MethodGet, "/v1/transactions/x", "").Code)
}

func TestApproveIsCivilAffairsApprovalAndFinancesAuthorisation(t *testing.T) {
	for kind, want := range map[string]string{
		"civil_affairs": "payment:Approve", "finance": "payment:Authorise", "audit": "payment:Approve",
	} {
		b := newBench(t)
		asked := 0
		b.evaluate = func(call ledger.Call) ([]byte, error) {
			require.Equal(t, "registry:Get", call.Function)
			asked++
			return []byte(`{"agencies":[{"msp_id":"Other","kind":"x"},{"msp_id":"CivilAffairsMSP","kind":"` + kind + `"}]}`), nil
		}
		var got []string
		b.do = func(_ outbox.Key, _ [32]byte, call ledger.Call) (outbox.Answer, error) {
			got = append(got, call.Function)
			return outbox.Answer{Result: []byte(`{}`)}, nil
		}
		body := "{}"
		if kind == "finance" {
			body = `{"file_sha256":"` + strings.Repeat("ab", 32) + `"}`
		}
		b.send(http.MethodPost, "/v1/batches/b/approve", body)
		b.send(http.MethodPost, "/v1/batches/b/approve", body)
		require.Equal(t, []string{want, want}, got)
		require.Equal(t, 1, asked, "an agency's kind is asked once")
	}
}

func TestOverloadIsRefusedBeforeAnythingIsRead(t *testing.T) {
	b := newBench(t)
	for b.api.writes.enter("civil-preparer") != nil { // until there is no room
	}
	w := b.send(http.MethodPost, "/v1/batches", batchJSON)
	require.Equal(t, "/problems/overloaded", problemIn(t, w).Type)
	require.Equal(t, "2", w.Header().Get("Retry-After"))
	b.full = true
	w = b.send(http.MethodPut, "/v1/batches/b/lines", "a list")
	require.Equal(t, "/problems/overloaded", problemIn(t, w).Type, "so many jobs wait")
	require.Equal(t, "2", w.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/batches/b", "").Code, "reads go on")
}

func TestPanicIsAProblemWithoutItsContent(t *testing.T) {
	b := newBench(t)
	b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) { panic("530181196401209708") }
	w := b.send(http.MethodPost, "/v1/batches", batchJSON)
	require.Equal(t, 500, problemIn(t, w).Status)
	require.NotContains(t, w.Body.String()+b.log.String(), "530181196401209708")
	require.Contains(t, b.log.String(), "handler panicked")
}

func TestTroubleThatPassesTellsWhenToComeBack(t *testing.T) {
	for kind, err := range map[string]error{
		"ledger-unavailable": &ledger.NotEndorsed{TxID: "t", Err: io.EOF},
		"agencies-disagree":  &ledger.NotEndorsed{TxID: "t", Differ: []string{"AuditMSP"}, Err: io.EOF},
		"contention":         &ledger.CommittedInvalid{Commit: ledger.Commit{TxID: "t", Code: "MVCC_READ_CONFLICT"}},
		"disk-full":          &os.PathError{Op: "write", Path: "outbox.db", Err: syscall.ENOSPC},
	} {
		b := newBench(t)
		b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) { return outbox.Answer{}, err }
		w := b.send(http.MethodPost, "/v1/batches", batchJSON)
		p := problemIn(t, w)
		require.Equal(t, "/problems/"+kind, p.Type)
		require.Equal(t, "2", w.Header().Get("Retry-After"))
		require.NotContains(t, p.Detail, "outbox.db")
		if kind == "agencies-disagree" {
			require.Contains(t, p.Detail, "AuditMSP")
		}
	}
}

// The end of a programme names the programme in its path alone.
func TestTheEndOfAProgramme(t *testing.T) {
	b := newBench(t)
	b.do = func(_ outbox.Key, _ [32]byte, call ledger.Call) (outbox.Answer, error) {
		require.Equal(t, "programme:End", call.Function)
		require.JSONEq(t, `{"id":"dibao"}`, string(call.Argument))
		return outbox.Answer{Result: []byte(`{"id":"dibao","state":"in_force"}`)}, nil
	}
	w := b.send(http.MethodPost, "/v1/programmes/dibao/end", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodPost, "/v1/programmes/Dibao!/end", "").Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodPost, "/v1/programmes/dibao/end", `{"id":"tekun"}`).Code)
}
