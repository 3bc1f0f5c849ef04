package bankfile

import (
	"slices"
	"strconv"
	"strings"
)

// statusReport reads pain.002: the statuses of the payments of a payment file.
type statusReport struct {
	*reading
	created string
	tx      statusTx
	group   string // the status of the file, or of the open payment block
}

type statusTx struct {
	entry          Entry
	status, reason string
	accepted       string // time
	amount         [2]string
}

const (
	reportPath = "CstmrPmtStsRpt/"
	groupPath  = reportPath + "OrgnlGrpInfAndSts"
	partPath   = reportPath + "OrgnlPmtInfAndSts"
	txPath     = partPath + "/TxInfAndSts"
)

func (s *statusReport) start(path string) error {
	switch path {
	case groupPath, partPath:
		s.group = ""
	case txPath:
		s.tx = statusTx{}
	}
	return nil
}

func (s *statusReport) leaf(path, text, currency string) error {
	if inner, ok := strings.CutPrefix(path, txPath+"/"); ok {
		s.tx.leaf(inner, text, currency)
		return nil
	}
	switch path {
	case reportPath + "GrpHdr/MsgId":
		if s.message.ID = text; !bounded(text) {
			return errorf(CodeContent, 0, "GrpHdr/MsgId must have 1 to 35 characters")
		}
	case reportPath + "GrpHdr/CreDtTm":
		s.created = text
	case groupPath + "/OrgnlMsgId":
		if s.message.Original = text; !bounded(text) {
			return errorf(CodeContent, 0, "OrgnlMsgId must have 1 to 35 characters")
		}
	case groupPath + "/GrpSts":
		s.group, s.message.Received.Status = text, statusText(text)
	case partPath + "/PmtInfSts":
		s.group = text
	case groupPath + "/OrgnlNbOfTxs", groupPath + "/OrgnlCtrlSum":
		return s.received(path, text)
	}
	return nil
}

// received reads what the bank says that it got.
func (s *statusReport) received(path, text string) (err error) {
	r := &s.message.Received
	if path == groupPath+"/OrgnlCtrlSum" {
		r.Sum, err = ParseAmount(text)
		return err
	}
	if r.Count, err = strconv.Atoi(text); err != nil {
		return errorf(CodeContent, 0, "OrgnlNbOfTxs must be a number")
	}
	return nil
}

func (t *statusTx) leaf(path, text, currency string) {
	switch path {
	case "OrgnlEndToEndId":
		t.entry.EndToEndID = text
	case "TxSts":
		t.status = text
	case "StsRsnInf/Rsn/Cd":
		t.reason = text
	case "StsRsnInf/AddtlInf":
		if t.entry.Text == "" {
			t.entry.Text = text
		}
	case "AccptncDtTm":
		t.accepted = text
	case "AcctSvcrRef":
		t.entry.BankRef = text
	case "OrgnlTxRef/Amt/InstdAmt":
		t.amount = [2]string{text, currency}
	case "OrgnlTxRef/Cdtr/Pty/Nm":
		t.entry.Counterparty = text
	case "OrgnlTxRef/CdtrAcct/Id/Othr/Id":
		t.entry.Account = text
	}
}

func (s *statusReport) end(path string) error {
	switch path {
	case groupPath, partPath:
		if s.group == "RJCT" {
			return s.give(&Entry{Statement: -1, Outcome: Other, Problem: GroupRejected, Status: "RJCT", NoAmount: true})
		}
	case txPath:
		e := s.tx.complete(s)
		return s.give(&e)
	}
	return nil
}

func (t *statusTx) complete(s *statusReport) Entry {
	e := t.entry
	e.Statement, e.Status = -1, statusText(t.status)
	if e.NoAmount = t.amount[0] == ""; !e.NoAmount {
		e.amount(t.amount[0], t.amount[1])
	}
	switch {
	case slices.Contains(s.options.Credited, t.status):
		e.Outcome = Paid
	case t.status == "RJCT" && s.message.Received.Status == "RJCT":
		e.Problem = NoProblem // the file is rejected as a whole, and no payment is returned
		return e
	case t.status == "RJCT":
		e.Outcome = Returned
		e.reason(t.reason)
	case e.Status == "":
		e.Outcome = Other
		e.fault(UnknownResult)
	default:
		e.Problem = NoProblem // an interim status
		return e
	}
	when := t.accepted
	if when == "" {
		when = s.created
	}
	var ok bool
	if e.Day, ok = s.day(when); !ok {
		e.fault(BadDate)
	}
	return e
}
