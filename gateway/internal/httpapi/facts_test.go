package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

const factsHead = "11010519491231002X"

// factsBench has a case with sealed facts, and a review whose facts wait if there is one. asked are the questions for facts.
func factsBench(t *testing.T, account, review string) (b *bench, asked *[]string) {
	t.Helper()
	b, asked = caseBench(t), &[]string{}
	number, code := relief.ParseIDNumber(factsHead)
	require.Empty(t, code)
	record := fmt.Sprintf(`{"id":"c1","programme":"dibao","region":"530181001001","settlement":"rural","members":[%q],"facts_sha256":"00"%s}`,
		relief.NewSubjectRef(1, testSubjectKey, number), review)
	var facts []byte
	b.do = func(_ outbox.Key, _ [32]byte, call ledger.Call) (outbox.Answer, error) {
		list, err := roll.DecodeDetails(call.Transient[wire.TransientFacts])
		require.NoError(t, err)
		facts = list[0]
		return outbox.Answer{Result: []byte(`{}`)}, nil
	}
	require.Equal(t, http.StatusCreated, b.send(http.MethodPost, "/v1/cases", strings.Replace(applicationJSON, "6222021234567890123", account, 1)).Code)
	b.evaluate = func(call ledger.Call) ([]byte, error) {
		if call.Function == "case:Get" {
			return []byte(record), nil
		}
		require.Equal(t, "case:Facts", call.Function)
		*asked = append(*asked, string(call.Argument))
		return json.Marshal(map[string][]byte{"facts": facts})
	}
	return b, asked
}

// Whoever decides sees what is doubtful about the account, in both languages, and each read is logged.
func TestFactsTellTheDoubts(t *testing.T) {
	for account, code := range map[string]string{
		"6222021234567890128": "", "6222021234567890123": "check-digit", "530181000000000000": "rounded", "53018100": "",
	} {
		b, _ := factsBench(t, account, "")
		w := b.send(http.MethodGet, "/v1/cases/c1/facts", "")
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		var facts struct {
			Account string
			Members []struct{ Name string }
			Doubts  []struct{ Field, Code, Zh, En string }
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &facts))
		require.Equal(t, account, facts.Account)
		require.Equal(t, "张三", facts.Members[0].Name)
		require.NotNil(t, facts.Doubts)
		if code == "" {
			require.Empty(t, facts.Doubts, account)
		} else {
			require.Len(t, facts.Doubts, 1, account)
			d := facts.Doubts[0]
			require.Equal(t, []string{"account", code}, []string{d.Field, d.Code})
			require.Contains(t, d.Zh, "请与原件核对")
			require.Contains(t, d.En, "compare it with the original")
		}
		require.Contains(t, b.log.String(), `"msg":"personal data was read"`)
		require.NotContains(t, b.log.String(), account)
	}
}

// The facts of a review that waits are asked for by name, and those of an act by its place.
func TestWhichFactsAreAskedFor(t *testing.T) {
	b, asked := factsBench(t, "6222021234567890123", `,"review":{"finding":"keep","programme_version":1,"act":7,"facts_sha256":"11"}`)
	for _, query := range []string{"", "?review=pending", "?act=0", "?act=7"} {
		w := b.send(http.MethodGet, "/v1/cases/c1/facts"+query, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	}
	require.Equal(t, []string{`{"case":"c1"}`, `{"case":"c1","act":7}`, `{"case":"c1","act":0}`, `{"case":"c1","act":7}`}, *asked)
	for query, field := range map[string]string{"?review=all": "review", "?act=-1": "act", "?act=x": "act", "?review=pending&act=1": "act"} {
		require.Equal(t, field, problemIn(t, b.send(http.MethodGet, "/v1/cases/c1/facts"+query, "")).Field, query)
	}
	b, _ = factsBench(t, "6222021234567890123", `,"review":{"finding":"keep","programme_version":1,"act":7}`)
	require.Equal(t, http.StatusNotFound, b.send(http.MethodGet, "/v1/cases/c1/facts?review=pending", "").Code)
}

// A review carries the tags of the head's name and account; the contract's refusal names the field of the facts.
func TestAReviewCarriesItsPayee(t *testing.T) {
	b, _ := factsBench(t, "6222021234567890123", "")
	review := `{"finding":"keep","facts":{"account":"6222021234567890123","income":"1500.00","reason":"因病","members":[{"name":"张三","id_number":"` +
		factsHead + `"}]}}`
	b.do = func(_ outbox.Key, _ [32]byte, call ledger.Call) (outbox.Answer, error) {
		var in struct{ NameTag, AccountTag string }
		require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(call.Argument), "_", "")), &in))
		require.Regexp(t, "^1-", in.NameTag)
		require.Regexp(t, "^1-", in.AccountTag)
		return outbox.Answer{}, relief.FieldErrorf("account_tag", "账号与名册不一致 · the account is not the roll's")
	}
	p := problemIn(t, b.send(http.MethodPost, "/v1/cases/c1/reviews", review))
	require.Equal(t, "facts.account", p.Field)
	require.Equal(t, "账号与名册不一致 · the account is not the roll's", p.Detail)
	b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
		return outbox.Answer{}, relief.FieldErrorf("name_tag", "姓名与名册不一致 · the head's name is not the roll's")
	}
	require.Equal(t, "facts.members.name", problemIn(t, b.send(http.MethodPost, "/v1/cases/c1/reviews", review)).Field)
	require.Equal(t, "name_tag", problemIn(t, b.send(http.MethodPost, "/v1/cases/c1/reviews", `{"finding":"keep","name_tag":"1-a"}`)).Field, "not the caller's to send")
}
