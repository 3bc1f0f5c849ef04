package reckoning

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	dibao = "dibao"
	money = "money"
)

func month(n int) Month { return Month(2026*12 + n - 1) }

// issued is a tranche of 100,000.00.
var issued = Issue{money, 10_000_000}

// on puts a household on the roll from January 2026.
func on(who Who, class string, persons int, amount Fen) Terms {
	return Terms{dibao, who, month(1), class, persons, amount}
}

// paidFor pays one household for months, one order a payment that the bank pays.
func paidFor(who Who, amount Fen, months ...int) (events []Event) {
	for _, m := range months {
		events = append(events, ordered(fmt.Sprint(who, m, amount), Payment{who, month(m), amount, 0})...)
	}
	return events
}

// ordered is an order that the bank pays whole.
func ordered(batch string, payments ...Payment) []Event {
	return []Event{Order{batch, dibao, []Source{{money, 1}}, payments}, Answer{Batch: batch}, Close{batch}}
}

func then(parts ...any) (events []Event) {
	for _, p := range parts {
		switch p := p.(type) {
		case []Event:
			events = append(events, p...)
		case Event:
			events = append(events, p)
		}
	}
	return events
}

// TestFiguresWorkedByHand: each year figure of a county, worked by hand.
func TestFiguresWorkedByHand(t *testing.T) {
	for _, c := range []struct {
		name     string
		happened []Event
		check    func(*testing.T, *Books)
	}{
		{
			"granted in March from February, paid in one transfer in April",
			then(issued, Terms{dibao, "a", month(2), "B", 1, 48000},
				ordered("april", Payment{"a", month(2), 48000, 0}, Payment{"a", month(3), 48000, 0}, Payment{"a", month(4), 48000, 0})),
			func(t *testing.T, b *Books) {
				require.Zero(t, b.Owed(dibao, "a", month(1)))
				for m := 2; m <= 4; m++ {
					require.Equal(t, b.Owed(dibao, "a", month(m)), b.Paid(dibao, "a", month(m)))
				}
				require.Equal(t, "1440.00", b.Tranche(money).Paid.String())
			},
		},
		{
			"a credit that the bank took back after the order was closed, and a return mark that was wrong",
			then(issued, on("a", "A", 1, 62000), on("b", "A", 1, 48000),
				Order{"january", dibao, []Source{{money, 1}}, []Payment{{"a", month(1), 62000, 0}, {"b", month(1), 48000, 0}}},
				Answer{Batch: "january", Back: []Who{"b"}}, Close{"january"}, Reverse{"january", []Who{"a"}, []Who{"b"}}),
			func(t *testing.T, b *Books) {
				require.Zero(t, b.Paid(dibao, "a", month(1)))
				require.Equal(t, b.Owed(dibao, "b", month(1)), b.Paid(dibao, "b", month(1)))
				require.Equal(t, Tranche{Issued: 10_000_000, Paid: 48000}, b.Tranche(money))
			},
		},
		{
			"a standard raised in July from January: 1,000.00 and 6 times 40.00",
			then(issued, Standard{dibao, "B", month(1), 48000}, on("a", "B", 2, 96000), on("left", "B", 2, 90000),
				paidFor("a", 96000, 1, 2, 3, 4, 5, 6), Standard{dibao, "B", month(1), 50000}),
			func(t *testing.T, b *Books) {
				transfer := b.Owed(dibao, "a", month(7))
				for m := 1; m <= 6; m++ {
					gap := b.Unpaid(dibao, month(m))
					require.Equal(t, Fen(4000), gap["a"])
					transfer += gap["a"]
				}
				require.Equal(t, "1240.00", transfer.String())
				require.Equal(t, []Who{"left"}, b.LeftBehind(dibao, month(7)))
			},
		},
		{
			"a death in July is known in November, 620.00 were paid for three months: 1,860.00, back in two sums",
			then(issued, on("a", "A", 1, 62000), paidFor("a", 62000, 7, 8, 9, 10), Leave{dibao, "a", month(7)},
				Recover{dibao, "a", 100000}, Recover{dibao, "a", 86000}),
			func(t *testing.T, b *Books) {
				require.Zero(t, b.Overpaid(dibao, "a"))
				require.Equal(t, Tranche{Issued: 10_000_000, Paid: 248000, Recovered: 186000}, b.Tranche(money))
				require.Equal(t, "99380.00", b.Tranche(money).Available().String())
			},
		},
		{
			"the same, and October came back from the bank: 1,240.00",
			then(issued, on("a", "A", 1, 62000), paidFor("a", 62000, 7, 8, 9), Leave{dibao, "a", month(7)},
				Order{"oct", dibao, []Source{{money, 1}}, []Payment{{"a", month(10), 62000, 0}}}, Answer{"oct", []Who{"a"}}),
			func(t *testing.T, b *Books) {
				require.Equal(t, map[Who]Fen{"a": 124000}, b.Overpayments(dibao))
				require.Equal(t, Fen(62000), b.Tranche(money).InReturn)
			},
		},
		{
			"a head of four dies in May: 990.00 from June on, 330.00 of June too much",
			then(issued, on("a", "C", 4, 132000), paidFor("a", 132000, 5, 6), Terms{dibao, "a", month(6), "C", 3, 99000}),
			func(t *testing.T, b *Books) {
				require.Equal(t, Fen(132000), b.Owed(dibao, "a", month(5)))
				require.Equal(t, Fen(99000), b.Owed(dibao, "a", month(6)))
				require.Equal(t, Fen(33000), b.Overpaid(dibao, "a"))
			},
		},
		{
			"300.00 too much, three deductions of 100.00 of 480.00",
			then(issued, on("a", "B", 1, 58000), paidFor("a", 58000, 1, 2, 3), Terms{dibao, "a", month(1), "B", 1, 48000},
				ordered("4", Payment{"a", month(4), 48000, 10000}), ordered("5", Payment{"a", month(5), 48000, 10000}),
				ordered("6", Payment{"a", month(6), 48000, 10000})),
			func(t *testing.T, b *Books) {
				require.Zero(t, b.Overpaid(dibao, "a"))
				for m := 4; m <= 6; m++ {
					require.Equal(t, Fen(48000), b.Paid(dibao, "a", month(m)))
				}
				require.Equal(t, "1140.00", (b.Tranche(money).Paid - 3*58000).String())
			},
		},
		{
			"two bills in one month",
			then(issued, Grant{dibao, "a", month(3), 123456}, Grant{dibao, "a", month(3), 78901},
				ordered("bills", Payment{"a", month(3), 123456, 0}, Payment{"a", month(3), 78901, 0})),
			func(t *testing.T, b *Books) {
				require.Equal(t, "2023.57", b.Paid(dibao, "a", month(3)).String())
				require.Zero(t, b.Overpaid(dibao, "a"))
			},
		},
		{
			"1,000.01 from three tranches, 60 to 25 to 15, comes back",
			then(Issue{"x", 100000}, Issue{"y", 100000}, Issue{"z", 100000}, on("a", "B", 1, 100001),
				Order{"1", dibao, []Source{{"x", 60}, {"y", 25}, {"z", 15}}, []Payment{{"a", month(1), 100001, 0}}}, Answer{"1", []Who{"a"}}),
			func(t *testing.T, b *Books) {
				require.Equal(t, Fen(60001), b.Tranche("x").InReturn)
				require.Equal(t, Fen(25000), b.Tranche("y").InReturn)
				require.Equal(t, Fen(15000), b.Tranche("z").InReturn)
			},
		},
		{
			"50,000.00 are taken back from below",
			then(Issue{"above", 20_000_000}, Allocate{"above", "below", 15_000_000}, TakeBack{"below", "above", 5_000_000}),
			func(t *testing.T, b *Books) {
				require.Equal(t, "100000.00", b.Tranche("above").Available().String())
				require.Equal(t, "100000.00", b.Tranche("below").Available().String())
			},
		},
		{
			"what is left goes to the next year, after a top-up and a refund",
			then(Issue{"this", 10_000}, Issue{"next", 1_000}, TopUp{"", "this", 5_000}, Refund{"this", 2_000}, CarryOver{"this", "next", 13_000}),
			func(t *testing.T, b *Books) {
				require.Equal(t, Tranche{Issued: 10_000, ToppedUp: 5_000, Refunded: 2_000, CarriedOver: 13_000}, b.Tranche("this"))
				require.Equal(t, "140.00", b.Tranche("next").Available().String())
			},
		},
		{
			"a subsidy for each person, of the roll named first",
			then(issued, on("a", "B", 3, 96000), Terms{"tekun", "a", month(1), "", 1, 90000}, Terms{"tekun", "b", month(1), "", 1, 90000},
				Terms{"tekun", "gone", month(1), "", 1, 90000}, Leave{"tekun", "gone", month(7)}, Subsidy{"price", []string{dibao, "tekun"}, month(8), 3500}),
			func(t *testing.T, b *Books) {
				owed, _ := b.Month("price", month(8))
				require.Equal(t, Fen(4*3500), owed)
				require.Equal(t, Fen(3*3500), b.Owed("price", "a", month(8)))
			},
		},
		{
			"two months of a quarter, and a pause",
			then(Terms{"q", "a", month(2), "", 1, 15000}, Terms{"q", "b", month(1), "", 1, 15000}, Pause{"q", "b", month(2)}, Resume{"q", "b", month(3)}),
			func(t *testing.T, b *Books) {
				require.Equal(t, "300.00", (b.Owed("q", "a", month(1)) + b.Owed("q", "a", month(2)) + b.Owed("q", "a", month(3))).String())
				require.Equal(t, "300.00", (b.Owed("q", "b", month(1)) + b.Owed("q", "b", month(2)) + b.Owed("q", "b", month(3))).String())
			},
		},
		{
			"a deduction stands when its transfer comes back, and a part is written off",
			then(issued, on("a", "B", 1, 58000), paidFor("a", 58000, 1), Terms{dibao, "a", month(1), "B", 1, 48000},
				Order{"2", dibao, []Source{{money, 1}}, []Payment{{"a", month(2), 48000, 4000}}}, Answer{"2", []Who{"a"}}, Close{"2"},
				WriteOff{dibao, "a", 1000}),
			func(t *testing.T, b *Books) {
				require.Equal(t, Fen(4000), b.Paid(dibao, "a", month(2)))
				require.Equal(t, Fen(44000), b.Unpaid(dibao, month(2))["a"])
				require.Equal(t, Fen(5000), b.Overpaid(dibao, "a"))
				require.Equal(t, Fen(10_000_000-58000), b.Tranche(money).Available())
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := Reckon(c.happened)
			require.NoError(t, err)
			c.check(t, b)
		})
	}
}

// What cannot have happened is no book.
func TestWhatCannotHaveHappened(t *testing.T) {
	start := then(issued, on("a", "B", 1, 48000))
	for name, more := range map[string][]Event{
		"more than the tranche has":   ordered("1", Payment{"a", month(1), 10_000_001, 0}),
		"a deduction above":           ordered("1", Payment{"a", month(1), 48000, 48001}),
		"a deduction without reason":  ordered("1", Payment{"a", month(1), 48000, 1}),
		"nothing overpaid comes back": {Recover{dibao, "a", 1}},
		"nothing overpaid to give up": {WriteOff{dibao, "a", 1}},
		"an answer to nothing":        {Answer{Batch: "1"}},
		"two answers":                 append(ordered("1", Payment{"a", month(1), 48000, 0}), Answer{Batch: "1"}),
		"closed before the answer":    {Close{"1"}},
		"one order twice":             append(ordered("1"), ordered("1")...),
		"a pause of nobody":           {Pause{dibao, "b", month(1)}},
		"terms of nothing":            {Terms{dibao, "b", month(1), "B", 1, 0}},
		"a grant of nothing":          {Grant{dibao, "b", month(1), 0}},
	} {
		_, err := Reckon(then(start, more))
		require.Error(t, err, name)
	}
}

func TestMonths(t *testing.T) {
	m, err := ParseMonth("2026-07")
	require.NoError(t, err)
	require.Equal(t, month(7), m)
	require.Equal(t, "2026-07", m.String())
	require.Equal(t, "2027-01", (m + 6).String())
	_, err = ParseMonth("2026-Q3")
	require.Error(t, err)
	require.Equal(t, "-20.05", Fen(-2005).String())
}
