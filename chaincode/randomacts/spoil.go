// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"maps"
	"slices"
)

// spoil makes an act near-valid: another official, a field with a value at or beyond a bound, a byte.
func (a *Acts) spoil(c *act) {
	c.input = maps.Clone(c.input)
	switch a.rand.IntN(6) {
	case 0:
		c.by = Officials[a.rand.IntN(len(Officials))]
	case 1:
		a.spoilBytes(c)
	default:
		a.spoilField(c.input)
	}
}

func (a *Acts) spoilBytes(c *act) {
	names := slices.Sorted(maps.Keys(c.transient))
	if len(names) == 0 {
		return
	}
	name := names[a.rand.IntN(len(names))]
	b := slices.Clone(c.transient[name])
	for range 1 + a.rand.IntN(3) {
		if len(b) > 0 {
			b[a.rand.IntN(len(b))] = []byte{0, 1, 0x7f, 0x80, 0xff, byte(a.rand.IntN(256))}[a.rand.IntN(6)] //nolint:gosec // below 256
		}
	}
	c.transient = maps.Clone(c.transient)
	c.transient[name] = b
}

// Values at the bounds of what fields hold, and beyond.
var (
	texts = []string{
		"", "1899-12-31", "1900-01-01", "1962-11-05", "1999-12-31", "2000-01-01", "2026-02-30", "2199-12-31", "2200-01-01", "9999-12-31",
		"1999-12", "2000-01", "2026-10", "2026-11", "2026-12", "2199-12", "2200-01", "2026-13", "2026-Q4", "2199-Q4", "0.00", "0.01", "-1.00", "1000000000000.00",
		"1000000000000.01", "99999999999999999.99", "620.00", "5", "53", "5301", "530100", "530181", "530100001", "530181001001", "530182", "000000",
		"a", "A B", "\u0000", "\u2028", "\u00ff\u0100", "0000000", "9999999", "1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "0-aaaaaaaaaaaaaaaaaaaaaaaaaa",
		"dibao-530100-0000001-c1", "abababababababababababababababababababababababababababababababab", "2026-11-02T01:00:00Z", "0001-01-01T00:00:00Z",
		"death", "moved", "granted", "refused", "keep", "change", "exit", "B", "Z",
	}
	numbers = []any{0, 1, -1, 2, 20, 99, 255, 256, 999, 1000, 1001, 65535, 65536, 9_999_999, 10_000_000, 1<<31 - 1, 1 << 32, 1 << 53, 0.5, 1e300}
)

// spoilField gives a field of an object, or of one inside it, another value.
func (a *Acts) spoilField(o object) {
	names := slices.Sorted(maps.Keys(o))
	if len(names) == 0 {
		return
	}
	name := names[a.rand.IntN(len(names))]
	if name == "exclusion_groups" {
		return // people would be on the rolls of programmes that exclude each other from then on, which the rules report
	}
	switch v := o[name].(type) {
	case object:
		inner := maps.Clone(v)
		a.spoilField(inner)
		o[name] = inner
		return
	case []string:
		if len(v) > 0 && a.rand.IntN(2) == 0 {
			list := slices.Clone(v)
			list[a.rand.IntN(len(list))] = texts[a.rand.IntN(len(texts))]
			o[name] = list
			return
		}
	case bool:
		o[name] = !v
		return
	}
	switch a.rand.IntN(12) {
	case 0:
		delete(o, name)
	case 1:
		o[name] = []any{nil, []any{}, object{}, []string{"x", "x"}}[a.rand.IntN(4)]
	case 2, 3, 4:
		o[name] = numbers[a.rand.IntN(len(numbers))]
	default:
		o[name] = texts[a.rand.IntN(len(texts))]
	}
}
