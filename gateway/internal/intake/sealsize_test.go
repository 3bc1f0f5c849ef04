package intake_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

// The network's bench takes the mean of the town's people as the length of a person (network/testbed/bench, detailsBytes).
func TestASealIsShort(t *testing.T) {
	lines, _ := readAll(t, testdata(t, "roll.csv"), intake.Options{Kind: intake.KindRoll})
	key, err := seal.NewKey(1, bytes.Repeat([]byte{8}, 32), payee.Key{})
	require.NoError(t, err)
	size := 0
	for i := range lines {
		document, err := key.Seal(&lines[i].Person, lines[i].Ref, "dibao")
		require.NoError(t, err)
		size += len(document)
	}
	require.InDelta(t, 125, float64(size)/float64(len(lines)), 0.5)
}

// A chunk of a roll may be full of people whose every detail is as long as a file may have it.
func TestTheLongestPeopleFitAChunk(t *testing.T) {
	key, err := seal.NewKey(1, bytes.Repeat([]byte{8}, 32), payee.Key{})
	require.NoError(t, err)
	long := func(n int) seal.Secret { return seal.Secret(strings.Repeat("x", n)) }
	person := seal.Person{Name: long(240), IDNumber: long(64), Account: long(64), Bank: long(300), Phone: long(64), HouseholdNo: long(64)} // table.go
	document, err := key.Seal(&person, relief.SubjectRef{1}, "dibao")
	require.NoError(t, err)
	chunk := roll.AppendDetails(nil, slices.Repeat([][]byte{document}, wire.MaxChunkLines))
	require.LessOrEqual(t, len(chunk), wire.MaxChunkBytes)
	_, err = roll.DecodeDetails(chunk)
	require.NoError(t, err)
}

// BenchmarkSeal seals the town's people one after the other; bytes is what a document has of them on average.
func BenchmarkSeal(b *testing.B) {
	lines, _ := readAll(b, testdata(b, "roll.csv"), intake.Options{Kind: intake.KindRoll})
	key, err := seal.NewKey(1, bytes.Repeat([]byte{8}, 32), payee.Key{})
	require.NoError(b, err)
	b.ReportAllocs()
	documents, size := 0, 0
	for b.Loop() {
		l := &lines[documents%len(lines)]
		document, err := key.Seal(&l.Person, l.Ref, "dibao")
		if err != nil {
			b.Fatal(err)
		}
		documents, size = documents+1, size+len(document)
	}
	b.ReportMetric(float64(size)/float64(documents), "bytes/person")
}

// BenchmarkOpen opens what BenchmarkSeal seals.
func BenchmarkOpen(b *testing.B) {
	lines, _ := readAll(b, testdata(b, "roll.csv"), intake.Options{Kind: intake.KindRoll})
	key, err := seal.NewKey(1, bytes.Repeat([]byte{8}, 32), payee.Key{})
	require.NoError(b, err)
	document, err := key.Seal(&lines[0].Person, lines[0].Ref, "dibao")
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := key.Opener().Person(document, lines[0].Ref, "dibao"); err != nil {
			b.Fatal(err)
		}
	}
}
