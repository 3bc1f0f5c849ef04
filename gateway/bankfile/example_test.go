package bankfile_test

import (
	"bytes"
	"fmt"
	"log"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
)

// A payment file is written, and read again as the bank would read it.
func ExampleWritePain001() {
	id, err := relief.ParsePaymentID("dibao-530181-0000001-202611-1")
	if err != nil {
		log.Fatal(err)
	}
	day := time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC)
	order := bankfile.Order{
		Version: "pain.001.001.10", MessageID: "RT-0001", Created: day, Execute: day, Account: "5301810100000088",
		Initiator: bankfile.Party{Name: "安宁市财政局"}, Debtor: bankfile.Party{Name: "安宁市财政局社保专户"},
	}
	transfers := []bankfile.Transfer{{ID: id, Amount: 62000, Name: "张某某", Account: "6217000000000000001"}}
	var file bytes.Buffer
	if err := bankfile.WritePain001(&file, &order, transfers); err != nil {
		log.Fatal(err)
	}
	read, err := bankfile.ReadPain001(&file, bankfile.Limits{}, func(p *bankfile.Transfer) error {
		fmt.Println(p.ID, p.Amount)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(read.MessageID, read.Execute.Format(time.DateOnly))
	// Output:
	// dibao-530181-0000001-202611-1 620.00
	// RT-0001 2026-11-09
}

// A bank's status report says which payments were credited and which came back.
func ExampleRead() {
	report := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.11"><CstmrPmtStsRpt>
	<GrpHdr><MsgId>NX-1</MsgId><CreDtTm>2026-11-10T09:00:00+08:00</CreDtTm></GrpHdr>
	<OrgnlGrpInfAndSts><OrgnlMsgId>RT-0001</OrgnlMsgId></OrgnlGrpInfAndSts>
	<OrgnlPmtInfAndSts>
	<TxInfAndSts><OrgnlEndToEndId>dibao-530181-0000001-202611-1</OrgnlEndToEndId><TxSts>ACCC</TxSts></TxInfAndSts>
	<TxInfAndSts><OrgnlEndToEndId>dibao-530181-0000002-202611-1</OrgnlEndToEndId><TxSts>RJCT</TxSts>
	<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>
	</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`
	message, err := bankfile.Read(strings.NewReader(report), bankfile.Options{}, func(e *bankfile.Entry) error {
		fmt.Printf("%s: %s\n", e.Payment, e.Outcome)
		if e.Outcome == bankfile.Returned {
			fmt.Printf("because of %s\n", e.Reason)
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.Kind, "for", message.Original)
	// Output:
	// dibao-530181-0000001-202611-1: paid
	// dibao-530181-0000002-202611-1: returned
	// because of AC04
	// pain.002 for RT-0001
}

// A bank without ISO 20022 answers with a list, whose columns and result codes a profile describes.
func ExampleProfile_ReadAnswer() {
	profile := bankfile.Profile{
		Name: "rural", Encoding: "utf-8", Delimiter: "|", Date: "YYYYMMDD",
		Columns: []bankfile.Column{
			{Field: bankfile.FieldPayment}, {Field: bankfile.FieldAmount}, {Field: bankfile.FieldResult}, {Field: bankfile.FieldDate},
		},
		Results: []bankfile.Result{{Code: "00", Outcome: "paid"}, {Code: "51", Outcome: "returned", Reason: "AC04"}},
	}
	list := "dibao-530181-0000001-202611-1|620.00|00|20261110\ndibao-530181-0000002-202611-1|480.00|51|20261110\n"
	_, err := profile.ReadAnswer(strings.NewReader(list), "november", bankfile.Options{}, func(e *bankfile.Entry) error {
		fmt.Printf("%s: %s %s\n", e.Payment, e.Amount, e.Outcome)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// dibao-530181-0000001-202611-1: 620.00 paid
	// dibao-530181-0000002-202611-1: 480.00 returned
}
