package rest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSpreadsheetSafeKeepsFormulasFromBeingRun(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "12": "12", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "序号": "序号",
	} {
		require.Equal(t, want, SpreadsheetSafe(text))
	}
}
