package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// The lists that wait are of an earlier month, each with as many people.
const (
	waitingPeriod = "2026-10"
	waitingPeople = 5
)

// stages are how far a waiting list has come: the verbs that were done with it.
var stages = []struct {
	name  string
	verbs []string
}{
	{"open", nil},
	{"sealed", []string{"seal"}},
	{"approved", []string{"seal", "approve"}},
	{"file", []string{"seal", "approve", "payment-file"}},
	{"authorised", []string{"seal", "approve", "payment-file", "authorise"}},
	{"instructed", []string{"seal", "approve", "payment-file", "authorise", "instruct"}},
	{"recalled", []string{"seal", "approve", "payment-file", "authorise", "instruct", "take-back"}},
	{"answered", []string{"seal", "approve", "payment-file", "authorise", "instruct", "answers"}},
}

// leaveWork leaves every list of the workplace with something to do, for whoever looks at the pages afterwards, and says where they are.
func (s *story) leaveWork(ctx context.Context) error {
	s.out.Chapter("留给各岗位的待办，可以在网页上接着办", "What is left to do for each role, at the workplace")
	for n, stage := range stages {
		if err := s.waitingList(ctx, n, stage.name, stage.verbs); err != nil {
			return fmt.Errorf("the list %s: %w", stage.name, err)
		}
	}
	s.out.Say("%d 份名单，各停在一步 · a list at each step from upload to closing", len(stages))
	for _, leave := range []func(context.Context) error{s.waitingMoney, s.waitingRoll, s.waitingChanges, s.waitingCases} {
		if err := leave(ctx); err != nil {
			return err
		}
	}
	s.links()
	return nil
}

// waitingList opens a list of some people and does the verbs with it.
func (s *story) waitingList(ctx context.Context, n int, name string, verbs []string) error {
	rows := strings.SplitAfter(string(s.list), "\n")
	first := 1 + 40 + n*waitingPeople // the people before are for trying things out by hand
	list := strings.ReplaceAll(rows[0]+strings.Join(rows[first:first+waitingPeople], ""), period, waitingPeriod)
	count, sum, err := controlTotals([]byte(list))
	if err != nil {
		return err
	}
	batch := s.programme + "-" + waitingPeriod + "-" + name
	if _, err := s.civilPreparer.Post(ctx, "/v1/batches", batch+"-open", map[string]any{
		"id": batch, "programme": s.programme, "region": county, "period": waitingPeriod, "tranche": s.tranche, "count": count, "sum": sum,
	}, nil); err != nil {
		return err
	}
	job, err := s.civilPreparer.Upload(ctx, http.MethodPut, "/v1/batches/"+batch+"/lines", batch+"-lines", strings.NewReader(list), nil)
	if err != nil {
		return err
	}
	if err := expect("lines accepted", job.Result.Accepted, count); err != nil {
		return err
	}
	for _, verb := range verbs {
		if err := s.take(ctx, batch, verb); err != nil {
			return fmt.Errorf("%s: %w", verb, err)
		}
	}
	return nil
}

// take does one step of a list, by the official whose duty it is.
func (s *story) take(ctx context.Context, batch, verb string) error {
	by, path, body := s.financePreparer, verb, any(struct{}{})
	switch verb {
	case "seal":
		by = s.civilPreparer
	case "approve":
		by = s.civilApprover
	case "take-back":
		body = map[string]string{"reason": "银行整批退回"}
	case "authorise":
		var b struct {
			FileSHA256 string `json:"file_sha256"`
		}
		if err := s.financeApprover.Get(ctx, "/v1/batches/"+batch, &b); err != nil {
			return err
		}
		by, path, body = s.financeApprover, "approve", b
	case "answers":
		return s.settle(ctx, batch, func(int) bool { return false })
	}
	_, err := by.Post(ctx, "/v1/batches/"+batch+"/"+path, batch+"-"+verb, body, nil)
	return err
}

// waitingMoney leaves a move of money to confirm, and entries of a statement that are no payments.
func (s *story) waitingMoney(ctx context.Context) error {
	if _, err := s.financePreparer.Post(ctx, "/v1/tranches/"+s.tranche+"/top-ups", s.tranche+"-top-up", map[string]string{
		"amount": "50000.00", "document": "云财社〔2026〕90号", "reason": "追加四季度资金",
	}, nil); err != nil {
		return err
	}
	statement := paybank.New("NX-fees-"+s.programme, 2, s.account, paybank.Today(), 100_00)
	statement.Book("账户管理费", -12_34)
	statement.Book("短信服务费", -23_45)
	_, err := s.financePreparer.SendBankFile(ctx, "/v1/statements", s.programme+"-fees", statement.Document())
	return err
}

// waitingRoll leaves the import of a roll and a change of an entry to confirm.
func (s *story) waitingRoll(ctx context.Context) error {
	head := invent.Household(9920)
	file := fmt.Sprintf("%s\n5301810009920,530181003214,欧阳试例,%s,%s,农村信用社,1,B,18000000000,480.00\n",
		strings.TrimSpace(strings.SplitN(string(s.roll), "\n", 2)[0]), head.ID(), head.Account())
	if _, err := s.civilPreparer.Upload(ctx, http.MethodPost, "/v1/programmes/"+s.programme+"/roll", s.programme+"-waiting-roll", bytes.NewReader([]byte(file)), nil); err != nil {
		return err
	}
	var page struct{ Items []struct{ Subject string } }
	if err := s.civilPreparer.Get(ctx, "/v1/batches/"+s.batch+"/lines?limit=1", &page); err != nil {
		return err
	}
	_, err := s.civilPreparer.Post(ctx, "/v1/changes", s.programme+"-waiting-change", map[string]string{
		"kind": "exit", "programme": s.programme, "subject": page.Items[0].Subject, "reason": "moved", "last_period": "2027-08",
	}, nil)
	return err
}

// waitingChanges leaves a version of the programme to put in force, and changes of the registry to agree to.
func (s *story) waitingChanges(ctx context.Context) error {
	var programme struct{ Versions []map[string]any }
	if err := s.civilPreparer.Get(ctx, "/v1/programmes/"+s.programme, &programme); err != nil {
		return err
	}
	next := programme.Versions[len(programme.Versions)-1]
	delete(next, "state")
	delete(next, "acts")
	next["version"], next["max_amount"] = len(programme.Versions)+1, "6600.00"
	if _, err := s.civilPreparer.Post(ctx, "/v1/programmes", s.programme+"-next", next, nil); err != nil {
		return err
	}
	var registry struct {
		Calendar struct {
			Holidays  []string `json:"holidays"`
			Workdays  []string `json:"workdays"`
			UTCOffset int      `json:"utc_offset"`
		} `json:"calendar"`
	}
	if err := s.auditReader.Get(ctx, "/v1/registry", &registry); err != nil {
		return err
	}
	for agency, by := range map[string]*restclient.Client{"civil": s.civilRegistrar, "finance": s.financeRegistrar} {
		change := registry.Calendar
		day := map[string]string{"civil": "2027-05-01", "finance": "2027-10-01"}[agency]
		change.Holidays = append([]string{day}, change.Holidays...)
		if _, err := by.Post(ctx, "/v1/registry/proposals", s.programme+"-holiday-"+agency, map[string]any{
			"id": s.programme + "-holiday-" + agency, "change": map[string]any{"calendar": change},
		}, nil); err != nil {
			return err
		}
	}
	return nil
}

// waitingCases leaves one application as it was taken, one whose notice has run, and one with an objection.
func (s *story) waitingCases(ctx context.Context) error {
	for n, until := range []string{"applied", "noticed", "objected"} {
		h := &household{story: s, programme: strings.Replace(s.programme, "dibao", "jinan", 1), head: invent.Household(9910 + n)}
		h.id = fmt.Sprintf("%s-waiting-%d", h.programme, n+1)
		if _, err := s.civilTownship.Post(ctx, "/v1/cases", h.id+"-apply", h.application(h.id), nil); err != nil {
			return err
		}
		if until == "applied" {
			continue
		}
		if err := h.visit(ctx); err != nil {
			return err
		}
		if err := h.notice(ctx); err != nil {
			return err
		}
		if until == "objected" {
			if err := h.act(ctx, s.civilVillage, "objections", map[string]string{"channel": "hotline", "sha256": strings.Repeat("b", 64)}, "有人提出异议 · somebody objects"); err != nil {
				return err
			}
		}
	}
	return nil
}

// links says where each role finds its work.
func (s *story) links() {
	for _, official := range []struct {
		name string
		at   *restclient.Client
	}{
		{"civil-township", s.civilTownship}, {"civil-preparer", s.civilPreparer}, {"civil-approver", s.civilApprover}, {"civil-registrar", s.civilRegistrar},
		{"finance-preparer", s.financePreparer}, {"finance-approver", s.financeApprover}, {"finance-registrar", s.financeRegistrar},
		{"audit-reader", s.auditReader}, {"audit-registrar", s.auditRegistrar},
	} {
		s.out.Say("%s/work   %s", official.at.Base, official.name)
	}
	s.out.Say("令牌 tokens: %s", s.tokens)
	s.out.Say("核验回执 receipts %s/ · 公示 notices %s/notices · 接口 API %s/docs", s.auditReader.Base, s.civilPreparer.Base, s.civilPreparer.Base)
}
