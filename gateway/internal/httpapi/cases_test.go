package httpapi

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

const applicationJSON = `{"id":"c1","programme":"dibao","region":"530181001001","settlement":"rural",
	"members":[{"name":"张三","id_number":"11010519491231002X"},{"name":"李四","id_number":"44052419500101001X","relation":"配偶"}],
	"account":"6222021234567890123","income":"1200.00","reason":"因病致贫"}`

func caseBench(t testing.TB) *bench {
	t.Helper()
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{6}, payee.KeyBytes))
	require.NoError(t, err)
	key, err := seal.NewKey(1, bytes.Repeat([]byte{7}, 32), tags)
	require.NoError(t, err)
	return newBench(t, func(d *Deps) { d.Cases.Persons = key })
}

// What is personal leaves the gateway sealed, and a request that is repeated is the same although its seals differ.
func TestApplicationsAreSealed(t *testing.T) {
	b := caseBench(t)
	hashes := map[[32]byte]bool{}
	var sealed []string
	b.do = func(_ outbox.Key, hash [32]byte, call ledger.Call) (outbox.Answer, error) {
		hashes[hash] = true
		require.Contains(t, string(call.Argument), `"members":["1-`)
		facts, err := roll.DecodeDetails(call.Transient[wire.TransientFacts])
		require.NoError(t, err)
		persons, err := roll.DecodeDetails(call.Transient[wire.TransientPersons])
		require.NoError(t, err)
		for _, text := range []string{string(call.Argument), string(facts[0]), string(persons[0])} {
			for _, planted := range []string{"张三", "11010519491231002X", "6222021234567890123", "因病", "1200.00"} {
				require.NotContains(t, text, planted)
			}
		}
		sealed = append(sealed, string(facts[0]))
		return outbox.Answer{Result: []byte(`{}`)}, nil
	}
	for range 2 {
		w := b.send(http.MethodPost, "/v1/cases", applicationJSON)
		require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
		require.Equal(t, "/v1/cases/c1", w.Header().Get("Location"))
	}
	require.Len(t, hashes, 1)
	require.NotEqual(t, sealed[0], sealed[1])
	require.Less(t, b.send(http.MethodPost, "/v1/cases", strings.Replace(applicationJSON, "1200.00", "1300.00", 1)).Code, 300)
	require.Len(t, hashes, 2, "another income is another request")
	w := b.send(http.MethodPost, "/v1/cases/files", `{"act":"case.apply","items":[`+applicationJSON+`]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
}

func TestBadApplications(t *testing.T) {
	b := caseBench(t)
	b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
		t.Error("sent on")
		return outbox.Answer{}, nil
	}
	for change, field := range map[[2]string]string{
		{"11010519491231002X", "110105194912310021"}: "members.id_number", {`"1200.00"`, `"1e5"`}: "income", {`"张三"`, `""`}: "members.name",
		{`"因病致贫"`, `"` + strings.Repeat("苦", 501) + `"`}: "reason", {`"dibao"`, `"Dibao"`}: "programme",
	} {
		body := strings.Replace(applicationJSON, change[0], change[1], 1)
		w := b.send(http.MethodPost, "/v1/cases", body)
		p := problemIn(t, w)
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Equal(t, field, p.Field)
		p = problemIn(t, b.send(http.MethodPost, "/v1/cases/files", `{"act":"case.apply","items":[`+body+`]}`))
		require.Equal(t, 1, p.Line)
		require.NotContains(t, p.Detail, "张三")
	}
	require.Equal(t, http.StatusForbidden, newBench(t).send(http.MethodPost, "/v1/cases", applicationJSON).Code)
}

// An act's argument is its body with the case of the path; the contracts' new refusals have their problems.
func TestActsOnACase(t *testing.T) {
	b := caseBench(t)
	for _, c := range []struct{ path, body, function, argument string }{
		{"notices", `{"class":"B","persons":2,"amount":"960.00"}`, "case:Notice", `{"case":"c1","class":"B","persons":2,"amount":"960.00"}`},
		{"withdraw", ``, "case:Withdraw", `{"case":"c1"}`},
		{"decision", `{"outcome":"refused","reason":"income"}`, "case:Decide", `{"case":"c1","outcome":"refused","reason":"income"}`},
		{"reviews/confirm", `{"agree":false}`, "case:Confirm", `{"case":"c1","agree":false}`},
	} {
		b.do = func(_ outbox.Key, _ [32]byte, call ledger.Call) (outbox.Answer, error) {
			require.Equal(t, c.function, call.Function)
			require.JSONEq(t, c.argument, string(call.Argument))
			return outbox.Answer{Result: []byte(`{}`)}, nil
		}
		require.Equal(t, http.StatusOK, b.send(http.MethodPost, "/v1/cases/c1/"+c.path, c.body).Code, c.path)
	}
	for code, slug := range map[relief.Code]string{
		relief.CodeNotice: "notice-not-over", relief.CodeEvidence: "evidence-missing", relief.CodeMatch: "match-missing",
		relief.CodeDuplicate: "duplicate", relief.CodeLate: "too-late",
	} {
		b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
			return outbox.Answer{}, relief.Errorf(code, "why")
		}
		p := problemIn(t, b.send(http.MethodPost, "/v1/cases/c1/withdraw", ""))
		require.Equal(t, http.StatusConflict, p.Status)
		require.Equal(t, "/problems/"+slug, p.Type)
	}
}

// A change of the household: its members are those of the facts, which leave the gateway sealed.
func TestReviewsWithFacts(t *testing.T) {
	b := caseBench(t)
	number, code := relief.ParseIDNumber("11010519491231002X")
	require.Empty(t, code)
	head := relief.NewSubjectRef(1, bytes.Repeat([]byte{7}, 32), number)
	b.evaluate = func(ledger.Call) ([]byte, error) {
		return []byte(`{"id":"c1","programme":"dibao","region":"530181001001","settlement":"rural","members":["` + head.String() + `"]}`), nil
	}
	var sent ledger.Call
	b.do = func(_ outbox.Key, _ [32]byte, call ledger.Call) (outbox.Answer, error) {
		sent = call
		return outbox.Answer{Result: []byte(`{}`)}, nil
	}
	const terms, facts = `"terms":{"class":"C","persons":1,"amount":"330.00"}`, `"facts":{"account":"6222021234567890123","income":"1500.00","reason":"因病","members":[{"name":"张三","id_number":"11010519491231002X"}`
	const second = `,{"name":"李四","id_number":"44052419500101001X"}`
	w := b.send(http.MethodPost, "/v1/cases/c1/reviews", `{"finding":"change",`+terms+`,`+facts+second+`]}}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, string(sent.Argument), `"members":["`+head.String()+`","1-`)
	for _, personal := range []string{"张三", "1500.00", "11010519491231002X"} {
		require.NotContains(t, string(sent.Argument)+string(sent.Transient[wire.TransientFacts]), personal)
	}
	require.NotEmpty(t, sent.Transient[wire.TransientFacts])
	for body, field := range map[string]string{
		`{"finding":"keep",` + facts + second + `]}}`:                                                                            "facts.members",
		`{"finding":"change",` + terms + `,"members":[],` + facts + `]}}`:                                                        "members",
		`{"finding":"change",` + terms + `,"facts":{"account":"6222021234567890123","income":"1.00","reason":"x","members":[]}}`: "members",
		`{"finding":"change",` + terms + `,` + strings.Replace(facts, "11010519491231002X", "44052419500101001X", 1) + `]}}`:     "facts.members",
	} {
		sent = ledger.Call{}
		require.Equal(t, field, problemIn(t, b.send(http.MethodPost, "/v1/cases/c1/reviews", body)).Field, body)
		require.Empty(t, sent.Function)
	}
	require.Equal(t, http.StatusOK, b.send(http.MethodPost, "/v1/cases/c1/reviews", `{"finding":"keep",`+facts+`]}}`).Code)
	require.NotContains(t, string(sent.Argument), "members")
}

// A day that cannot be meant is refused on its field, alone and in a file, before anything is sent on.
func TestDaysOfActs(t *testing.T) {
	b := caseBench(t)
	b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
		t.Error("sent on")
		return outbox.Answer{}, nil
	}
	const subject = `"programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa"`
	const evidence = `"kind":"home-visit","region":"530181001","sha256":"00","media_type":"image/jpeg"`
	for _, c := range []struct{ path, act, body, field string }{
		{"/v1/changes", "roll.exit", `{` + subject + `,"reason":"death","died_on":"1962-11-05"}`, "died_on"},
		{"/v1/changes", "roll.exit", `{` + subject + `,"reason":"death","died_on":"2026-11-30"}`, "died_on"},
		{"/v1/changes", "roll.exit", `{` + subject + `,"reason":"moved","last_period":"2126-11"}`, "last_period"},
		{"/v1/cases/c1/evidence", "case.attach", `{` + evidence + `,"taken_at":"2026-12-01T02:00:00Z"}`, "taken_at"},
		{"/v1/cases/c1/evidence", "case.attach", `{` + evidence + `,"taken_at":"1999-12-31T02:00:00Z"}`, "taken_at"},
	} {
		single := c.body
		if c.path == "/v1/changes" {
			single = `{"kind":"exit",` + single[1:]
		}
		p := problemIn(t, b.send(http.MethodPost, c.path, single))
		require.Equal(t, http.StatusUnprocessableEntity, p.Status, c.body)
		require.Equal(t, c.field, p.Field, c.body)
		require.Contains(t, p.Detail, " · ", "in both languages")
		p = problemIn(t, b.send(http.MethodPost, "/v1/cases/files", `{"act":"`+c.act+`","items":[`+c.body+`]}`))
		require.Equal(t, c.field, p.Field, c.body)
		require.Equal(t, 1, p.Line)
	}
	p := problemIn(t, b.send(http.MethodPost, "/v1/programmes/dibao/roll?from=2028-01", "x"))
	require.Equal(t, "from", p.Field)
}
