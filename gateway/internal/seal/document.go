package seal

import (
	"bytes"
	"errors"

	"github.com/fxamacker/cbor/v2"

	"relieftrail/chaincode/relief/wire"
)

// details is a person in clear inside the seal: an array in CBOR (RFC 8949).
type details struct {
	_           struct{} `cbor:",toarray"`
	V           uint8
	Name        string
	IDNumber    string
	Account     string
	Bank        string
	Phone       string
	HouseholdNo string
}

// sealed is the document that the collection of private details keeps, an array too.
type sealed struct {
	_      struct{} `cbor:",toarray"`
	V      uint8
	Epoch  uint8
	Sealed []byte // nonce and ciphertext
}

// Version 1 of both was JSON.
const (
	detailsVersion = 2
	sealedVersion  = 2
)

// cborWriter writes the one deterministic encoding (RFC 8949, section 4.2.1), never null.
var cborWriter = must(cbor.EncOptions{
	Sort: cbor.SortCoreDeterministic, IndefLength: cbor.IndefLengthForbidden, NilContainers: cbor.NilContainerAsEmpty,
}.EncMode())

// cborReader reads flat arrays of numbers and strings; the limits are the least that the library takes.
var cborReader = must(cbor.DecOptions{
	DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
	MaxNestedLevels: 4, MaxArrayElements: 16, MaxMapPairs: 16,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic(err) // the options are those of this file
	}
	return mode
}

var errDocument = errors.New("not the document's one encoding")

// decode reads what cborWriter wrote of a T, and nothing else: no other encoding of the same value, no null for a
// value.
func decode[T any](document []byte) (v T, err error) {
	if len(document) > wire.MaxFactsBytes || cborReader.Unmarshal(document, &v) != nil {
		return v, errDocument
	}
	if again, err := cborWriter.Marshal(v); err != nil || !bytes.Equal(again, document) {
		return v, errDocument
	}
	return v, nil
}
