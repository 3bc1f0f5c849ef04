package index

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// The tables find transactions, payments and roll entries by numbers that are put together from parts. The widths of the
// parts are here and nowhere else; statements that take a number apart are built from them.

// validCode is Fabric's code of a transaction that took effect. It is the first word that the index numbers, as the partial
// index transactions_invalid of the schema says.
const (
	validCode = "VALID"
	validWord = 1
)

// A tx position is a transaction's block and its index in the block: positions order as the ledger does. Columns named
// place, listed or answered hold one. Its upper 43 bits are the block's number.
const indexBits = 20

func txPosOf(block uint64, index int) int64 { return int64(block<<indexBits) | int64(index) } //nolint:gosec // blocks stay below 2^43

func blockOf(txPos int64) uint64 { return uint64(txPos) >> indexBits } //nolint:gosec // never negative

func indexInBlock(txPos int64) int { return int(txPos & (1<<indexBits - 1)) }

// A payment's number is, from the highest bit on: the number of its roll, period, roll number, attempt. A roll's period
// then lies together in the order of roll numbers.
const (
	attemptBits = 8
	numberBits  = 24
	periodBits  = 13
	spanBits    = attemptBits + numberBits
	rollBits    = spanBits + periodBits

	attemptMask = 1<<attemptBits - 1
	numberMask  = 1<<numberBits - 1
	periodMask  = 1<<periodBits - 1
)

// spanSize is how many numbers the payments of one roll and period could have.
const spanSize = int64(1) << spanBits

// spanLow is the lowest number that a payment of a roll and period could have.
func spanLow(rollID int64, period relief.Period) int64 {
	return rollID<<rollBits | int64(period.Code())<<spanBits
}

// rollSpans are the lowest and the highest number that a payment of a roll could have.
func rollSpans(rollID int64) (low, high int64) { return rollID << rollBits, (rollID+1)<<rollBits - 1 }

func paymentNumber(low int64, number uint32, attempt uint8) int64 {
	return low | int64(number)<<attemptBits | int64(attempt)
}

// attemptsOf are the numbers of the first and the last attempt to pay a roll number in the span that begins at low.
func attemptsOf(low int64, number uint32) (first, last int64) {
	return paymentNumber(low, number, 0), paymentNumber(low, number, attemptMask)
}

// paymentParts takes a payment's number apart.
func paymentParts(n int64) (rollID int64, period relief.Period, number uint32, attempt uint8) {
	period, _ = relief.PeriodFromCode(uint16(n >> spanBits & periodMask))
	return n >> rollBits, period, uint32(n >> attemptBits & numberMask), uint8(n & attemptMask)
}

// A roll entry's number is the number of its roll and the roll number.
func entryNumber(rollID int64, number uint32) int64 { return rollID<<numberBits | int64(number) }

// entryParts takes a roll entry's number apart.
func entryParts(n int64) (rollID int64, number uint32) {
	return n >> numberBits, uint32(n & numberMask)
}

// The same in SQL, of the column n.

func sqlRollOfPayment(n string) string { return fmt.Sprintf("(%s >> %d)", n, rollBits) }

func sqlPeriodOfPayment(n string) string {
	return fmt.Sprintf("((%s >> %d) & %d)", n, spanBits, periodMask)
}

func sqlAttemptOfPayment(n string) string { return fmt.Sprintf("(%s & %d)", n, attemptMask) }

func sqlEntryOfPayment(n string) string {
	return fmt.Sprintf("((%s << %d) | ((%s >> %d) & %d))", sqlRollOfPayment(n), numberBits, n, attemptBits, numberMask)
}

func sqlNumberOfPayment(n string) string {
	return fmt.Sprintf("((%s >> %d) & %d)", n, attemptBits, numberMask)
}

func sqlSpanOfPayment(n string) string { return fmt.Sprintf("(%s >> %d)", n, spanBits) }

// sqlNumberShift is the part of a payment's number that is the roll number of the entry n.
func sqlNumberShift(n string) string {
	return fmt.Sprintf("((%s & %d) << %d)", n, numberMask, attemptBits)
}

// sqlFirstOfRoll is the first number that a payment of the entry n's roll could have, or of a roll so many behind it.
func sqlFirstOfRoll(n string, behind int) string {
	return fmt.Sprintf("((%s + %d) << %d)", sqlRollOfEntry(n), behind, rollBits)
}

// sqlLastAttempt leads from the first number of an entry's payments in a span to the last.
var sqlLastAttempt = fmt.Sprintf(" + %d", attemptMask)

func sqlRollOfEntry(n string) string { return fmt.Sprintf("(%s >> %d)", n, numberBits) }

// sqlNeighbours is how many roll numbers the payment n is behind the payment first of the same span and attempt.
func sqlNeighbours(n, first string) string {
	return fmt.Sprintf("((%s - %s) >> %d)", n, first, attemptBits)
}

// How many bytes the hash of a leaf has, and the hash of a bank's reference.
const (
	hashSize    = 32
	bankRefSize = len(relief.BankRefHash{})
)

// sqlOwnBytes are the size bytes that the one at a place, from 0 on, has in the bytes of several.
func sqlOwnBytes(bytes, at string, size int) string {
	return fmt.Sprintf("substr(%s, CAST(1 + %d * %s AS INTEGER), %d)", bytes, size, at, size)
}

// lineStates are the states as the table payments numbers them.
var lineStates = []payment.LineState{
	stateFree: payment.LineFree, stateListed: payment.LineListed, stateCredited: payment.LineCredited,
	stateReturned: payment.LineReturned, stateReversed: payment.LineReversed,
}

// In the schema stateListed is the state that a new row has. stateFree is only in line_history: the payment was taken out.
const (
	stateFree = iota
	stateListed
	stateCredited
	stateReturned
	stateReversed
)

// regionDigits is a region as a number of 12 digits: the lowest and the highest that lie in it.
func regionDigits(r relief.Region) (low, high int64) {
	low = int64(r.Code()) //nolint:gosec // at most 12 digits
	size := int64(1)
	for range 12 - len(r) {
		low, size = low*10, size*10
	}
	return low, low + size - 1
}

// sqlStartOfPeriod is the code of the month in which the period begins whose code a column has: codes of months order as they do.
func sqlStartOfPeriod(column string) string {
	return fmt.Sprintf("(CASE WHEN (%[1]s & 31) <= 12 THEN %[1]s ELSE %[1]s - (%[1]s & 31) + ((%[1]s & 31) - 13) * 3 + 1 END)", column)
}
