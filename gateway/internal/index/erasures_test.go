package index

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/ledger"
)

// Each transaction that erased comes once, with the people and the cases whose facts went; proposals and refusals do not come.
func TestErasures(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		document := func(id relief.CaseID, head uint32, erasedOn relief.Day, hashes ...string) ledger.Write {
			c := casework.Case{FactsErased: erasedOn, ID: id, Programme: "dibao", Region: "530181101", Members: []relief.SubjectRef{synthRef(head), synthRef(7)}, State: casework.CaseExited, Acts: applied}
			for _, h := range hashes {
				c.Evidence = append(c.Evidence, casework.Evidence{EvidenceTerms: casework.EvidenceTerms{Kind: programme.EvidenceDocument, Region: "530181", SHA256: h}})
			}
			value, err := json.Marshal(c)
			require.NoError(t, err)
			return ledger.Write{Key: relief.CaseKey(id).String(), Value: value}
		}
		put := func(id relief.CaseID, head uint32, hashes ...string) {
			s.add("preparer", "case:Attach", document(id, head, "", hashes...))
		}
		erasure := func(n uint32, state roll.ErasureState) ledger.Write {
			value, err := json.Marshal(roll.Erasure{ErasureTerms: roll.ErasureTerms{Subject: synthRef(n)}, Region: "530181", State: state, Acts: applied})
			require.NoError(t, err)
			return ledger.Write{Key: relief.ErasureKey(synthRef(n)).String(), Value: value}
		}
		put("c1", 1, "one")
		put("c1", 1, "one", "two")
		put("c2", 2)
		s.add("preparer", "person:ProposeErasure", erasure(1, roll.ErasureProposed))
		s.add("approver", "person:ConfirmErasure", erasure(1, roll.ErasureDone), document("c1", 1, "2026-11-03", "one", "two"))
		put("c3", 1, "four")
		s.add("preparer", "case:File", erasure(7, roll.ErasureProposed), erasure(9, roll.ErasureProposed), erasure(1, roll.ErasureProposed))
		s.add("approver", "case:File", erasure(7, roll.ErasureDone), erasure(9, roll.ErasureRefused), erasure(1, roll.ErasureDone),
			document("c3", 1, "2026-11-04", "four"), document("c2", 2, ""))
		ix := open(t, s)
		catchUp(t, ix)
		var got []Erasure
		after := int64(0)
		for {
			found, through, err := ix.Erasures(t.Context(), after, 2)
			require.NoError(t, err)
			require.GreaterOrEqual(t, through, after)
			got, after = append(got, found...), through
			if len(found) == 0 && through == txPosOf(uint64(len(s.blocks)), 0)-1 {
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
		require.Len(t, got, 2)
		require.Equal(t, []relief.SubjectRef{synthRef(1)}, got[0].Subjects)
		require.Equal(t, []string{"c1 one", "c1 two"}, hashes(got[0]))
		require.ElementsMatch(t, []relief.SubjectRef{synthRef(1), synthRef(7)}, got[1].Subjects)
		require.Equal(t, []string{"c3 four"}, hashes(got[1]))
		again, through, err := ix.Erasures(t.Context(), after, 2)
		require.NoError(t, err)
		require.Empty(t, again)
		require.Equal(t, after, through)
		require.Equal(t, txPosOf(uint64(len(s.blocks)), 0)-1, through)
	})
}
