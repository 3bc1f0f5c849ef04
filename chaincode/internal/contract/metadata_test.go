// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every caller whose certificate can be read may ask what the chaincode has.
func TestGetMetadataIsAnswered(t *testing.T) {
	w := newLedger(t)
	b, err := w.Evaluate(auditReader.MSPID(), auditReader, "org.hyperledger.fabric:GetMetadata", nil, nil)
	require.NoError(t, err)
	var m struct{ Contracts map[string]json.RawMessage }
	require.NoError(t, json.Unmarshal(b, &m))
	require.Contains(t, m.Contracts, "payment")
	require.Contains(t, m.Contracts, "roll")
}
