package registry

import (
	"reflect"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// MaxRepairs is how many values one proposal may replace: a segment of a roll with the index entries of its people, and more.
const MaxRepairs = 2000

// Repair replaces one value of the ledger that cannot be read. No act can write such a value; should one be there all the same,
// its people could neither be paid nor ended. All agencies agree to the value that takes its place.
type Repair struct {
	Kind  string   `json:"kind"`  // of the key, such as roll
	Attrs []string `json:"attrs"` // of the key, such as dibao, 530181, 0000012
	// SHA256 is of the bytes that are there now: the repair is for exactly those.
	SHA256 string `json:"sha256"`
	Value  []byte `json:"value"` // in base64
}

// Key is the key of the value.
func (r *Repair) Key() relief.Key { return relief.Key{Kind: r.Kind, Attrs: r.Attrs} }

// Bounds of a key: longer ones are none of the ledger's layout.
const (
	maxKind      = 40
	maxAttrs     = 6
	maxAttrBytes = 100
)

// checkRepair refuses, with INVALID, a repair beside other sections, and keys and hashes of another form. Whether the value there
// cannot be read, and the new one can, is seen on the ledger.
func (c *Change) checkRepair(registry *Registry) error {
	others := *c
	others.Repair = nil
	switch {
	case registry == nil:
		return relief.FieldErrorf("repair", "the founding repairs nothing")
	case !reflect.DeepEqual(others, Change{}):
		return relief.FieldErrorf("repair", "a repair is proposed by itself, without other sections")
	case len(c.Repair) < 1 || len(c.Repair) > MaxRepairs:
		return relief.FieldErrorf("repair", "a proposal repairs 1 to %d values", MaxRepairs)
	}
	known := map[string]bool{} // only looked up, never ranged over
	for i := range c.Repair {
		r := &c.Repair[i]
		if r.Kind == "" || len(r.Kind) > maxKind || len(r.Attrs) > maxAttrs || strings.Contains(r.Kind, "\x00") {
			return relief.FieldErrorf("repair", "value %d has no kind of the ledger's layout", i)
		}
		for _, attr := range r.Attrs {
			if len(attr) > maxAttrBytes || strings.Contains(attr, "\x00") {
				return relief.FieldErrorf("repair", "value %d has no key of the ledger's layout", i)
			}
		}
		if !form.IsSHA256(r.SHA256) || len(r.Value) == 0 {
			return relief.FieldErrorf("repair", "value %d needs the SHA-256 of what is there, and what takes its place", i)
		}
		name := r.Key().String()
		if known[name] {
			return relief.FieldErrorf("repair", "value %d is repaired twice", i)
		}
		known[name] = true
	}
	return nil
}
