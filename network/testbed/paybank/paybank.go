package paybank

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"relieftrail/chaincode/relief"
)

// Payment is one payment of a payment file.
type Payment struct {
	EndToEndID string
	Amount     relief.Fen
	Account    string // of the payee
}

// File is a payment file.
type File struct {
	MessageID, Account string
	Payments           []Payment
	Sum                relief.Fen
}

// Read reads a payment file (pain.001) and checks its number and sum.
func Read(document []byte) (*File, error) {
	var d struct {
		Header struct {
			MsgID string `xml:"MsgId"`
			Count int    `xml:"NbOfTxs"`
			Sum   string `xml:"CtrlSum"`
		} `xml:"CstmrCdtTrfInitn>GrpHdr"`
		Account string `xml:"CstmrCdtTrfInitn>PmtInf>DbtrAcct>Id>Othr>Id"`
		Items   []struct {
			ID     string `xml:"PmtId>EndToEndId"`
			Amount string `xml:"Amt>InstdAmt"`
			Payee  string `xml:"CdtrAcct>Id>Othr>Id"`
		} `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf"`
	}
	if err := xml.Unmarshal(document, &d); err != nil {
		return nil, err
	}
	f := &File{MessageID: d.Header.MsgID, Account: d.Account}
	for _, i := range d.Items {
		amount, err := relief.ParseFen(i.Amount)
		if err != nil {
			return nil, err
		}
		f.Payments = append(f.Payments, Payment{i.ID, amount, i.Payee})
		f.Sum += amount
	}
	if len(f.Payments) != d.Header.Count || f.Sum.String() != d.Header.Sum {
		return nil, fmt.Errorf("the file has %d payments of %s, its header says %d of %s", len(f.Payments), f.Sum, d.Header.Count, d.Header.Sum)
	}
	return f, nil
}

// Statement is an account statement under construction.
type Statement struct {
	ID       string
	Sequence int
	Account  string
	Date     string // 2026-11-09
	Opening  relief.Fen
	Closing  relief.Fen
	entries  bytes.Buffer
	n        int
}

// Today is the day in China: a bank dates what it books with the day there.
func Today() string { return time.Now().In(time.FixedZone("China", 8*3600)).Format(time.DateOnly) }

// New begins a statement of an account with its opening balance.
func New(id string, sequence int, account, date string, opening relief.Fen) *Statement {
	return &Statement{ID: id, Sequence: sequence, Account: account, Date: date, Opening: opening, Closing: opening}
}

// Pay books a payment.
func (s *Statement) Pay(id string, amount relief.Fen) {
	s.entry("DBIT", id, amount, "")
	s.Closing -= amount
}

// Return books a returned payment.
func (s *Statement) Return(id string, amount relief.Fen, reason string) {
	s.entry("CRDT", id, amount, "<RtrInf><Rsn><Cd>"+reason+"</Cd></Rsn></RtrInf>")
	s.Closing += amount
}

// Book books an entry that is no payment: what came in, or below zero what went out.
func (s *Statement) Book(text string, amount relief.Balance) {
	s.n++
	s.Closing += relief.Fen(amount)
	sign := "CRDT"
	if amount < 0 {
		sign, amount = "DBIT", -amount
	}
	fmt.Fprintf(&s.entries, `<Ntry><Amt Ccy="CNY">%[1]s</Amt><CdtDbtInd>%[2]s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%[3]s</Dt></BookgDt><ValDt><Dt>%[3]s</Dt></ValDt>`+
		`<AcctSvcrRef>%[4]s-%[5]d</AcctSvcrRef><BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MCOP</Cd><SubFmlyCd>OTHR</SubFmlyCd></Fmly></Domn></BkTxCd>`+
		`<AddtlNtryInf>%[6]s</AddtlNtryInf></Ntry>`+"\n", amount, sign, s.Date, s.ID, s.n, text)
}

func (s *Statement) entry(sign, id string, amount relief.Fen, more string) {
	s.n++
	fmt.Fprintf(&s.entries, `<Ntry><Amt Ccy="CNY">%[1]s</Amt><CdtDbtInd>%[2]s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%[3]s</Dt></BookgDt><ValDt><Dt>%[3]s</Dt></ValDt>`+
		`<AcctSvcrRef>%[4]s-%[5]d</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>`+
		`<NtryDtls><TxDtls><Refs><EndToEndId>%[6]s</EndToEndId></Refs><Amt Ccy="CNY">%[1]s</Amt><CdtDbtInd>%[2]s</CdtDbtInd>%[7]s</TxDtls></NtryDtls></Ntry>`+"\n",
		amount, sign, s.Date, s.ID, s.n, id, more)
}

// Document is the statement as camt.053.001.08.
func (s *Statement) Document() []byte {
	balance := func(code string, b relief.Fen) string {
		sign := "CRDT"
		if b < 0 {
			sign, b = "DBIT", -b
		}
		return fmt.Sprintf(`<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>`, code, b, sign, s.Date)
	}
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>%[1]s</MsgId><CreDtTm>%[2]sT18:00:00+08:00</CreDtTm></GrpHdr>
<Stmt><Id>%[1]s</Id><ElctrncSeqNb>%[3]d</ElctrncSeqNb><CreDtTm>%[2]sT18:00:00+08:00</CreDtTm><Acct><Id><Othr><Id>%[4]s</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
%[5]s%[6]s
%[7]s</Stmt></BkToCstmrStmt></Document>
`, s.ID, s.Date, s.Sequence, s.Account, balance("OPBD", s.Opening), balance("CLBD", s.Closing), s.entries.Bytes())
}
