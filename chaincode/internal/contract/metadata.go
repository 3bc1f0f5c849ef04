// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"relieftrail/chaincode/api"

	"github.com/go-openapi/spec"
	"github.com/hyperledger/fabric-contract-api-go/v2/metadata"
)

// describe is the chaincode's metadata, made of the table of its surface: what each function takes and answers, as the
// documents that the contracts read and write.
func describe() ([]byte, error) {
	d := description{metadata.ComponentMetadata{Schemas: map[string]metadata.ObjectMetadata{}}}
	all := metadata.ContractChaincodeMetadata{
		Info:      &metadata.InfoMetadata{Title: "relieftrail", Version: "1"},
		Contracts: map[string]metadata.ContractMetadata{},
	}
	for _, name := range api.Contracts() {
		all.Contracts[name] = metadata.ContractMetadata{Name: name, Info: &metadata.InfoMetadata{Title: name, Version: "1"}}
	}
	for _, row := range api.Rows() {
		c := all.Contracts[row.Contract()]
		c.Transactions = append(c.Transactions, d.transaction(row))
		all.Contracts[row.Contract()] = c
	}
	all.Components = d.components
	b, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("the chaincode's metadata: %w", err)
	}
	return b, nil
}

// description gathers the schemas of the documents.
type description struct{ components metadata.ComponentMetadata }

func (d *description) transaction(row *api.Row) metadata.TransactionMetadata {
	tx := metadata.TransactionMetadata{Name: row.Method(), Tag: []string{"submit"}, Returns: metadata.ReturnMetadata{Schema: d.schema(row.Answer, componentPath)}}
	if row.ReadOnly {
		tx.Tag = []string{"evaluate"}
	}
	if row.Argument != nil {
		tx.Parameters = []metadata.ParameterMetadata{{Name: "input", Description: row.Zh + " · " + row.En, Schema: d.schema(row.Argument, componentPath)}}
	}
	return tx
}

var (
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	timeType      = reflect.TypeFor[time.Time]()
	rawType       = reflect.TypeFor[json.RawMessage]()
	bytesType     = reflect.TypeFor[[]byte]()
)

// componentPath leads to the components from the functions; a component refers to another by its id alone.
const componentPath = "#/components/schemas/"

// schema is the schema of a type as encoding/json writes it; path leads to the components.
func (d *description) schema(t reflect.Type, path string) *spec.Schema {
	switch {
	case t == rawType:
		return &spec.Schema{}
	case t == bytesType:
		return spec.StrFmtProperty("byte")
	case t == timeType:
		return spec.DateTimeProperty()
	case t.Implements(textMarshaler):
		return spec.StringProperty()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.schema(t.Elem(), path)
	case reflect.Slice, reflect.Array:
		return spec.ArrayProperty(d.schema(t.Elem(), path))
	case reflect.Map:
		return spec.MapProperty(d.schema(t.Elem(), path))
	case reflect.Struct:
		return d.object(t, path)
	case reflect.String:
		return spec.StringProperty()
	case reflect.Bool:
		return spec.BoolProperty()
	default:
		return &spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"integer"}}}
	}
}

// typePath is the path of a package in the name of a generic type.
var typePath = regexp.MustCompile(`[\w./-]*/`)

// object adds an object to the components and refers to it.
func (d *description) object(t reflect.Type, path string) *spec.Schema {
	name := strings.NewReplacer("[", ".", "]", "").Replace(typePath.ReplaceAllString(t.String(), ""))
	if _, known := d.components.Schemas[name]; !known {
		o := metadata.ObjectMetadata{ID: name, Properties: map[string]spec.Schema{}}
		d.components.Schemas[name] = o // before its fields, which may be of the same type
		d.addFields(o.Properties, t)
	}
	return spec.RefSchema(path + name)
}

func (d *description) addFields(properties map[string]spec.Schema, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported():
		case f.Anonymous && name == "":
			d.addFields(properties, f.Type)
		case name != "":
			properties[name] = *d.schema(f.Type, "")
		}
	}
}
