package relief_test

import (
	"fmt"

	"relieftrail/chaincode/relief"
)

// Amounts are whole fen; on the wire they are decimal strings of yuan with two places.
func ExampleParseFen() {
	grant, _ := relief.ParseFen("620.00")
	winter, _ := relief.ParseFen("80.50")
	sum, _ := grant.Add(winter)
	fmt.Println(sum, int64(sum))

	_, err := relief.ParseFen("620.5")
	fmt.Println(err)
	// Output:
	// 700.50 70050
	// 金额须为两位小数 · the amount must have exactly two decimal places
}

// Checked arithmetic returns an error where int64 would wrap round.
func ExampleFen_Add() {
	_, err := relief.Fen(1<<63 - 1).Add(1)
	fmt.Println(err)
	// Output: amount overflows
}

// A period is a month or a quarter.
func ExampleParsePeriod() {
	month, _ := relief.ParsePeriod("2026-11")
	quarter, _ := relief.ParsePeriod("2026-Q4")
	fmt.Println(month.Next().Next(), quarter.Next())
	fmt.Println(month.Before(quarter), quarter.Before(month.Next().Next()))
	// Output:
	// 2027-01 2027-Q1
	// false true
}

// Deadlines count working days. Here 1 and 2 October 2026 are holidays, and Saturday the 10th is worked instead.
func ExampleCalendar_AddWorkdays() {
	calendar := relief.Calendar{
		Holidays:  []relief.Day{"2026-10-01", "2026-10-02"},
		Workdays:  []relief.Day{"2026-10-10"},
		UTCOffset: 8 * 60,
	}
	fmt.Println(calendar.AddWorkdays("2026-09-30", 1))
	fmt.Println(calendar.AddWorkdays("2026-10-09", 1))
	// Output:
	// 2026-10-05
	// 2026-10-10
}

// A refusal crosses the ledger's interface as text, perhaps behind other words, and is found there again.
func ExampleParseError() {
	refused := relief.FieldErrorf("period", "programme %s starts with %s", "dibao", "2026-01")
	fmt.Println(refused)

	found := relief.ParseError("endorsement failed: " + refused.Error())
	fmt.Println(found.Code, found.Field)
	// Output:
	// INVALID[period]: programme dibao starts with 2026-01
	// INVALID period
}
