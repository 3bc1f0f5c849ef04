package app_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/network/audit/privacyscan"
	"relieftrail/network/testbed/invent"
)

// The person who is planted wherever a gateway keeps something of people, and somebody else in the same files.
const (
	everywhereName = "司空试遍"
	everywhereID   = plantedID
	everywhereCard = "6230599083016619999"
	rollHeader     = "户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额\n"
)

// traces are the files in which a gateway's folder has something of the planted person, objects opened.
func (w *world) traces(cfg *config.Config) (found []string) {
	w.t.Helper()
	terms, err := privacyscan.New([]string{everywhereName, everywhereID, everywhereCard})
	require.NoError(w.t, err)
	dirs := []string{cfg.DataDir}
	for _, s := range cfg.Matching.Sources {
		dirs = append(dirs, s.Folder.Dir)
	}
	for _, dir := range dirs {
		hits, _, err := terms.Scan(dir)
		require.NoError(w.t, err)
		for _, hit := range hits {
			found = append(found, hit.Path)
		}
	}
	store, err := objectstore.OpenFolder(filepath.Join(cfg.DataDir, "objects"), cfg.Objects.KeyFile)
	require.NoError(w.t, err)
	err = filepath.WalkDir(filepath.Join(cfg.DataDir, "objects"), func(path string, entry os.DirEntry, err error) error {
		hash, ok := strings.CutSuffix(filepath.Base(path), ".age")
		if err != nil || entry.IsDir() || !ok {
			return err
		}
		r, err := store.Get(w.t.Context(), hash)
		if err != nil {
			return err
		}
		defer func() { _ = r.Close() }()
		content, err := io.ReadAll(r)
		if len(terms.In(path, "", content)) > 0 {
			found = append(found, path)
		}
		return err
	})
	require.NoError(w.t, err)
	return found
}

// everywhere plants the person: in an application with evidence and questions to a department, on the roll, in a payment file,
// and in what the bank writes about an exception. It gives the references of the person and of a neighbour in the same files,
// and the neighbour's line of questions.
func (w *world) everywhere(folder string) (subject, neighbour string) {
	w.t.Helper()
	var record struct {
		Members []string
		Acts    []struct{ At string }
	}
	other := invent.Household(1)
	w.post(201, "civil-preparer", "/v1/cases", object{
		"id": "c-1", "programme": "dibao", "region": "530181003214", "settlement": "rural", "account": everywhereCard, "income": "1.00", "reason": "x",
		"members": []object{{"name": everywhereName, "id_number": everywhereID}, {"name": "邻里某", "id_number": other.ID()}},
	}).into(w.t, &record)
	subject, neighbour = record.Members[0], record.Members[1]
	var file struct {
		SHA256    string `json:"sha256"`
		MediaType string `json:"media_type"`
	}
	w.must(201, "civil-preparer", call{
		method: http.MethodPut, path: "/v1/cases/c-1/evidence/files", body: "%PDF-1.7\n" + everywhereName + everywhereID,
		header: map[string]string{"Content-Type": "application/pdf"},
	}).into(w.t, &file)
	w.post(200, "civil-preparer", "/v1/cases/c-1/evidence", object{
		"kind": "home-visit", "taken_at": record.Acts[0].At, "region": "530181003214", "sha256": file.SHA256, "media_type": file.MediaType,
	})
	w.post(200, "civil-preparer", "/v1/cases/c-1/matches/queries", object{})
	w.drop(folder, "letter", "人员编号,姓名\n"+subject+","+everywhereName+"\n")
	w.post(200, "civil-preparer", "/v1/cases/c-1/withdraw", object{})

	line := "530181003214," + everywhereName + "," + everywhereID + "," + everywhereCard + ",农村信用社,1,"
	beside := "530181003214,邻里某," + other.ID() + ",6230599083016610005,农村信用社,1,"
	roll := rollHeader + "5301810009999," + line + "B,17712345098,480.00\n5301810009998," + beside + "B,17712345099,480.00\n"
	require.Equal(w.t, 2, w.confirmImport(w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", []byte(roll))).Result.Accepted)
	list := []byte(header + "1," + line + "480.00,2026-11,\n2," + beside + "480.00,2026-11,\n")
	w.open("b-11", "2026-11", list)
	require.Equal(w.t, 2, w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", list).Result.Accepted)
	w.post(200, "civil-preparer", "/v1/batches/b-11/seal", object{})
	w.post(200, "civil-approver", "/v1/batches/b-11/approve", object{})
	w.makeFile("b-11")
	w.post(200, "finance-preparer", "/v1/batches/b-11/payment-file", object{"execute_on": "2099-12-31"}) // another file of the same batch
	w.tellBank("b-11")
	c := &camt{id: "S1", seq: 1, opening: 40000000}
	for _, p := range w.paymentFile("b-11").payments {
		c.pay(bankfile.EndToEndID(p.ID), p.Amount)
		c.pay(bankfile.EndToEndID(p.ID), p.Amount) // twice: an exception with what the bank wrote of people
	}
	document := string(c.document())
	document = strings.Replace(document, "赵某某", everywhereName, 2)
	document = strings.Replace(document, "6228480000009999", everywhereCard, 2)
	require.Equal(w.t, 2, w.statement("/v1/statements", []byte(document)).Counts.Exceptions)
	w.post(200, "finance-preparer", "/v1/batches/b-11/close", object{})
	return subject, neighbour
}

// An erasure reaches every place in which a gateway keeps something of a person. docs/privacy.md lists them.
func TestAnErasureReachesEverything(t *testing.T) {
	w := newWorld(t)
	cfg := w.keepsFiles(t, "")
	finance := w.configs["FinanceMSP"]
	w.programmeAndTranche()
	w.offices("pensions")
	folder := t.TempDir()
	cfg.Matching = config.Matching{
		As: "civil-preparer", Patience: 500 * time.Millisecond, Fresh: 24 * time.Hour, Poll: 20 * time.Millisecond, KeepQuestions: 24 * time.Hour, Rate: 100,
		Sources: []config.MatchingSource{{ID: "pensions", Mapping: folderMapping, Folder: &config.MatchingFolder{Dir: folder}}},
	}
	w.restart("CivilAffairsMSP")
	subject, neighbour := w.everywhere(folder)
	require.GreaterOrEqual(t, len(w.traces(cfg)), 3, "evidence, questions, a letter of the department")
	require.GreaterOrEqual(t, len(w.traces(finance)), 3, "two payment files, a bank's message: %v", w.traces(finance))
	payFile := call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file"}
	copyOf := call{method: http.MethodGet, path: "/v1/subjects/" + subject + "/copy"}
	require.Contains(t, string(w.must(200, "civil-preparer", copyOf).body), everywhereName)

	w.post(409, "civil-preparer", "/v1/erasures", object{"subject": subject, "reason": "request"})
	w.change(object{"kind": "exit", "programme": "dibao", "subject": subject, "reason": "moved", "last_period": "2026-11"})
	w.network.Ledger.SetTime(time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)) // the last month is over
	var held struct{ ID string }
	sum := strings.Repeat("ab", 32)
	w.post(201, "audit-preparer", "/v1/holds", object{"subject": neighbour, "reason": "audit", "evidence_sha256": sum}).into(t, &held)
	require.Contains(t, string(w.post(409, "civil-preparer", "/v1/erasures", object{"subject": subject, "reason": "request"}).body), "audit holds")
	w.post(403, "audit-preparer", "/v1/holds/"+held.ID+"/lift", object{})
	w.post(200, "audit-approver", "/v1/holds/"+held.ID+"/lift", object{})
	w.erase(subject)

	require.Eventually(t, func() bool { return len(w.traces(cfg)) == 0 }, waitLong, 10*waitTick, "left at civil affairs: %v", w.traces(cfg))
	require.Eventually(t, func() bool { return len(w.traces(finance)) == 0 }, waitLong, 10*waitTick, "left at finance: %v", w.traces(finance))
	gone := w.must(410, "finance-preparer", payFile)
	require.Contains(t, string(gone.body), "支付文件已删除")
	questions, err := filepath.Glob(filepath.Join(folder, "questions", "*.csv"))
	require.NoError(t, err)
	require.Len(t, questions, 1)
	text, err := os.ReadFile(questions[0])
	require.NoError(t, err)
	require.Contains(t, string(text), neighbour, "the other member's question stays")
	copied := w.must(200, "civil-preparer", copyOf)
	require.NotContains(t, string(copied.body), everywhereName)
	require.NotContains(t, w.log.String(), everywhereName)
	require.NotContains(t, w.log.String(), everywhereID)
	w.restart("FinanceMSP")
	w.must(410, "finance-preparer", payFile)
}

// A payment file with somebody whom audit holds is given to nobody once another person in it is erased, and is deleted when the
// hold is lifted. The settings' time deletes what nobody asked to erase.
func TestHeldAndOldPaymentFiles(t *testing.T) {
	w := newWorld(t)
	finance := w.configs["FinanceMSP"]
	finance.Bank.KeepFiles = time.Hour
	w.restart("FinanceMSP")
	payments := w.settled("b-11")
	w.post(200, "finance-preparer", "/v1/batches/b-11/close", object{})
	hash := w.paymentFile("b-11").bytes
	require.NotEmpty(t, hash)
	w.post(201, "audit-preparer", "/v1/holds", object{"subject": payments[2].Subject, "reason": "audit", "evidence_sha256": strings.Repeat("ab", 32)})
	w.change(object{"kind": "exit", "programme": "dibao", "subject": payments[1].Subject, "reason": "moved", "last_period": "2026-11"})
	w.network.Ledger.SetTime(time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)) // the last month is over
	w.erase(payments[1].Subject)
	payFile := call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file"}
	require.Eventually(t, func() bool { return w.do("finance-preparer", payFile).StatusCode == http.StatusGone }, waitLong, waitTick)
	var b struct {
		FileSHA256 string `json:"file_sha256"`
	}
	w.get("finance-preparer", "/v1/batches/b-11", &b)
	require.Equal(t, 1, objectsIn(t, finance, b.FileSHA256), "audit holds somebody in it")
	w.post(200, "audit-approver", "/v1/holds/subject-"+payments[2].Subject+"/lift", object{})
	w.get("finance-preparer", fmt.Sprintf("/v1/batches/b-11?at_least_block=%d", w.height()-1), &b) // the sweep at the start is to know it
	w.restart("FinanceMSP")
	require.Eventually(t, func() bool { return objectsIn(t, finance, b.FileSHA256) == 0 }, waitLong, waitTick)
}

// The gateway proposes what is due, in the name of one principal, and confirms nothing; what an official refuses it does not
// propose again.
func TestDueErasuresAreProposed(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.network.Ledger.SetTime(time.Now())
	var record struct{ Members []string }
	w.post(201, "civil-preparer", "/v1/cases", object{
		"id": "c-1", "programme": "dibao", "region": "530181003214", "settlement": "rural", "account": everywhereCard, "income": "1.00", "reason": "x",
		"members": []object{{"name": everywhereName, "id_number": everywhereID}, {"name": "邻里某", "id_number": invent.Household(1).ID()}},
	}).into(t, &record)
	w.post(200, "civil-preparer", "/v1/cases/c-1/withdraw", object{})
	due := func() (items []struct{ Subject, Due, Wait, State string }) {
		for cursor := ""; ; {
			var page struct {
				Items []struct{ Subject, Due, Wait, State string }
				Next  string
			}
			w.get("civil-preparer", "/v1/erasures/due?region=530181&cursor="+cursor, &page)
			items = append(items, page.Items...)
			if cursor = page.Next; cursor == "" {
				return items
			}
		}
	}
	require.Empty(t, due(), "the programme states no retention")
	w.post(201, "civil-preparer", "/v1/programmes", object{
		"id": "dibao", "version": 2, "name": "最低生活保障", "region": "530181", "unit": "household", "cycle": "monthly",
		"min_amount": "330.00", "max_amount": "6000.00", "starts": "2026-01", "notice_days": 7, "pay_by_day": 10, "retention_months": 12,
		"budget": object{"functional": "2081901", "economic": "50901"},
	})
	w.post(200, "finance-approver", "/v1/programmes/dibao/enact", object{"version": 2})
	require.Empty(t, due(), "the retention runs")
	w.network.Ledger.SetTime(time.Now().AddDate(-2, 0, 0))
	w.post(201, "civil-preparer", "/v1/cases", object{
		"id": "c-2", "programme": "dibao", "region": "530181003214", "settlement": "rural", "account": everywhereCard, "income": "1.00", "reason": "x",
		"members": []object{{"name": "早年某", "id_number": invent.Household(2).ID()}},
	}).into(t, &record)
	w.post(200, "civil-preparer", "/v1/cases/c-2/withdraw", object{})
	w.network.Ledger.SetTime(time.Now())
	subject := record.Members[0]
	require.Len(t, due(), 1)
	require.Equal(t, subject, due()[0].Subject)

	w.configs["CivilAffairsMSP"].Retention = config.Retention{Every: time.Hour, As: "civil-preparer"}
	w.restart("CivilAffairsMSP")
	var proposed struct {
		Items []struct{ Subject, Reason, State, SHA256 string }
	}
	require.Eventually(t, func() bool {
		w.get("civil-approver", "/v1/erasures?state=proposed&region=530181", &proposed)
		return len(proposed.Items) > 0
	}, waitLong, waitTick)
	require.Len(t, proposed.Items, 1)
	require.Equal(t, "retention", proposed.Items[0].Reason)
	w.post(200, "civil-approver", "/v1/erasures/"+subject+"/confirm", object{
		"sha256": proposed.Items[0].SHA256, "agree": false, "reason": "审计需要",
	})
	w.restart("CivilAffairsMSP")
	require.Eventually(t, func() bool { return strings.Count(w.log.String(), "erasures that are due were proposed") == 2 }, waitLong, waitTick)
	w.get("civil-approver", "/v1/erasures?state=proposed", &proposed)
	require.Empty(t, proposed.Items)
	require.Equal(t, "refused", due()[0].State)
}
