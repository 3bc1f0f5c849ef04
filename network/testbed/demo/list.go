package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"relieftrail/network/testbed/printer"
	"relieftrail/network/testbed/restclient"
)

// publishList closes the month and publishes its list, by two.
func (s *story) publishList(ctx context.Context) error {
	s.out.Chapter("月度结账，名单向社会公开：一人提出，另一人同意", "The month is closed and its list published: one official proposes, another agrees")
	month := "/v1/months/" + s.programme + "/" + county + "/" + period
	key := s.programme + "-" + period
	var closed struct {
		Due      int    `json:"due"`
		OnTime   int    `json:"on_time"`
		Rows     int    `json:"rows"`
		Sum      string `json:"sum"`
		Villages []struct {
			Code       string `json:"code"`
			Households int    `json:"households"`
		} `json:"villages"`
	}
	if _, err := s.civilPreparer.Post(ctx, month+"/close", key+"-close", struct{}{}, &closed); err != nil {
		return err
	}
	s.out.Say("应发 %d 户，按时 %d 户；公开 %d 笔，%s 元，每村的合计和哈希根由三个部门的合约算出", closed.Due, closed.OnTime, closed.Rows, closed.Sum)
	var list struct {
		Proposed struct {
			SHA256 string `json:"sha256"`
		} `json:"proposed"`
		Shown struct {
			OnlineUntil string `json:"online_until"`
		} `json:"shown"`
	}
	if _, err := s.civilPreparer.Post(ctx, month+"/list/propose", key+"-propose", struct{}{}, &list); err != nil {
		return err
	}
	decision := map[string]any{"sha256": list.Proposed.SHA256, "agree": true}
	var refused *restclient.Problem
	if _, err := s.civilPreparer.Post(ctx, month+"/list/decide", key+"-alone", decision, nil); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		return fmt.Errorf("the proposer's own decision was not refused: %w", err)
	}
	s.out.Say("提出人自己同意：被拒绝 · the proposer alone is refused")
	decided, err := s.civilApprover.Post(ctx, month+"/list/decide", key+"-decide", decision, &list)
	if err != nil {
		return err
	}
	s.out.Say("另一人同意，公开至 %s · published（交易 %s）", list.Shown.OnlineUntil, printer.Short(decided.TxID))
	for _, at := range []*restclient.Client{s.civilPreparer, s.financePreparer, s.auditReader} { // each agency shows it from its own index
		if err := at.Get(ctx, month+"/list?at_least_block="+decided.Header.Get("X-Block"), &struct{}{}); err != nil {
			return err
		}
	}
	s.listPath = "/lists/" + s.programme + "/" + county + "/" + period
	most := 0
	for _, v := range closed.Villages {
		if v.Households > most {
			most, s.village = v.Households, v.Code
		}
	}
	return nil
}

// invite asks the reader to check the list, and to break it.
func (s *story) invite() {
	s.out.Chapter("请您核验这份名单，再试着改坏它", "Check the list, and then try to break it")
	s.out.Say("全县 the county     %s%s", s.auditReader.Base, s.listPath)
	s.out.Say("一个村 a village    %s%s/%s", s.auditReader.Base, s.listPath, s.village)
	s.out.Say("带姓氏 with surnames %s%s/%s", s.civilPreparer.Base, s.listPath, s.village)
	for _, try := range []string{
		"点“核验这份名单”：您的浏览器从每一行算到三个部门共同签名的声明 · press the button: your browser climbs from each row to what three agencies have signed",
		"按 F12，在页面里删一行、改一分钱、换两行，再点一次：变红，并说出哪里不对 · delete a row, change a fen, swap two rows with F12, press again: red, and it says what",
		"三个部门的网关各有一份，谁也改不了别人的 · each agency has its own; none can change another's",
	} {
		s.out.Say("%s", try)
	}
	s.out.Say("带全名的张贴单 the sheet for the board: curl -H \"Authorization: Bearer $(cat %s/civil-preparer.token)\" -o sheet.pdf \"%s/v1/months/%s/list/sheet?village=%s\"",
		s.tokens, s.civilPreparer.Base, fmt.Sprintf("%s/%s/%s", s.programme, county, period), s.village)
}
