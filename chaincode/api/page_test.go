// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
)

var update = flag.Bool("update", false, "write the generated page again")

// TestContractsPage keeps docs/contracts.md as the table is.
func TestContractsPage(t *testing.T) {
	const page = "../../docs/contracts.md"
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(contractsPage()), 0o600))
	}
	b, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, contractsPage(), string(b), "go test ./chaincode/api -run Page -update")
}

// contractsPage is docs/contracts.md.
func contractsPage() string {
	p := page{types: map[reflect.Type]bool{}}
	p.WriteString(`# The contracts: what a client sends and gets

Printed from the table of ` + "`chaincode/api`" + `; a test keeps this page true. [records.md](records.md) says what the records hold and
which rules an answer depends on.

The chaincode ` + "`relief`" + ` has a contract for each subject. A function is called ` + "`contract:Function`" + ` with at most one argument, a JSON
document; unknown fields are refused. A field with ? may be left out. The caller needs the duty of the act; *read* marks functions that
only read. In brackets: the keys of the transient map. A file of acts (` + "`case:File`" + `) may hold the acts marked with a †.
`)
	for _, contract := range api.Contracts() {
		fmt.Fprintf(&p, "\n## %s\n\n| function | act | what it does | argument | answer |\n|---|---|---|---|---|\n", contract)
		for _, r := range api.Rows() {
			if r.Contract() == contract {
				p.row(r)
			}
		}
	}
	p.objects()
	return p.String()
}

type page struct {
	strings.Builder
	types map[reflect.Type]bool // the objects that the page explains
}

func (p *page) row(r *api.Row) {
	act := string(r.Act)
	if act == "" {
		act = "–"
	}
	if r.Fileable {
		act += " †"
	}
	if r.ReadOnly {
		act += " *read*"
	}
	what := r.Zh + " · " + r.En + "."
	if r.Doc != "" {
		what += " " + r.Doc
	}
	argument := "none"
	if r.Argument != nil {
		argument = p.name(r.Argument)
	}
	if len(r.Transient) > 0 {
		argument += " [" + strings.Join(r.Transient, ", ") + "]"
	}
	fmt.Fprintf(p, "| `%s` | %s | %s | %s | %s |\n", r.Method(), act, strings.ReplaceAll(what, "|", "\\|"), argument, p.name(r.Answer))
}

var (
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	typePath      = regexp.MustCompile(`[\w./-]*/`)
)

// name is a type in words; an object is explained further down.
func (p *page) name(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		return "document"
	case t == reflect.TypeFor[[]byte]():
		return "base64"
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t.Implements(textMarshaler), t.Kind() == reflect.String && t.Name() != "string":
		return strings.ToLower(t.Name())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return p.name(t.Elem())
	case reflect.Slice, reflect.Array:
		return "list of " + p.name(t.Elem())
	case reflect.Map:
		return "map of " + p.name(t.Elem())
	case reflect.Struct:
		p.types[t] = true
		return fmt.Sprintf("[%s](#%s)", objectName(t), strings.NewReplacer(".", "", " ", "-").Replace(strings.ToLower(objectName(t))))
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "text"
	default:
		return "number"
	}
}

func objectName(t reflect.Type) string {
	return strings.NewReplacer("[", " of ", "]", "").Replace(typePath.ReplaceAllString(t.String(), ""))
}

// objects explains the objects, and those that they hold.
func (p *page) objects() {
	p.WriteString("\n## Objects\n")
	done := map[reflect.Type]bool{}
	for {
		var next []reflect.Type
		for t := range p.types {
			if !done[t] {
				next = append(next, t)
			}
		}
		if len(next) == 0 {
			return
		}
		slices.SortFunc(next, func(a, b reflect.Type) int { return strings.Compare(objectName(a), objectName(b)) })
		t := next[0]
		done[t] = true
		fmt.Fprintf(p, "\n### %s\n", objectName(t))
		p.fields(t)
	}
}

func (p *page) fields(t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case f.Anonymous && name == "":
			p.fields(f.Type)
		case name != "":
			optional := ""
			if strings.Contains(options, "omit") {
				optional = "?"
			}
			fmt.Fprintf(p, "- `%s`%s: %s\n", name, optional, p.name(f.Type))
		}
	}
}
