package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/intake"
)

const answersHeader = "payment_id,amount,result,reason,date,bank_reference\n"

func answersReader(t *testing.T, file io.Reader) *intake.Reader {
	t.Helper()
	r, err := intake.NewReader(file, intake.Options{Kind: KindSettlements, Today: "2026-11-20"})
	require.NoError(t, err)
	return r
}

// answersFile has so many answers, each with the roll number of its place; the date of every seventh is none.
func answersFile(count int) string {
	var b strings.Builder
	b.WriteString(answersHeader)
	for i := range count {
		day := "2026-11-10"
		if i%7 == 0 {
			day = "2026-13-10"
		}
		fmt.Fprintf(&b, "dibao-530181-%07d-202611-1,620.00,credited,,%s,ref\n", i, day)
	}
	return b.String()
}

func TestLinesReadAheadComeInOrder(t *testing.T) {
	for _, count := range []int{0, 1, linesTogether - 1, linesTogether, linesTogether + 1, 10*linesTogether + 3} {
		s := readAhead(t.Context(), answersReader(t, strings.NewReader(answersFile(count))))
		for i := range count {
			l, err := s.next()
			require.NoError(t, err)
			if i%7 == 0 {
				require.Equal(t, relief.LineDate, l.refusal.Code)
				require.Equal(t, i+2, l.refusal.FileLine)
				continue
			}
			require.Nil(t, l.refusal)
			require.EqualValues(t, i, l.Payment.Number)
		}
		for range 2 {
			_, err := s.next()
			require.ErrorIs(t, err, io.EOF, count)
		}
		s.close()
	}
}

// What was read before a fault of the disk is given first, as without reading ahead.
func TestAFaultComesAfterTheLinesBeforeIt(t *testing.T) {
	fault := errors.New("the disk")
	file := io.MultiReader(strings.NewReader(answersFile(3000)), iotest.ErrReader(fault))
	s := readAhead(t.Context(), answersReader(t, file))
	defer s.close()
	for range 3000 {
		_, err := s.next()
		require.NoError(t, err)
	}
	_, err := s.next()
	require.ErrorIs(t, err, fault)
}

// Who has enough of the file, or whose gateway ends, waits for nothing but the line that is being read.
func TestReadingAheadEnds(t *testing.T) {
	s := readAhead(t.Context(), answersReader(t, strings.NewReader(answersFile(100*linesTogether))))
	_, err := s.next()
	require.NoError(t, err)
	s.close()

	ctx, cancel := context.WithCancel(t.Context())
	s = readAhead(ctx, answersReader(t, strings.NewReader(answersFile(100*linesTogether))))
	defer s.close()
	cancel()
	for err = nil; err == nil; {
		_, err = s.next()
	}
	require.ErrorIs(t, err, context.Canceled)
}
