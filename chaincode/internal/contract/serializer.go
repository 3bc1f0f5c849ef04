// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"reflect"

	"github.com/hyperledger/fabric-contract-api-go/v2/metadata"
)

// textSerializer hands arguments and answers through as they are. contractapi's own repeats arguments in its errors and
// checks every string against a schema that says "string".
type textSerializer struct{}

func (textSerializer) FromString(
	text string, t reflect.Type, _ *metadata.ParameterMetadata, _ *metadata.ComponentMetadata,
) (reflect.Value, error) {
	if t.Kind() != reflect.String {
		return reflect.Value{}, fmt.Errorf("a parameter of type %s is not text", t)
	}
	return reflect.ValueOf(text).Convert(t), nil
}

func (textSerializer) ToString(
	v reflect.Value, t reflect.Type, _ *metadata.ReturnMetadata, _ *metadata.ComponentMetadata,
) (string, error) {
	if t.Kind() != reflect.String {
		return "", fmt.Errorf("an answer of type %s is not text", t)
	}
	return v.String(), nil
}
