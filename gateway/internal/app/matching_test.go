package app_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/matching"
	"relieftrail/network/testbed/invent"
)

// registryOffice is a department. It answers over REST as its behaviour says, and writes the files that a test asks for.
type registryOffice struct {
	id     relief.DepartmentID
	key    ed25519.PrivateKey
	asked  atomic.Int32
	answer func(w http.ResponseWriter, ref relief.SubjectRef)
}

func (o *registryOffice) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.asked.Add(1)
	var q struct{ Ref, Sfzh, Xm, System string }
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || len(q.Sfzh) != 18 || q.Xm == "" || q.System != "Relief" || r.Header.Get("Authorization") != "Bearer department-token" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	ref, _ := relief.ParseSubjectRef(q.Ref)
	o.answer(w, ref)
}

func (o *registryOffice) says(ref relief.SubjectRef, at time.Time, code string, adverse bool) registry.MatchStatement {
	s := registry.MatchStatement{Source: o.id, Subject: ref, QueriedAt: at.UTC().Truncate(time.Second), Code: code, Adverse: adverse, ResultSHA256: strings.Repeat("ab", 32)}
	s.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(o.key, s.SignedBytes()))
	return s
}

func (o *registryOffice) write(w http.ResponseWriter, s registry.MatchStatement) {
	_ = json.NewEncoder(w).Encode(object{"sign": s.Signature, "data": object{
		"ref": s.Subject.String(), "code": s.Code, "at": s.QueriedAt.Format(time.RFC3339), "sum": s.ResultSHA256, "adverse": s.Adverse,
	}})
}

func (o *registryOffice) says200(code string, adverse bool) {
	o.answer = func(w http.ResponseWriter, ref relief.SubjectRef) { o.write(w, o.says(ref, time.Now(), code, adverse)) }
}

// office makes a department that the registry knows.
func (w *world) offices(ids ...string) (offices []*registryOffice) {
	w.t.Helper()
	var sources []registry.Department
	for _, id := range ids {
		public, key, err := ed25519.GenerateKey(nil)
		require.NoError(w.t, err)
		offices = append(offices, &registryOffice{id: relief.DepartmentID(id), key: key})
		sources = append(sources, registry.Department{ID: relief.DepartmentID(id), Name: id, Keys: []string{base64.StdEncoding.EncodeToString(public)}})
	}
	w.changeRegistry("sources", object{"sources": sources})
	return offices
}

var (
	restMapping   = config.MatchingMapping{Subject: "/data/ref", Code: "/data/code", QueriedAt: "/data/at", Result: "/data/sum", Signature: "/sign", Adverse: "/data/adverse"}
	folderMapping = config.MatchingMapping{Subject: "人员编号", Code: "结果", QueriedAt: "查询时间", Result: "摘要", Signature: "签名", AdverseCodes: []string{"deceased"}, Region: "区划"}
)

func restSource(id, url string) config.MatchingSource {
	return config.MatchingSource{ID: id, Mapping: restMapping, REST: &config.MatchingREST{
		URL: url, TokenEnv: "DEPARTMENT_TOKEN", Fields: config.MatchingFields{Subject: "ref", IDNumber: "sfzh", Name: "xm"},
		Constants: []config.MatchingConstant{{Name: "system", Value: "Relief"}}, Patience: 300 * time.Millisecond,
	}}
}

// matchingWorld is a world in which civil affairs asks departments: two over REST and one with files.
func matchingWorld(t *testing.T) (w *world, registry, vehicles, pensions *registryOffice, folder string) {
	t.Helper()
	t.Setenv("DEPARTMENT_TOKEN", "department-token")
	w = newWorld(t)
	w.programmeAndTranche()
	w.network.Ledger.SetTime(time.Now()) // departments sign with the clock on the wall
	all := w.offices("registry", "vehicles", "pensions")
	registry, vehicles, pensions = all[0], all[1], all[2]
	servers := []*httptest.Server{httptest.NewServer(registry), httptest.NewServer(vehicles)}
	for _, s := range servers {
		t.Cleanup(s.Close)
	}
	folder = t.TempDir()
	w.configs["CivilAffairsMSP"].Matching = config.Matching{
		As: "civil-preparer", Patience: 500 * time.Millisecond, Fresh: 24 * time.Hour, Poll: 20 * time.Millisecond, KeepQuestions: 24 * time.Hour, Rate: 100,
		Sources: []config.MatchingSource{
			restSource("registry", servers[0].URL), restSource("vehicles", servers[1].URL),
			{
				ID: "pensions", Mapping: folderMapping, Folder: &config.MatchingFolder{Dir: folder},
				Needs: config.MatchingNeeds{Codes: []string{"unemployed"}, Programme: "dibao", Region: "530181"},
			},
		},
	}
	w.configs["CivilAffairsMSP"].Matching.Sources[0].Needs = config.MatchingNeeds{Codes: []string{"poor"}, Programme: "dibao", Region: "530181"}
	w.restart("CivilAffairsMSP")
	return w, registry, vehicles, pensions, folder
}

func (w *world) household(id string, numbers ...int) []relief.SubjectRef {
	w.t.Helper()
	members := []object{}
	for _, n := range numbers {
		members = append(members, object{"name": "欧阳试对", "id_number": invent.Household(n).ID()})
	}
	w.post(201, "civil-preparer", "/v1/cases", object{
		"id": id, "programme": "dibao", "region": "530181001001", "settlement": "rural", "account": "6222021234567890123", "income": "900.00",
		"reason": "因病致贫", "members": members,
	})
	return w.theCase(id).Members
}

func (w *world) theCase(id string) (c casework.Case) {
	w.t.Helper()
	// What a gateway does of itself another one's reader sees when it is indexed there.
	w.get("audit-reader", "/v1/cases/"+id+"?at_least_block="+strconv.FormatUint(w.height()-1, 10), &c)
	return c
}

func (w *world) query(id string, body any) (out map[string][]string) {
	w.t.Helper()
	var r matching.Report
	w.post(200, "civil-preparer", "/v1/cases/"+id+"/matches/queries", body).into(w.t, &r)
	out = map[string][]string{}
	for _, s := range r.Sources {
		for _, a := range s.Answers {
			out[string(s.Source)] = append(out[string(s.Source)], strings.TrimSpace(string(a.Result)+" "+a.Code+a.Reason))
		}
	}
	return out
}

// One query asks all departments about all members. A failure does not affect the other answers, and a second query asks only for those
// that are missing.
func TestDepartmentsAreAsked(t *testing.T) {
	w, registry, vehicles, _, folder := matchingWorld(t)
	members := w.household("m-1", 701, 702)
	registry.says200("clear", false)
	vehicles.answer = func(rw http.ResponseWriter, _ relief.SubjectRef) { rw.WriteHeader(http.StatusServiceUnavailable) }
	before := w.height()
	require.Equal(t, map[string][]string{
		"registry": {"recorded clear", "recorded clear"}, "pensions": {"asked", "asked"},
		"vehicles": {"unanswered 该部门没有应答 · the department does not answer", "unanswered 该部门没有应答 · the department does not answer"},
	}, w.query("m-1", nil))
	require.Equal(t, before+2, w.height(), "a transaction with the questions, and one with the answers")
	require.Len(t, w.theCase("m-1").Matches, 2)

	vehicles.answer = func(rw http.ResponseWriter, ref relief.SubjectRef) {
		s := vehicles.says(ref, time.Now(), "car", true)
		if ref == members[0] {
			s.Adverse = false // what the department did not sign
		}
		vehicles.write(rw, s)
	}
	asked := registry.asked.Load()
	require.Equal(t, map[string][]string{
		"registry": {"unchanged clear", "unchanged clear"}, "pensions": {"asked", "asked"},
		"vehicles": {"refused car签名（signature）：不符合规则。 · the statement is not signed by vehicles", "recorded car"},
	}, w.query("m-1", object{}))
	require.Equal(t, asked, registry.asked.Load(), "a fresh statement is not asked for again")
	c := w.theCase("m-1")
	require.Len(t, c.Matches, 3)
	require.True(t, c.Matches[2].Adverse)

	before = w.height()
	require.Equal(t, map[string][]string{"registry": {"unchanged clear", "unchanged clear"}}, w.query("m-1", object{"sources": []string{"registry"}}))
	require.Equal(t, before, w.height(), "nothing was to be recorded")
	registry.says200("married", false)
	require.Equal(t, map[string][]string{"registry": {"recorded married", "recorded married"}}, w.query("m-1", object{"sources": []string{"registry"}, "again": true}))
	files, err := filepath.Glob(filepath.Join(folder, "questions", "*.csv"))
	require.NoError(t, err)
	require.Len(t, files, 1, "the same people asked about twice a day are one file")
	var answers strings.Builder
	w.noTraceOfNumbers(&answers, 701, 702)
}

func (w *world) noTraceOfNumbers(answers *strings.Builder, households ...int) {
	w.t.Helper()
	public := w.log.String() + answers.String() + string(w.must(200, "civil-preparer", call{method: http.MethodGet, path: "/metrics"}).body)
	require.Contains(w.t, public, `relieftrail_matching_answers_total{outcome="recorded",source="registry"}`)
	for _, n := range households {
		require.NotContains(w.t, public, invent.Household(n).ID())
	}
	require.NotContains(w.t, public, "欧阳试对")
	require.NotContains(w.t, public, "department-token")
}

// Nobody is asked about where the caller could not record the answer.
func TestQueriesThatAreRefused(t *testing.T) {
	w, registry, vehicles, _, _ := matchingWorld(t)
	w.household("m-2", 711)
	registry.says200("clear", false)
	vehicles.says200("clear", false)
	const path = "/v1/cases/m-2/matches/queries"
	for name, c := range map[string]struct {
		as, path string
		body     any
		status   int
		kind     string
	}{
		"the approver":             {"civil-approver", path, nil, 403, "forbidden"},
		"another county":           {"civil-other-county", path, nil, 403, "outside-region"},
		"finance asks nobody":      {"finance-preparer", path, nil, 403, "forbidden"},
		"audit asks nobody":        {"audit-reader", path, nil, 403, "forbidden"},
		"no such case":             {"civil-preparer", "/v1/cases/none/matches/queries", nil, 404, "not-found"},
		"a source that is unknown": {"civil-preparer", path, object{"sources": []string{"police"}}, 422, "invalid"},
		"a source twice":           {"civil-preparer", path, object{"sources": []string{"registry", "registry"}}, 422, "invalid"},
		"no source":                {"civil-preparer", path, object{"sources": []string{}}, 422, "invalid"},
		"an unknown member":        {"civil-preparer", path, object{"source": "registry"}, 422, "invalid"},
		"a number for a text":      {"civil-preparer", path, object{"sources": 7}, 422, "invalid"},
		"an id that is none":       {"civil-preparer", "/v1/cases/A/matches/queries", nil, 422, "invalid"},
		"a query":                  {"civil-preparer", path + "?sources=registry", nil, 422, "invalid"},
	} {
		var p struct{ Type string }
		w.post(c.status, c.as, c.path, c.body).into(t, &p)
		require.Equal(t, "/problems/"+c.kind, p.Type, name)
	}
	key := map[string]string{"Idempotency-Key": "one"}
	w.must(200, "civil-preparer", call{"POST", path, object{"sources": []string{"registry"}}, key})
	w.must(200, "civil-preparer", call{"POST", path, object{"sources": []string{"registry"}}, key})
	w.must(422, "civil-preparer", call{"POST", path, object{"sources": []string{"vehicles"}}, key})
	require.EqualValues(t, 1, registry.asked.Load())
	require.Zero(t, vehicles.asked.Load())
	w.post(200, "civil-preparer", "/v1/cases/m-2/withdraw", object{})
	w.post(409, "civil-preparer", path, nil)
	require.EqualValues(t, 1, registry.asked.Load())
	var list struct{ Sources []struct{ ID, Asked string } }
	w.get("civil-preparer", "/v1/matches/sources", &list)
	require.Len(t, list.Sources, 3)
	require.Equal(t, "folder", list.Sources[2].Asked)
}

// A file of a department is taken once: each line is recorded in every live case, becomes a need, or is refused in the report.
func TestFilesOfDepartments(t *testing.T) {
	w, _, _, pensions, folder := matchingWorld(t)
	members := w.household("m-3", 721, 722)
	stranger := relief.NewSubjectRef(1, []byte("somebody in no case"), mustNumber(t, 731))
	forged := pensions.says(members[0], time.Now(), "clear", false)
	forged.Code = "deceased"
	lines := []string{
		line(pensions.says(members[1], time.Now(), "deceased", true), ""), line(pensions.says(stranger, time.Now(), "unemployed", false), "530181001"),
		line(pensions.says(stranger, time.Now().Add(-time.Second), "clear", false), ""), line(forged, ""), "x,y,z\n",
		line(pensions.says(stranger, time.Now(), "unemployed", false), "53x"),
	}
	text := "人员编号,结果,查询时间,摘要,签名,区划\n" + strings.Join(lines, "")
	w.drop(folder, "november", text)
	c := w.theCase("m-3")
	require.Len(t, c.Matches, 1)
	require.Equal(t, "deceased", c.Matches[0].Code)
	var needs struct{ Items []casework.Need }
	w.get("civil-preparer", "/v1/needs?state=found", &needs)
	require.Len(t, needs.Items, 1)
	require.Equal(t, relief.Region("530181001"), needs.Items[0].Region)
	require.Equal(t, stranger, needs.Items[0].Subject)
	require.Equal(t, "line,taken,reason\r\n2,true,\r\n3,true,\r\n4,false,该对象没有有效的案卷 · the person has no live case\r\n"+
		"5,false,INVALID[signature]: 签名（signature）：不符合规则。 · the statement is not signed by pensions\r\n"+
		"6,false,答复缺少 摘要 · the answer has no 摘要\r\n7,false,区划不是有效的区划代码 · the region is not a region code\r\n", report(t, folder, "november"))

	// The gateway was stopped after it had recorded the file and before it had moved it.
	height := w.height()
	w.stop["CivilAffairsMSP"]()
	taken, err := filepath.Glob(filepath.Join(folder, "taken", "november-*.csv"))
	require.NoError(t, err)
	for _, f := range taken {
		if !strings.HasSuffix(f, ".report.csv") {
			require.NoError(t, os.Rename(f, filepath.Join(folder, "answers", "november.csv")))
		}
	}
	w.restart("CivilAffairsMSP")
	w.taken(folder)
	require.Len(t, w.theCase("m-3").Matches, 1)
	w.get("civil-preparer", "/v1/needs?state=found", &needs)
	require.Len(t, needs.Items, 1)
	require.LessOrEqual(t, w.height(), height+2)
	again, err := filepath.Glob(filepath.Join(folder, "taken", "*"))
	require.NoError(t, err)
	require.Len(t, again, 2, "one file and one report")
}

func mustNumber(t *testing.T, household int) relief.IDNumber {
	t.Helper()
	n, code := relief.ParseIDNumber(invent.Household(household).ID())
	require.Empty(t, code)
	return n
}

func line(s registry.MatchStatement, region string) string {
	return strings.Join([]string{s.Subject.String(), s.Code, s.QueriedAt.Format(time.RFC3339), s.ResultSHA256, s.Signature, region}, ",") + "\n"
}

// drop leaves a file as a department does, and waits until it was taken.
func (w *world) drop(folder, name, text string) {
	w.t.Helper()
	building := filepath.Join(folder, "answers", "."+name)
	require.NoError(w.t, os.WriteFile(building, []byte(text), 0o600))
	require.NoError(w.t, os.Rename(building, filepath.Join(folder, "answers", name+".csv")))
	w.taken(folder)
}

func (w *world) taken(folder string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		left, err := filepath.Glob(filepath.Join(folder, "answers", "*.csv"))
		return err == nil && len(left) == 0
	}, waitLong, waitTick)
}

func report(t *testing.T, folder, name string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "taken", name+"-*.report.csv"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return string(text)
}

// While the ledger cannot be reached, or the duty is missing, a file stays where it is.
func TestFilesWaitForTheLedger(t *testing.T) {
	w, _, _, pensions, folder := matchingWorld(t)
	members := w.household("m-4", 741)
	text := "人员编号,结果,查询时间,摘要,签名,区划\n" + line(pensions.says(members[0], time.Now(), "clear", false), "")
	w.stop["CivilAffairsMSP"]()
	w.configs["CivilAffairsMSP"].Matching.As = "civil-approver"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "answers", "a.csv"), []byte(text), 0o600))
	w.restart("CivilAffairsMSP")
	require.Eventually(t, func() bool { return strings.Contains(w.log.String(), "could not be taken and is tried again") }, waitLong, waitTick)
	require.FileExists(t, filepath.Join(folder, "answers", "a.csv"))
	require.Empty(t, w.theCase("m-4").Matches)
	w.configs["CivilAffairsMSP"].Matching.As = "civil-preparer"
	w.restart("CivilAffairsMSP")
	w.taken(folder)
	require.Len(t, w.theCase("m-4").Matches, 1)
}

// On schedule a department is asked about every live case. New findings are recorded, repeated ones are not.
func TestRoundsOfQuestions(t *testing.T) {
	w, registry, vehicles, _, _ := matchingWorld(t)
	members := w.household("m-5", 751, 752)
	w.household("m-6", 761)
	w.post(200, "civil-preparer", "/v1/cases/m-6/withdraw", object{})
	registry.says200("clear", false)
	w.configs["CivilAffairsMSP"].Matching.Sources[0].Every = time.Hour
	ended := func(rounds int) func() bool {
		return func() bool {
			return strings.Count(w.log.String(), "asked a department about all live cases") == rounds
		}
	}
	w.restart("CivilAffairsMSP")
	require.Eventually(t, ended(1), waitLong, waitTick)
	require.Len(t, w.theCase("m-5").Matches, 2)
	require.Empty(t, w.theCase("m-6").Matches, "it was withdrawn")
	require.EqualValues(t, 2, registry.asked.Load())
	require.Zero(t, vehicles.asked.Load(), "it has no period")

	// The next round is a restart's; one member has died since.
	registry.answer = func(rw http.ResponseWriter, ref relief.SubjectRef) {
		code := map[bool]string{true: "deceased", false: "clear"}[ref == members[1]]
		registry.write(rw, registry.says(ref, time.Now(), code, code == "deceased"))
	}
	w.restart("CivilAffairsMSP")
	require.Eventually(t, ended(2), waitLong, waitTick)
	c := w.theCase("m-5")
	require.Len(t, c.Matches, 3)
	require.True(t, c.Matches[2].Adverse)
	require.Equal(t, members[1], c.Matches[2].Subject)
}

// An official asks about somebody in no case: only departments whose findings may show a need, and a finding that does is a work item.
func TestNeedsAreSearchedFor(t *testing.T) {
	w, registry, vehicles, _, _ := matchingWorld(t)
	w.household("m-9", 791)
	registry.says200("poor", false)
	const path = "/v1/needs/queries"
	person := func(n int, edits object) object {
		o := object{"id_number": invent.Household(n).ID(), "name": "欧阳试对", "region": "530181001"}
		for k, v := range edits {
			o[k] = v
		}
		return o
	}
	var answers strings.Builder
	for name, c := range map[string]struct {
		as     string
		body   any
		status int
		kind   string
	}{
		"the approver":            {"civil-approver", person(792, nil), 403, "forbidden"},
		"another county":          {"civil-other-county", person(792, nil), 403, "outside-region"},
		"finance":                 {"finance-preparer", person(792, nil), 403, "forbidden"},
		"somebody in a case":      {"civil-preparer", person(791, nil), 409, "duplicate"},
		"no number":               {"civil-preparer", person(792, object{"id_number": "11010519491231002"}), 422, "invalid"},
		"no region":               {"civil-preparer", person(792, object{"region": "x"}), 422, "invalid"},
		"a name without end":      {"civil-preparer", person(792, object{"name": strings.Repeat("长", 101)}), 422, "invalid"},
		"who cannot show a need":  {"civil-preparer", person(792, object{"sources": []string{"registry", "vehicles"}}), 422, "invalid"},
		"a member that is none":   {"civil-preparer", person(792, object{"ref": "x"}), 422, "invalid"},
		"a department that isn't": {"civil-preparer", person(792, object{"sources": []string{"police"}}), 422, "invalid"},
		"nobody":                  {"civil-preparer", object{}, 422, "invalid"},
	} {
		var p struct{ Type string }
		a := w.post(c.status, c.as, path, c.body)
		a.into(t, &p)
		require.Equal(t, "/problems/"+c.kind, p.Type, name)
		answers.Write(a.body)
	}
	require.Zero(t, registry.asked.Load())

	search := func(n int) string {
		var r matching.Report
		a := w.post(200, "civil-preparer", path, person(n, nil))
		a.into(t, &r)
		answers.Write(a.body)
		results := []string{}
		for _, s := range r.Sources {
			results = append(results, string(s.Source)+" "+string(s.Answers[0].Result))
			require.Equal(t, s.Answers[0].Need != "", s.Answers[0].Code == "poor")
		}
		return strings.Join(results, ", ")
	}
	require.Equal(t, "registry recorded, pensions asked", search(792))
	require.Contains(t, []string{"registry unchanged, pensions asked", "registry recorded, pensions asked"}, search(792))
	registry.says200("clear", false)
	require.Equal(t, "registry nothing, pensions asked", search(793))
	registry.answer = func(rw http.ResponseWriter, ref relief.SubjectRef) {
		s := registry.says(ref, time.Now(), "rich", false)
		s.Code = "poor"
		registry.write(rw, s)
	}
	var forged matching.Report
	w.post(200, "civil-preparer", path, person(794, nil)).into(t, &forged)
	require.Equal(t, matching.Refused, forged.Sources[0].Answers[0].Result)
	require.Empty(t, forged.Sources[0].Answers[0].Need)
	var needs struct{ Items []casework.Need }
	w.get("civil-preparer", "/v1/needs?state=found", &needs)
	require.Len(t, needs.Items, 1)
	require.Equal(t, relief.Region("530181001"), needs.Items[0].Region)
	require.Zero(t, vehicles.asked.Load())
	w.noTraceOfNumbers(&answers, 791, 792, 793, 794)
}
