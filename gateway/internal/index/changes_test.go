package index

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/ledger"
)

// Changes are found by programme, region, state and kind, in pages; each version is a step of the person's trail.
func TestChanges(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		put := func(c roll.Change, function string) {
			value, err := json.Marshal(c)
			require.NoError(t, err)
			s.add("approver", function, ledger.Write{Key: relief.ChangeKey(c.ID).String(), Value: value})
		}
		var all []roll.Change
		for i := range uint32(12) {
			c := roll.Change{
				ID: relief.NewChangeID("dibao", "530181", 3, i+1), Programme: "dibao", County: "530181", Number: 3, Subject: synthRef(3),
				Region: relief.Region(fmt.Sprintf("530181%03d", 101+i%3)), ChangeTerms: roll.ChangeTerms{Kind: roll.ChangeKinds[i%4]},
				ChangeBase: roll.ChangeBase{Version: 1}, State: roll.ChangeProposed, Acts: []relief.HistoryEntry{{Act: relief.ActRollSuspend}},
			}
			put(c, "roll:Suspend")
			c.State, c.Acts = roll.ChangeStates[i%4], append(c.Acts, relief.HistoryEntry{Act: relief.ActRollConfirmChange})
			put(c, "case:File")
			all = append(all, c)
		}
		put(roll.Change{ID: "tekun-530129-0000003-c1", Programme: "tekun", County: "530129", Subject: synthRef(4), Region: "530129001", State: roll.ChangeProposed, Acts: all[0].Acts}, "roll:Suspend")
		ix := open(t, s)
		catchUp(t, ix)
		checked(t, ix)
		ids := func(q ChangeQuery) (ids []string) {
			for cursor := ""; ; {
				page, err := ix.Changes(t.Context(), q, cursor, 2)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page.Items), 2)
				for _, document := range page.Items {
					var c roll.Change
					require.NoError(t, json.Unmarshal(document, &c))
					ids = append(ids, string(c.ID))
				}
				if cursor = page.Next; cursor == "" {
					return ids
				}
			}
		}
		const dibao = "dibao-530181-0000003-c"
		require.Len(t, ids(ChangeQuery{}), 13)
		require.Equal(t, []string{"tekun-530129-0000003-c1"}, ids(ChangeQuery{Region: "530129"}))
		require.Equal(t, []string{"tekun-530129-0000003-c1"}, ids(ChangeQuery{Programme: "tekun"}))
		require.Equal(t, []string{dibao + "1", dibao + "5", dibao + "9"}, ids(ChangeQuery{Programme: "dibao", State: roll.ChangeProposed}))
		require.Equal(t, []string{dibao + "1", dibao + "5", dibao + "9"}, ids(ChangeQuery{Kind: roll.ChangePayee}))
		require.Equal(t, []string{dibao + "1", dibao + "10", dibao + "4", dibao + "7"}, ids(ChangeQuery{Region: "530181101"}))
		require.Empty(t, ids(ChangeQuery{State: roll.ChangeProposed, Kind: roll.ChangeExit}))

		steps, err := ix.SubjectTrail(t.Context(), synthRef(3), "")
		require.NoError(t, err)
		var found []Step
		for _, step := range steps {
			if step.Record == "change/"+dibao+"1" {
				found = append(found, step)
			}
		}
		require.Len(t, found, 2)
		require.Equal(t, "roll.suspend", found[0].Act)
		require.Equal(t, "roll.confirm_change", found[1].Act, "what was done to it, not how it was sent")
		require.Equal(t, "1", found[1].Detail["version_before"])
		require.Equal(t, "2", found[1].Detail["version_after"])
		steps, err = ix.SubjectTrail(t.Context(), synthRef(4), "")
		require.NoError(t, err)
		require.Len(t, steps, 3, "a neighbour has no changes")
	})
}
