package app_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
)

// importView is an import as a gateway shows it.
type importView struct {
	ID, State, Digest, Job string
	Count                  int
	Acts                   []struct{ Act string }
	Summary                *struct {
		New, Missing, Refused struct {
			Count int
			Sum   string
		}
		Townships []struct {
			Region string
			Count  int
		}
		Doubts []struct {
			Code  string
			Count int
		}
	}
}

type importLines struct {
	Items []struct {
		Line                               int
		Name, Account, Region, Class, Code string
		Amount                             string
		Changes                            []struct{ Column, Old, New string }
		Doubts                             []struct {
			Code  string
			Lines []int
		}
	}
	Next string
}

// TestAnImportIsConfirmedByAnother: the second official sees who is imported with which card, before anybody is payable.
func TestAnImportIsConfirmedByAnother(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	rows := strings.SplitAfter(string(read(t, "roll.csv")), "\n")
	first, second := strings.Split(rows[1], ","), strings.Split(rows[2], ",")
	rows[2] = strings.Replace(rows[2], second[4], first[4], 1) // one row has another's card
	proposed := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll?import=spring", []byte(strings.Join(rows, "")))
	require.Equal(t, "spring", proposed.Import.ID)
	require.Equal(t, 2, proposed.Result.Refused)
	path := "/v1/imports/spring"

	var view importView
	w.get("civil-approver", path, &view)
	require.Equal(t, "proposed", view.State)
	require.Equal(t, 298, view.Summary.New.Count)
	require.Equal(t, 2, view.Summary.Refused.Count)
	require.NotEmpty(t, view.Summary.Townships)
	require.Contains(t, view.Summary.Doubts, struct {
		Code  string
		Count int
	}{"shared-account", 2})
	var elsewhere importView
	w.get("audit-reader", path, &elsewhere)
	require.Nil(t, elsewhere.Summary, "kept where it was proposed")
	var page struct{ Items []importView }
	w.get("civil-approver", "/v1/imports?programme=dibao&region=530181&state=proposed", &page)
	require.Len(t, page.Items, 1)
	w.get("civil-approver", "/v1/imports?state=confirmed", &page)
	require.Empty(t, page.Items)

	var lines importLines
	w.get("civil-approver", path+"/lines?kind=refused", &lines)
	require.Len(t, lines.Items, 2)
	require.Equal(t, first[2], lines.Items[0].Name)
	require.Equal(t, first[4], lines.Items[0].Account)
	require.Equal(t, "shared-account", lines.Items[0].Code)
	require.Equal(t, lines.Items[0].Account, lines.Items[1].Account)
	require.Equal(t, []int{3}, lines.Items[0].Doubts[0].Lines)
	w.get("civil-approver", path+"/lines?kind=new&limit=10", &lines)
	require.Len(t, lines.Items, 10)
	require.Equal(t, 4, lines.Items[0].Line)
	w.get("civil-approver", path+"/lines?kind=new&limit=10&cursor="+lines.Next, &lines)
	require.Equal(t, 14, lines.Items[0].Line)
	w.noLines(path)

	a := w.must(200, "civil-approver", call{method: "GET", path: path + "/lines?kind=new&format=csv&headers=zh"})
	require.True(t, strings.HasPrefix(string(a.body), "\ufeff文件行,序号,"))
	table, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	require.NoError(t, err)
	require.Len(t, table, 299)
	a = w.must(200, "civil-approver", call{method: "GET", path: path + "/lines?kind=new", header: map[string]string{"Accept": "application/x-ndjson"}})
	require.Equal(t, 298, strings.Count(string(a.body), "\n"))
	require.Contains(t, w.log.String(), `"personal data was read"`)
	require.NotContains(t, w.log.String(), first[4])

	decision := object{"digest": view.Digest, "agree": true}
	w.post(403, "civil-preparer", path+"/confirm", decision)
	w.post(403, "finance-approver", path+"/confirm", decision)
	w.post(409, "civil-approver", path+"/confirm", object{"digest": strings.Repeat("0", 64), "agree": true})
	w.post(422, "civil-approver", path+"/confirm", object{"digest": view.Digest, "agree": false})
	done := w.confirmImport(proposed)
	require.Equal(t, 298, done.Result.Accepted)
	again := w.follow("civil-approver", w.post(202, "civil-approver", path+"/confirm", decision))
	require.Equal(t, done, again, "confirming again answers the job")
	w.get("civil-approver", path, &view)
	require.Equal(t, "confirmed", view.State)
	require.Equal(t, done.ID, view.Job)
	w.trailOfImport(path)
}

// noLines: names and cards are for officials of the county who may read them.
func (w *world) noLines(path string) {
	w.t.Helper()
	for principal, status := range map[string]int{"civil-other-county": 403, "finance-approver": 403, "audit-reader": 403} {
		w.must(status, principal, call{method: "GET", path: path + "/lines?kind=new"})
	}
	for query, status := range map[string]int{"": 422, "?kind=all": 422, "?kind=new&cursor=x": 422, "?kind=new&cursor=3": 422} {
		w.must(status, "civil-approver", call{method: "GET", path: path + "/lines" + query})
	}
	w.must(404, "civil-approver", call{method: "GET", path: "/v1/imports/none/lines?kind=new"})
}

func (w *world) trailOfImport(path string) {
	w.t.Helper()
	var trail struct{ Steps []struct{ Act string } }
	w.get("audit-reader", path+"/trail", &trail)
	var acts []string
	for _, s := range trail.Steps {
		acts = append(acts, s.Act)
	}
	require.Equal(w.t, []string{"roll.propose_import", "roll.confirm_import", "roll.import"}, acts)
}

// A second import shows what it changes, with the old values and the new ones.
func TestChangesOfASecondImport(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.importRoll()
	rows := strings.SplitAfter(string(read(t, "roll.csv")), "\n")
	cells := strings.Split(rows[5], ",")
	const card = "6230599083016613192"
	rows[5] = strings.Replace(strings.Replace(rows[5], cells[4], card, 1), cells[9], "999.50\n", 1)
	gone := strings.Split(rows[7], ",")
	rows[7] = ""
	proposed := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", []byte(strings.Join(rows, "")))
	require.Equal(t, 1, proposed.Import.Changed)
	path := "/v1/imports/" + proposed.Import.ID

	var lines importLines
	w.get("civil-approver", path+"/lines?kind=changed", &lines)
	require.Len(t, lines.Items, 1)
	require.Equal(t, []struct{ Column, Old, New string }{
		{"account", cells[4], card}, {"amount", strings.TrimSpace(cells[9]), "999.50"},
	}, lines.Items[0].Changes)
	w.get("civil-approver", path+"/lines?kind=missing", &lines)
	require.Len(t, lines.Items, 1)
	require.Equal(t, gone[2], lines.Items[0].Name)
	require.Equal(t, gone[4], lines.Items[0].Account)
	a := w.must(200, "civil-approver", call{method: "GET", path: path + "/lines?kind=changed", header: map[string]string{"Accept": "text/csv"}})
	require.Contains(t, string(a.body), "银行卡号："+cells[4]+"→"+card+"；月保障金额：")

	w.post(200, "civil-approver", path+"/confirm", object{"digest": proposed.Import.Digest, "agree": false, "reason": "卡号未核实"})
	w.must(404, "civil-approver", call{method: "GET", path: path + "/lines?kind=changed"})
	var view importView
	w.get("civil-approver", path, &view)
	require.Equal(t, "refused", view.State)
	require.Nil(t, view.Summary)

	again := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", []byte(strings.Join(rows, "")))
	w.post(200, "civil-preparer", "/v1/imports/"+again.Import.ID+"/withdraw", nil)
	w.must(404, "civil-approver", call{method: "GET", path: "/v1/imports/" + again.Import.ID + "/lines?kind=new"})
}

// A gateway that confirmed an import and was stopped before it began the job begins it when the official confirms again.
func TestConfirmingAgainBeginsTheJob(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	proposed := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", read(t, "roll.csv"))
	// The confirmation is on the ledger, and this gateway does not know of it.
	w.confirmPast(proposed)
	done := w.confirmImport(proposed)
	require.Equal(t, 300, done.Result.Accepted)
}

func (w *world) confirmPast(proposed job) {
	w.t.Helper()
	argument, err := json.Marshal(object{"id": proposed.Import.ID, "digest": proposed.Import.Digest, "agree": true})
	require.NoError(w.t, err)
	approver := fakeledger.Official(fakeledger.CivilAffairs, "civil-approver", "approver", "530181")
	_, _, err = w.network.Ledger.Submit(approver, "roll:ConfirmImport", []string{string(argument)}, nil)
	require.NoError(w.t, err)
}
