package rules

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/screen"
	"relieftrail/chaincode/relief/stored"
)

// Latest has the last value of every record that screening reads, from blocks alone: the rules find on it what they find on an index.
type Latest struct {
	values map[string]map[string]latestValue // by kind and key
	today  relief.Day
}

type latestValue struct {
	key   relief.Key
	value []byte
}

// NewLatest is a ledger with nothing on it.
func NewLatest() *Latest { return &Latest{values: map[string]map[string]latestValue{}} }

// Apply takes in what a valid transaction wrote. A record that cannot be read is none; of people and payments the last value that could
// be read holds.
func (l *Latest) Apply(tx *Tx, records []Record) {
	if day := relief.DefaultCalendar.Day(tx.At); day > l.today {
		l.today = day
	}
	for _, r := range records {
		if !screen.Reads(r.Key.Kind) {
			continue
		}
		of := l.values[r.Key.Kind]
		if of == nil {
			of = map[string]latestValue{}
			l.values[r.Key.Kind] = of
		}
		switch {
		case r.Value != nil && stored.Check(r.Key, r.Value) == nil:
			of[r.Name] = latestValue{r.Key, r.Value}
		case r.Value == nil || !segmented(r.Key.Kind):
			delete(of, r.Name)
		}
	}
}

func segmented(kind string) bool {
	return kind == relief.KindRoll || kind == relief.KindLines || kind == relief.KindFurther
}

// Screen carries out the rules of screening in a region. block is the last one taken in.
func (l *Latest) Screen(region relief.Region, block uint64) (*screen.Report, error) {
	return screen.Run(screen.Question{Region: region, Block: block}, l.today, l) //nolint:wrapcheck // it says which record
}

// Each visits the records of a kind.
func (l *Latest) Each(kind string, visit func([]byte) error) error {
	for _, v := range l.values[kind] { // in any order, as the rules allow
		if err := visit(v.value); err != nil {
			return err
		}
	}
	return nil
}

// Rolls are those that have a segment.
func (l *Latest) Rolls() ([]screen.Roll, error) {
	seen := map[screen.Roll]bool{}
	var rolls []screen.Roll
	err := l.segments(relief.KindRoll, func(at roll.SegmentAddr, _ relief.Key, _ []byte) error {
		if r := (screen.Roll{Programme: at.Programme, County: at.County}); !seen[r] {
			seen[r] = true
			rolls = append(rolls, r)
		}
		return nil
	})
	return rolls, err
}

// segments visits the segments of a kind, with the sizes that their programmes say.
func (l *Latest) segments(kind string, visit func(roll.SegmentAddr, relief.Key, []byte) error) error {
	for _, v := range l.values[kind] { // in any order, as the rules allow
		at, err := stored.SegmentOf(v.key)
		if err != nil {
			return fmt.Errorf("%s: %w", KeyName(v.key.String()), err)
		}
		p, err := stored.Read[programme.Programme](l.values[relief.KindProgramme][relief.ProgrammeKey(at.Programme).String()].value)
		if err != nil || len(p.Versions) == 0 {
			return fmt.Errorf("%s: its programme cannot be read", KeyName(v.key.String()))
		}
		at.Size = uint32(p.Versions[0].SegmentSize) //nolint:gosec // at most 1000
		if err := visit(at, v.key, v.value); err != nil {
			return err
		}
	}
	return nil
}

// Entries visits the entries of a roll.
func (l *Latest) Entries(r screen.Roll, visit func(*roll.Entry) error) error {
	return l.segments(relief.KindRoll, func(at roll.SegmentAddr, _ relief.Key, value []byte) error {
		if at.Programme != r.Programme || at.County != r.County {
			return nil
		}
		segment, err := roll.ParseSegment(value)
		if err != nil {
			return err //nolint:wrapcheck // of this module
		}
		for i := range segment.Len() {
			e := segment.Entry(i, at)
			if err := visit(&e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Payments visits the payments of a roll for the periods that end in a month or later.
func (l *Latest) Payments(r screen.Roll, lastMonth int, visit func(*screen.Payment) error) error {
	for _, kind := range []string{relief.KindLines, relief.KindFurther} {
		err := l.segments(kind, func(at roll.SegmentAddr, k relief.Key, value []byte) error {
			period, err := relief.ParsePeriod(k.Attrs[2])
			if err != nil || at.Programme != r.Programme || at.County != r.County || period.LastMonth() < lastMonth {
				return err //nolint:wrapcheck // of this module
			}
			payments, err := payment.ValueAddr{Period: period, Further: kind == relief.KindFurther, Segment: at.Segment}.Parse(value)
			if err != nil {
				return err //nolint:wrapcheck // of this module
			}
			var failed error
			payment.Visit(payments, func(line *payment.Line) {
				if line.State == payment.LineGranted || failed != nil {
					return
				}
				p := screen.Payment{
					Number: at.First() + uint32(line.Position), Period: period, Attempt: line.Attempt, Kind: line.Kind, Amount: line.Amount, //nolint:gosec // below 1000
					Batch: line.Batch, State: line.State,
				}
				if line.Day > 0 {
					p.Day = relief.DayOfNumber(int(line.Day))
				}
				if line.State == payment.LineReturned || line.State == payment.LineReversed {
					p.Reason = string(line.Reason[:])
				}
				failed = visit(&p)
			})
			return failed
		})
		if err != nil {
			return err
		}
	}
	return nil
}
