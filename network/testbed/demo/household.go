package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/printer"
	"relieftrail/network/testbed/restclient"
)

// household is one household's case, from application to exit, with each step by an official who holds the duty. Its
// programme has no public notice, because the story would otherwise take a week. Only the ledger of a test network
// allows that.
type household struct {
	*story
	programme, id, tranche string
	head                   invent.Household
	subject                relief.SubjectRef
	month                  relief.Period
	noticeDays             int
	steps                  int
}

const villageOfStory = "530181001001"

func (s *story) oneHousehold(ctx context.Context) error {
	s.out.Chapter("一户家庭：申请、调查、公示、审核、发放、复核、退出、申诉", "One household, from application to exit and appeal, each step by another official")
	var agreed registry.Registry
	if err := s.auditReader.Get(ctx, "/v1/registry", &agreed); err != nil {
		return err
	}
	now := time.Now().In(time.FixedZone("", 8*3600))
	h := &household{
		story: s, programme: strings.Replace(s.programme, "dibao", "jinan", 1), head: 9900, month: relief.MonthPeriod(now.Year()*12 + int(now.Month()) - 1),
		noticeDays: agreed.Parameters.MinNoticeDays,
	}
	h.id, h.tranche = h.programme+"-1", h.programme+"-money"
	for _, step := range []func(context.Context) error{h.enact, h.applyAndVisit, h.notice} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if h.noticeDays > 0 {
		s.out.Say("公示 %d 天，任何人不能缩短；故事到此为止 · the notice lasts %d days on this ledger: the story of this household ends here", h.noticeDays, h.noticeDays)
		return nil
	}
	for _, step := range []func(context.Context) error{h.decide, h.pay, h.checkAgain, h.leave, h.who} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (h *household) enact(ctx context.Context) error {
	draft := map[string]any{
		"id": h.programme, "version": 1, "name": "急难救助", "name_en": "Emergency relief", "region": county, "unit": "household", "cycle": "monthly",
		"min_amount": "100.00", "max_amount": "2000.00", "starts": "2026-01", "notice_days": h.noticeDays, "entitled_from": "same_period",
		"required_evidence": []string{"home-visit"}, "class_amounts": map[string]string{"B": "480.00"}, "recheck_months": map[string]int{"B": 6},
		"appeal_guide": "可向安宁市民政局申请复核", "pay_by_day": 10, "budget": map[string]string{"functional": "2082001", "economic": "30306"}, "segment_size": 1000,
	}
	if _, err := h.civilPreparer.Post(ctx, "/v1/programmes", h.programme+"-draft", draft, nil); err != nil {
		return err
	}
	if _, err := h.financeApprover.Post(ctx, "/v1/programmes/"+h.programme+"/enact", h.programme+"-enact", map[string]int{"version": 1}, nil); err != nil {
		return err
	}
	_, err := h.financeApprover.Post(ctx, "/v1/tranches", h.tranche, map[string]any{
		"id": h.tranche, "programme": h.programme, "region": county, "amount": "10000.00", "source": "云财社〔2026〕99号", "account": "9" + h.account[1:],
		"fiscal_year": 2026, "targets": map[string]string{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	}, nil)
	return err
}

// act posts an act on the case.
func (h *household) act(ctx context.Context, by *restclient.Client, path string, body any, words string) error {
	h.steps++
	if _, err := by.Post(ctx, "/v1/cases/"+h.id+"/"+path, fmt.Sprint(h.id, "-", h.steps), body, nil); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	h.out.Say("%s", words)
	return nil
}

// refused expects that the ledger refuses an act.
func (h *household) refused(ctx context.Context, by *restclient.Client, path string, body any, words string) error {
	h.steps++
	_, err := by.Post(ctx, path, fmt.Sprint(h.id, "-", h.steps), body, nil)
	var problem *restclient.Problem
	if !errors.As(err, &problem) || problem.Status < 400 || problem.Status >= 500 {
		return fmt.Errorf("%s should be refused, but: %w", path, err)
	}
	h.out.Say("%s（%d）", words, problem.Status)
	return nil
}

func (h *household) application(id string) map[string]any {
	return map[string]any{
		"id": id, "programme": h.programme, "region": villageOfStory, "settlement": "rural", "account": h.head.Account(), "income": "300.00",
		"reason": "房屋失火", "members": []map[string]string{{"name": "某甲", "id_number": h.head.ID()}},
	}
}

func (h *household) applyAndVisit(ctx context.Context) error {
	var record struct {
		Members []relief.SubjectRef `json:"members"`
	}
	if _, err := h.civilTownship.Post(ctx, "/v1/cases", h.id+"-apply", h.application(h.id), &record); err != nil {
		return err
	}
	h.subject = record.Members[0]
	h.out.Say("乡镇受理申请 %s；收入、健康等只以密文存于民政与财政 · the township takes the application", h.id)
	if err := h.refused(ctx, h.civilTownship, "/v1/cases", h.application(h.id+"-again"), "同一家庭再次申请：被拒绝 · a second application of the household is refused"); err != nil {
		return err
	}
	return h.visit(ctx)
}

func (h *household) visit(ctx context.Context) error {
	return h.act(ctx, h.civilVillage, "evidence", map[string]string{
		"kind": "home-visit", "taken_at": time.Now().UTC().Format(time.RFC3339), "region": villageOfStory, "sha256": strings.Repeat("a", 64), "media_type": "image/jpeg",
	}, "村入户调查，照片的哈希上账本 · the village visits; the picture's hash is on the ledger")
}

func (h *household) notice(ctx context.Context) error {
	return h.act(ctx, h.civilTownship, "notices", map[string]any{"class": "B", "persons": 1, "amount": "480.00"}, "公示：B 类 1 人 480.00 元 · public notice")
}

func (h *household) decide(ctx context.Context) error {
	grant := map[string]string{"outcome": "granted"}
	if err := h.refused(ctx, h.civilTownship, "/v1/cases/"+h.id+"/decision", grant, "受理人自己审核：被拒绝 · the official who accepted it may not decide"); err != nil {
		return err
	}
	return h.act(ctx, h.civilApprover, "decision", grant, "县民政局审核确认，当月起发放 · granted, from this month on")
}

// pay lists the household twice: with another amount, which is refused, and with the amount that was granted.
func (h *household) pay(ctx context.Context) error {
	batch := h.id + "-pay"
	if _, err := h.civilPreparer.Post(ctx, "/v1/batches", batch, map[string]any{
		"id": batch, "programme": h.programme, "region": county, "period": h.month, "tranche": h.tranche, "count": 1, "sum": "480.00",
	}, nil); err != nil {
		return err
	}
	for _, amount := range []string{"580.00", "480.00"} {
		list := "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注\n" +
			fmt.Sprintf("1,%s,某甲,%s,%s,农村信用社,1,%s,%s,\n", villageOfStory, h.head.ID(), h.head.Account(), amount, h.month)
		job, err := h.civilPreparer.Upload(ctx, http.MethodPut, "/v1/batches/"+batch+"/lines", batch+amount, bytes.NewReader([]byte(list)), nil)
		if err != nil {
			return err
		}
		if len(job.Result.Refusals) > 0 {
			h.out.Say("列入 %s 元：%s", amount, job.Result.Refusals[0].Reason)
		} else {
			h.out.Say("列入 %s 元：接受 · accepted", amount)
		}
	}
	for _, a := range []struct {
		by   *restclient.Client
		verb string
	}{{h.civilPreparer, "seal"}, {h.civilApprover, "approve"}} {
		if _, err := a.by.Post(ctx, "/v1/batches/"+batch+"/"+a.verb, batch+a.verb+a.by.Base, struct{}{}, nil); err != nil {
			return err
		}
	}
	if err := restclient.TellBank(ctx, h.financePreparer, h.financeApprover, batch); err != nil {
		return err
	}
	return h.settle(ctx, batch, func(int) bool { return false })
}

func (h *household) checkAgain(ctx context.Context) error {
	if err := h.act(ctx, h.civilPreparer, "reviews", map[string]string{"finding": "keep"}, "定期复核：情况未变 · the re-check finds no change"); err != nil {
		return err
	}
	if err := h.act(ctx, h.civilApprover, "reviews/confirm", map[string]bool{"agree": true}, "另一人确认复核 · confirmed by another"); err != nil {
		return err
	}
	next := relief.MonthPeriod(h.month.FirstMonth() + 1).String()
	if err := h.change(ctx, "suspend", map[string]string{"from": next, "reason": "核查收入"}); err != nil {
		return err
	}
	h.out.Say("暂停救助 · suspended from %s on", next)
	if err := h.change(ctx, "resume", map[string]string{"from": next}); err != nil {
		return err
	}
	h.out.Say("恢复救助 · resumed")
	return nil
}

// change has a change of the household's roll entry proposed by one official and confirmed by another.
func (h *household) change(ctx context.Context, kind string, body map[string]string) error {
	body["kind"], body["programme"], body["subject"] = kind, h.programme, h.subject.String()
	return restclient.Change(ctx, h.civilPreparer, h.civilApprover, h.id+"-"+kind, body)
}

func (h *household) leave(ctx context.Context) error {
	if err := h.change(ctx, "exit", map[string]string{"reason": "income", "last_period": h.month.String()}); err != nil {
		return err
	}
	h.out.Say("收入好转，退出救助 · the household leaves")
	if err := h.refused(ctx, h.civilVillage, "/v1/cases/"+h.id+"/evidence", map[string]string{
		"kind": "document", "taken_at": "2026-11-01T02:00:00Z", "region": villageOfStory, "sha256": strings.Repeat("b", 64), "media_type": "image/jpeg",
	}, "退出后不能再办理：被拒绝 · no act on a case that has ended"); err != nil {
		return err
	}
	if err := h.act(ctx, h.civilTownship, "appeals", map[string]string{"sha256": strings.Repeat("c", 64)}, "申诉登记 · an appeal is recorded"); err != nil {
		return err
	}
	body := map[string]any{"upheld": true, "sha256": strings.Repeat("d", 64)}
	if err := h.refused(ctx, h.civilApprover, "/v1/cases/"+h.id+"/appeals/decision", body, "原审核人处理申诉：被拒绝 · not by the official who decided the case"); err != nil {
		return err
	}
	return h.act(ctx, h.civilSecondApprover, "appeals/decision", body, "另一审核人处理申诉：维持原决定 · another approver upholds the exit")
}

// who prints the official who did each step.
func (h *household) who(ctx context.Context) error {
	var list struct{ Steps []api.Step }
	if err := h.auditReader.Get(ctx, "/v1/cases/"+h.id+"/duties", &list); err != nil {
		return err
	}
	for _, step := range list.Steps {
		if step.By != nil {
			h.out.Say("%s · %s：%s（%s，交易 %s）", step.Name, step.NameEn, step.By.Name, step.By.Role, printer.Short(step.Tx))
		}
	}
	return nil
}
