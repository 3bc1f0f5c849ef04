package table

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Table describes a list of T.
type Table[T any] struct {
	heads []Head
	// fill reads an item into cells, one for each column.
	fill func(item *T, cells []cell) error
}

// New describes a list by its columns.
func New[T any](columns ...Column[T]) *Table[T] {
	t := &Table[T]{fill: func(item *T, cells []cell) error {
		for i := range columns {
			cells[i] = columns[i].cell(item)
		}
		return nil
	}}
	seen := map[string]bool{}
	for i := range columns {
		if name := columns[i].Name; seen[name] {
			panic(fmt.Sprintf("the column %s is there twice", name))
		}
		seen[columns[i].Name] = true
		t.heads = append(t.heads, columns[i].Head)
	}
	return t
}

// Records describes a list of JSON documents by what they hold.
func Records[T any](columns ...Column[T]) *Table[json.RawMessage] {
	t := New(columns...)
	return &Table[json.RawMessage]{heads: t.heads, fill: func(item *json.RawMessage, cells []cell) error {
		var v T
		if err := json.Unmarshal(*item, &v); err != nil {
			return err
		}
		return t.fill(&v, cells)
	}}
}

// Inside makes columns of a value columns of what holds the value.
func Inside[Outer, Inner any](inner func(*Outer) *Inner, columns ...Column[Inner]) []Column[Outer] {
	out := make([]Column[Outer], len(columns))
	for i, c := range columns {
		out[i] = Column[Outer]{c.Head, func(v *Outer) cell { return c.cell(inner(v)) }}
	}
	return out
}

// InsideIfAny is Inside for a value that some of what holds it lack: their cells are empty.
func InsideIfAny[Outer, Inner any](inner func(*Outer) *Inner, columns ...Column[Inner]) []Column[Outer] {
	out := make([]Column[Outer], len(columns))
	for i, c := range columns {
		out[i] = Column[Outer]{c.Head, func(v *Outer) cell {
			if value := inner(v); value != nil {
				return c.cell(value)
			}
			return cell{none: true}
		}}
	}
	return out
}

// Heads says what the columns hold.
func (t *Table[T]) Heads() []Head { return slices.Clone(t.heads) }
