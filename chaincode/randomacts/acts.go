// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/stored"
)

// Ledger is where acts are done. Get and Scan read the public state after all acts so far.
type Ledger interface {
	// Submit has an official do an act, and gives the answer. An error that is no refusal of the contracts ends the run.
	Submit(by Official, function, argument string, transient map[string][]byte) ([]byte, error)
	// Ask evaluates a function that reads.
	Ask(by Official, function, argument string) ([]byte, error)
	Get(key string) []byte
	Scan(prefix string, f func(key string, value []byte) bool)
	// SetTime gives the acts that follow a time.
	SetTime(t time.Time)
}

type (
	object    = map[string]any
	transient = map[string][]byte
)

// act is one call of a contract.
type act struct {
	by        Official
	function  string
	input     object
	transient transient
}

// Acts does random acts.
type Acts struct {
	ledger    Ledger
	rand      *rand.Rand
	now       time.Time
	pace      time.Duration
	last      int // the number that an id got last
	waits     []decision
	made      map[string][]string // ids, by prefix
	numbers   map[relief.SubjectRef]int
	closing   relief.Balance      // of the last statement
	recovered []overpayment.Entry // money that came back, by confirmed statements
	sealed    map[string][]byte   // documents that were sealed again, by their hash

	Done, Refused int
	// Tally is what became of each function's acts.
	Tally map[string]*Outcome
}

// Outcome counts the acts of a function.
type Outcome struct{ Done, Refused int }

// Begin is when the first acts are done on a ledger whose clock can be set.
var Begin = time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)

// Pace is the longest time between two acts on a ledger whose clock can be set.
const Pace = 6 * time.Hour

// On begins on a ledger that has the registry of the dev network: with regions, a department, programmes and money. The next act comes
// at most pace after one, and some wait for days.
func On(l Ledger, seed uint64, begin time.Time, pace time.Duration) (*Acts, error) {
	a := &Acts{
		ledger: l, rand: rand.New(rand.NewPCG(seed, 61)), now: begin, pace: pace, Tally: map[string]*Outcome{}, sealed: map[string][]byte{}, made: map[string][]string{}, //nolint:gosec // acts that can be repeated
	}
	l.SetTime(a.now)
	first, err := a.beginning()
	if err != nil {
		return nil, err
	}
	for i := range first {
		if _, done, err := a.submit(&first[i]); err != nil || !done {
			return nil, fmt.Errorf("%s with %v: refused: %w", first[i].function, first[i].input, err)
		}
	}
	return a, nil
}

// Count is how many acts a test does: the environment's RELIEF_ACTS, or as many as normally.
func Count(normally int) (int, error) { return fromEnvironment("RELIEF_ACTS", normally) }

// Seed is the first seed of a test's acts: the environment's RELIEF_ACTS_SEED, or the normal one.
func Seed(normally int) (uint64, error) {
	seed, err := fromEnvironment("RELIEF_ACTS_SEED", normally)
	return uint64(max(0, seed)), err
}

func fromEnvironment(name string, normally int) (int, error) {
	s := os.Getenv(name)
	if s == "" {
		return normally, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("%s must be a number: %w", name, err)
	}
	return n, nil
}

// Step does one act, and those that complete it. The error is one that no act may end with: not a refusal of the contracts, or the
// refusal of a value that was stored.
func (a *Acts) Step() error {
	a.now = a.now.Add(a.pace * time.Duration(a.rand.IntN(6)) / 6)
	a.ledger.SetTime(a.now)
	for _, next := range a.choose() {
		if a.rand.IntN(12) == 0 {
			a.spoil(&next)
		}
		done, err := a.try(&next)
		if err != nil || !done {
			return err
		}
	}
	return nil
}

// try does an act and counts it.
func (a *Acts) try(next *act) (bool, error) {
	_, done, err := a.submit(next)
	if err != nil {
		return false, fmt.Errorf("%s by %s with %v: %w", next.function, next.by.Name, next.input, err)
	}
	return done, nil
}

// submit does an act and gives its answer. done is false for a refusal of the contracts.
func (a *Acts) submit(c *act) (answer object, done bool, err error) {
	argument, err := json.Marshal(c.input)
	if err != nil {
		return nil, false, nil //nolint:nilerr // an amount that cannot even be written: nothing to send
	}
	count := a.outcome(c.function)
	payload, err := a.ledger.Submit(c.by, c.function, string(argument), c.transient)
	if err == nil {
		a.Done++
		count.Done++
		answer = object{}
		_ = json.Unmarshal(payload, &answer) // what is no object tells nothing
		a.note(c, answer)
		a.countTaken(c, answer)
		if c.function == "case:File" {
			a.noteFile(c, answer)
		}
		return answer, true, nil
	}
	a.Refused++
	count.Refused++
	refusal := relief.ParseError(err.Error())
	if refusal == nil || refusal.Code == relief.CodeCorrupt {
		return nil, false, err //nolint:wrapcheck // the caller says of which act
	}
	if trace != "" && strings.HasPrefix(c.function, trace) {
		fmt.Fprintf(os.Stderr, "%s by %s with %s: %v\n", c.function, c.by.Name, argument, refusal)
	}
	return nil, false, nil
}

// outcome is what became of a function's acts.
func (a *Acts) outcome(function string) *Outcome {
	if a.Tally[function] == nil {
		a.Tally[function] = &Outcome{}
	}
	return a.Tally[function]
}

// note keeps what an act that was done has made, and has left for others to decide.
func (a *Acts) note(c *act, answer object) {
	if id, ok := answer["id"].(string); ok && id == c.input["id"] {
		a.made[prefixOf(id)] = append(a.made[prefixOf(id)], id)
	}
	a.later(c, answer)
}

// trace has the refusals of functions with this beginning printed, for whoever works on the choices.
var trace = os.Getenv("RELIEF_ACTS_TRACE")

// ask gives the answer of a function that reads; nil when it refuses.
func (a *Acts) ask(by Official, function string, input object) object {
	argument, err := json.Marshal(input)
	if err != nil {
		return nil
	}
	payload, err := a.ledger.Ask(by, function, string(argument))
	if err != nil {
		return nil
	}
	answer := object{}
	if json.Unmarshal(payload, &answer) != nil {
		return nil
	}
	return answer
}

// read reads a record of the ledger into a value; false when there is none.
func (a *Acts) read(k relief.Key, into any) bool {
	b := a.ledger.Get(k.String())
	return b != nil && stored.Into(b, into) == nil
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

// one is a random one of some ids, "none" when there is none.
func (a *Acts) one(ids []string) string {
	if len(ids) == 0 {
		return "none"
	}
	return ids[a.rand.IntN(len(ids))]
}

// recent is a record made lately, by the prefix of its id; most often one of the last few.
func (a *Acts) recent(prefix string) string {
	ids := a.made[prefix]
	if len(ids) == 0 {
		return "none"
	}
	last := min(len(ids), 8)
	if a.rand.IntN(15) == 0 {
		last = len(ids)
	}
	return ids[len(ids)-1-a.rand.IntN(last)]
}

// next gives out an id.
func (a *Acts) next(prefix string) string {
	a.last++
	return fmt.Sprintf("%s%d", prefix, a.last)
}

// prefixOf is what next got an id for.
func prefixOf(id string) string { return strings.TrimRight(id, "0123456789") }

// month is a month before or after the one of now.
func (a *Acts) month(ahead int) relief.Period {
	local := a.now.Add(8 * time.Hour)
	return relief.MonthPeriod(local.Year()*12 + int(local.Month()) - 1 + ahead)
}

// day is a day before the one of now.
func (a *Acts) day(ago int) string {
	return a.now.Add(8*time.Hour).AddDate(0, 0, -ago).Format(time.DateOnly)
}
