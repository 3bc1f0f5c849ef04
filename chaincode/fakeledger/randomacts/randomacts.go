// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

// County is where everybody lives.
const County = "530181"

// The officials who act.
var (
	civilPreparer   = fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "preparer", County)
	civilApprover   = fakeledger.Official(fakeledger.CivilAffairs, "civil-approver", "approver", County)
	civilChief      = fakeledger.Official(fakeledger.CivilAffairs, "civil-chief", "approver", County)
	township        = fakeledger.Official(fakeledger.CivilAffairs, "civil-township", "township", County+"001")
	province        = fakeledger.Official(fakeledger.CivilAffairs, "civil-province", "preparer", "53")
	financePreparer = fakeledger.Official(fakeledger.Finance, "finance-preparer", "preparer", "53")
	financeApprover = fakeledger.Official(fakeledger.Finance, "finance-approver", "approver", "53")
	auditReader     = fakeledger.Official(fakeledger.Audit, "audit-reader", "reader", "53")
	everybody       = []*fakeledger.Identity{
		civilPreparer, civilApprover, civilChief, township, province, financePreparer, financeApprover, auditReader,
		fakeledger.Registrar(fakeledger.CivilAffairs), fakeledger.Registrar(fakeledger.Finance), fakeledger.Registrar(fakeledger.Audit),
	}
)

type (
	object    = map[string]any
	transient = map[string][]byte
)

// act is one call of a contract.
type act struct {
	by        *fakeledger.Identity
	function  string
	input     object
	transient transient
}

// Acts does random acts on a ledger that has a registry.
type Acts struct {
	ledger *fakeledger.Ledger
	rand   *rand.Rand
	now    time.Time
	last   int // the number that an id got last

	Done, Refused int
}

// On begins with a programme in force and a tranche.
func On(l *fakeledger.Ledger, seed uint64) (*Acts, error) {
	a := &Acts{ledger: l, rand: rand.New(rand.NewPCG(seed, 61)), now: time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)} //nolint:gosec // acts that can be repeated
	l.SetTime(a.now)
	for _, first := range []act{
		a.draft("dibao", 1), {financeApprover, "programme:Enact", object{"id": "dibao", "version": 1}, nil}, a.issue("t1"),
	} {
		if _, err := a.submit(&first); err != nil {
			return nil, fmt.Errorf("%s: %w", first.function, err)
		}
	}
	return a, nil
}

// Count is how many acts a test does: the environment's RELIEF_ACTS, or as many as normally.
func Count(normally int) (int, error) {
	if s := os.Getenv("RELIEF_ACTS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			return 0, fmt.Errorf("RELIEF_ACTS must be a number: %w", err)
		}
		return n, nil
	}
	return normally, nil
}

// Step does one act, and those that complete it. The error is one that no act may end with: not a refusal of the domain, or the
// refusal of a value that was stored.
func (a *Acts) Step() error {
	a.now = a.now.Add(time.Duration(a.rand.IntN(6)) * time.Hour)
	a.ledger.SetTime(a.now)
	for _, next := range a.choose() {
		if a.rand.IntN(3) == 0 {
			a.spoil(&next)
		}
		done, err := a.submit(&next)
		if err != nil {
			return fmt.Errorf("%s with %v: %w", next.function, next.input, err)
		}
		if !done {
			a.Refused++
			return nil
		}
		a.Done++
	}
	return nil
}

// submit does an act. done is false for a refusal of the domain.
func (a *Acts) submit(c *act) (done bool, err error) {
	argument, err := json.Marshal(c.input)
	if err != nil {
		return false, nil //nolint:nilerr // an amount that cannot even be written: nothing to send
	}
	_, _, err = a.ledger.Submit(c.by, c.function, []string{string(argument)}, c.transient)
	if err == nil {
		return true, nil
	}
	refusal := relief.ParseError(err.Error())
	if refusal == nil || refusal.Code == relief.CodeCorrupt {
		return false, err //nolint:wrapcheck // the caller says of which act
	}
	return false, nil
}

// object reads a record of the ledger; nil when there is none.
func (a *Acts) object(k relief.Key) (o object) {
	if b := a.ledger.Get(k.String()); b != nil && json.Unmarshal(b, &o) != nil {
		return nil
	}
	return o
}

// ids are the last attributes of the keys of a kind.
func (a *Acts) ids(kind string) (ids []string) {
	a.ledger.Scan("\x00"+kind+"\x00", func(key string, _ []byte) bool {
		if k, ok := relief.ParseKey(key); ok && len(k.Attrs) > 0 {
			ids = append(ids, k.Attrs[len(k.Attrs)-1])
		}
		return true
	})
	return ids
}

// one is a random one of the latest of some ids, "none" when there is none.
func (a *Acts) one(ids []string) string {
	if len(ids) == 0 {
		return "none"
	}
	return ids[a.rand.IntN(len(ids))]
}

func (a *Acts) next(prefix string) string {
	a.last++
	return fmt.Sprintf("%s%d", prefix, a.last)
}

// spoil makes an act near-valid: another official, a field with a value at or beyond a bound, a byte.
func (a *Acts) spoil(c *act) {
	c.input = maps.Clone(c.input)
	switch a.rand.IntN(6) {
	case 0:
		c.by = everybody[a.rand.IntN(len(everybody))]
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

// Written is what a transaction wrote.
type Written struct {
	Function string `json:"function"`
	Writes   []struct {
		Key   []byte `json:"key"` // as the ledger writes it
		Value []byte `json:"value"`
	} `json:"writes"`
}

// WrittenBy is what a transaction wrote to public state.
func WrittenBy(tx *fakeledger.Tx) Written {
	w := Written{Function: tx.Function}
	for _, write := range tx.Writes {
		w.Writes = append(w.Writes, struct {
			Key   []byte `json:"key"`
			Value []byte `json:"value"`
		}{[]byte(write.Key), write.Value})
	}
	return w
}
