package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The first household of the demo's roll, and the new card that it sends.
const (
	householdID = "530181196401209708"
	oldCard     = "6230599083016613184"
	newCard     = "6230596699999999993"
)

func listOf(card, period string) []byte {
	return []byte(header + fmt.Sprintf("1,530181003214,孟华,%s,%s,农村信用社,1,480.00,%s,\n", householdID, card, period))
}

// subject looks the first household's reference up.
func (w *world) subject() string {
	w.t.Helper()
	w.caughtUp("civil-preparer")
	var found struct{ Subject string }
	w.post(200, "civil-preparer", "/v1/subjects/lookup", object{"id_number": householdID}).into(w.t, &found)
	return found.Subject
}

// A household sends a new card. An import with it changes nothing unless another official confirms it; a change by two
// officials has the bank told to pay to the new card, and to no other.
func TestANewCardIsPaid(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.importRoll()
	names := read(t, "roll.csv")
	j := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", []byte(strings.Replace(string(names), oldCard, newCard, 1)))
	require.Equal(t, 1, j.Import.Changed, "%+v", j)
	w.post(200, "civil-preparer", "/v1/imports/"+j.Import.ID+"/withdraw", object{})

	subject := w.subject()
	body := object{
		"kind": "payee", "programme": "dibao", "subject": subject, "account": newCard, "bank": "农村信用社", "evidence_sha256": strings.Repeat("ab", 32),
	}
	var c struct{ ID, SHA256, State string }
	made := w.post(201, "civil-preparer", "/v1/changes", body)
	made.into(t, &c)
	require.Equal(t, "/v1/changes/"+c.ID, made.Header.Get("Location"))
	w.post(409, "civil-preparer", "/v1/changes", object{"kind": "exit", "programme": "dibao", "subject": subject, "reason": "moved", "last_period": "2026-11"})
	var page struct{ Items []struct{ ID string } }
	w.get("civil-approver", "/v1/changes?state=proposed&region=530181&kind=payee&programme=dibao", &page)
	require.Len(t, page.Items, 1)
	var seen struct {
		Old, New struct {
			Version       int
			Name, Account string
		}
		Doubts []struct{ Code string }
	}
	w.get("civil-approver", "/v1/changes/"+c.ID+"/payee", &seen)
	require.Equal(t, oldCard+" "+newCard, seen.Old.Account+" "+seen.New.Account)
	require.Equal(t, "check-digit", seen.Doubts[0].Code)
	w.must(403, "audit-reader", call{method: http.MethodGet, path: "/v1/changes/" + c.ID + "/payee"})
	agree := object{"sha256": c.SHA256, "agree": true}
	w.post(403, "civil-preparer", "/v1/changes/"+c.ID+"/confirm", agree)
	w.post(409, "civil-approver", "/v1/changes/"+c.ID+"/confirm", object{"sha256": strings.Repeat("0", 64), "agree": true})
	w.post(200, "civil-approver", "/v1/changes/"+c.ID+"/confirm", agree)
	w.get("audit-reader", "/v1/changes/"+c.ID, &c)
	require.Equal(t, "confirmed", c.State)

	w.open("b-11", "2026-11", listOf(newCard, "2026-11"))
	j = w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", listOf(oldCard, "2026-11"))
	require.Equal(t, "account-differs", j.Result.Refusals[0].Code)
	j = w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", listOf(newCard, "2026-11"))
	require.Equal(t, 1, j.Result.Accepted, "%+v", j)
	w.post(200, "civil-preparer", "/v1/batches/b-11/seal", object{})
	w.post(200, "civil-approver", "/v1/batches/b-11/approve", object{})
	w.tellBank("b-11")
	file := string(w.must(200, "finance-preparer", call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file"}).body)
	require.Contains(t, file, newCard)
	require.NotContains(t, file, oldCard)

	var trail struct {
		Steps []struct {
			Act    string
			Detail map[string]string
		}
	}
	w.get("audit-reader", "/v1/subjects/"+subject+"/trail", &trail)
	text, err := json.Marshal(trail)
	require.NoError(t, err)
	require.Contains(t, string(text), `"Act":"roll.change_payee"`)
	require.Contains(t, string(text), `"version_after":"2","version_before":"1"`)
	require.NotContains(t, string(text)+w.log.String(), newCard)
	require.NotContains(t, string(text)+w.log.String(), oldCard)
}

// Files of changes are proposed by one official and confirmed by another: cards and exits.
func TestFilesOfChanges(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.importRoll()
	subject := w.subject()
	acts := func(principal, act string, documents ...any) job {
		var lines strings.Builder
		for _, d := range documents {
			b, err := json.Marshal(d)
			require.NoError(t, err)
			lines.WriteString(string(b) + "\n")
		}
		a := w.must(http.StatusAccepted, principal, call{
			method: http.MethodPost, path: "/v1/cases/files/" + act, body: lines.String(), header: map[string]string{"Content-Type": "application/x-ndjson"},
		})
		w.must(http.StatusOK, principal, call{method: http.MethodGet, path: a.Header.Get("Location"), header: map[string]string{"Accept": "text/event-stream"}})
		var j job
		w.get(principal, a.Header.Get("Location"), &j)
		require.Equal(t, "done", j.State, j.Error)
		return j
	}
	confirm := func() {
		var page struct{ Items []struct{ ID, SHA256 string } }
		w.get("civil-approver", "/v1/changes?state=proposed", &page)
		require.Len(t, page.Items, 1)
		j := acts("civil-approver", "roll.confirm_change", object{"change": page.Items[0].ID, "sha256": page.Items[0].SHA256, "agree": true})
		require.Equal(t, 1, j.Result.Accepted, "%+v", j)
	}
	card := object{"programme": "dibao", "subject": subject, "account": newCard, "evidence_sha256": strings.Repeat("ab", 32)}
	j := acts("civil-preparer", "roll.change_payee", card,
		object{"programme": "dibao", "subject": subject, "account": "6.23E+18", "evidence_sha256": strings.Repeat("ab", 32)},
		object{"programme": "dibao", "subject": "1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "account": newCard, "evidence_sha256": strings.Repeat("ab", 32)})
	require.Equal(t, 1, j.Result.Accepted, "%+v", j)
	require.Len(t, j.Result.Refusals, 2)
	require.Equal(t, "account not-found", j.Result.Refusals[0].Field+" "+j.Result.Refusals[1].Code)
	j = acts("civil-preparer", "roll.change_payee", card)
	require.Equal(t, 1, j.Result.Unchanged, "%+v", j)
	confirm()
	j = acts("civil-preparer", "roll.exit", object{"programme": "dibao", "subject": subject, "reason": "moved", "last_period": "2026-11"})
	require.Equal(t, 1, j.Result.Accepted, "%+v", j)
	confirm()
	var person struct {
		Entries []struct{ State, Until string }
	}
	w.get("audit-reader", "/v1/subjects/"+subject, &person)
	require.Equal(t, "exited 2026-11", person.Entries[0].State+" "+person.Entries[0].Until)
}
