package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// sentBack reports whether the bank sends back the n-th payment of a list.
func sentBack(n int) bool { return n%60 == 17 }

// bankAnswers plays the bank: it reads the payment file and answers with a statement of the dedicated account, in which
// two entries match no payment. Finance resolves both, and then batch and account tie out.
func (s *story) bankAnswers(ctx context.Context) error {
	file, err := s.paymentFile(ctx)
	if err != nil {
		return err
	}
	statement := paybank.New("NX-"+s.programme, 1, file.Account, paybank.Today(), 40000000)
	for n, p := range file.Payments {
		statement.Pay(p.EndToEndID, p.Amount)
		if sentBack(n) {
			statement.Return(p.EndToEndID, p.Amount, "AC04")
		}
	}
	statement.Pay("NOTPROVIDED", 1000) // a fee, and back again
	statement.Return("NOTPROVIDED", 1000, "NARR")
	got, err := s.financePreparer.SendBankFile(ctx, "/v1/statements", s.batch+"-statement", statement.Document())
	if err != nil {
		return err
	}
	s.out.Say("银行对账单 camt.053：%d 笔分录，%d 笔记入账本，%d 笔列入异常清单", got.Counts.Entries, got.Counts.Settled, got.Counts.Exceptions)
	again, err := s.financePreparer.Do(ctx, restclient.Request{
		Method: http.MethodPost, Path: "/v1/statements", Key: s.batch + "-statement-again", ContentType: "application/xml",
		Body: bytes.NewReader(statement.Document()),
	})
	if err != nil {
		return err
	}
	if err := expect("the status for the same statement", again.Status, http.StatusOK); err != nil {
		return err
	}
	s.out.Say("同一对账单再次提交：识别为重复，什么也不做 · the same statement again changes nothing")
	if err := s.resolveAll(ctx, got.ID); err != nil {
		return err
	}
	for _, path := range []string{"/v1/batches/" + s.batch, "/v1/tranches/" + s.tranche} {
		if err := s.reconcile(ctx, path+"/reconciliation"); err != nil {
			return err
		}
	}
	return expect("results accepted", got.Counts.Settled, len(file.Payments))
}

func (s *story) paymentFile(ctx context.Context) (*paybank.File, error) {
	a, err := s.financePreparer.Do(ctx, restclient.Request{Method: http.MethodGet, Path: "/v1/batches/" + s.batch + "/payment-file"})
	if err != nil {
		return nil, err
	}
	file, err := paybank.Read(a.Body)
	if err != nil {
		return nil, err
	}
	s.out.Say("支付文件 %s：%d 笔，%s 元，其 SHA-256 已上账本 · its hash is on the ledger", file.MessageID, len(file.Payments), file.Sum)
	return file, nil
}

// resolveAll resolves the entries that matched no payment.
func (s *story) resolveAll(ctx context.Context, statement string) error {
	var page struct {
		Items []struct{ ID, Reason string }
	}
	if err := s.financePreparer.Get(ctx, "/v1/exceptions?state=open&statement="+statement, &page); err != nil {
		return err
	}
	var reasons []string
	for _, x := range page.Items {
		reasons = append(reasons, x.Reason)
		body := map[string]string{"action": "write_off", "note": "银行手续费，已冲回"}
		if _, err := s.financePreparer.Post(ctx, "/v1/exceptions/"+x.ID, x.ID, body, nil); err != nil {
			return err
		}
	}
	slices.Sort(reasons)
	s.out.Say("财政处理异常 %v · finance works through the exceptions", reasons)
	return nil
}

func (s *story) reconcile(ctx context.Context, path string) error {
	type tally struct{ Sum relief.Fen }
	var r struct {
		Instructed, Credited, Returned, Pending tally
		TiesOut                                 bool `json:"ties_out"`
		Findings                                []struct{ Text string }
	}
	if err := s.financePreparer.Get(ctx, path, &r); err != nil {
		return err
	}
	if !r.TiesOut {
		return fmt.Errorf("%s does not tie out: %v", path, r.Findings)
	}
	s.out.Say("对账：指令 %s = 入账 %s + 退票 %s + 待回 %s，与对账单相符 · it ties out", r.Instructed.Sum, r.Credited.Sum, r.Returned.Sum, r.Pending.Sum)
	return nil
}
