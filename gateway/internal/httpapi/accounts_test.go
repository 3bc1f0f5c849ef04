package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

const (
	accountNumber = "5301810000000017"
	accountJSON   = `{"id":"home","kind":"institution","holder":"安宁市某敬老院","county":"530181","account":"5301 8100-00000017","evidence_sha256":"00"}`
)

// declaredIndex has one shared account, of the number above.
type declaredIndex struct {
	reach.Source
	account roll.SharedAccount
}

func (d declaredIndex) Record(ctx context.Context, kind, name string) (json.RawMessage, error) {
	if kind == relief.KindAccount && name == "home" {
		return json.Marshal(d.account)
	}
	return d.Source.Record(ctx, kind, name)
}

func accountBench(t testing.TB) (*bench, relief.Tag) {
	t.Helper()
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{6}, payee.KeyBytes))
	require.NoError(t, err)
	key, err := seal.NewKey(1, bytes.Repeat([]byte{7}, 32), tags)
	require.NoError(t, err)
	accountTags, err := key.AccountTags("account", accountNumber)
	require.NoError(t, err)
	tag := accountTags[0]
	return newBench(t, func(d *Deps) {
		d.Records.Persons = key
		d.Index = declaredIndex{d.Index, roll.SharedAccount{AccountTerms: roll.AccountTerms{ID: "home", County: "530181", Account: tag}}}
	}), tag
}

// An account's number becomes a tag at the gateway: nothing else of it leaves, and the same request is the same.
func TestDeclaringASharedAccount(t *testing.T) {
	b, tag := accountBench(t)
	hashes := map[[32]byte]bool{}
	b.do = func(_ outbox.Key, hash [32]byte, call ledger.Call) (outbox.Answer, error) {
		hashes[hash] = true
		require.Equal(t, "roll:DeclareAccount", call.Function)
		require.JSONEq(t, `{"id":"home","kind":"institution","holder":"安宁市某敬老院","county":"530181","account_tag":"`+tag.String()+
			`","evidence_sha256":"00"}`, string(call.Argument))
		require.Empty(t, call.Transient)
		return outbox.Answer{Result: []byte(`{"id":"home"}`)}, nil
	}
	for _, body := range []string{accountJSON, strings.Replace(accountJSON, "5301 8100-00000017", accountNumber, 1)} {
		w := b.send(http.MethodPost, "/v1/accounts", body)
		require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
		require.Equal(t, "/v1/accounts/home", w.Header().Get("Location"))
	}
	require.Len(t, hashes, 1)
	require.NotContains(t, b.log.String(), "00000017")
	b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
		t.Error("sent on")
		return outbox.Answer{}, nil
	}
	for change, field := range map[[2]string]string{
		{"5301 8100-00000017", "存折账号"}: "account", {"5301 8100-00000017", "123"}: "account", {`"home"`, `"Home"`}: "id",
		{"某敬老院", `某敬老\u200b院`}: "holder", {`"530181"`, `"53018"`}: "county", {`"kind"`, `"sort"`}: "sort",
	} {
		w := b.send(http.MethodPost, "/v1/accounts", strings.Replace(accountJSON, change[0], change[1], 1))
		require.Equal(t, field, problemIn(t, w).Field, change[1])
		require.NotContains(t, w.Body.String(), "存折")
	}
	require.Equal(t, http.StatusForbidden, newBench(t).send(http.MethodPost, "/v1/accounts", accountJSON).Code, "no key")
}

// The number from the papers is compared with the declared account, which nobody can read from the ledger.
func TestConfirmingASharedAccount(t *testing.T) {
	b, _ := accountBench(t)
	var sent ledger.Call
	b.do = func(_ outbox.Key, _ [32]byte, call ledger.Call) (outbox.Answer, error) {
		sent = call
		return outbox.Answer{Result: []byte(`{}`)}, nil
	}
	for body, want := range map[string]string{
		`{"sha256":"00","agree":true}`:                                   `{"id":"home","sha256":"00","agree":true}`,
		`{"sha256":"00","agree":true,"account":"` + accountNumber + `"}`: `{"id":"home","sha256":"00","agree":true}`,
		`{"sha256":"00","agree":false,"reason":"与证明材料不符","account":""}`:  `{"id":"home","sha256":"00","agree":false,"reason":"与证明材料不符"}`,
	} {
		w := b.send(http.MethodPost, "/v1/accounts/home/confirm", body)
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		require.Equal(t, "roll:ConfirmAccount", sent.Function)
		require.JSONEq(t, want, string(sent.Argument))
	}
	sent = ledger.Call{}
	for body, field := range map[string]string{
		`{"sha256":"00"}`: "agree",
		`{"sha256":"00","agree":true,"account":"5301810000000018"}`: "account",
		`{"sha256":"00","agree":true,"account":"x"}`:                "account",
	} {
		require.Equal(t, field, problemIn(t, b.send(http.MethodPost, "/v1/accounts/home/confirm", body)).Field, body)
	}
	require.Empty(t, sent.Function)
	require.Equal(t, http.StatusOK, b.send(http.MethodPost, "/v1/accounts/home/end", `{"reason":"机构撤销"}`).Code)
	require.Equal(t, "roll:EndAccount", sent.Function)
	require.JSONEq(t, `{"id":"home","reason":"机构撤销"}`, string(sent.Argument))
}

func TestSharedAccountsAreListed(t *testing.T) {
	b, _ := accountBench(t)
	w := b.send(http.MethodGet, "/v1/accounts?region=530181&state=declared", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, "state", problemIn(t, b.send(http.MethodGet, "/v1/accounts?state=open", "")).Field)
	w = b.send(http.MethodGet, "/v1/accounts/home", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `"id":"home"`)
}

// A batch that is refused for its accounts has a problem of its own, which names roll numbers.
func TestASharedAccountRefusesTheSeal(t *testing.T) {
	b := newBench(t)
	b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
		return outbox.Answer{}, relief.Errorf(relief.CodeSharedAccount, "名册序号 0000003、0000007 · roll numbers 0000003, 0000007")
	}
	p := problemIn(t, b.send(http.MethodPost, "/v1/batches/b/seal", ""))
	require.Equal(t, "/problems/shared-account", p.Type)
	require.Equal(t, http.StatusConflict, p.Status)
	require.Equal(t, "名册序号 0000003、0000007 · roll numbers 0000003, 0000007", p.Detail)
}
