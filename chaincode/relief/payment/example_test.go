package payment_test

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// A chunk of lines is listed in a segment. The packed segment is what the ledger stores, and it is read back slot by slot.
func ExampleAddLines() {
	period, _ := relief.ParsePeriod("2026-11")
	at := roll.SegmentAddr{Programme: "dibao", County: "530181", Segment: 0, Size: 1000}
	person := relief.SubjectRef{0: 1, 1: 7}
	payee := roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, 'a'}} // the gateway makes them
	parts, _, _, err := roll.Import([]roll.Part{{At: at}}, roll.ImportRule{From: period},
		[]roll.Input{{Seq: 2, Ref: person, Region: "530181003214", Persons: 1, Class: 'B', Amount: 620_00, Payee: payee}},
		func(*roll.Input) (roll.Known, error) { return roll.Known{}, nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := payment.Batch{
		ID: "november", Programme: "dibao", Region: "530181", Period: period,
		State: payment.BatchOpen, MinAmount: 1_00, MaxAmount: 5000_00, SegmentSize: 1000,
	}
	line := payment.LineInput{Seq: 2, Number: 0, Ref: person, Region: "530181003214", Amount: 620_00, Payee: payee.Check()}
	tooMuch, otherCard := line, line
	tooMuch.Seq, tooMuch.Amount = 3, 700_00
	other := roll.Payee{Name: payee.Name, Account: relief.Tag{1, 'b'}}
	otherCard.Seq, otherCard.Payee = 4, other.Check()
	noOtherBatch := func(relief.BatchID) (payment.BatchState, error) { return "", nil }

	after, result, err := payment.AddLines(&batch, parts[0].Segment, 0, []payment.OfPeriod{{Period: period}},
		[]payment.LineInput{line, tooMuch, otherCard}, payment.Lookup{Batch: noOtherBatch})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Accepted, "accepted")
	for _, r := range result.Refused {
		fmt.Println("line", r.Seq, r.Code)
	}

	stored, err := payment.ParseLineSegment(after[0].Lines.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, slot := range stored.Slots(at.First()) {
		fmt.Println(slot.Number, slot.Attempt, slot.Batch, slot.Amount, slot.State)
	}
	// Output:
	// 1 accepted
	// line 3 amount-not-granted
	// line 4 account-differs
	// 0 1 november 620.00 listed
}
