package provjson

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

// A trail of two records: a batch that is opened and sealed, which touches its tranche too.
func steps() []index.Step {
	at := time.Date(2026, 11, 9, 1, 2, 3, 4_000_000, time.UTC)
	endorsers := []ledger.Identity{{MSPID: "AuditMSP", Name: "peer"}, {MSPID: "CivilAffairsMSP", Name: "peer"}, {MSPID: "FinanceMSP", Name: "peer"}}
	preparer := ledger.Identity{MSPID: "CivilAffairsMSP", Name: "李 preparer", Role: "preparer", Region: "530181"}
	step := func(act, record, tx string) index.Step {
		return index.Step{Act: act, Title: "一 · one", At: at, By: preparer, Transaction: tx, Block: 7, Endorsers: endorsers, Record: record, Detail: map[string]string{"state": "x"}}
	}
	return []index.Step{
		step("payment.open", "batch/b.1", "aa"), step("payment.seal", "batch/b.1", "bb"), step("payment.seal", "tranche/t", "bb"),
		step("payment.approve", "batch/b.1", "cc"),
	}
}

// What each relation of the PROV-JSON submission refers to: section, attribute, section of what it names.
var references = []struct{ section, attribute, named string }{
	{"wasGeneratedBy", "prov:entity", "entity"}, {"wasGeneratedBy", "prov:activity", "activity"},
	{"used", "prov:activity", "activity"}, {"used", "prov:entity", "entity"},
	{"wasDerivedFrom", "prov:generatedEntity", "entity"}, {"wasDerivedFrom", "prov:usedEntity", "entity"}, {"wasDerivedFrom", "prov:activity", "activity"},
	{"wasAssociatedWith", "prov:activity", "activity"}, {"wasAssociatedWith", "prov:agent", "agent"},
	{"actedOnBehalfOf", "prov:delegate", "agent"}, {"actedOnBehalfOf", "prov:responsible", "agent"},
}

// The submission's rules: known sections, each a map of names to attributes; names are qualified, with a prefix that is
// declared; relations name things that are there; times are xsd:dateTime.
func TestDocumentHasTheFormOfTheSubmission(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Write(&out, steps()))
	var doc map[string]map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(out.Bytes(), &doc), out.String())
	var prefixes map[string]string
	raw, err := json.Marshal(doc["prefix"])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &prefixes))
	require.Equal(t, map[string]string{"relief": namespace}, prefixes)
	known := []string{"prefix", "entity", "activity", "agent", "wasGeneratedBy", "used", "wasDerivedFrom", "wasAssociatedWith", "actedOnBehalfOf"}
	sections := map[string]map[string]map[string]string{}
	name := regexp.MustCompile(`^(relief:([A-Za-z0-9_-]|%[0-9A-F]{2})+|_:[A-Za-z0-9]+)$`)
	blank := map[string]bool{}
	for section, things := range doc {
		require.Contains(t, known, section)
		if section == "prefix" {
			continue
		}
		sections[section] = map[string]map[string]string{}
		for id, value := range things {
			require.Regexp(t, name, id)
			attributes := plain(t, value)
			for attribute, v := range attributes {
				prefix, _, _ := strings.Cut(attribute, ":")
				require.Contains(t, []string{"prov", "relief"}, prefix)
				if slices.Contains([]string{"prov:time", "prov:startTime", "prov:endTime"}, attribute) {
					_, err := time.Parse(time.RFC3339Nano, v)
					require.NoError(t, err)
				}
			}
			if strings.HasPrefix(id, "_:") {
				require.False(t, blank[id], "blank names are one document's")
				blank[id] = true
			}
			sections[section][id] = attributes
		}
	}
	for _, r := range references {
		require.NotEmpty(t, sections[r.section], r.section)
		for id, attributes := range sections[r.section] {
			require.Contains(t, sections[r.named], attributes[r.attribute], "%s %s %s", r.section, id, r.attribute)
		}
	}
	for section, n := range map[string]int{"entity": 4, "activity": 3, "agent": 4, "wasGeneratedBy": 4, "used": 2, "wasDerivedFrom": 2, "wasAssociatedWith": 12, "actedOnBehalfOf": 1} {
		require.Len(t, sections[section], n, section)
	}
	require.Equal(t, "prov:Organization", sections["agent"]["relief:agency_AuditMSP"]["prov:type"])
	require.Equal(t, "李 preparer", sections["agent"]["relief:official_CivilAffairsMSP_%E6%9D%8E%20preparer"]["prov:label"])
}

// plain is the attributes of a thing. Types and roles are qualified names, with their type, and all others are texts.
func plain(t *testing.T, value json.RawMessage) map[string]string {
	t.Helper()
	var attributes map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(value, &attributes))
	out := map[string]string{}
	for attribute, v := range attributes {
		if attribute != "prov:type" && attribute != "prov:role" {
			var text string
			require.NoError(t, json.Unmarshal(v, &text), "%s is a plain value", attribute)
			out[attribute] = text
			continue
		}
		var typed map[string]string
		require.NoError(t, json.Unmarshal(v, &typed), "%s is a typed value", attribute)
		require.Equal(t, "prov:QUALIFIED_NAME", typed["type"])
		require.Regexp(t, `^(prov:(Person|Organization)|relief:(version|transaction|creator|endorser))$`, typed["$"])
		out[attribute] = typed["$"]
	}
	return out
}

func TestEmptyTrail(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, Write(&out, nil))
	require.JSONEq(t, `{"prefix":{"relief":"urn:relieftrail:"}}`, out.String())
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errGone }

var errGone = bytes.ErrTooLarge

func TestWriterThatFails(t *testing.T) {
	require.ErrorIs(t, Write(failing{}, steps()), errGone)
}
