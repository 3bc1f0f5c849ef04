package reckoning

// Event is something that happened in the county.
type Event interface{ enter(b *Books) error }

// Who is a household, or one person where persons are paid. It stays the same through other heads, numbers and villages.
type Who string

// Standard sets what a class gets a person and month, from a month on. Households at the standard of before follow it.
type Standard struct {
	Programme, Class string
	From             Month
	PerPerson        Fen
}

// Terms puts a household on a roll, or gives it other terms, from a month on. Amount is what it gets a month.
type Terms struct {
	Programme string
	Who       Who
	From      Month
	Class     string
	Persons   int
	Amount    Fen
}

// Pause stops what a household is owed from a month on.
type Pause struct {
	Programme string
	Who       Who
	From      Month
}

// Resume ends a pause: from a month on the household is owed again.
type Resume struct {
	Programme string
	Who       Who
	From      Month
}

// Leave ends what a household is owed after a last month.
type Leave struct {
	Programme string
	Who       Who
	Last      Month
}

// Grant is one sum that is owed once: a bill, an emergency.
type Grant struct {
	Programme string
	Who       Who
	Month     Month
	Amount    Fen
}

// Subsidy grants a rate for each person of the households that are on the rolls in a month. A household that is on two of
// them has the persons of the roll named first.
type Subsidy struct {
	Programme string
	Rolls     []string
	Month     Month
	PerPerson Fen
}

// Issue is money that a tranche gets from outside.
type Issue struct {
	Tranche string
	Amount  Fen
}

// Allocate is money that a tranche gives to a new one below it.
type Allocate struct {
	From, To string
	Amount   Fen
}

// TopUp is more money for a tranche: from the one above, or from outside, which is "".
type TopUp struct {
	From, To string
	Amount   Fen
}

// TakeBack is money that a tranche takes back from one below it.
type TakeBack struct {
	From, To string
	Amount   Fen
}

// CarryOver is money that goes from a tranche of one year to one of the next.
type CarryOver struct {
	From, To string
	Amount   Fen
}

// Refund is money that goes back to where a tranche has it from.
type Refund struct {
	Tranche string
	Amount  Fen
}

// Source is a tranche of which an order draws by its weight.
type Source struct {
	Tranche string
	Weight  int64
}

// Payment is what a household is paid for a month. The bank is told amount − deducted.
type Payment struct {
	Who              Who
	For              Month
	Amount, Deducted Fen
}

// Order tells the bank to pay. The payments are in the order of their lines on the ledger, by which rounding goes.
type Order struct {
	Batch, Programme string
	Sources          []Source
	Payments         []Payment
}

// Answer is what the bank did with an order: it paid everybody but those whose transfer came back.
type Answer struct {
	Batch string
	Back  []Who
}

// Reverse changes what the bank answered to an order, when statements say so: it took credits back, and it did pay somebody whose
// transfer was taken for returned.
type Reverse struct {
	Batch      string
	Back, Paid []Who
}

// Close frees the money of an order that came back.
type Close struct{ Batch string }

// Recover is money that a household paid back of what it was paid too much.
type Recover struct {
	Programme string
	Who       Who
	Amount    Fen
}

// WriteOff gives up a part of what a household was paid too much.
type WriteOff struct {
	Programme string
	Who       Who
	Amount    Fen
}
