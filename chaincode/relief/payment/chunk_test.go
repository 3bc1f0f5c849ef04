package payment

import (
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"

	"github.com/stretchr/testify/require"
)

func TestBySegment(t *testing.T) {
	lines := func(numbers ...uint32) (lines []LineInput) {
		for i, n := range numbers {
			lines = append(lines, LineInput{Seq: uint32(i + 1), Number: n})
		}
		return lines
	}
	parts, err := wire.BySegment(lines(25, 3, 20, 9, 29, 3), 10)
	require.NoError(t, err)
	require.Equal(t, []wire.OfSegment[LineInput]{
		{Segment: 0, Lines: []LineInput{{Seq: 2, Number: 3}, {Seq: 4, Number: 9}, {Seq: 6, Number: 3}}},
		{Segment: 2, Lines: []LineInput{{Seq: 1, Number: 25}, {Seq: 3, Number: 20}, {Seq: 5, Number: 29}}},
	}, parts)
	parts, err = wire.BySegment(lines(relief.MaxRollNumber), 1000)
	require.NoError(t, err)
	require.Len(t, parts, 1)
	_, err = wire.BySegment(lines(0, 10, 20, 30), 10)
	require.NoError(t, err)

	for name, bad := range map[string]struct {
		lines []LineInput
		size  uint32
		code  relief.Code
	}{
		"nothing":              {nil, 10, relief.CodeInvalid},
		"five segments":        {lines(0, 10, 20, 30, 40), 10, relief.CodeInvalid},
		"no such number":       {lines(1, relief.MaxRollNumber+1), 1, relief.CodeInvalid},
		"the largest number":   {lines(1<<32 - 1), 1000, relief.CodeInvalid},
		"a batch without size": {lines(1), 0, relief.CodeCorrupt},
	} {
		_, err := wire.BySegment(bad.lines, bad.size)
		var refused *relief.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, bad.code, refused.Code, name)
	}
}
