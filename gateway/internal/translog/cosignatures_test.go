package translog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Anybody may ask: an answer has a bounded number of notes, the smallest and the newest of those that were asked for.
func TestCosignaturesAreBounded(t *testing.T) {
	l := &Log{Options: Options{Origin: "relief.test/log", Organisation: "FinanceMSP"}}
	for size := range int64(keptSigned) {
		l.signed = append(l.signed, Signed{Head: Head{Size: size}, Log: fmt.Sprintf("— log %d", size), Cosigned: "— agency"})
	}
	sizes := func(from int64) (sizes []string) {
		for _, note := range l.Cosignatures(from).Checkpoints {
			sizes = append(sizes, strings.Split(note, "\n")[1])
		}
		return sizes
	}
	all := sizes(0)
	require.Len(t, all, givenAtOnce)
	require.Equal(t, []string{"0", "1", "31"}, []string{all[0], all[1], all[givenAtOnce/2-1]})
	require.Equal(t, []string{"224", "255"}, []string{all[givenAtOnce/2], all[givenAtOnce-1]})
	require.Len(t, sizes(keptSigned-3), 3)
	require.EqualValues(t, keptSigned-1, l.Cosignatures(0).Size)
}
