package screen

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// Roll names the roll of a programme and county.
type Roll struct {
	Programme relief.ProgrammeID
	County    relief.Region
}

// Payment is how a payment stands as of a block. One that was taken out of its batch is none.
type Payment struct {
	Number  uint32
	Period  relief.Period
	Attempt uint8
	Kind    relief.PaymentKind
	Amount  relief.Fen
	Batch   relief.BatchID
	State   payment.LineState
	Day     relief.Day // the bank's value date; "" before the answer
	Reason  string     // why it came back (ISO 20022)
}

// Ledger is what the ledger said as of a block about a region.
type Ledger interface {
	// Each visits the values of a kind of record, as of the block, in any order; those of other regions may be among them. What
	// cannot be read is passed over.
	Each(kind string, visit func(value []byte) error) error
	// Rolls are those of the region's counties, in any order.
	Rolls() ([]Roll, error)
	// Entries visits the entries of a roll, in any order. The entry is the visitor's until it returns.
	Entries(r Roll, visit func(*roll.Entry) error) error
	// Payments visits the payments of a roll for the periods that end in a month or later, in any order.
	Payments(r Roll, lastMonth int, visit func(*Payment) error) error
}

// Reads reports whether the rules read values of a kind, or entries and payments that are in such values.
func Reads(kind string) bool {
	switch kind {
	case relief.KindThresholds, relief.KindCalendar, relief.KindParameters, relief.KindAgencies, relief.KindProgramme, relief.KindExclusion,
		relief.KindCase, relief.KindChange, relief.KindNeed, relief.KindBatch, relief.KindTranche, relief.KindMonth, relief.KindPublication, relief.KindPlan,
		relief.KindRoll, relief.KindLines, relief.KindFurther:
		return true
	}
	return false
}
