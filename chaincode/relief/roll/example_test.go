package roll_test

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// An import puts people on a segment of a county's roll. The packed segment is what the ledger stores.
func ExampleImport() {
	at := roll.SegmentAddr{Programme: "dibao", County: "530181", Segment: 2, Size: 1000}
	from, _ := relief.ParsePeriod("2026-01")
	person := relief.NewSubjectRef(1, []byte("the key of the agencies"), "530181195802143214")
	payee := roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, 'a'}} // the gateway makes them
	chunk := []roll.Input{
		{Seq: 2, Ref: person, Region: "530181003214", Persons: 1, Class: 'B', Amount: 620_00, Payee: payee},
		{Seq: 3, Ref: relief.SubjectRef{1}, Region: "530129001200", Persons: 1, Class: 'B', Amount: 620_00, Payee: payee},
	}
	onNoRoll := func(*roll.Input) (roll.Known, error) { return roll.Known{}, nil }

	parts, enrolled, result, err := roll.Import([]roll.Part{{At: at}}, roll.ImportRule{From: from}, chunk, onNoRoll)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("roll number:", enrolled[0].Record.Number)
	fmt.Println("line", result.Refused[0].Seq, "refused:", result.Refused[0].Code)

	stored := parts[0].Segment.Bytes()
	segment, err := roll.ParseSegment(stored)
	if err != nil {
		fmt.Println(err)
		return
	}
	entry := segment.Entry(0, at)
	fmt.Println(len(stored), "bytes:", entry.Region, entry.Class, entry.Amount, entry.From, entry.State)
	quarter, _ := relief.ParsePeriod("2026-Q4")
	fmt.Println("owed for the quarter:", segment.Owed(0, quarter))
	// Output:
	// roll number: 2000
	// line 3 refused: region-outside-county
	// 51 bytes: 530181003214 B 620.00 2026-01 in_force
	// owed for the quarter: 1860.00
}
