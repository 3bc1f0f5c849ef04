package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/httpapi/casework"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

const (
	changeID   = "dibao-530181-0000298-c1"
	newAccount = "6230596699999999993"
	payeeJSON  = `{"kind":"payee","programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","account":"6230 5966 9999 9999 993",
		"bank":"农村信用社","evidence_sha256":"00","reason":"原卡挂失"}`
)

// changePerson is the person whose payee the tests change, as the roll has it.
var changePerson = seal.Person{Name: "孟华", IDNumber: "530181196401209708", Account: "6230599083016613184", Bank: "农业银行", Phone: "18063469421"}

// changeBench is a gateway that keeps private details, over a ledger that has changePerson's.
func changeBench(t testing.TB) (*bench, *seal.Key) {
	t.Helper()
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{6}, payee.KeyBytes))
	require.NoError(t, err)
	key, err := seal.NewKey(1, bytes.Repeat([]byte{7}, 32), tags)
	require.NoError(t, err)
	b := newBench(t, func(d *Deps) { d.Cases.Persons = key })
	ref, err := relief.ParseSubjectRef("1-aaaaaaaaaaaaaaaaaaaaaaaaaa")
	require.NoError(t, err)
	sealed, err := key.Seal(&changePerson, ref, "dibao")
	require.NoError(t, err)
	b.evaluate = func(call ledger.Call) ([]byte, error) {
		require.Equal(t, "roll:Details", call.Function)
		require.JSONEq(t, `{"programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa"}`, string(call.Argument))
		return json.Marshal(api.Details{Subject: ref, Details: sealed, Version: 1})
	}
	return b, key
}

// Another payee leaves the gateway sealed, with what stays as it was; a request that is repeated is the same.
func TestAnotherPayeeIsSealed(t *testing.T) {
	b, key := changeBench(t)
	hashes := map[[32]byte]bool{}
	var sent ledger.Call
	b.do = func(_ outbox.Key, hash [32]byte, call ledger.Call) (outbox.Answer, error) {
		sent = call
		if call.Function == api.RollChangePayee.Name() {
			hashes[hash] = true
		}
		return outbox.Answer{Result: []byte(`{"id":"` + changeID + `"}`)}, nil
	}
	for range 2 {
		w := b.send(http.MethodPost, "/v1/changes", payeeJSON)
		require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
		require.Equal(t, "/v1/changes/"+changeID, w.Header().Get("Location"))
	}
	require.Len(t, hashes, 1)
	require.NotContains(t, string(sent.Argument), newAccount)
	require.NotContains(t, string(sent.Argument), "农村信用社")
	in, err := api.Decode[api.ChangePayeeInput](string(sent.Argument))
	require.NoError(t, err)
	persons, err := roll.DecodeDetails(sent.Transient[wire.TransientPersons])
	require.NoError(t, err)
	person, err := key.Opener().Person(persons[0], in.Subject, "dibao")
	require.NoError(t, err)
	want := changePerson
	want.Account, want.Bank = newAccount, "农村信用社"
	require.Equal(t, want, person)
	tags, err := key.Tagger().Payee(&person)
	require.NoError(t, err)
	require.Equal(t, tags, in.Payee)
	require.Equal(t, "原卡挂失", in.Reason)

	item := strings.Replace(payeeJSON, `"kind":"payee",`, "", 1)
	require.Equal(t, http.StatusOK, b.send(http.MethodPost, "/v1/cases/files", `{"act":"roll.change_payee","items":[`+item+`]}`).Code)
	require.NotContains(t, string(sent.Argument), newAccount)
	require.NotEmpty(t, sent.Transient[wire.TransientPersons])
	require.Equal(t, http.StatusForbidden, newBench(t).send(http.MethodPost, "/v1/changes", payeeJSON).Code, "where no private details are kept")
}

// What a later step cannot carry is refused on its field, alone and in a file, before anything is sent on.
func TestBadPayees(t *testing.T) {
	b, _ := changeBench(t)
	b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
		t.Error("sent on")
		return outbox.Answer{}, nil
	}
	for change, field := range map[[2]string]string{
		{"6230 5966 9999 9999 993", ""}: "account", {"6230 5966 9999 9999 993", "6.23E+18"}: "account",
		{`"bank"`, `"name":"孟\u200b华","bank"`}: "name", {"农村信用社", strings.Repeat("行", 141)}: "bank",
		{`"dibao"`, `"Dibao"`}: "programme", {"原卡挂失", "原卡挂失\",\"phone\":\"" + strings.Repeat("1", 501)}: "phone",
	} {
		body := strings.Replace(payeeJSON, change[0], change[1], 1)
		require.NotEqual(t, payeeJSON, body)
		w := b.send(http.MethodPost, "/v1/changes", body)
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, w.Body.String())
		require.Equal(t, field, problemIn(t, w).Field, change[1])
		p := problemIn(t, b.send(http.MethodPost, "/v1/cases/files",
			`{"act":"roll.change_payee","items":[`+strings.Replace(body, `"kind":"payee",`, "", 1)+`]}`))
		require.Equal(t, field, p.Field)
		require.Equal(t, 1, p.Line)
	}
	for _, body := range []string{`{"kind":"mood"}`, `{"kind":7}`, `{}`, `null`} {
		require.Equal(t, "kind", problemIn(t, b.send(http.MethodPost, "/v1/changes", body)).Field, body)
	}
}

// The other kinds go to their functions as they are.
func TestKindsOfChanges(t *testing.T) {
	b, _ := changeBench(t)
	const of = `"programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa"`
	for _, c := range []struct{ path, body, function, argument string }{
		{"", `{"kind":"exit",` + of + `,"reason":"death","died_on":"2026-11-03"}`, "roll:Exit", `{` + of + `,"reason":"death","died_on":"2026-11-03"}`},
		{"", `{"kind":"suspend",` + of + `,"from":"2026-12","reason":"核查"}`, "roll:Suspend", `{` + of + `,"from":"2026-12","reason":"核查"}`},
		{"", `{"kind":"resume",` + of + `,"from":"2027-01"}`, "roll:Resume", `{` + of + `,"from":"2027-01"}`},
		{"/" + changeID + "/confirm", `{"sha256":"00","agree":true}`, "roll:ConfirmChange", `{"change":"` + changeID + `","sha256":"00","agree":true}`},
		{"/" + changeID + "/withdraw", ``, "roll:WithdrawChange", `{"change":"` + changeID + `"}`},
	} {
		b.do = func(_ outbox.Key, _ [32]byte, call ledger.Call) (outbox.Answer, error) {
			require.Equal(t, c.function, call.Function)
			require.JSONEq(t, c.argument, string(call.Argument))
			return outbox.Answer{Result: []byte(`{"id":"` + changeID + `"}`)}, nil
		}
		w := b.send(http.MethodPost, "/v1/changes"+c.path, c.body)
		require.Less(t, w.Code, 300, "%s: %s", c.path, w.Body.String())
	}
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodPost, "/v1/changes/x/withdraw", "").Code)
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/changes/"+changeID, "").Code)
	w := b.send(http.MethodGet, "/v1/changes?programme=dibao&region=530181&state=proposed&kind=payee", "")
	require.Contains(t, w.Body.String(), "{dibao 530181 proposed payee}")
	require.Equal(t, "kind", problemIn(t, b.send(http.MethodGet, "/v1/changes?kind=mood", "")).Field)
}

// The official who confirms sees both payees and what is doubtful about the new one; who saw them is logged, and nothing of
// what they saw.
func TestPayeesOfAChange(t *testing.T) {
	b, key := changeBench(t)
	ref, err := relief.ParseSubjectRef("1-aaaaaaaaaaaaaaaaaaaaaaaaaa")
	require.NoError(t, err)
	renewed := changePerson
	renewed.Account = "6230596699999999993" // its check digit is wrong
	tags, err := key.Tagger().Payee(&renewed)
	require.NoError(t, err)
	held := api.ChangeDetails{
		Change: roll.Change{
			ID: changeID, Programme: "dibao", County: "530181", Region: "530181001", Subject: ref, SHA256: strings.Repeat("a", 64),
			ChangeTerms: roll.ChangeTerms{Kind: roll.ChangePayee, Payee: tags}, ChangeBase: roll.ChangeBase{Version: 3},
		},
		Old: &api.Details{Subject: ref, Version: 3}, SameAccount: []uint32{17},
	}
	held.New, err = key.Seal(&renewed, ref, "dibao")
	require.NoError(t, err)
	held.Old.Details, err = key.Seal(&changePerson, ref, "dibao")
	require.NoError(t, err)
	b.evaluate = func(call ledger.Call) ([]byte, error) {
		require.Equal(t, "roll:ChangeDetails", call.Function)
		require.JSONEq(t, `{"change":"`+changeID+`"}`, string(call.Argument))
		return json.Marshal(held)
	}
	type view struct {
		SHA256   string
		Old, New *struct {
			Version             int
			Name, Account, Bank string
		}
		Doubts      []struct{ Code, Zh, En string }
		SameAccount []int `json:"same_account"`
	}
	read := func() (v view) {
		w := b.send(http.MethodGet, "/v1/changes/"+changeID+"/payee", "")
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
		return v
	}
	v := read()
	require.Equal(t, held.Change.SHA256, v.SHA256)
	require.Equal(t, "6230599083016613184", v.Old.Account)
	require.Equal(t, "6230596699999999993", v.New.Account)
	require.Equal(t, []int{3, 4}, []int{v.Old.Version, v.New.Version})
	require.Equal(t, []int{17}, v.SameAccount)
	require.Len(t, v.Doubts, 2)
	require.Equal(t, "check-digit same-account", v.Doubts[0].Code+" "+v.Doubts[1].Code)

	held.Change.Payee.Account[5]++ // details of another account than the ledger's tag
	held.Old, held.SameAccount = nil, []uint32{}
	v = read()
	require.Nil(t, v.Old)
	require.Equal(t, "tag-differs", v.Doubts[1].Code)
	require.Contains(t, b.log.String(), changeID)
	for _, personal := range []string{"孟华", "6230596699999999993", "6230599083016613184"} {
		require.NotContains(t, b.log.String(), personal)
	}
	bare := newBench(t, func(d *Deps) { d.Cases = casework.Deps{} })
	require.Equal(t, http.StatusForbidden, bare.send(http.MethodGet, "/v1/changes/"+changeID+"/payee", "").Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodGet, "/v1/changes/none/payee", "").Code)
}
