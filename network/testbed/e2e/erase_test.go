package e2e

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/audit/privacyscan"
	"relieftrail/network/testbed/restclient"
)

// The details of the person who is erased. They are in no other file of this repository, because testErase searches for
// them.
const (
	erasedName  = "司马试抹"
	erasedID    = "530181195807134676"
	erasedCard  = "6230599083017773136"
	erasedPhone = "17712345098"
	erasedRoll  = "户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额\n" +
		"5301810009999,530181003214," + erasedName + "," + erasedID + "," + erasedCard + ",农村信用社,1,B," + erasedPhone + ",480.00\n" +
		"5301810009998,530181003214,欧阳同页," + besideID + ",6230599083017773137,农村信用社,1,B,17712345099,480.00\n"
	besideID = "530181196002290019" // shares a detail page with the person who is erased, and is erased afterwards
)

// testErase: two people enter the roll on one detail page and leave it, and one of them is erased. With that block the
// sealed details of this person are gone from the stores of the peers that hold the collection, and from the disks once
// the peers' databases are rewritten. The details of the other person stay until that person is erased, too.
func testErase(t *testing.T) {
	paidMonth(t)
	over := time.Now().AddDate(0, 0, -time.Now().Day()).Format("2006-01") // a month that is over: nobody is owed anything after it
	job, err := restclient.ImportRoll(t.Context(), as(t, "civil-preparer"), as(t, "civil-approver"),
		"/v1/programmes/dibao/roll?from="+over, "erase-roll", strings.NewReader(erasedRoll), nil)
	require.NoError(t, err)
	require.Equal(t, 2, job.Result.Accepted, "%+v", job.Result)
	ref, beside := lookup(t, erasedID), lookup(t, besideID)
	blob, other := sealedOf(t, ref), sealedOf(t, beside)
	terms := privacyscan.NewBytes(blob)
	before, _, err := terms.Scan(filepath.Join(state, "orgs"))
	require.NoError(t, err)
	held := map[string]bool{}
	for _, hit := range before {
		held[strings.Split(strings.TrimPrefix(hit.Path, filepath.Join(state, "orgs")+"/"), "/")[0]] = true
		t.Log("before: ", hit)
	}
	require.True(t, held["civil-affairs"] && held["finance"], "both agencies of the collection hold it: %v", held)

	propose := func(principal, key string) (map[string]any, error) {
		var out map[string]any
		_, err := as(t, principal).Post(t.Context(), "/v1/erasures", key, obj{"subject": ref, "reason": "request"}, &out)
		return out, err
	}
	_, err = propose("civil-approver", "erase-0")
	problem(t, err, http.StatusForbidden)
	_, err = propose("civil-preparer", "erase-1")
	require.Contains(t, problem(t, err, http.StatusConflict).Type, "pending", "the person is on the roll")
	for _, who := range []string{ref, beside} {
		require.NoError(t, restclient.Change(t.Context(), as(t, "civil-preparer"), as(t, "civil-approver"), "erase-exit-"+who,
			obj{"kind": "exit", "programme": "dibao", "subject": who, "reason": "moved", "last_period": over}))
	}
	proposed, err := propose("civil-preparer", "erase-2")
	require.NoError(t, err)
	agreed := obj{"sha256": proposed["sha256"], "agree": true}
	_, err = as(t, "civil-approver").Post(t.Context(), "/v1/erasures/"+ref+"/confirm", "erase-3", agreed, nil)
	require.Contains(t, problem(t, err, http.StatusForbidden).Type, "same-person", "who confirmed the exit does not erase")
	var out map[string]any
	_, err = as(t, "civil-second-approver").Post(t.Context(), "/v1/erasures/"+ref+"/confirm", "erase-4", agreed, &out)
	require.NoError(t, err)
	require.Equal(t, []any{"dibao"}, out["programmes"])
	again, err := propose("civil-preparer", "erase-5")
	require.NoError(t, err)
	require.Equal(t, out, again, "erased once")
	var trail struct {
		Steps []struct {
			Act string `json:"act"`
		} `json:"steps"`
	}
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/subjects/"+ref+"/trail", &trail))
	require.Equal(t, "person.confirm_erasure", trail.Steps[len(trail.Steps)-1].Act, "the roll entry and the act stay")

	require.Equal(t, other, sealedOf(t, beside), "the details of the other person of the page stay")
	for _, organisation := range []string{"civil-affairs", "finance", "audit"} {
		stopPeer(t, organisation) // started again below or, after a failure, by restart
		out, err := reliefnet("compact", "--org", organisation)
		require.NoError(t, err, out)
	}
	after, files, err := terms.Scan(state)
	require.NoError(t, err)
	require.Positive(t, files)
	require.Empty(t, after, "nothing of the sealed details is left on any disk")
	up, err := reliefnet("up")
	require.NoError(t, err, up)
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/subjects/"+ref, &struct{}{}))

	require.Equal(t, other, sealedOf(t, beside), "and after the databases were rewritten")
	require.NoError(t, restclient.Erase(t.Context(), as(t, "civil-preparer"), as(t, "civil-second-approver"), "erase-beside", beside, "retention", nil),
		"the last person of the page")
}

// lookup asks for the subject reference of an identity number, as for an application that is being taken: the person may
// have left.
func lookup(t *testing.T, number string) string {
	t.Helper()
	var out struct {
		Subject string `json:"subject"`
	}
	answer, err := as(t, "civil-preparer").Do(t.Context(), jsonPost("/v1/subjects/lookup",
		`{"id_number":"`+number+`","application":{"programme":"dibao","region":"530181"}}`))
	require.NoError(t, err)
	out.Subject = regexp.MustCompile(`\d+-[a-z2-7]{26}`).FindString(string(answer.Body))
	require.NotEmpty(t, out.Subject)
	return out.Subject
}

// sealedOf waits until finance's peer has a person's sealed details and returns them: the ciphertext in the document
// that follows the subject reference on the detail page.
func sealedOf(t *testing.T, ref string) (blob []byte) {
	t.Helper()
	subject, err := relief.ParseSubjectRef(ref)
	require.NoError(t, err)
	stores := filepath.Join(state, "orgs", "finance", "peer", "data", "ledgersData")
	require.Eventually(t, func() bool {
		for _, store := range []string{"pvtdataStore", "stateLeveldb"} {
			held := false
			_, err := privacyscan.Folder(filepath.Join(stores, store), func(_, _ string, content []byte) error {
				for _, rest := range bytes.Split(content, subject[:])[1:] {
					if b, ok := sealedIn(rest); ok {
						held, blob = true, b
					}
				}
				return nil
			})
			if err != nil || !held {
				return false
			}
		}
		return len(blob) > 50
	}, 30*time.Second, 200*time.Millisecond, "the sealed details are in the peer's stores")
	return blob
}

// sealedIn returns the ciphertext of the sealed document at the beginning of b, which has its length before it.
func sealedIn(b []byte) (blob []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, false
	}
	var document struct {
		_        struct{} `cbor:",toarray"`
		V, Epoch uint8
		Sealed   []byte
	}
	err := cbor.Unmarshal(b[n:n+int(size)], &document)
	return document.Sealed, err == nil && document.V == 2 && document.Epoch == 1
}
