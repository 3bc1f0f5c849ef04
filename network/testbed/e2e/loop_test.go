package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// loop is one household's case on the real network, through REST, with each step by an official who holds the duty.
type loop struct {
	t      *testing.T
	id     string
	record casework.Case
}

// act posts on the case and reads it again.
func (l *loop) act(by, path string, body any, becomes casework.CaseState) {
	l.t.Helper()
	_, err := as(l.t, by).Post(l.t.Context(), "/v1/cases/"+l.id+"/"+path, fmt.Sprint(l.id, path, by, len(l.record.Acts)), body, nil)
	require.NoError(l.t, err, "%s by %s", path, by)
	l.read()
	require.Equal(l.t, becomes, l.record.State)
}

// change has a change of the household's roll entry proposed by an official and confirmed by civil-approver.
func (l *loop) change(by string, body obj, becomes casework.CaseState) {
	l.t.Helper()
	body["programme"], body["subject"] = l.record.Programme, l.record.Head()
	require.NoError(l.t, restclient.Change(l.t.Context(), as(l.t, by), as(l.t, "civil-approver"), fmt.Sprint(l.id, body["kind"], len(l.record.Acts)), body))
	l.read()
	require.Equal(l.t, becomes, l.record.State)
}

func (l *loop) refused(status int, by, path string, body any) {
	l.t.Helper()
	_, err := as(l.t, by).Post(l.t.Context(), "/v1/cases/"+l.id+"/"+path, fmt.Sprint(l.id, path, by, len(l.record.Acts), "refused"), body, nil)
	problem(l.t, err, status)
}

func (l *loop) read() {
	l.t.Helper()
	l.record = casework.Case{}
	require.NoError(l.t, as(l.t, "audit-reader").Get(l.t.Context(), "/v1/cases/"+l.id, &l.record))
}

// testLoop: from application to exit and appeal, with a payment of what was granted.
func testLoop(t *testing.T) {
	const programme = "loop"
	p := straight(t)
	d := p.newDepartment("loop-registry")
	p.caseProgramme(programme, 0, d)
	p.issue(programme)
	head, spouse := invent.Household(9101), invent.Household(9102)
	l := &loop{t: t, id: "loop-1"}
	_, err := as(t, "civil-township").Post(t.Context(), "/v1/cases", "loop-apply", obj{
		"id": l.id, "programme": programme, "region": village, "settlement": "rural", "account": head.Account(), "income": "900.00", "reason": "因病致贫",
		"members": []obj{{"name": "欧阳试环", "id_number": head.ID()}, {"name": "司徒试环", "id_number": spouse.ID(), "relation": "spouse"}},
	}, nil)
	require.NoError(t, err)
	l.read()
	members := l.record.Members
	require.Len(t, members, 2)

	terms := obj{"class": "B", "persons": 2, "amount": "960.00"}
	l.refused(http.StatusConflict, "civil-township", "notices", terms)
	l.act("civil-village", "evidence", obj{
		"kind": "home-visit", "taken_at": "2026-11-01T02:00:00Z", "region": village, "sha256": zeros, "media_type": "image/jpeg",
	}, casework.CaseApplied)
	for _, m := range members {
		l.act("civil-preparer", "matches", obj{"statement": d.says(m, "clear")}, casework.CaseApplied)
	}
	l.act("civil-township", "notices", terms, casework.CaseNoticed)
	grant := obj{"outcome": "granted"}
	l.refused(http.StatusForbidden, "civil-township", "decision", grant)
	l.act("civil-approver", "decision", grant, casework.CaseInForce)
	require.NotEmpty(t, l.record.RecheckOn)
	require.False(t, l.record.Decision.Late)

	var roll struct{ Entries []roll.Entry }
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/subjects/"+members[0].String(), &roll))
	require.Len(t, roll.Entries, 1)
	require.EqualValues(t, 96000, roll.Entries[0].Amount)

	payment := payTheGrant(t, programme, head)
	testStepsOfAPayment(t, payment)

	change := obj{"finding": "change", "terms": obj{"class": "C", "persons": 1, "amount": "330.00"}, "facts": obj{ // another income, one member less
		"account": head.Account(), "income": "1500.00", "reason": "配偶已离家", "members": []obj{{"name": "欧阳试环", "id_number": head.ID()}},
	}}
	l.act("civil-preparer", "reviews", change, casework.CaseReviewed)
	require.Equal(t, "900.00", l.income("civil-township", ""), "until the re-check is confirmed")
	require.Equal(t, "1500.00", l.income("civil-approver", "?review=pending"))
	l.refused(http.StatusForbidden, "civil-preparer", "reviews/confirm", obj{"agree": true})
	l.act("civil-approver", "reviews/confirm", obj{"agree": true}, casework.CaseInForce)
	require.EqualValues(t, 33000, l.record.Terms.Amount)
	require.Equal(t, "1500.00", l.income("civil-township", ""))
	require.Equal(t, "900.00", l.income("civil-township", "?act=0"), "what the grant rested on")
	require.Equal(t, members[:1], l.record.Members)
	l.change("civil-preparer", obj{"kind": "suspend", "from": monthFromNow(1), "reason": "核查收入"}, casework.CaseSuspended)
	l.change("civil-preparer", obj{"kind": "resume", "from": monthFromNow(1)}, casework.CaseInForce)
	l.change("civil-preparer", obj{"kind": "exit", "reason": "income", "last_period": monthFromNow(0)}, casework.CaseExited)
	testAppeal(t, l)
	testTrailOfTheLoop(t, l)
}

// income is the household's income by its facts, as an official reads them.
func (l *loop) income(by, query string) string {
	l.t.Helper()
	var facts struct{ Income string }
	require.NoError(l.t, as(l.t, by).Get(l.t.Context(), "/v1/cases/"+l.id+"/facts"+query, &facts))
	return facts.Income
}

// payTheGrant lists, approves, instructs and settles this month's payment. An amount other than the granted one is
// refused.
func payTheGrant(t *testing.T, programme string, head invent.Household) string {
	t.Helper()
	const batch = "loop-pay"
	row := func(amount string) string {
		return "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注\n" +
			fmt.Sprintf("1,%s,欧阳试环,%s,%s,农村信用社,2,%s,%s,\n", village, head.ID(), head.Account(), amount, monthFromNow(0))
	}
	_, err := as(t, "civil-preparer").Post(t.Context(), "/v1/batches", "loop-open", obj{
		"id": batch, "programme": programme, "region": "530181", "period": monthFromNow(0), "tranche": trancheOf(programme, 0), "count": 1, "sum": "960.00",
	}, nil)
	require.NoError(t, err)
	job := uploadLines(t, batch, "loop-lines-wrong", []byte(row("961.00")))
	require.Equal(t, 1, job.Result.Refused)
	require.Equal(t, string(relief.LineAmountNotGranted), job.Result.Refusals[0].Code)
	job = uploadLines(t, batch, "loop-lines", []byte(row("960.00")))
	require.Equal(t, 1, job.Result.Accepted, "%+v", job.Result.Refusals)
	for _, step := range [][2]string{{"civil-preparer", "seal"}, {"civil-approver", "approve"}} {
		_, err := as(t, step[0]).Post(t.Context(), "/v1/batches/"+batch+"/"+step[1], batch+step[0]+step[1], struct{}{}, nil)
		require.NoError(t, err)
		testPayeeCheck(t, batch)
	}
	require.NoError(t, restclient.TellBank(t.Context(), as(t, "finance-preparer"), as(t, "finance-approver"), batch))
	var page struct{ Items []struct{ ID string } }
	require.NoError(t, as(t, "finance-preparer").Get(t.Context(), "/v1/batches/"+batch+"/lines", &page))
	require.Len(t, page.Items, 1)
	answers := "支付编号,金额,结果,原因代码,日期,银行流水号\n" + page.Items[0].ID + ",960.00,credited,," + paybank.Today() + ",LOOP1\n"
	job, err = as(t, "finance-preparer").Upload(t.Context(), http.MethodPost, "/v1/batches/"+batch+"/settlements", "loop-settle", strings.NewReader(answers), nil)
	require.NoError(t, err)
	require.Equal(t, 1, job.Result.Accepted, "%+v", job.Result.Refusals)
	return page.Items[0].ID
}

// testPayeeCheck has both agencies that keep private details compare the payee's with the ledger; audit cannot.
func testPayeeCheck(t *testing.T, batch string) {
	t.Helper()
	type report struct{ Checked, Agree, Differ, Missing int }
	for _, who := range []string{"civil-approver", "finance-preparer"} {
		var r report
		require.NoError(t, as(t, who).Get(t.Context(), "/v1/batches/"+batch+"/payee-check", &r))
		require.Equal(t, report{Checked: 1, Agree: 1}, r, who)
	}
	var refused *restclient.Problem
	require.ErrorAs(t, as(t, "audit-reader").Get(t.Context(), "/v1/batches/"+batch+"/payee-check", nil), &refused)
	require.Equal(t, http.StatusForbidden, refused.Status)
}

// steps gives the case's steps, by act: who did each, or else who holds its duty.
func steps(t *testing.T, path string) map[relief.Act][]api.Step {
	t.Helper()
	var list struct{ Steps []api.Step }
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), path, &list))
	out := map[relief.Act][]api.Step{}
	for _, s := range list.Steps {
		require.NotEmpty(t, s.Name)
		require.True(t, s.By != nil || len(s.Holders) > 0, "%s: no official is responsible for it", s.Act)
		out[s.Act] = append(out[s.Act], s)
	}
	return out
}

// testStepsOfAPayment: each step of the payment names the official who did it; one step is the decision on the case
// (R46, R47).
func testStepsOfAPayment(t *testing.T, payment string) {
	t.Helper()
	by := steps(t, "/v1/payments/"+payment+"/duties")
	for act, name := range map[relief.Act]string{
		relief.ActCaseDecide: "civil-approver", relief.ActPaymentSeal: "civil-preparer", relief.ActPaymentApprove: "civil-approver", relief.ActPaymentMakeFile: "finance-preparer",
		relief.ActPaymentAuthorise: "finance-approver", relief.ActPaymentInstruct: "finance-preparer", relief.ActProgrammeEnact: "finance-approver",
	} {
		require.NotEmpty(t, by[act], act)
		require.NotNil(t, by[act][0].By, act)
		require.Equal(t, name, by[act][0].By.Name, act)
	}
}

// testAppeal: the appeal of the exited applicant has its own deadline, and an official with an earlier act on the case
// may not decide it.
func testAppeal(t *testing.T, l *loop) {
	t.Helper()
	l.act("civil-township", "appeals", obj{"sha256": zeros}, casework.CaseExitAppealed)
	require.Equal(t, relief.DefaultCalendar.Day(time.Now()).Add(60), l.record.Due)
	reversed := obj{"upheld": false, "sha256": zeros}
	l.refused(http.StatusForbidden, "civil-approver", "appeals/decision", reversed)
	l.act("civil-second-approver", "appeals/decision", reversed, casework.CaseInForce)
	var rollAnswer struct{ Entries []roll.Entry }
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/subjects/"+l.record.Head().String(), &rollAnswer))
	require.Equal(t, roll.InForce, rollAnswer.Entries[0].State)
}

// testTrailOfTheLoop: every step is in the trail, each endorsed by all three.
func testTrailOfTheLoop(t *testing.T, l *loop) {
	t.Helper()
	var trail struct {
		Steps []struct {
			Act       relief.Act
			By        struct{ Name string }
			Endorsers []struct{ Agency string }
		}
	}
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/cases/"+l.id+"/trail", &trail))
	var done []string
	for _, s := range trail.Steps {
		require.Len(t, s.Endorsers, 3, s.Act)
		done = append(done, string(s.Act)+" "+s.By.Name)
	}
	require.Equal(t, []string{
		"case.apply civil-township", "case.attach civil-village", "case.match civil-preparer", "case.match civil-preparer", "case.notice civil-township",
		"case.decide civil-approver", "case.review civil-preparer", "case.confirm civil-approver", "roll.confirm_change civil-approver",
		"roll.confirm_change civil-approver", "roll.confirm_change civil-approver", "case.appeal civil-township", "case.decide_appeal civil-second-approver",
	}, done)
	by := steps(t, "/v1/cases/"+l.id+"/duties")
	require.Equal(t, "civil-village", by[relief.ActCaseAttach][0].By.Name)
	require.Equal(t, "civil-preparer", by[relief.ActRollExit][0].By.Name)
	a, err := as(t, "audit-reader").Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/cases/" + l.id + "/trail?format=prov"})
	require.NoError(t, err)
	require.Contains(t, string(a.Body), "civil-village")
}
