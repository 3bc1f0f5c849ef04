package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func TestAResultSaysWhatBecameOfEachLine(t *testing.T) {
	r := ChunkResult{Refused: []Refusal{}}
	r.Count(7, true, Refusal{})
	r.Count(8, false, Refusal{Code: relief.LineExited, Note: "note"})
	r.Count(9, false, Refusal{})
	other := ChunkResult{}
	other.Count(3, true, Refusal{})
	r.Add(other)
	require.Equal(t, ChunkResult{
		Accepted: 2, Unchanged: 1, Refused: []Refusal{{Seq: 8, Code: relief.LineExited, Note: "note"}}, Outcomes: Outcomes("arua"),
	}, r)
	b, err := json.Marshal(r)
	require.NoError(t, err)
	require.Contains(t, string(b), `"outcomes":"arua"`)
	var read ChunkResult
	require.NoError(t, json.Unmarshal(b, &read))
	require.Equal(t, r, read)
	b, err = json.Marshal(ChunkResult{})
	require.NoError(t, err)
	require.NotContains(t, string(b), "outcomes")
}
