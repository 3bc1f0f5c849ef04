package provjson

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

// MediaType of PROV-JSON.
const MediaType = "application/provenance+json"

// namespace of the names that a document gives to records, transactions and officials.
const namespace = "urn:relieftrail:"

// name is a qualified name as a value (PROV-JSON, 3.5): a plain text would be a literal to whoever makes RDF of it.
type name string

// MarshalJSON writes the typed value.
func (n name) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"$": string(n), "type": "prov:QUALIFIED_NAME"})
}

// attributes of one thing or relation; encoding/json writes them in the order of their names.
type attributes map[string]any

// document writes section by section, so that a long trail is never in memory a second time.
type document struct {
	out     *bufio.Writer
	err     error
	section string
	seen    map[string]bool // names in the section
	count   int
}

// Write writes a trail.
func Write(w io.Writer, steps []index.Step) error {
	d := &document{out: bufio.NewWriter(w)}
	d.text(`{"prefix":{"relief":"` + namespace + `"}`)
	d.things(steps)
	d.relations(steps)
	d.end()
	d.text("}\n")
	if d.err != nil {
		return d.err
	}
	return d.out.Flush()
}

// things are the entities, activities and agents.
func (d *document) things(steps []index.Step) {
	d.begin("entity")
	for i := range steps {
		s := &steps[i]
		a := attributes{"prov:type": name("relief:version"), "relief:record": s.Record}
		for member, value := range s.Detail {
			a["relief:"+member] = value
		}
		d.put(entity(s), a)
	}
	d.begin("activity")
	for i := range steps {
		s := &steps[i]
		at := moment(s.At)
		d.put(activity(s), attributes{
			"prov:startTime": at, "prov:endTime": at, "prov:type": name("relief:transaction"), "prov:label": s.Title,
			"relief:act": s.Act, "relief:block": strconv.FormatUint(s.Block, 10),
		})
	}
	d.begin("agent")
	for i := range steps {
		s := &steps[i]
		d.put(official(&s.By), attributes{"prov:type": name("prov:Person"), "prov:label": s.By.Name, "relief:role": s.By.Role, "relief:region": s.By.Region})
		for _, id := range append([]ledger.Identity{s.By}, s.Endorsers...) {
			d.put(agency(id.MSPID), attributes{"prov:type": name("prov:Organization"), "prov:label": id.MSPID})
		}
	}
}

// relations say what made what, from what, in whose name.
func (d *document) relations(steps []index.Step) {
	d.begin("wasGeneratedBy")
	for i := range steps {
		s := &steps[i]
		d.relate(attributes{"prov:entity": entity(s), "prov:activity": activity(s), "prov:time": moment(s.At)})
	}
	d.begin("used")
	each(steps, func(s, before *index.Step) {
		d.relate(attributes{"prov:activity": activity(s), "prov:entity": entity(before)})
	})
	d.begin("wasDerivedFrom")
	each(steps, func(s, before *index.Step) {
		d.relate(attributes{"prov:generatedEntity": entity(s), "prov:usedEntity": entity(before), "prov:activity": activity(s)})
	})
	d.begin("wasAssociatedWith")
	once := map[string]bool{}
	for i := range steps {
		s := &steps[i]
		if once[s.Transaction] {
			continue
		}
		once[s.Transaction] = true
		d.relate(attributes{"prov:activity": activity(s), "prov:agent": official(&s.By), "prov:role": name("relief:creator")})
		for _, e := range s.Endorsers {
			d.relate(attributes{"prov:activity": activity(s), "prov:agent": agency(e.MSPID), "prov:role": name("relief:endorser")})
		}
	}
	d.begin("actedOnBehalfOf")
	clear(once)
	for i := range steps {
		s := &steps[i]
		if delegate := official(&s.By); !once[delegate] {
			once[delegate] = true
			d.relate(attributes{"prov:delegate": delegate, "prov:responsible": agency(s.By.MSPID)})
		}
	}
}

// each calls f with every version that follows another one of its record.
func each(steps []index.Step, f func(s, before *index.Step)) {
	last := map[string]*index.Step{}
	for i := range steps {
		s := &steps[i]
		if before := last[s.Record]; before != nil {
			f(s, before)
		}
		last[s.Record] = s
	}
}

func (d *document) text(s string) {
	if d.err == nil {
		_, d.err = d.out.WriteString(s)
	}
}

func (d *document) begin(section string) {
	d.end()
	d.section, d.seen = section, map[string]bool{}
}

func (d *document) end() {
	if len(d.seen) > 0 {
		d.text("}")
	}
	d.seen = nil
}

// put writes a thing, the first time that it is named. A section without content is left out.
func (d *document) put(id string, a attributes) {
	if d.seen[id] || d.err != nil {
		return
	}
	if len(d.seen) == 0 {
		d.text(fmt.Sprintf(",%q:{", d.section))
	} else {
		d.text(",")
	}
	d.seen[id] = true
	b, err := json.Marshal(map[string]attributes{id: a})
	if err != nil {
		d.err = err
		return
	}
	d.text(string(b[1 : len(b)-1]))
}

// relate writes a relation, which has a blank name.
func (d *document) relate(a attributes) {
	d.count++
	d.put("_:r"+strconv.Itoa(d.count), a)
}

func entity(s *index.Step) string   { return qualified("version", s.Record, s.Transaction) }
func activity(s *index.Step) string { return qualified("transaction", s.Transaction) }
func official(i *ledger.Identity) string {
	return qualified("official", i.MSPID, i.Name)
}
func agency(msp string) string { return qualified("agency", msp) }

// qualified makes a qualified name: what a local part cannot hold is percent-encoded (PROV-N, production 57).
func qualified(parts ...string) string {
	var b strings.Builder
	b.WriteString("relief:")
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('_')
		}
		for j := 0; j < len(part); j++ {
			switch c := part[j]; {
			case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
				b.WriteByte(c)
			default:
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
	}
	return b.String()
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
