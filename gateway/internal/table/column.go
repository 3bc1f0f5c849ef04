package table

import (
	"fmt"
	"time"

	"relieftrail/chaincode/relief"
)

// Kind is what the cells of a column hold.
type Kind string

// The kinds.
const (
	KindText    Kind = "text"
	KindWord    Kind = "word"    // one of a few words, such as a state
	KindAmount  Kind = "amount"  // yuan with two decimals
	KindInteger Kind = "integer" //
	KindDay     Kind = "day"     // YYYY-MM-DD
	KindPeriod  Kind = "period"  // 2026-11, or 2026-Q4
	KindTime    Kind = "time"    // RFC 3339
)

// Head says what a column holds.
type Head struct {
	Name string // in English: the member of the list's items in JSON
	Zh   string
	Kind Kind

	words map[string]string // Chinese for each of the words
}

// Column is a column of a list of T.
type Column[T any] struct {
	Head
	cell func(*T) cell
}

// cell is a value. An amount and an integer have a number, the others a text.
type cell struct {
	text   string
	number int64
	none   bool // of a number: there is none
}

func column[T any](name string, kind Kind, value func(*T) cell) Column[T] {
	zh, known := headers[name]
	if !known {
		panic(fmt.Sprintf("the column %s has no Chinese header", name))
	}
	return Column[T]{Head{Name: name, Zh: zh, Kind: kind}, value}
}

// Text is a column of texts.
func Text[T any, S ~string](name string, of func(*T) S) Column[T] {
	return column(name, KindText, func(v *T) cell { return cell{text: string(of(v))} })
}

// Word is a column of a few words. With Chinese headers the cells are in Chinese, too; a word without Chinese stays as it is.
func Word[T any, S ~string](name string, words map[string]string, of func(*T) S) Column[T] {
	c := column(name, KindWord, func(v *T) cell { return cell{text: string(of(v))} })
	c.words = words
	return c
}

// Amount is a column of amounts of money.
func Amount[T any](name string, of func(*T) relief.Fen) Column[T] {
	return column(name, KindAmount, func(v *T) cell { return cell{number: int64(of(v))} })
}

// Balance is a column of amounts that may be below zero.
func Balance[T any](name string, of func(*T) relief.Balance) Column[T] {
	return column(name, KindAmount, func(v *T) cell { return cell{number: int64(of(v))} })
}

// AmountIfAny is a column of amounts that some items lack.
func AmountIfAny[T any](name string, of func(*T) *relief.Fen) Column[T] {
	return column(name, KindAmount, func(v *T) cell {
		amount := of(v)
		if amount == nil {
			return cell{none: true}
		}
		return cell{number: int64(*amount)}
	})
}

// BalanceIfAny is a column of amounts that may be below zero and that some items lack.
func BalanceIfAny[T any](name string, of func(*T) *relief.Balance) Column[T] {
	return AmountIfAny(name, func(v *T) *relief.Fen { return (*relief.Fen)(of(v)) })
}

type integer interface {
	~int | ~int64 | ~uint64 | ~uint32 | ~uint16 | ~uint8
}

// Integer is a column of numbers.
func Integer[T any, N integer](name string, of func(*T) N) Column[T] {
	return column(name, KindInteger, func(v *T) cell { return cell{number: int64(of(v))} })
}

// IntegerIfAny is a column of numbers that some items lack.
func IntegerIfAny[T any, N integer](name string, of func(*T) *N) Column[T] {
	return column(name, KindInteger, func(v *T) cell {
		n := of(v)
		if n == nil {
			return cell{none: true}
		}
		return cell{number: int64(*n)}
	})
}

// Day is a column of days, "" for none.
func Day[T any, S ~string](name string, of func(*T) S) Column[T] {
	return column(name, KindDay, func(v *T) cell { return cell{text: string(of(v))} })
}

// Period is a column of periods.
func Period[T any](name string, of func(*T) relief.Period) Column[T] {
	return column(name, KindPeriod, func(v *T) cell { return cell{text: of(v).String()} })
}

// Time is a column of points in time.
func Time[T any](name string, of func(*T) time.Time) Column[T] {
	return column(name, KindTime, func(v *T) cell {
		if t := of(v); !t.IsZero() {
			return cell{text: t.Format(time.RFC3339Nano)}
		}
		return cell{}
	})
}

// Flag is a column of what is so or not: "true", or nothing.
func Flag[T any](name string, of func(*T) bool) Column[T] {
	return Word(name, map[string]string{string(yes): "是"}, func(v *T) flag {
		if of(v) {
			return yes
		}
		return ""
	})
}

type flag string

const yes flag = "true"

// Titled is a column of texts that has a Chinese header of its own: of files that are sent here, whose headers others have made.
func Titled[T any](name, zh string, of func(*T) string) Column[T] {
	return Column[T]{Head{Name: name, Zh: zh, Kind: KindText}, func(v *T) cell { return cell{text: of(v)} }}
}
