package httpapi

import (
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	reliefcase "relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/agreement"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// schemaTypes are the types whose JSON the schemas of answers describe.
var schemaTypes = map[string]any{
	"Programme": programme.Programme{}, "Rate": programme.Rate{},
	"Tranche": fund.Tranche{}, "Batch": payment.Batch{}, "Payment": payment.Payment{}, "Transfer": payment.Transfer{},
	"Case": reliefcase.Case{}, "Need": reliefcase.Need{}, "Claim": reliefcase.Claim{},
	"Entry": roll.Entry{}, "Change": roll.Change{}, "Import": roll.ImportProposal{}, "Link": roll.Link{}, "Erasure": roll.Erasure{}, "Hold": roll.Hold{},
	"Reversal": reversal.Reversal{}, "Month": oversight.Month{}, "MonthSummary": index.MonthSummary{}, "MonthVersions": records.MonthAnswer{},
	"VillageRows": records.VillageRowsAnswer{}, "Draw": draw.Plan{}, "Visit": draw.Visit{}, "StratumUnits": records.StratumAnswer{}, "DrawnUnits": draw.DrawnUnits{},
	"Indicators": records.IndicatorsAnswer{}, "IndicatorDigests": agreement.Digests{},
	"Charts": records.ChartsAnswer{}, "ChartFigures": records.ChartAnswer{},
	"Publication": oversight.Publication{}, "Certificates": records.CertificatesAnswer{},
	"Registry": registry.Registry{}, "Proposal": registry.Proposal{}, "OfficialEntry": registry.OfficialEntry{},
	"Job": jobs.Job{}, "Refusal": jobs.Refusal{},
	"Transaction": index.Transaction{}, "Step": index.Step{}, "ActCount": index.ActCount{},
	"Reading": reading.Reading{}, "Report": receipt.Report{}, "Problem": problem.Document{},
	"FeedPage": reach.FeedPage{}, "HouseholdFacts": seal.Facts{}, "DutyStep": api.Step{}, "Act": relief.HistoryEntry{},
}

// A schema has the members that the type has, no more and no fewer, down to the last one.
func TestSchemasHaveTheMembersOfTheirTypes(t *testing.T) {
	doc := readDocument(t)
	for name, value := range schemaTypes {
		c := comparison{t, doc, map[reflect.Type]bool{}}
		c.compare(name, at(t, doc, "components", "schemas", name), reflect.TypeOf(value))
	}
}

type comparison struct {
	t    *testing.T
	doc  part
	seen map[reflect.Type]bool // those that are being compared: a type may hold itself
}

func (c *comparison) compare(path string, schema part, typ reflect.Type) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ == reflect.TypeFor[ledger.Identity]() { // one schema is for both: a certificate does not say the staff number
		typ = reflect.TypeFor[relief.Official]()
	}
	schema = resolved(c.t, c.doc, schema)
	switch {
	case written(typ) || c.seen[typ]:
	case typ.Kind() == reflect.Slice || typ.Kind() == reflect.Array:
		if items, ok := schema["items"].(part); ok {
			c.compare(path+"[]", items, typ.Elem())
		}
	case typ.Kind() == reflect.Struct:
		c.seen[typ] = true
		defer delete(c.seen, typ)
		described, members := map[string]part{}, map[string]reflect.Type{}
		c.describe(schema, described)
		collect(typ, members)
		assert.ElementsMatch(c.t, slices.Sorted(maps.Keys(members)), slices.Sorted(maps.Keys(described)), path)
		for name, member := range members {
			if described[name] != nil {
				c.compare(path+"."+name, described[name], member)
			}
		}
	}
}

// describe collects the members that a schema has, with those of the schemas that it is all of.
func (c *comparison) describe(schema part, into map[string]part) {
	schema = resolved(c.t, c.doc, schema)
	if properties, ok := schema["properties"].(part); ok {
		for name, p := range properties {
			into[name] = p.(part)
		}
	}
	if all, ok := schema["allOf"].([]any); ok {
		for _, s := range all {
			c.describe(s.(part), into)
		}
	}
}

// written reports whether a type writes itself as a text or in its own way.
func written(typ reflect.Type) bool {
	for _, how := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if typ.Implements(how) || reflect.PointerTo(typ).Implements(how) {
			return true
		}
	}
	return typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.Uint8
}

func collect(typ reflect.Type, into map[string]reflect.Type) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			collect(f.Type, into)
		case name != "-" && f.IsExported():
			if name == "" {
				name = f.Name
			}
			into[name] = f.Type
		}
	}
}
