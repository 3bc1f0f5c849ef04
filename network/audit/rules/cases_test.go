package rules

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
)

// Whoever prepared a case does not decide it, the county confirms no decision of its own, and an appeal is decided by somebody who had
// no part in what it is about.
func TestWhoDecidesACase(t *testing.T) {
	prepared := []relief.Act{
		relief.ActCaseApply, relief.ActCaseAttach, relief.ActCaseAsk, relief.ActCaseMatch, relief.ActCaseAnswerMatch, relief.ActCaseNotice,
		relief.ActCaseAnswer, relief.ActCaseReview, casework.ActConfirmClaim, casework.ActContestClaim,
	}
	for deciding, more := range map[relief.Act][]relief.Act{
		relief.ActCaseDecide:          nil,
		relief.ActCaseConfirm:         nil,
		relief.ActCaseConfirmTownship: {relief.ActCaseDecideTownship},
		relief.ActCaseDecideAppeal: {
			relief.ActCaseDecide, relief.ActCaseDecideTownship, relief.ActCaseConfirm, relief.ActRollExit, relief.ActRollConfirmChange,
		},
	} {
		for _, before := range append(more, prepared...) {
			require.Equal(t, []Kind{BadRecord}, decides(t, before, deciding, "one", "One"), "%s after %s, by one official", deciding, before)
			require.Empty(t, decides(t, before, deciding, "one", "another"), "%s after %s, by two", deciding, before)
		}
	}
	for _, free := range []relief.Act{relief.ActCaseObject, relief.ActCaseWithdraw} {
		require.Empty(t, decides(t, free, relief.ActCaseDecide, "one", "one"), "%s prepares nothing", free)
	}
}

// decides gives what is found when somebody decides a case after an act of somebody's.
func decides(t *testing.T, before, deciding relief.Act, first, second string) []Kind {
	t.Helper()
	entry := func(act relief.Act, name, tx string) relief.HistoryEntry {
		return relief.HistoryEntry{Act: act, By: relief.Official{Agency: "CivilAffairsMSP", ID: "no-" + strings.ToLower(name), Name: name}, Tx: tx}
	}
	e := &txChanges{State: NewState()}
	decided := entry(deciding, second, "t2")
	e.decided("case c1", []relief.HistoryEntry{entry(relief.ActCaseWithdraw, "somebody", "t0"), entry(before, first, "t1")}, &decided)
	var kinds []Kind
	for _, p := range e.found {
		kinds = append(kinds, p.Kind)
	}
	return kinds
}
