// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
)

// Row is what the table says of one function.
type Row struct {
	// Name is how the function is called: "contract:Function".
	Name string
	// Act is the duty that the caller needs (R46). It is empty for registry:Ping, which asks for none, and for case:File,
	// which asks for the duty of the acts in the file.
	Act relief.Act
	// Zh and En are the function in a few words.
	Zh, En string
	// Doc is what the words do not say: sentences for docs/contracts.md and the metadata. It may be empty.
	Doc string
	// Transient are the keys of the transient map that the function reads.
	Transient []string
	// Fileable reports whether case:File takes files of this function's act.
	Fileable bool
	// ReadOnly reports whether the function only reads: it is evaluated and never submitted.
	ReadOnly bool
	// Argument is the type of the JSON argument, nil for a function without one; Answer is the type of the JSON answer.
	Argument, Answer reflect.Type
}

// Contract is the part of the name before the colon.
func (r *Row) Contract() string {
	contract, _, _ := strings.Cut(r.Name, ":")
	return contract
}

// Method is the part of the name after the colon.
func (r *Row) Method() string {
	_, method, _ := strings.Cut(r.Name, ":")
	return method
}

// Arguments is how many arguments the function takes: 1, or 0.
func (r *Row) Arguments() int {
	if r.Argument == nil {
		return 0
	}
	return 1
}

// None is the argument of a function that takes none.
type None struct{}

// Function is a row with the types of its argument and its answer, so that the compiler checks who carries the function
// out and who calls it.
type Function[In, Out any] struct{ row *Row }

// Row is the function's row in the table.
func (f Function[In, Out]) Row() *Row { return f.row }

// Name is how the function is called.
func (f Function[In, Out]) Name() string { return f.row.Name }

// contracts are the contracts in the order of the work; rows are listed in it.
var contracts = []string{"registry", "official", "programme", "fund", "roll", "case", "need", "payment", "overpayment", "statement", "reversal", "oversight", "reading", "person"}

var rows []*Row // in the order of the files' names until Rows orders them

// define adds a row to the table.
func define[In, Out any](r Row) Function[In, Out] {
	if t := reflect.TypeFor[In](); t != reflect.TypeFor[None]() {
		r.Argument = t
	}
	r.Answer = reflect.TypeFor[Out]()
	rows = append(rows, &r)
	return Function[In, Out]{&r}
}

// Contracts are the contracts in the order of the work.
func Contracts() []string { return slices.Clone(contracts) }

// Rows are all functions, contract by contract in the order of the work.
func Rows() []*Row {
	return slices.SortedStableFunc(slices.Values(rows), func(a, b *Row) int {
		return cmp.Compare(slices.Index(contracts, a.Contract()), slices.Index(contracts, b.Contract()))
	})
}

// byName is filled by init, when all files have defined their rows.
var byName = map[string]*Row{}

func init() {
	for _, r := range rows {
		byName[r.Name] = r
	}
}

// Lookup finds a function by its name.
func Lookup(name string) (*Row, bool) {
	r, ok := byName[name]
	return r, ok
}
