package rules

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// A change of a roll entry that one official made alone, or that is not what its digest says, is found.
func TestForbiddenChangesOfEntriesAreFound(t *testing.T) {
	key := relief.ChangeKey("dibao-530181-0000001-c1").String()
	by := func(name string) relief.HistoryEntry {
		return relief.HistoryEntry{By: relief.Official{Agency: "CivilAffairsMSP", ID: name, Name: name, Region: "530181"}}
	}
	good := roll.Change{
		ID: "dibao-530181-0000001-c1", Programme: "dibao", County: "530181", Number: 1, Subject: relief.SubjectRef{1}, Region: "530181001",
		ChangeTerms: roll.ChangeTerms{Kind: roll.ChangePayee, Payee: roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, 'a'}}},
		State:       roll.ChangeConfirmed, Acts: []relief.HistoryEntry{by("lin"), by("zhao")},
	}
	var err error
	good.SHA256, err = good.Digest()
	require.NoError(t, err)
	for name, c := range map[string]struct {
		edit  func(c *roll.Change)
		found bool
	}{
		"by two":              {func(*roll.Change) {}, false},
		"proposed":            {func(c *roll.Change) { c.State, c.Acts = roll.ChangeProposed, c.Acts[:1] }, false},
		"erased":              {func(c *roll.Change) { c.Payee = roll.Payee{} }, false},
		"confirmed alone":     {func(c *roll.Change) { c.Acts = []relief.HistoryEntry{by("lin"), by("lin")} }, true},
		"confirmed by nobody": {func(c *roll.Change) { c.Acts = c.Acts[:1] }, true},
		"another account":     {func(c *roll.Change) { c.Payee.Account[1]++ }, true},
		"another id":          {func(c *roll.Change) { c.ID = "dibao-530181-0000001-c2" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			change := good
			c.edit(&change)
			require.Equal(t, c.found, len(newTestLedger(t).write(t, map[string]string{key: text(t, change)})) > 0)
		})
	}
}
