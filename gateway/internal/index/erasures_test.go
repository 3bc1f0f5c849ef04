package index

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/ledger"
)

// Each erasure comes once, with the cases of the person as they stood then, and not those of anybody else.
func TestErasures(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		put := func(id relief.CaseID, head uint32, hashes ...string) {
			c := casework.Case{ID: id, Programme: "dibao", Region: "530181101", Members: []relief.SubjectRef{synthRef(head), synthRef(7)}, State: casework.CaseExited, Acts: applied}
			for _, h := range hashes {
				c.Evidence = append(c.Evidence, casework.Evidence{EvidenceTerms: casework.EvidenceTerms{Kind: programme.EvidenceDocument, Region: "530181", SHA256: h}})
			}
			value, err := json.Marshal(c)
			require.NoError(t, err)
			s.add("preparer", "case:Attach", ledger.Write{Key: relief.CaseKey(id).String(), Value: value})
		}
		erase := func(head uint32) {
			s.add("approver", "roll:Erase", ledger.Write{Key: relief.ErasureKey(synthRef(head)).String(), Value: []byte(`{}`)})
		}
		put("c1", 1, "one")
		put("c1", 1, "one", "two")
		put("c2", 2)
		erase(1)
		put("c1", 1, "one", "two", "three")
		put("c3", 1, "four")
		erase(7)
		erase(1)
		erase(9)
		ix := open(t, s)
		catchUp(t, ix)
		var got []Erasure
		after := int64(0)
		for {
			found, through, err := ix.Erasures(t.Context(), after, 2)
			require.NoError(t, err)
			require.GreaterOrEqual(t, through, after)
			got, after = append(got, found...), through
			if len(found) < 2 {
				break
			}
		}
		hashes := func(e Erasure) (list []string) {
			for _, c := range e.Cases {
				for _, piece := range c.Evidence {
					list = append(list, string(c.ID)+" "+piece.SHA256)
				}
			}
			return list
		}
		require.Len(t, got, 4)
		require.Equal(t, synthRef(1), got[0].Subject)
		require.Equal(t, []string{"c1 one", "c1 two"}, hashes(got[0]))
		require.Equal(t, synthRef(7), got[1].Subject)
		require.Empty(t, got[1].Cases, "a member's papers are the head's")
		require.Equal(t, []string{"c1 one", "c1 two", "c1 three", "c3 four"}, hashes(got[2]))
		require.Empty(t, got[3].Cases)
		again, through, err := ix.Erasures(t.Context(), after, 2)
		require.NoError(t, err)
		require.Empty(t, again)
		require.Equal(t, after, through)
		require.Equal(t, txPosOf(uint64(len(s.blocks)), 0)-1, through)
	})
}
