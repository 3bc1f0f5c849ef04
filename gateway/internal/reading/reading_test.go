package reading

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

// world is a Reader and what it logged.
type world struct {
	*Reader
	key *seal.Key
	log *bytes.Buffer
	now time.Time
}

func newWorld(t *testing.T, path string) *world {
	t.Helper()
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{4}, payee.KeyBytes))
	require.NoError(t, err)
	w := &world{log: &bytes.Buffer{}, now: time.Date(2026, 11, 29, 22, 0, 0, 0, time.UTC)}
	w.key, err = seal.NewKey(1, bytes.Repeat([]byte{8}, 32), tags)
	require.NoError(t, err)
	w.Reader, err = Open(Options{
		Path: path, Persons: w.key, LookUps: 10, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: func() time.Time { return w.now },
		Identity: func(name string) (ledger.Identity, bool) {
			return ledger.Identity{MSPID: "CivilAffairsMSP", Name: name, Role: "preparer", Region: "530181"}, true
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	return w
}

func person(n byte) relief.SubjectRef { return relief.SubjectRef{1, n} }

var access = Access{Principal: "li", Purpose: CaseFacts, Route: "/v1/cases/:id/facts", Record: "case/c-1"}

func TestNothingIsOpenedUnrecorded(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "readings.db"))
	facts, err := w.key.SealFacts([]byte("facts"), person(1), "dibao")
	require.NoError(t, err)
	opened, err := w.Read(access, person(1))
	require.NoError(t, err)
	clear, err := opened.Facts(facts, person(1), "dibao")
	require.NoError(t, err)
	require.Equal(t, "facts", string(clear))
	_, err = opened.Person(facts, person(2), "dibao")
	require.ErrorIs(t, err, errOther, "of somebody whom the reading does not name")
	page, next, err := w.List(Query{Subject: person(1).String(), By: "li", Purpose: CaseFacts, From: "2026-11-29", To: "2026-11-29"}, 0, 10)
	require.NoError(t, err)
	require.Zero(t, next)
	require.Len(t, page, 1)
	require.Equal(t, "530181", string(page[0].By.Region))
	require.Equal(t, "case/c-1", page[0].Record)
	require.NotContains(t, w.log.String(), person(1).String(), "the log names nobody")

	require.NoError(t, w.chain.store.Close()) // as a full disk
	_, err = w.Read(access, person(1))
	require.ErrorContains(t, err, "nothing is read")
}

func TestManyPeopleAreADigest(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "readings.db"))
	var people []relief.SubjectRef
	for n := range byte(MaxNamed + 1) {
		people = append(people, person(n), person(n))
	}
	opened, err := w.Read(access, people...)
	require.NoError(t, err)
	require.Equal(t, MaxNamed+1, opened.Reading.Count)
	require.Empty(t, opened.Reading.Subjects)
	require.Len(t, opened.Reading.Digest, 64)
}

func TestTheChain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "readings.db")
	w := newWorld(t, path)
	var group sync.WaitGroup
	for n := range 50 {
		group.Go(func() {
			if _, err := w.Read(access, person(byte(n))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	head, err := w.Head()
	require.NoError(t, err)
	require.EqualValues(t, 50, head.Count)
	require.NoError(t, w.Check(map[uint64]string{50: head.Hash}))
	require.Empty(t, w.Alerts())
	require.ErrorIs(t, w.Check(map[uint64]string{49: head.Hash}), ErrBroken, "another head is on the ledger")
	require.ErrorIs(t, w.Check(map[uint64]string{51: head.Hash}), ErrBroken, "readings are missing at the end")
	require.Len(t, w.Alerts(), 1)

	for name, spoil := range map[string]func(tx *boltstore.Tx) error{
		"deleted": func(tx *boltstore.Tx) error { return bucketReadings.Delete(tx, numberKey(7)) },
		"cut off": func(tx *boltstore.Tx) error { return bucketReadings.Delete(tx, numberKey(50)) },
		"altered": func(tx *boltstore.Tx) error {
			stored, _, err := bucketReadings.Get(tx, numberKey(9))
			return errors.Join(err, bucketReadings.Put(tx, numberKey(9), bytes.Replace(stored, []byte("li"), []byte("wu"), 1)))
		},
	} {
		w := newWorld(t, filepath.Join(t.TempDir(), "readings.db"))
		for n := range byte(50) {
			_, err := w.Read(access, person(n))
			require.NoError(t, err)
		}
		require.NoError(t, w.Check(nil))
		require.NoError(t, w.chain.store.Update(spoil))
		require.ErrorIs(t, w.Check(nil), ErrBroken, name)
	}
}

func TestTheBudgetOfADay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "readings.db")
	w := newWorld(t, path)
	look := Access{Principal: "li", Purpose: LookUp, Route: "/v1/subjects/lookup"}
	for n := range byte(10) {
		require.NoError(t, w.Left("li"))
		require.NoError(t, w.LookUp(look, person(n)))
	}
	require.Contains(t, w.log.String(), "nears the budget")
	require.ErrorIs(t, w.Left("li"), ErrSpent)
	require.NoError(t, w.Close())

	w = newWorld(t, path) // a restart gives nothing back
	require.ErrorIs(t, w.LookUp(look, person(11)), ErrSpent)
	require.ErrorIs(t, w.LookUp(look, person(12)), ErrSpent)
	require.NoError(t, w.LookUp(Access{Principal: "wu", Purpose: LookUp}, person(11)), "others have theirs")
	require.NoError(t, w.Charge(Access{Principal: "li", Purpose: Application, Count: 3}), "what has been said is recorded in any case")
	page, _, err := w.List(Query{By: "li"}, 10, 10)
	require.NoError(t, err)
	require.Len(t, page, 2, "the first refusal of a day, and what was charged")
	require.Equal(t, OverBudget, page[0].Purpose)
	require.Equal(t, 2*time.Hour, w.NextDay())
	require.NoError(t, w.Check(nil))

	w.now = w.now.Add(3 * time.Hour)
	require.NoError(t, w.LookUp(look, person(11)))
	require.NoError(t, w.Forget())
	require.NoError(t, w.Left("wu"))
}

func TestPagesOfAList(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "readings.db"))
	for n := range byte(25) {
		_, err := w.Read(access, person(n))
		require.NoError(t, err)
	}
	var found []Reading
	for after := uint64(0); ; {
		page, next, err := w.List(Query{}, after, 10)
		require.NoError(t, err)
		found = append(found, page...)
		if after = next; after == 0 {
			break
		}
	}
	require.Len(t, found, 25)
	require.EqualValues(t, 25, found[24].Number)
}
