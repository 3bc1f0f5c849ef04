// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-contract-api-go/v2/metadata"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
)

// Each row of the table has a method, and each method a row.
func TestTheContractsHaveTheFunctionsOfTheTable(t *testing.T) {
	contracts := map[string]any{
		"registry": &registryContract{}, "official": &officialContract{}, "programme": &programmeContract{}, "fund": &fundContract{}, "roll": &rollContract{},
		"case": &caseContract{}, "need": &needContract{}, "payment": &paymentContract{}, "reading": &readingContract{},
		"overpayment": &overpaymentContract{},
		"statement":   &statementContract{},
		"reversal":    &reversalContract{},
		"oversight":   &oversightContract{},
		"person":      &personContract{},
	}
	ofContractAPI := reflect.TypeFor[*contractapi.Contract]()
	methods := map[string]bool{}
	for name, c := range contracts {
		for i := range reflect.TypeOf(c).NumMethod() {
			m := reflect.TypeOf(c).Method(i)
			if _, inherited := ofContractAPI.MethodByName(m.Name); inherited {
				continue
			}
			methods[name+":"+m.Name] = true
			row, ok := api.Lookup(name + ":" + m.Name)
			require.True(t, ok, "%s:%s has no row in chaincode/api", name, m.Name)
			require.Equal(t, row.Arguments(), m.Type.NumIn()-2, "arguments of %s", row.Name)
		}
	}
	for _, row := range api.Rows() {
		require.True(t, methods[row.Name], "%s has no method", row.Name)
	}
	require.Len(t, contracts, len(api.Contracts()))
}

// case:File carries out the acts that the table says, and no others.
func TestFilesAreOfTheActsOfTheTable(t *testing.T) {
	var acts []relief.Act
	for act := range fileable {
		acts = append(acts, act)
	}
	require.ElementsMatch(t, api.FileableActs(), acts)
}

// The metadata that Fabric's tools read say what each function takes and answers, by the schema of the contract API.
func TestMetadataDescribeTheDocuments(t *testing.T) {
	text, err := describe()
	require.NoError(t, err)
	var m metadata.ContractChaincodeMetadata
	require.NoError(t, json.Unmarshal(text, &m))
	require.NoError(t, metadata.ValidateAgainstSchema(m))
	require.NoError(t, m.CompileSchemas(), "each reference leads to a component")
	require.Len(t, m.Contracts, len(api.Contracts()))
	found := 0
	for name, c := range m.Contracts {
		for _, tx := range c.Transactions {
			found++
			row, ok := api.Lookup(name + ":" + tx.Name)
			require.True(t, ok)
			require.Len(t, tx.Parameters, row.Arguments())
			require.NotNil(t, tx.Returns.Schema)
		}
	}
	require.Len(t, api.Rows(), found)
	suspend := m.Components.Schemas["api.SuspendInput"].Properties
	require.Len(t, suspend, 4)
	require.Equal(t, "string", suspend["from"].Type[0], "a period is text")
	list := m.Components.Schemas["api.Page.casework.Case"].Properties["items"]
	require.Equal(t, "casework.Case", list.Items.Schema.Ref.String())
}
