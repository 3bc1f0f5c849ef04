package reference_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/reference"
)

const number = relief.IDNumber("530181196401209708")

func key(epoch uint8) reference.Key {
	return reference.Key{Epoch: epoch, Secret: bytes.Repeat([]byte{epoch}, 32)}
}

func of(epoch uint8) relief.SubjectRef { return relief.NewSubjectRef(epoch, key(epoch).Secret, number) }

// onLedger is a ledger that names an epoch and knows some references.
type onLedger struct {
	named registry.ReferenceKey
	known []relief.SubjectRef
}

func (l onLedger) ReferenceKey(context.Context) (registry.ReferenceKey, error) { return l.named, nil }

func (l onLedger) KnownReferences(_ context.Context, refs ...relief.SubjectRef) (known []relief.SubjectRef, _ error) {
	for _, ref := range refs {
		for _, k := range l.known {
			if k == ref {
				known = append(known, ref)
			}
		}
	}
	return known, nil
}

func names(epoch uint8) registry.ReferenceKey {
	return registry.ReferenceKey{Epoch: epoch, Check: relief.CheckOfKey(key(epoch).Secret)}
}

func TestWhoIsKnownKeepsTheirReference(t *testing.T) {
	for name, c := range map[string]struct {
		ledger reference.Ledger
		keys   []reference.Key
		want   relief.SubjectRef
	}{
		"one key":                        {onLedger{}, []reference.Key{key(1)}, of(1)},
		"a later key waits":              {onLedger{}, []reference.Key{key(1), key(2)}, of(1)},
		"it is in use for who is new":    {onLedger{named: names(2)}, []reference.Key{key(1), key(2)}, of(2)},
		"who is known keeps theirs":      {onLedger{names(2), []relief.SubjectRef{of(1)}}, []reference.Key{key(1), key(2)}, of(1)},
		"in whatever order keys stand":   {onLedger{names(2), []relief.SubjectRef{of(1)}}, []reference.Key{key(2), key(1)}, of(1)},
		"the latest of those linked":     {onLedger{names(3), []relief.SubjectRef{of(1), of(2)}}, []reference.Key{key(1), key(2), key(3)}, of(2)},
		"the gateway is behind another":  {onLedger{names(1), []relief.SubjectRef{of(2)}}, []reference.Key{key(1), key(2)}, of(2)},
		"without a ledger the first one": {nil, []reference.Key{key(1), key(2)}, of(1)},
	} {
		ref, err := reference.New(c.ledger, c.keys...).Of(t.Context(), number)
		require.NoError(t, err, name)
		require.Equal(t, c.want, ref, name)
	}
	require.Equal(t, []relief.SubjectRef{of(1), of(2)}, reference.New(nil, key(1), key(2)).All(number))
}

// A gateway without the key of the registry, or with another one, makes no references: it would not find who is known.
func TestAGatewayWithoutTheKeyMakesNoReference(t *testing.T) {
	_, err := reference.New(onLedger{named: names(2)}, key(1)).Of(t.Context(), number)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodePending})
	require.ErrorContains(t, err, "epoch 2")
	other := key(2)
	other.Secret = bytes.Repeat([]byte{9}, 32)
	_, err = reference.New(onLedger{named: names(2)}, key(1), other).Of(t.Context(), number)
	require.ErrorContains(t, err, "reference_key.check")
}
