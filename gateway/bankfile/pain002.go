package bankfile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// statusReport reads pain.002: the statuses of the payments of a payment file.
type statusReport struct {
	*reading
	created string
	tx      statusTx
	group   string      // the status of the file, or of the open payment block
	listed  int         // transactions of the file
	within  int         // transactions of the open block
	reasons [2][]reason // of the file and of the open payment block: those of a transaction that has none
}

type statusTx struct {
	entry    Entry
	status   string
	reasons  []reason
	accepted string // time
	amount   [2]string
	named    mentions // payments that other parts name than OrgnlEndToEndId
}

// reason is one StsRsnInf/Rsn: a code of ISO 20022 or words of the bank's own.
type reason struct{ code, own string }

const (
	reportEnd  = "CstmrPmtStsRpt"
	reportPath = reportEnd + "/"
	groupPath  = reportPath + "OrgnlGrpInfAndSts"
	partPath   = reportPath + "OrgnlPmtInfAndSts"
	txPath     = partPath + "/TxInfAndSts"
)

func (s *statusReport) start(path string) error {
	switch path {
	case groupPath:
		s.group = ""
	case partPath:
		s.group, s.reasons[1], s.within = "", nil, 0
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
	default:
		if inner, ok := strings.CutPrefix(path, groupPath+"/"+reasonPath); ok {
			s.reasons[0] = addReason(s.reasons[0], inner, text)
		} else if inner, ok := strings.CutPrefix(path, partPath+"/"+reasonPath); ok {
			s.reasons[1] = addReason(s.reasons[1], inner, text)
		}
	}
	return nil
}

const reasonPath = "StsRsnInf/Rsn/"

// maxReasons bounds the reasons that are kept of a status.
const maxReasons = 20

func addReason(reasons []reason, form, text string) []reason {
	switch {
	case len(reasons) == maxReasons:
	case form == "Cd":
		return append(reasons, reason{code: text})
	case form == "Prtry":
		return append(reasons, reason{own: text})
	}
	return reasons
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
	case "OrgnlInstrId", "OrgnlTxId":
		t.named.add(text)
	case "TxSts":
		t.status = text
	case reasonPath + "Cd", reasonPath + "Prtry":
		t.reasons = addReason(t.reasons, strings.TrimPrefix(path, reasonPath), text)
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
	case "OrgnlTxRef/Cdtr/Pty/Nm", "OrgnlTxRef/Cdtr/Nm":
		t.entry.Counterparty = text
	case "OrgnlTxRef/CdtrAcct/Id/Othr/Id", "OrgnlTxRef/CdtrAcct/Id/IBAN":
		t.entry.Account = text
	}
}

func (s *statusReport) end(path string) error {
	switch path {
	case groupPath:
		return s.whole(s.group)
	case partPath:
		if err := s.whole(s.group); err != nil {
			return err
		}
		return s.unnamed(s.group, s.within)
	case reportEnd:
		return s.unnamed(s.message.Received.Status, s.listed)
	case txPath:
		s.listed++
		s.within++
		e := s.tx.complete(s)
		return s.give(&e)
	}
	return nil
}

// whole is what the status of a file or a block says: that it was rejected, that the bank keeps the money, or something that no
// code set has.
func (s *statusReport) whole(status string) error {
	problem := NoProblem
	switch outcome, known := ends[status]; {
	case status == "":
	case !known:
		problem = UnknownResult
	case outcome == Returned:
		problem = GroupRejected
	case outcome == Other:
		problem = Blocked
	}
	if problem == NoProblem {
		return nil
	}
	return s.give(&Entry{Statement: -1, Outcome: Other, Problem: problem, Status: statusText(status), NoAmount: true})
}

// unnamed is a status that ends payments and names none of them: finance must know, or they wait for ever.
func (s *statusReport) unnamed(status string, transactions int) error {
	if transactions > 0 || ends[status] != Paid && !slices.Contains(s.options.Credited, status) {
		return nil
	}
	return s.give(&Entry{Statement: -1, Outcome: Other, Problem: MissingID, Status: statusText(status), NoAmount: true})
}

func (t *statusTx) complete(s *statusReport) Entry {
	e := t.entry
	if id := t.named.only(); id != "" && noReference(e.EndToEndID) {
		e.EndToEndID = id
	}
	if t.status == "" { // it is that of its block, or of its file
		t.status = cmp.Or(s.group, s.message.Received.Status)
		if t.status == "PART" { // of some
			t.status = ""
		}
	}
	e.Statement, e.Status = -1, statusText(t.status)
	if e.NoAmount = t.amount[0] == ""; !e.NoAmount {
		e.amount(t.amount[0], t.amount[1])
	}
	outcome, known := ends[t.status]
	switch {
	case outcome == Paid, slices.Contains(s.options.Credited, t.status):
		e.Outcome = Paid
	case outcome == Returned && ends[s.message.Received.Status] == Returned:
		e.Problem = NoProblem // the file is rejected as a whole, and no payment is returned
		return e
	case outcome == Returned:
		e.Outcome = Returned
		e.because(t.reasons, s.reasons[1], s.reasons[0])
	case outcome == Other:
		e.Outcome = Other
		e.fault(Blocked)
	case !known:
		e.Outcome = Other
		e.fault(UnknownResult)
	default:
		e.Problem = NoProblem
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

// ends are the statuses of ISO 20022's ExternalPaymentTransactionStatus1Code and ExternalPaymentGroupStatus1Code: None for those
// on the way, among them ACSC, which says only that the payer's account was debited. Which of them mean that the payee has the
// money, the settings say. A status that is not here is one that nobody can act upon: an exception.
var ends = map[string]Outcome{
	"ACCC": None, // credited
	"ACCP": None, // the customer's profile was checked
	"ACFC": None, // funds were checked
	"ACIS": None, // a cheque is issued
	"ACPD": None, // settlement is under way
	"ACSC": None, // the payer's account is debited
	"ACSP": None, // settlement is under way
	"ACTC": None, // the form was checked
	"ACWC": None, // accepted with a change, such as of the execution day
	"ACWP": None, // accepted and not yet posted to the payee
	"CPUC": Paid, // the payee picked the money up in cash
	"PART": None, // of a group: some are accepted
	"PATC": None, // some of the payer's signatures are there
	"PDNG": None, // waits for checks
	"PRES": None, // presented
	"RCVD": None, // received
	"RJCT": Returned,
	"CANC": Returned, // cancelled at somebody's request
	"BLCK": Other,    // neither posted to the payee nor returned
}

// because sets the reason of a return: the first code of ISO 20022, or else the bank's own, of the transaction or else of its
// block or file. Further reasons stay beside it in words.
func (e *Entry) because(levels ...[]reason) {
	for _, reasons := range levels {
		if len(reasons) == 0 {
			continue
		}
		var all []string
		for _, r := range reasons {
			if r.code != "" && e.Reason == [4]byte{} {
				e.reason(r.code)
			}
			all = append(all, r.code+r.own)
		}
		if e.Reason == [4]byte{} && e.Problem != BadReason {
			e.ownReason(reasons[0].own)
		}
		if len(all) > 1 && e.Text == "" {
			e.Text = strings.Join(all, ", ")
		}
		return
	}
	copy(e.Reason[:], unspecified)
}
