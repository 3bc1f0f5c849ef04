package index

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// valid is the code of a transaction that took effect; it is word 1.
const (
	valid     = "VALID"
	validWord = 1
)

// A place is where a transaction stands in the ledger: places order as the ledger does.
const placeBits = 20

func placeOf(block uint64, index int) int64 { return int64(block<<placeBits) | int64(index) } //nolint:gosec // blocks stay below 2^43

func blockOf(place int64) uint64 { return uint64(place) >> placeBits } //nolint:gosec // never negative

// Widths of the parts of a payment's number.
const (
	attemptBits = 8
	numberBits  = 24
	periodBits  = 13
	spanBits    = attemptBits + numberBits
	rollBits    = spanBits + periodBits
)

// spanLow is the first number that a payment of a roll and period could have.
func spanLow(roll int64, period relief.Period) int64 {
	return roll<<rollBits | int64(period.Code())<<spanBits
}

const spanSize = int64(1) << spanBits

func paymentNumber(low int64, number uint32, attempt uint8) int64 {
	return low | int64(number)<<attemptBits | int64(attempt)
}

// paymentParts takes a payment's number apart.
func paymentParts(n int64) (roll int64, period relief.Period, number uint32, attempt uint8) {
	period, _ = relief.PeriodFromCode(uint16(n >> spanBits & (1<<periodBits - 1)))
	return n >> rollBits, period, uint32(n >> attemptBits & (1<<numberBits - 1)), uint8(n) //nolint:gosec // cut on purpose
}

func entryNumber(roll int64, number uint32) int64 { return roll<<numberBits | int64(number) }

// regionDigits is a region filled up to the length of a village's code, so that what lies in a region is a range.
func regionDigits(r relief.Region) (low, high int64) {
	low = int64(r.Code()) //nolint:gosec // at most 12 digits
	size := int64(1)
	for range 12 - len(r) {
		low, size = low*10, size*10
	}
	return low, low + size - 1
}

// lineStates are the states as the table payments numbers them.
var lineStates = []payment.LineState{payment.LineFree, payment.LineListed, payment.LineCredited, payment.LineReturned, payment.LineReversed}
