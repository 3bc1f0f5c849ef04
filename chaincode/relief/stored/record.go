package stored

import (
	"encoding"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
)

// Read reads a record as the ledger has it: packed where its type says how, else JSON.
func Read[T any](value []byte) (*T, error) {
	v := new(T)
	return v, Into(value, v)
}

// Into is Read into the record that a pointer points to.
func Into(value []byte, record any) error {
	if packed, ok := record.(encoding.BinaryUnmarshaler); ok {
		return packed.UnmarshalBinary(value) //nolint:wrapcheck // the caller says which record
	}
	if string(value) == "null" { // which JSON takes for a record without anything
		return errIncomplete
	}
	return json.Unmarshal(value, record) //nolint:wrapcheck // the caller says which record
}

// Format writes a record as Read reads it.
func Format(record any) ([]byte, error) {
	if packed, ok := record.(encoding.BinaryMarshaler); ok {
		return packed.MarshalBinary() //nolint:wrapcheck // the caller says which record
	}
	return json.Marshal(record) //nolint:wrapcheck // the caller says which record
}

// Document is a record of a kind as a JSON document, whichever way the ledger has it.
func Document(kind string, value []byte) (json.RawMessage, error) {
	switch {
	case len(value) == 0:
		return value, nil
	case kind == relief.KindCase:
		return document[casework.Case](value)
	case kind == relief.KindMonth:
		return document[oversight.Month](value)
	case kind == relief.KindFrame:
		return document[draw.Units](value)
	}
	return value, nil
}

func document[T any](value []byte) (json.RawMessage, error) {
	record, err := Read[T](value)
	if err != nil {
		return nil, err
	}
	return json.Marshal(record) //nolint:wrapcheck // the caller says which record
}
