// Package acts joins acts of one official into a file of acts, which the contract carries out one after the other, and divides its
// answer: each act gets what its own function would have answered. It knows which acts there are files of, and nothing of what
// they do.
package acts

import (
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// Joiner joins calls of those functions of which there are files.
type Joiner struct{ acts map[string]relief.Act }

var _ outbox.Joiner = (*Joiner)(nil)

// NewJoiner reads the table of the contracts.
func NewJoiner() *Joiner {
	j := &Joiner{map[string]relief.Act{}}
	for _, row := range api.Rows() {
		if row.Fileable {
			j.acts[row.Name] = row.Act
		}
	}
	return j
}

// Joins reports whether there are files of the act. What takes private details along goes alone.
func (j *Joiner) Joins(call *ledger.Call) bool {
	_, known := j.acts[call.Function]
	return known && len(call.Transient) == 0
}

// Join makes a file of acts.
func (j *Joiner) Join(calls []ledger.Call) (ledger.Call, error) {
	file := api.FileInput{Act: j.acts[calls[0].Function], Records: true}
	for i := range calls {
		file.Items = append(file.Items, json.RawMessage(calls[i].Argument))
	}
	return contracts.Call(calls[0].Signer, api.CaseFile, file, nil)
}

// Divide gives each act of a file its record or its refusal.
func (j *Joiner) Divide(result []byte, n int) ([]outbox.Part, error) {
	file, err := contracts.Answer(api.CaseFile, result)
	if err != nil {
		return nil, err
	}
	if len(file.Records) != n {
		return nil, fmt.Errorf("the contract answers %d of %d acts", len(file.Records), n)
	}
	parts := make([]outbox.Part, n)
	for i, record := range file.Records {
		parts[i].Result = record
	}
	for _, r := range file.Refused {
		if r.Seq < 0 || r.Seq >= n {
			return nil, fmt.Errorf("the contract refuses act %d of %d", r.Seq, n)
		}
		parts[r.Seq] = outbox.Part{Refusal: &relief.Error{Code: r.Code, Field: r.Field, Detail: r.Detail}}
	}
	return parts, nil
}
