package bankfile

import (
	"bufio"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
)

// PaymentVersions are the versions of the payment message that can be written.
var PaymentVersions = []string{"pain.001.001.09", "pain.001.001.10"}

// Party is the party that pays or that sends the file.
type Party struct {
	Name string
	ID   string // such as a unified social credit code (GB 32100); may be empty
}

// MaxText bounds the characters of a transfer's remittance information (ISO 20022 Max140Text).
const MaxText = 140

// Order is the part of a payment file that all its transfers share.
type Order struct {
	Version    string // one of PaymentVersions
	MessageID  string // at most 35 characters; also the id of the file's one payment block
	Created    time.Time
	Execute    time.Time // the day on which the bank should pay
	Initiator  Party
	Debtor     Party
	Account    string // of the debtor
	AgentBIC   string // the BIC of the debtor's bank; may be empty
	AgentCNAPS string // its number in the national clearing system (CNAPS), used without a BIC; may be empty
}

// Total is the sum of the amounts.
func Total(transfers []Transfer) (relief.Fen, error) {
	var total relief.Fen
	for i := range transfers {
		var err error
		if total, err = sum(total, transfers[i].Amount); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// WritePain001 writes one payment file. The same order and transfers give the same bytes.
func WritePain001(w io.Writer, o *Order, transfers []Transfer) error {
	total, err := Total(transfers)
	if err != nil {
		return err
	}
	if err := checkOrder(o, transfers); err != nil {
		return err
	}
	x := &xmlWriter{w: bufio.NewWriterSize(w, 64<<10)}
	x.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Document xmlns="` + namespace + o.Version + `">` + "\n")
	x.raw("<CstmrCdtTrfInitn>\n<GrpHdr>")
	x.text("MsgId", o.MessageID)
	x.text("CreDtTm", o.Created.Truncate(time.Second).Format(time.RFC3339))
	x.totals(len(transfers), total)
	x.party("InitgPty", o.Initiator)
	x.raw("</GrpHdr>\n<PmtInf>")
	x.text("PmtInfId", o.MessageID)
	x.text("PmtMtd", "TRF")
	x.text("BtchBookg", "false")
	x.totals(len(transfers), total)
	x.raw("<PmtTpInf><CtgyPurp><Cd>GOVT</Cd></CtgyPurp></PmtTpInf><ReqdExctnDt>")
	x.text("Dt", o.Execute.Format(time.DateOnly))
	x.raw("</ReqdExctnDt>")
	x.party("Dbtr", o.Debtor)
	x.account("DbtrAcct", o.Account, "<Ccy>CNY</Ccy>")
	x.agent(o)
	x.raw("<ChrgBr>DEBT</ChrgBr>\n")
	for i := range transfers {
		x.transfer(&transfers[i])
	}
	x.raw("</PmtInf>\n</CstmrCdtTrfInitn>\n</Document>\n")
	return x.w.Flush() // reports the first error of all writes
}

// checkOrder refuses what does not fit into the message. Its errors name transfers by their ids only.
func checkOrder(o *Order, transfers []Transfer) error {
	for _, f := range []struct {
		name, text  string
		least, most int
	}{
		{"message id", o.MessageID, 1, 35}, {"initiating party", o.Initiator.Name, 1, 140}, {"initiating party's id", o.Initiator.ID, 0, 35},
		{"debtor", o.Debtor.Name, 1, 140}, {"debtor's id", o.Debtor.ID, 0, 35}, {"debtor's account", o.Account, 1, 34},
	} {
		if n := utf8.RuneCountInString(f.text); n < f.least || n > f.most {
			return errorf(CodeContent, 0, "the %s must have %d to %d characters", f.name, f.least, f.most)
		}
	}
	if len(transfers) == 0 {
		return errorf(CodeContent, 0, "there is no transfer")
	}
	for i := range transfers {
		if err := transfers[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// check refuses a transfer that the message cannot carry.
func (t *Transfer) check() error {
	if !isText(t.Name) || !isText(t.Account) || !isText(t.Bank) || !isText(t.Text) {
		return errorf(CodeContent, 0, "transfer %s cannot be written: name, account, bank or text has a character that XML does not have",
			t.ID)
	}
	name, bank, text := utf8.RuneCountInString(t.Name), utf8.RuneCountInString(t.Bank), utf8.RuneCountInString(t.Text)
	if name < 1 || name > 140 || t.Account == "" || len(t.Account) > 34 || t.Amount <= 0 || bank > 140 || text > MaxText {
		return errorf(CodeContent, 0, "transfer %s cannot be written: name, account, bank, text or amount is missing or too long", t.ID)
	}
	return nil
}

// isText reports whether a message can carry a text as it is: encoding/xml writes U+FFFD in place of what XML 1.0 does
// not have (production [2] Char).
func isText(s string) bool {
	for i, r := range s {
		if r < ' ' || r == 0xfffe || r == 0xffff || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") {
			return false
		}
	}
	return true
}

// xmlWriter writes elements. Errors stay in its bufio.Writer until Flush.
type xmlWriter struct{ w *bufio.Writer }

func (x *xmlWriter) raw(s string) { _, _ = x.w.WriteString(s) }

func (x *xmlWriter) text(name, s string) {
	x.raw("<" + name + ">")
	_ = xml.EscapeText(x.w, []byte(s))
	x.raw("</" + name + ">")
}

func (x *xmlWriter) totals(n int, total relief.Fen) {
	x.text("NbOfTxs", strconv.Itoa(n))
	x.text("CtrlSum", total.String())
}

func (x *xmlWriter) party(name string, p Party) {
	x.raw("<" + name + ">")
	x.text("Nm", p.Name)
	if p.ID != "" {
		x.raw("<Id><OrgId><Othr>")
		x.text("Id", p.ID)
		x.raw("</Othr></OrgId></Id>")
	}
	x.raw("</" + name + ">")
}

func (x *xmlWriter) account(name, number, more string) {
	x.raw("<" + name + "><Id><Othr>")
	x.text("Id", number)
	x.raw("</Othr></Id>" + more + "</" + name + ">")
}

func (x *xmlWriter) agent(o *Order) {
	x.raw("<DbtrAgt><FinInstnId>")
	switch {
	case o.AgentBIC != "":
		x.text("BICFI", o.AgentBIC)
	case o.AgentCNAPS != "":
		x.raw("<ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId>")
		x.text("MmbId", o.AgentCNAPS)
		x.raw("</ClrSysMmbId>")
	default:
		x.raw("<Othr><Id>NOTPROVIDED</Id></Othr>")
	}
	x.raw("</FinInstnId></DbtrAgt>")
}

func (x *xmlWriter) transfer(t *Transfer) {
	x.raw("<CdtTrfTxInf><PmtId>")
	x.text("EndToEndId", EndToEndID(t.ID))
	x.raw(`</PmtId><Amt><InstdAmt Ccy="CNY">` + t.Amount.String() + "</InstdAmt></Amt>")
	if t.Bank != "" {
		x.raw("<CdtrAgt><FinInstnId>")
		x.text("Nm", t.Bank)
		x.raw("</FinInstnId></CdtrAgt>")
	}
	x.raw("<Cdtr>")
	x.text("Nm", t.Name)
	x.raw("</Cdtr>")
	x.account("CdtrAcct", t.Account, "")
	x.raw("<Purp><Cd>SSBE</Cd></Purp>")
	if t.Text != "" {
		x.raw("<RmtInf>")
		x.text("Ustrd", t.Text)
		x.raw("</RmtInf>")
	}
	x.raw("</CdtTrfTxInf>\n")
}

// ReadPain001 reads a payment file that uses the same parts of the message as WritePain001, and calls visit with each
// transfer. It checks the file's own number and sum of transfers.
func ReadPain001(r io.Reader, limits Limits, visit func(*Transfer) error) (Order, error) {
	w, version, err := newWalker(r, limits)
	if err != nil {
		return Order{}, err
	}
	if version != PaymentVersions[0] && version != PaymentVersions[1] {
		return Order{}, errorf(CodeMessage, w.line(), "the message must be pain.001.001.09 or pain.001.001.10")
	}
	f := &paymentFile{order: Order{Version: version}, visit: visit, limits: w.limits}
	if err := w.walk(f); err != nil {
		return Order{}, err
	}
	return f.order, f.check()
}

type paymentFile struct {
	order    Order
	limits   Limits
	visit    func(*Transfer) error
	transfer Transfer
	fault    error
	n        [2]int        // transfers so far: of the file, of the payment block
	sum      [2]relief.Fen // likewise
	want     [2][2]string  // likewise: NbOfTxs and CtrlSum as the file states them
}

const (
	orderPath    = "CstmrCdtTrfInitn/"
	transferPath = orderPath + "PmtInf/CdtTrfTxInf"
)

func (f *paymentFile) start(path string) error {
	switch path {
	case orderPath + "PmtInf":
		f.n[1], f.sum[1], f.want[1] = 0, 0, [2]string{}
	case transferPath:
		f.transfer, f.fault = Transfer{}, errorf(CodeContent, 0, "a transfer lacks its EndToEndId or its amount")
	}
	return nil
}

func (f *paymentFile) leaf(path, text, currency string) (err error) {
	o := &f.order
	if into := f.header(path); into != nil {
		*into = text
		return nil
	}
	switch path {
	case orderPath + "GrpHdr/CreDtTm":
		if o.Created, err = time.Parse(time.RFC3339, text); err != nil {
			return errorf(CodeContent, 0, "CreDtTm must be a time with an offset (RFC 3339)")
		}
	case orderPath + "PmtInf/ReqdExctnDt/Dt":
		if o.Execute, err = time.Parse(time.DateOnly, text); err != nil {
			return errorf(CodeContent, 0, "ReqdExctnDt must be a date")
		}
	default:
		return f.part(path, text, currency)
	}
	return nil
}

// header is the field for the part of the order with this path; nil for other paths.
func (f *paymentFile) header(path string) *string {
	o := &f.order
	switch strings.TrimPrefix(path, orderPath) {
	case "GrpHdr/MsgId":
		return &o.MessageID
	case "GrpHdr/NbOfTxs":
		return &f.want[0][0]
	case "GrpHdr/CtrlSum":
		return &f.want[0][1]
	case "PmtInf/NbOfTxs":
		return &f.want[1][0]
	case "PmtInf/CtrlSum":
		return &f.want[1][1]
	case "GrpHdr/InitgPty/Nm":
		return &o.Initiator.Name
	case "GrpHdr/InitgPty/Id/OrgId/Othr/Id":
		return &o.Initiator.ID
	case "PmtInf/Dbtr/Nm":
		return &o.Debtor.Name
	case "PmtInf/Dbtr/Id/OrgId/Othr/Id":
		return &o.Debtor.ID
	case "PmtInf/DbtrAcct/Id/Othr/Id":
		return &o.Account
	case "PmtInf/DbtrAgt/FinInstnId/BICFI":
		return &o.AgentBIC
	case "PmtInf/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId":
		return &o.AgentCNAPS
	}
	return nil
}

// part is a part of a transfer.
func (f *paymentFile) part(path, text, currency string) (err error) {
	t := &f.transfer
	switch path {
	case transferPath + "/PmtId/EndToEndId":
		if t.ID, err = ParseEndToEndID(text); err != nil {
			return errorf(CodeContent, 0, "an EndToEndId is not the id of a payment")
		}
	case transferPath + "/Amt/InstdAmt":
		if t.Amount, err = ParseAmount(text); err != nil {
			return err
		}
		if currency != "CNY" {
			return errorf(CodeContent, 0, "an amount is not in CNY")
		}
		f.fault = nil
	case transferPath + "/CdtrAgt/FinInstnId/Nm":
		t.Bank = text
	case transferPath + "/Cdtr/Nm":
		t.Name = text
	case transferPath + "/CdtrAcct/Id/Othr/Id":
		t.Account = text
	case transferPath + "/RmtInf/Ustrd":
		t.Text = text
	}
	return nil
}

func (f *paymentFile) end(path string) (err error) {
	switch path {
	case transferPath:
		if f.fault != nil || f.transfer.ID == (relief.PaymentID{}) {
			return errorf(CodeContent, 0, "a transfer lacks its EndToEndId or its amount")
		}
		for i := range f.n {
			f.n[i]++
			if f.sum[i], err = sum(f.sum[i], f.transfer.Amount); err != nil {
				return err
			}
		}
		if f.n[0] > f.limits.Entries {
			return errorf(CodeTooLarge, 0, "the file has more than %d transfers", f.limits.Entries)
		}
		return f.visit(&f.transfer)
	case orderPath + "PmtInf":
		return f.checkTotals(1)
	}
	return nil
}

func (f *paymentFile) check() error {
	if f.want[0][0] == "" || f.order.MessageID == "" {
		return errorf(CodeContent, 0, "GrpHdr lacks MsgId or NbOfTxs")
	}
	return f.checkTotals(0)
}

// checkTotals compares the totals of the file (0) or of the payment block (1) with what it states.
func (f *paymentFile) checkTotals(i int) error {
	if n, err := strconv.Atoi(f.want[i][0]); f.want[i][0] != "" && (err != nil || n != f.n[i]) {
		return errorf(CodeTotals, 0, "NbOfTxs differs from the number of transfers")
	}
	if s, err := ParseAmount(f.want[i][1]); f.want[i][1] != "" && (err != nil || s != f.sum[i]) {
		return errorf(CodeTotals, 0, "CtrlSum differs from the sum of the transfers")
	}
	return nil
}
