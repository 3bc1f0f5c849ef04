package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/printer"
	"relieftrail/network/testbed/restclient"
)

const (
	county = "530181"
	period = "2026-11"
)

// story is one month of one programme in one county, told by the acts of eight officials.
type story struct {
	out    *printer.Printer
	data   string
	tokens string // the folder with the officials' tokens

	civilPreparer, civilApprover, financePreparer, financeApprover, auditReader *restclient.Client
	civilTownship, civilVillage, civilSecondApprover                            *restclient.Client
	civilRegistrar, financeRegistrar, auditRegistrar                            *restclient.Client

	programme, tranche, batch, account string
	roll, list                         []byte
	listPath, village                  string // of the published list, and its largest village
}

func (s *story) tell(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for _, chapter := range []func(context.Context) error{
		s.enactProgramme, s.issueTranche, s.importRoll, s.listAndApprove, s.payAndSettle, s.payAgain, s.printTrail,
		s.sameListAgain, s.totals, s.oneHousehold, s.publishList,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// prepare reads the files and finds a programme id that no earlier run has taken.
func (s *story) prepare(ctx context.Context) (err error) {
	if s.roll, err = os.ReadFile(filepath.Join(s.data, "roll.csv")); err != nil {
		return err
	}
	if s.list, err = os.ReadFile(filepath.Join(s.data, "payments-"+period+".csv")); err != nil {
		return err
	}
	for n := 1; ; n++ {
		s.programme = "dibao"
		if n > 1 {
			s.programme = fmt.Sprintf("dibao%d", n)
		}
		var problem *restclient.Problem
		err := s.auditReader.Get(ctx, "/v1/programmes/"+s.programme, &struct{}{})
		if errors.As(err, &problem) && problem.Status == http.StatusNotFound {
			s.account = fmt.Sprintf("53018101%08d", n) // an account for this run, whose statements begin with number 1
			break
		}
		if err != nil {
			return err
		}
	}
	s.tranche, s.batch = s.programme+"-2026-q4", s.programme+"-"+county+"-"+period
	return nil
}

func (s *story) enactProgramme(ctx context.Context) error {
	s.out.Chapter("民政拟定低保项目，财政会签生效", "Civil affairs drafts the programme; finance puts it in force")
	draft := map[string]any{
		"id": s.programme, "version": 1, "name": "最低生活保障（低保）", "name_en": "Minimum living allowance", "region": county,
		"unit": "household", "cycle": "monthly", "min_amount": "330.00", "max_amount": "6000.00", "starts": "2026-01", "import_until": "2027-12-31",
		"notice_days": 7, "recheck_months": map[string]int{"A": 12, "B": 12, "C": 6},
		"required_evidence": []string{"home-visit", "income-declaration"}, "pay_by_day": 10,
		"budget": map[string]string{"functional": "2081901", "economic": "50901"}, "segment_size": 1000,
	}
	a, err := s.civilPreparer.Post(ctx, "/v1/programmes", s.programme+"-draft", draft, nil)
	if err != nil {
		return err
	}
	s.out.Say("项目 %s：每户每月 330.00 至 6,000.00 元，公示 7 天（交易 %s）", s.programme, printer.Short(a.TxID))
	a, err = s.financeApprover.Post(ctx, "/v1/programmes/"+s.programme+"/enact", s.programme+"-enact", map[string]int{"version": 1}, nil)
	if err != nil {
		return err
	}
	s.out.Say("财政会签，项目生效 · in force（交易 %s）", printer.Short(a.TxID))
	return nil
}

func (s *story) issueTranche(ctx context.Context) error {
	s.out.Chapter("财政下达资金 400,000.00 元，绩效目标同文下达", "Finance issues 400,000.00 yuan; the four targets are part of the same act")
	tranche := map[string]any{
		"id": s.tranche, "programme": s.programme, "region": county, "amount": "400000.00", "source": "云财社〔2026〕88号",
		"account": s.account, "fiscal_year": 2026,
		"targets": map[string]string{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	}
	a, err := s.financeApprover.Post(ctx, "/v1/tranches", s.tranche+"-issue", tranche, nil)
	if err != nil {
		return err
	}
	s.out.Say("资金 %s，救助覆盖率 98%%、发放及时率 100%%、对象准确率 99.5%%、群众满意度 95%%（交易 %s）", s.tranche, printer.Short(a.TxID))
	return nil
}

func (s *story) importRoll(ctx context.Context) error {
	s.out.Chapter("民政导入救助名册：一人提出，另一人确认", "Civil affairs imports the roll: one official proposes, another confirms")
	total := bytes.Count(s.roll, []byte("\n")) - 1
	key := s.programme + "-roll"
	progress := func(j restclient.Job) { s.out.Progress("名册 roll", j.Progress.LinesRead, total) }
	proposed, err := s.civilPreparer.Upload(ctx, http.MethodPost, "/v1/programmes/"+s.programme+"/roll", key, bytes.NewReader(s.roll), progress)
	if err != nil {
		return err
	}
	i := &proposed.Import
	s.out.Say("提出导入 %s：新增 %d 户，变更 %d 户，缺少 %d 户，拒绝 %d 行，每月共 %s 元。此时名册上还没有人",
		i.ID, i.New, i.Changed, i.Missing, i.Refused, i.Sum)
	job, err := restclient.ConfirmImport(ctx, s.civilApprover, proposed, key, progress)
	if err != nil {
		return err
	}
	s.out.Say("另一人核对后确认，纳入 %d 户。姓名、身份证号、卡号只存于民政与财政的私有数据集，账本上只有代号", job.Result.Accepted)
	return expect("roll lines accepted", job.Result.Accepted, total)
}

func (s *story) listAndApprove(ctx context.Context) error {
	s.out.Chapter("民政编制2026年11月发放批次：上传、封存、审批", "Civil affairs lists November 2026: upload, seal, approval by a second person")
	count, sum, err := controlTotals(s.list)
	if err != nil {
		return err
	}
	if err := s.openBatch(ctx, s.batch, "regular", count, sum); err != nil {
		return err
	}
	s.out.Say("批次 %s，控制总数 %d 笔、%s 元", s.batch, count, sum)
	job, err := s.upload(ctx, s.batch, s.list, count)
	if err != nil {
		return err
	}
	s.out.Say("上传清单：接受 %d 行，拒绝 %d 行", job.Result.Accepted, job.Result.Refused)
	if err := s.act(ctx, s.civilPreparer, s.batch, "seal", nil, "封存，与控制总数一致 · sealed"); err != nil {
		return err
	}
	_, err = s.civilPreparer.Post(ctx, "/v1/batches/"+s.batch+"/approve", s.batch+"-approve-self", struct{}{}, nil)
	var problem *restclient.Problem
	if !errors.As(err, &problem) || problem.Status != http.StatusForbidden {
		return fmt.Errorf("the preparer's own approval should be refused, but: %w", err)
	}
	s.out.Say("编制人自己审批：被拒绝 · the preparer is refused（%d）", problem.Status)
	s.out.Say("      %s", problem.Detail)
	return s.act(ctx, s.civilApprover, s.batch, "approve", nil, "第二人审批通过 · approved by a second person")
}

func (s *story) payAndSettle(ctx context.Context) error {
	s.out.Chapter("财政制作支付文件、审批、下达支付指令，银行回盘", "Finance makes the payment file, approves it and instructs; the bank answers")
	if err := s.act(ctx, s.financePreparer, s.batch, "payment-file", nil, "支付文件已制作 · the payment file is made"); err != nil {
		return err
	}
	var b struct {
		FileSHA256 string `json:"file_sha256"`
	}
	if err := s.financeApprover.Get(ctx, "/v1/batches/"+s.batch, &b); err != nil {
		return err
	}
	if err := s.act(ctx, s.financeApprover, s.batch, "approve", b, "财政审批通过的是该文件（"+printer.Short(b.FileSHA256)+"） · finance approves this file"); err != nil {
		return err
	}
	if err := s.act(ctx, s.financePreparer, s.batch, "instruct", nil, "支付指令已下达 · instructed"); err != nil {
		return err
	}
	return s.bankAnswers(ctx)
}

// payAgain pays returned payments again, in a batch of their own: the same slots, attempt 2.
func (s *story) payAgain(ctx context.Context) error {
	s.out.Chapter("退票核实后重发", "Returned payments are checked and paid again, as attempt 2")
	lines, err := s.lines(ctx, s.batch)
	if err != nil {
		return err
	}
	rows := strings.SplitAfter(string(s.list), "\n")
	list := rows[0]
	for _, l := range lines {
		if l.State == "returned" {
			list += rows[l.FileLine-1]
		}
	}
	count, sum, err := controlTotals([]byte(list))
	if err != nil {
		return err
	}
	batch := s.batch + "-again"
	if err := s.openBatch(ctx, batch, "pay_again", count, sum); err != nil {
		return err
	}
	if _, err := s.upload(ctx, batch, []byte(list), count); err != nil {
		return err
	}
	for _, a := range []struct {
		by   *restclient.Client
		verb string
	}{{s.civilPreparer, "seal"}, {s.civilApprover, "approve"}} {
		if _, err := a.by.Post(ctx, "/v1/batches/"+batch+"/"+a.verb, batch+a.verb+a.by.Base, struct{}{}, nil); err != nil {
			return err
		}
	}
	if err := restclient.TellBank(ctx, s.financePreparer, s.financeApprover, batch); err != nil {
		return err
	}
	s.out.Say("重发批次 %s：%d 笔，%s 元", batch, count, sum)
	if err := s.settle(ctx, batch, func(int) bool { return false }); err != nil {
		return err
	}
	for _, b := range []string{s.batch, batch} {
		if err := s.act(ctx, s.financePreparer, b, "close", nil, "批次 "+b+" 关闭 · closed"); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) sameListAgain(ctx context.Context) error {
	s.out.Chapter("同一清单再次提交：逐行拒绝，账本不变", "The same list a second time: refused line by line, nothing changes")
	before, err := s.balances(ctx)
	if err != nil {
		return err
	}
	count, _, err := controlTotals(s.list)
	if err != nil {
		return err
	}
	batch := s.batch + "-repeat"
	if err := s.openBatch(ctx, batch, "regular", count, before.Available); err != nil { // a batch takes no more than there is
		return err
	}
	job, err := s.upload(ctx, batch, s.list, count)
	if err != nil {
		return err
	}
	for _, r := range job.Result.Refusals[:min(3, len(job.Result.Refusals))] {
		s.out.Say("第 %d 行：%s %s（%s）", r.Line, r.Code, r.Reason, r.Note)
	}
	s.out.Say("共拒绝 %d 行，接受 %d 行", job.Result.Refused, job.Result.Accepted)
	if err := expect("lines refused", job.Result.Refused, count); err != nil {
		return err
	}
	if err := s.act(ctx, s.civilPreparer, batch, "cancel", map[string]string{"reason": "重复清单"}, "作废该批次 · cancelled"); err != nil {
		return err
	}
	after, err := s.balances(ctx)
	if err != nil {
		return err
	}
	if before != after {
		return fmt.Errorf("the tranche changed from %+v to %+v", before, after)
	}
	s.out.Say("资金账目前后一致 · the tranche has not changed")
	return nil
}

func expect(what string, got, want int) error {
	if got != want {
		return fmt.Errorf("%s: %d, expected %d", what, got, want)
	}
	return nil
}

// controlTotals counts the lines of a payment list and adds up their amounts.
func controlTotals(list []byte) (int, relief.Fen, error) {
	rows, err := csv.NewReader(bytes.NewReader(list)).ReadAll()
	if err != nil {
		return 0, 0, err
	}
	var sum relief.Fen
	for _, row := range rows[1:] {
		amount, err := relief.ParseFen(row[7])
		if err != nil {
			return 0, 0, err
		}
		if sum, err = sum.Add(amount); err != nil {
			return 0, 0, err
		}
	}
	return len(rows) - 1, sum, nil
}
