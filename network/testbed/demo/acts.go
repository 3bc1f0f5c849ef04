package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/printer"
	"relieftrail/network/testbed/restclient"
)

// payment is one payment as the gateway lists it.
type payment struct {
	ID       string     `json:"id"`
	Amount   relief.Fen `json:"amount"`
	State    string     `json:"state"`
	FileLine int        `json:"file_line"`
}

// balances are the parts of a tranche's money.
type balances struct {
	Issued    relief.Fen `json:"issued"`
	Recovered relief.Fen `json:"recovered"`
	Allocated relief.Fen `json:"allocated"`
	Reserved  relief.Fen `json:"reserved"`
	Paid      relief.Fen `json:"paid"`
	InReturn  relief.Fen `json:"in_return"`
	Refunded  relief.Fen `json:"refunded"`
	Available relief.Fen `json:"available"`
}

func (s *story) openBatch(ctx context.Context, id, purpose string, count int, sum relief.Fen) error {
	_, err := s.civilPreparer.Post(ctx, "/v1/batches", id+"-open", map[string]any{
		"id": id, "programme": s.programme, "region": county, "period": period, "tranche": s.tranche,
		"purpose": purpose, "count": count, "sum": sum,
	}, nil)
	return err
}

func (s *story) upload(ctx context.Context, batch string, list []byte, total int) (restclient.Job, error) {
	return s.civilPreparer.Upload(ctx, http.MethodPut, "/v1/batches/"+batch+"/lines", batch+"-lines", bytes.NewReader(list),
		func(j restclient.Job) { s.out.Progress("清单 lines", j.Progress.LinesRead, total) })
}

func (s *story) act(ctx context.Context, by *restclient.Client, batch, verb string, body any, words string) error {
	if body == nil {
		body = struct{}{}
	}
	a, err := by.Post(ctx, "/v1/batches/"+batch+"/"+verb, batch+"-"+verb, body, nil)
	if err != nil {
		return err
	}
	s.out.Say("%s（交易 %s，区块 %s）", words, printer.Short(a.TxID), a.Header.Get("X-Block"))
	return nil
}

// settle plays the paying bank: it answers every payment of the batch, and finance uploads the answer.
func (s *story) settle(ctx context.Context, batch string, returned func(n int) bool) error {
	lines, err := s.lines(ctx, batch)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	_ = w.Write([]string{"支付编号", "金额", "结果", "原因代码", "日期", "银行流水号"})
	for n, l := range lines {
		row := []string{l.ID, l.Amount.String(), "credited", "", paybank.Today(), fmt.Sprintf("NX%s%06d", time.Now().Format("0102150405"), n)}
		if returned(n) {
			row[2], row[3] = "returned", "AC04"
		}
		_ = w.Write(row)
	}
	w.Flush()
	job, err := s.financePreparer.Upload(ctx, http.MethodPost, "/v1/batches/"+batch+"/settlements", batch+"-settlements", &file,
		func(j restclient.Job) { s.out.Progress("回盘 results", j.Progress.LinesRead, len(lines)) })
	if err != nil {
		return err
	}
	var b struct {
		Totals struct {
			Credited, Returned int
			CreditedSum        relief.Fen `json:"credited_sum"`
			ReturnedSum        relief.Fen `json:"returned_sum"`
		}
	}
	if err := s.financePreparer.Get(ctx, "/v1/batches/"+batch, &b); err != nil {
		return err
	}
	s.out.Say("银行回盘 %d 行：入账 %d 笔 %s 元，退票 %d 笔 %s 元", job.Result.Accepted,
		b.Totals.Credited, b.Totals.CreditedSum, b.Totals.Returned, b.Totals.ReturnedSum)
	return expect("results accepted", job.Result.Accepted, len(lines))
}

// lines reads all payments of a batch, page by page.
func (s *story) lines(ctx context.Context, batch string) ([]payment, error) {
	var all []payment
	for cursor := ""; ; {
		var page struct {
			Items []payment `json:"items"`
			Next  string    `json:"next"`
		}
		if err := s.financePreparer.Get(ctx, "/v1/batches/"+batch+"/lines?cursor="+cursor, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			slices.SortFunc(all, func(a, b payment) int { return strings.Compare(a.ID, b.ID) })
			return all, nil
		}
	}
}

func (s *story) balances(ctx context.Context) (balances, error) {
	var t struct{ Balances balances }
	err := s.auditReader.Get(ctx, "/v1/tranches/"+s.tranche, &t)
	return t.Balances, err
}

func (s *story) printTrail(ctx context.Context) error {
	s.out.Chapter("审计查看一笔支付的全程轨迹", "Audit reads the whole trail of one payment")
	lines, err := s.lines(ctx, s.batch+"-again")
	if err != nil {
		return err
	}
	var trail struct {
		Steps []struct {
			Act, Title, Transaction string
			At                      time.Time
			Block                   uint64
			By                      struct{ Agency, Name string }
			Endorsers               []struct{ Agency, Name string }
		}
	}
	if err := s.auditReader.Get(ctx, "/v1/payments/"+lines[0].ID+"/trail", &trail); err != nil {
		return err
	}
	s.out.Say("支付编号 %s，%s 元", lines[0].ID, lines[0].Amount)
	shanghai := time.FixedZone("Asia/Shanghai", 8*3600)
	for _, step := range trail.Steps {
		var endorsers []string
		for _, e := range step.Endorsers {
			endorsers = append(endorsers, e.Agency)
		}
		s.out.Say("%s  %-34s %s/%s", step.At.In(shanghai).Format("2006-01-02 15:04:05"), step.Title, step.By.Agency, step.By.Name)
		s.out.Say("      交易 %s  区块 %d  背书 %s", printer.Short(step.Transaction), step.Block, strings.Join(endorsers, " + "))
	}
	if len(trail.Steps) == 0 {
		return fmt.Errorf("the trail of %s is empty", lines[0].ID)
	}
	return nil
}

func (s *story) totals(ctx context.Context) error {
	s.out.Chapter("总账核对（取自账本）", "Totals, from the ledger")
	b, err := s.balances(ctx)
	if err != nil {
		return err
	}
	rest := b.Allocated + b.Reserved + b.Paid + b.InReturn + b.Refunded + b.Available
	s.out.Say("下达 %s = 预留 %s + 已发 %s + 退票在途 %s + 可用 %s", b.Issued, b.Reserved, b.Paid, b.InReturn, b.Available)
	s.out.Say("issued = reserved + paid + in return + available")
	if b.Issued+b.Recovered != rest {
		return fmt.Errorf("the tranche does not add up: issued %s and %s recovered, parts %s", b.Issued, b.Recovered, rest)
	}
	return nil
}
