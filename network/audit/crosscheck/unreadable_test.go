package crosscheck

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// A value that cannot be read is a finding, and no more than that: what comes after it is checked, against the last version that
// could be read.
func TestUnreadableValuesAreFindings(t *testing.T) {
	w := newWorld(t)
	w.add(spec{writes: map[string]string{relief.CaseKey("c1").String(): "{"}})
	w.add(spec{writes: map[string]string{relief.Key{Kind: "new"}.String(): "x"}})
	w.add(spec{writes: map[string]string{"a": "1"}})
	report := check(t, w.sources()[0])
	require.Len(t, report.Findings, 2)
	require.EqualValues(t, len(w.blocks), report.Until)
}
