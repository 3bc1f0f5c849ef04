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
	parts, _, _, err := roll.Import([]roll.Part{{At: at}}, period,
		[]roll.Input{{Seq: 2, Ref: person, Region: "530181003214", Persons: 1, Class: 'B', Amount: 620_00}},
		func(relief.SubjectRef) (*roll.IndexEntry, error) { return nil, nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := payment.Batch{
		ID: "november", Programme: "dibao", Region: "530181", Period: period,
		State: payment.BatchOpen, MinAmount: 1_00, MaxAmount: 5000_00, SegmentSize: 1000,
	}
	line := payment.LineInput{Seq: 2, Number: 0, Ref: person, Region: "530181003214", Amount: 620_00}
	tooMuch := line
	tooMuch.Seq, tooMuch.Amount = 3, 700_00
	noOtherBatch := func(relief.BatchID) (payment.BatchState, error) { return "", nil }

	segment, result, err := payment.AddLines(&batch, parts[0].Segment, payment.LineSegment{}, 0,
		[]payment.LineInput{line, tooMuch}, noOtherBatch)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Accepted, "accepted; line", result.Refused[0].Seq, result.Refused[0].Code, result.Refused[0].Note)

	stored, err := payment.ParseLineSegment(segment.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, slot := range stored.Slots(at.First()) {
		fmt.Println(slot.Number, slot.Attempt, slot.Batch, slot.Amount, slot.State)
	}
	// Output:
	// 1 accepted; line 3 amount-not-granted 620.00
	// 0 1 november 620.00 listed
}
