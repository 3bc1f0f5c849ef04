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
	counts  [2]counts   // of the file and of the open payment block
	reasons [2][]reason // of the file and of the open payment block: those of a transaction that has none
}

// counts are how many transactions a file or block has of each status: as the bank counts them, and as it lists them.
type counts struct {
	of     int // all, as the bank counts them; 0 when it does not
	listed int
	byCode map[string]int // listed
	stated []statusCount  // NbOfTxsPerSts
	told   bool           // of it or its blocks an entry says already that something ended
}

// statusCount is one NbOfTxsPerSts.
type statusCount struct {
	status string
	count  int
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
		s.group, s.reasons[1], s.counts[1] = "", nil, counts{}
	case groupPath + perStatus, partPath + perStatus:
		if of := &s.counts[level(path)]; len(of.stated) < maxReasons {
			of.stated = append(of.stated, statusCount{})
		}
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
	case partPath + "/OrgnlNbOfTxs":
		s.counts[1].of, _ = strconv.Atoi(text)
	case groupPath + perStatus + "/DtldNbOfTxs", partPath + perStatus + "/DtldNbOfTxs":
		s.counts[level(path)].last().count, _ = strconv.Atoi(text) // a text that is no number states none
	case groupPath + perStatus + "/DtldSts", partPath + perStatus + "/DtldSts":
		s.counts[level(path)].last().status = text
	default:
		if inner, ok := strings.CutPrefix(path, groupPath+"/"+reasonPath); ok {
			s.reasons[0] = addReason(s.reasons[0], inner, text)
		} else if inner, ok := strings.CutPrefix(path, partPath+"/"+reasonPath); ok {
			s.reasons[1] = addReason(s.reasons[1], inner, text)
		}
	}
	return nil
}

const (
	reasonPath = "StsRsnInf/Rsn/"
	perStatus  = "/NbOfTxsPerSts"
)

// level is 0 for a part of the file's status and 1 for one of a block's.
func level(path string) int {
	if strings.HasPrefix(path, partPath) {
		return 1
	}
	return 0
}

func (c *counts) last() *statusCount { return &c.stated[len(c.stated)-1] }

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
		s.counts[0].of = s.message.Received.Count
		return s.whole(s.group)
	case partPath:
		if err := s.whole(s.group); err != nil {
			return err
		}
		return s.unnamed(s.group, &s.counts[1])
	case reportEnd:
		return s.unnamed(s.message.Received.Status, &s.counts[0])
	case txPath:
		e := s.tx.complete(s)
		for i := range s.counts {
			s.counts[i].add(s.tx.status)
		}
		return s.give(&e)
	}
	return nil
}

func (c *counts) add(status string) {
	if c.listed++; c.byCode == nil {
		c.byCode = map[string]int{}
	}
	if _, known := ends[status]; known { // few, whatever the bank writes
		c.byCode[status]++
	}
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
	return s.tell(problem, status)
}

// tell gives an entry that names no payment: finance must know, or those that it is about wait for ever.
func (s *statusReport) tell(problem Problem, status string) error {
	s.counts[0].told, s.counts[1].told = true, true
	return s.give(&Entry{Statement: -1, Outcome: Other, Problem: problem, Status: statusText(status), NoAmount: true})
}

// unnamed looks for a status that ends more payments than the file or block lists.
func (s *statusReport) unnamed(status string, c *counts) error {
	if c.told {
		return nil
	}
	if s.credits(status) && c.listed < max(c.of, 1) || status == "PART" && c.listed == 0 {
		return s.tell(NotListed, status)
	}
	for _, n := range c.stated {
		if (s.credits(n.status) || ends[n.status] != None) && n.count > c.byCode[n.status] {
			return s.tell(NotListed, n.status)
		}
	}
	return nil
}

// credits reports whether a status means that the payee has the money.
func (s *statusReport) credits(status string) bool {
	return ends[status] == Paid || slices.Contains(s.options.Credited, status)
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
	case s.credits(t.status):
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
