package e2e

import (
	"bytes"
	"crypto/tls"
	"encoding/csv"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/simplifiedchinese"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/topology"
	"relieftrail/network/topology/templates"
)

const (
	matchProgramme = "match"
	matchToken     = "token-of-an-invented-department"
)

// office is an invented department with a REST interface of its own: HTTPS, a client certificate, a bearer token, and
// other field names.
type office struct {
	department
	*httptest.Server
	client []byte // the only client certificate that it accepts, DER
	away   atomic.Bool
	asked  atomic.Int32
	// network is the topology in which civil affairs' gateway sends it questions.
	network string
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.asked.Add(1)
	var q struct {
		PersonCode, CertNo, SystemID string
	}
	err := json.NewDecoder(r.Body).Decode(&q)
	ref, unknown := relief.ParseSubjectRef(q.PersonCode)
	switch {
	case o.away.Load():
		w.WriteHeader(http.StatusBadGateway)
	case err != nil || unknown != nil || len(q.CertNo) != 18 || q.SystemID != "Relief" || r.URL.RawQuery != "":
		w.WriteHeader(http.StatusBadRequest)
	case r.Header.Get("Authorization") != "Bearer "+matchToken || !bytes.Equal(r.TLS.PeerCertificates[0].Raw, o.client):
		w.WriteHeader(http.StatusForbidden)
	default:
		s := o.says(ref, "clear")
		_ = json.NewEncoder(w).Encode(obj{"head": obj{"sign": s.Signature}, "list": []obj{{
			"code": s.Code, "person": s.Subject, "time": s.QueriedAt, "digest": s.ResultSHA256, "bad": s.Adverse,
		}}})
	}
}

// openOffice starts the department. Civil affairs' gateway sends questions to it, and to another department by files in
// a folder.
func openOffice(t *testing.T, p peers, rest, files department, folder string) *office {
	t.Helper()
	identity := p.agency("civil").User(topology.GatewayUser)
	block, _ := pem.Decode(must(os.ReadFile(identity.Cert)))
	o := &office{department: rest, client: block.Bytes}
	o.Server = httptest.NewUnstartedServer(o)
	o.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}
	o.StartTLS()
	t.Cleanup(o.Close)
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		return file
	}
	matching := obj{"as": "civil-preparer", "poll": "100ms", "patience": "10s", "sources": []obj{
		{
			"id": rest.id, "needs": obj{"codes": []string{"clear"}, "programme": matchProgramme, "region": "530181"}, "mapping": obj{
				"subject": "/list/0/person", "code": "/list/0/code", "queried_at": "/list/0/time", "result_sha256": "/list/0/digest",
				"adverse": "/list/0/bad", "signature": "/head/sign",
			},
			"rest": obj{
				"url": o.URL + "/query", "ca_file": write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.Certificate().Raw})),
				"cert_file": identity.Cert, "key_file": identity.Key, "token_file": write("token", []byte(matchToken+"\n")),
				"fields": obj{"subject": "personCode", "id_number": "certNo"}, "constants": []obj{{"name": "systemID", "value": "Relief"}},
			},
		},
		{
			"id": files.id, "folder": obj{"dir": folder, "encoding": "gb18030"},
			"mapping": obj{
				"subject": "人员编号", "code": "结果", "queried_at": "查询时间", "result_sha256": "摘要", "signature": "签名",
				"adverse_codes": []string{"car", "deceased", "unemployed"}, "region": "区划",
			},
			"needs": obj{"codes": []string{"unemployed"}, "programme": matchProgramme, "region": "530181"},
		},
	}}
	var network obj
	require.NoError(t, yaml.Unmarshal(must(templates.DevTopology()), &network))
	network["organisations"].([]any)[0].(obj)["matching"] = matching
	o.network = write("network.yaml", must(yaml.Marshal(network)))
	o.up(t)
	t.Cleanup(func() { _, _ = reliefnet("up") })
	return o
}

// up starts the nodes that do not run, with the gateway's settings for the department.
func (o *office) up(t *testing.T) {
	t.Helper()
	out, err := reliefnet("up", "--topology", o.network)
	require.NoError(t, err, out)
}

// leave puts a whole file of statements into the department's folder.
func leave(t *testing.T, folder, name string, regions map[relief.SubjectRef]string, statements ...registry.MatchStatement) {
	t.Helper()
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	rows := [][]string{{"人员编号", "结果", "查询时间", "摘要", "签名", "区划"}}
	for _, s := range statements {
		rows = append(rows, []string{s.Subject.String(), s.Code, s.QueriedAt.Format(time.RFC3339), s.ResultSHA256, s.Signature, regions[s.Subject]})
	}
	require.NoError(t, w.WriteAll(rows))
	encoded := must(simplifiedchinese.GB18030.NewEncoder().Bytes(text.Bytes()))
	building := filepath.Join(folder, "answers", "."+name)
	require.NoError(t, os.WriteFile(building, encoded, 0o600))
	require.NoError(t, os.Rename(building, filepath.Join(folder, "answers", name+".csv")))
}

func (l *loop) query(body obj) string {
	l.t.Helper()
	var report struct {
		Sources []struct {
			Source  string
			Answers []struct{ Result, Code string }
		}
	}
	_, err := as(l.t, "civil-preparer").Post(l.t.Context(), "/v1/cases/"+l.id+"/matches/queries", fmt.Sprintf("query-%d", time.Now().UnixNano()), body, &report)
	require.NoError(l.t, err)
	var told []string
	for _, s := range report.Sources {
		for _, a := range s.Answers {
			told = append(told, strings.TrimSpace(s.Source+" "+a.Result+" "+a.Code))
		}
	}
	l.read()
	return strings.Join(told, ", ")
}

func (l *loop) until(matches int) {
	l.t.Helper()
	require.Eventually(l.t, func() bool { l.read(); return len(l.record.Matches) == matches }, 30*time.Second, 50*time.Millisecond)
}

// testDepartments: a household is matched over REST and with files. The ledger refuses a decision while a statement is
// missing or adverse.
func testDepartments(t *testing.T) {
	folder := t.TempDir()
	p := straight(t)
	rest, files := p.newDepartment("match-insurance"), p.newDepartment("match-registry")
	draft := caseProgramme(matchProgramme, 1, 0, rest)
	draft["required_matches"] = []relief.DepartmentID{rest.id, files.id}
	p.do("civil-preparer", "programme:Draft", draft)
	p.do("finance-approver", "programme:Enact", obj{"id": matchProgramme, "version": 1})
	o := openOffice(t, p, rest, files, folder)

	head, spouse := invent.Household(9301), invent.Household(9302)
	l := &loop{t: t, id: "match-1"}
	application := obj{
		"id": l.id, "programme": matchProgramme, "region": village, "settlement": "rural", "account": head.Account(), "income": "900.00", "reason": "因病致贫",
		"members": []obj{{"name": "欧阳试核", "id_number": head.ID()}, {"name": "司徒试核", "id_number": spouse.ID(), "relation": "spouse"}},
	}
	_, err := as(t, "civil-township").Post(t.Context(), "/v1/cases", "match-apply", application, nil)
	require.NoError(t, err)
	l.read()
	l.act("civil-village", "evidence", obj{
		"kind": "home-visit", "taken_at": "2026-11-01T02:00:00Z", "region": village, "sha256": zeros, "media_type": "image/jpeg",
	}, casework.CaseApplied)
	terms, refusal := obj{"class": "B", "persons": 2, "amount": "960.00"}, obj{"outcome": "refused", "reason": "income"}
	l.refused(http.StatusConflict, "civil-township", "notices", terms)

	o.away.Store(true)
	require.Equal(t, "match-insurance unanswered, match-insurance unanswered, match-registry asked, match-registry asked", l.query(obj{}))
	require.Empty(t, l.record.Matches)
	o.away.Store(false)
	testQueryOnThePage(t, l)
	asked := o.asked.Load()
	require.Equal(t, "match-insurance unchanged clear, match-insurance unchanged clear", l.query(obj{"sources": []string{"match-insurance"}}))
	require.Equal(t, asked, o.asked.Load())
	l.refused(http.StatusConflict, "civil-township", "notices", terms)

	members := l.record.Members
	require.Equal(t, map[string]string{members[0].String(): head.ID(), members[1].String(): spouse.ID()}, questionsIn(t, folder))
	leave(t, folder, "answers-1", nil, files.says(members[0], "clear"), files.says(members[1], "car"))
	l.until(4)
	l.refused(http.StatusConflict, "civil-township", "notices", terms)
	l.refused(http.StatusConflict, "civil-approver", "decision", refusal)
	adverse := 2
	if !l.record.Matches[adverse].Adverse {
		adverse = 3
	}
	l.act("civil-township", "matches/answers", obj{"match": adverse, "outcome": "cleared", "sha256": zeros}, casework.CaseApplied)
	l.act("civil-township", "notices", terms, casework.CaseNoticed)
	l.act("civil-approver", "decision", obj{"outcome": "granted"}, casework.CaseInForce)

	testFindingsOfADepartment(t, l, o, files, folder)
	testDuplicateElsewhere(t, p, application)
	log := must(os.ReadFile(p.agency("civil").Node(topology.KindGateway).LogFile()))
	for _, secret := range []string{head.ID(), spouse.ID(), "欧阳试核", matchToken} {
		require.NotContains(t, string(log), secret)
	}
}

// questionsIn reads the questions in the department's folder: the references of the people that they are about.
func questionsIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	names := must(filepath.Glob(filepath.Join(folder, "questions", "*.csv")))
	require.Len(t, names, 1)
	text := must(simplifiedchinese.GB18030.NewDecoder().Bytes(must(os.ReadFile(names[0]))))
	asked := map[string]string{}
	for _, row := range must(csv.NewReader(bytes.NewReader(text)).ReadAll())[1:] {
		asked[row[0]] = row[1]
	}
	return asked
}

// testFindingsOfADepartment: a department reports a death without a question, while the gateway is down. The death is
// in the case once, and the household leaves the roll. A report of a person in need becomes a work item.
func testFindingsOfADepartment(t *testing.T, l *loop, o *office, files department, folder string) {
	t.Helper()
	stranger := someone("nobody-case", 1)
	stopNode(t, "civil-affairs/gateway")
	leave(t, folder, "answers-2", map[relief.SubjectRef]string{stranger: "530181001"}, files.says(l.record.Head(), "deceased"), files.says(stranger, "unemployed"))
	o.up(t)
	l.until(5)
	require.Equal(t, "deceased", l.record.Matches[4].Code)
	require.Eventually(t, func() bool { return slices.Contains(findings(t), l.id) }, 30*time.Second, 50*time.Millisecond, "a work item")
	require.Eventually(t, func() bool {
		return len(must(filepath.Glob(filepath.Join(folder, "taken", "answers-2-*.report.csv")))) == 1
	}, 30*time.Second, 50*time.Millisecond)
	var needs struct{ Items []casework.Need }
	require.Eventually(t, func() bool { // the gateway wrote it by itself, and its index follows
		require.NoError(t, as(t, "civil-township").Get(t.Context(), "/v1/needs?state=found&region=530181001", &needs))
		return len(needs.Items) == 1
	}, 30*time.Second, 50*time.Millisecond)
	require.Equal(t, stranger, needs.Items[0].Subject)

	number := invent.Household(9304).ID()
	var report struct {
		Sources []struct {
			Answers []struct{ Result, Need string }
		}
	}
	_, err := as(t, "civil-township").Post(t.Context(), "/v1/needs/queries", "match-search", obj{"id_number": number, "region": "530181001"}, &report)
	require.NoError(t, err)
	require.Equal(t, "recorded", report.Sources[0].Answers[0].Result, "over REST, too")
	require.NoError(t, as(t, "civil-township").Get(t.Context(), "/v1/needs/"+report.Sources[0].Answers[0].Need, &struct{}{}))

	l.refused(http.StatusUnprocessableEntity, "civil-preparer", "matches/answers", obj{"match": 0, "outcome": "cleared", "sha256": zeros})
	l.act("civil-township", "matches/answers", obj{"match": 4, "outcome": "confirmed", "sha256": zeros}, casework.CaseInForce)
	require.Contains(t, findings(t), l.id, "until what follows is done")
	l.change("civil-preparer", obj{"kind": "exit", "reason": "death", "died_on": relief.DefaultCalendar.Day(time.Now())}, casework.CaseExited)
	require.NotContains(t, findings(t), l.id)
}

// findings is the work list of cases with an adverse finding.
func findings(t *testing.T) (ids []string) {
	t.Helper()
	var page struct{ Items []struct{ ID string } }
	require.NoError(t, as(t, "civil-preparer").Get(t.Context(), "/v1/cases?list=finding&region=530181", &page))
	for _, c := range page.Items {
		ids = append(ids, c.ID)
	}
	return ids
}

// testDuplicateElsewhere: another county's application shows at once that a member of the household applies here too. It is
// taken, because one official's word locks nobody out elsewhere. The answer has no identity number.
func testDuplicateElsewhere(t *testing.T, p peers, application obj) {
	t.Helper()
	first := obj{}
	for k, v := range application {
		first[k] = v
	}
	first["id"] = "match-2"
	first["members"] = []obj{{"name": "诸葛试核", "id_number": invent.Household(9303).ID()}}
	_, err := as(t, "civil-township").Post(t.Context(), "/v1/cases", "match-apply-2", first, nil)
	require.NoError(t, err)
	other := caseProgramme("matchother", 1, 0, department{id: "match-insurance"})
	other["region"], other["overlap_refused"] = "530129", []string{matchProgramme}
	p.do("civil-other-county", "programme:Draft", other)
	p.do("finance-approver", "programme:Enact", obj{"id": "matchother", "version": 1})
	p.together() // the gateway's own peer has the programme in force, too
	second := obj{}
	for k, v := range first {
		second[k] = v
	}
	second["id"], second["programme"], second["region"] = "match-3", "matchother", "530129101201"
	var taken casework.Case
	answer, err := as(t, "civil-other-county").Post(t.Context(), "/v1/cases", "match-apply-3", second, &taken)
	require.NoError(t, err)
	require.NotEmpty(t, taken.Overlaps)
	require.NotContains(t, string(answer.Body), invent.Household(9303).ID())
}

// testQueryOnThePage: the official sends the questions by a button. The page shows the statements and those that are
// missing.
func testQueryOnThePage(t *testing.T, l *loop) {
	t.Helper()
	page := signIn(t, "civil-preparer", 1280, 900)
	page.Do(chromedp.Navigate(gatewayURL("civil") + "/desk#/case/" + l.id))
	page.Until(`document.querySelector(".missing") !== null`)
	require.Contains(t, page.Text(".missing"), "match-registry")
	page.press(`[data-act=query]`)
	page.submit()
	page.Until(`document.querySelector(".tell") !== null && document.querySelector(".tell").innerText.includes("match-insurance")`)
	page.Picture("desk-matching")
	require.Contains(t, page.Text(".tell"), "已记入账本")
	require.NotContains(t, page.Text(".missing"), "match-insurance", "what is answered is not missing any more")
	require.Contains(t, page.Text(".missing"), "match-registry")
	require.Empty(t, page.Faults())
	l.read()
	require.Len(t, l.record.Matches, 2)
}
